// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/trace/trial.hpp"

#include <fmt/format.h>

#include "fixtures/profile.hpp"

namespace rig::defects {

namespace {

std::vector<std::string> that_apply(const Defect& defect, const RequirementList& requirements,
                                    const std::string& profile) {
    std::vector<std::string> ids;
    for (const std::string& id : defect.breaks) {
        const auto found = requirements.find(id);
        if (found == requirements.end())
            throw DefectError(fmt::format(
                "\"{}\" breaks {}, which is no requirement (scripts/requirements.toml)", defect.name, id));
        if (applies(found->second, profile)) ids.push_back(id);
    }
    return ids;
}

bool is_for(const Defect& defect, const DefectList& list, const std::string& profile) {
    if (!defect.profiles.empty()) return names_profile(defect.profiles, profile);
    if (profile == list.profile) return true;
    return !defect.on_the_bench() && list.fixture == usual_fixture(list.profile);
}

}  // namespace

std::string usual_fixture(const std::string& profile) {
    return "fixtures/" + profile + "-4s.toml";
}

std::vector<Trial> trials_of(const std::vector<DefectList>& lists, const RequirementList& requirements,
                             const std::vector<std::string>& profiles) {
    std::vector<Trial> trials;
    for (const DefectList& list : lists)
        for (const Defect& defect : list.defects)
            for (const std::string& profile : profiles) {
                const std::vector<std::string> breaks = that_apply(defect, requirements, profile);
                if (breaks.empty() || !is_for(defect, list, profile)) continue;
                trials.push_back({defect, profile,
                                  profile == list.profile ? list.fixture : usual_fixture(profile), breaks});
            }
    return trials;
}

}  // namespace rig::defects
