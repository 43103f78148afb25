// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "rig/requirement_list.hpp"
#include "rig/trace/defect_list.hpp"

namespace rig::defects {

/// One defect on one profile's bench.
struct Trial {
    Defect defect;
    std::string profile;
    std::string fixture;              ///< from the project's root
    std::vector<std::string> breaks;  ///< those that apply to the profile
};

/// Every defect of the lists on each of the profiles for which it breaks something: a defect of one
/// profile's list is tried on the others too, unless it says `profiles`, sits on a bench or was
/// written for a bench of its own. Throws DefectError for an ID that is no requirement.
std::vector<Trial> trials_of(const std::vector<DefectList>& lists, const RequirementList& requirements,
                             const std::vector<std::string>& profiles);

/// The project's own bench for a profile.
std::string usual_fixture(const std::string& profile);

}  // namespace rig::defects
