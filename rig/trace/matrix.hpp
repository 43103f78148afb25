// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "reports/store.hpp"
#include "rig/lua/declaration.hpp"
#include "rig/requirement_list.hpp"
#include "rig/trace/defect_results.hpp"
#include "rig/trace/trial.hpp"

namespace rig::trace {

/// How far a requirement is proved on one profile. It is when a check that cites it passed, none
/// failed, and a defect that breaks it has been seen to turn one red.
enum class State {
    proved,
    failing,         ///< a check failed
    undecided,       ///< a test that cites it ended in an error
    no_check,        ///< no check that passed cites it
    no_defect,       ///< no listed defect breaks it
    not_tried,       ///< one does, but was not tried
    stale,           ///< one turned a check red, but the project has changed since
    not_caught,      ///< those that were tried turned no check of it red
    unprovable,      ///< no check can show it
    not_applicable,  ///< it is no requirement on these boards
};

const char* word_of(State state);  ///< "proved", "FAILING", ...

inline bool is_settled(State state) {
    return state == State::proved || state == State::unprovable || state == State::not_applicable;
}

/// A check that cites the requirement, as it came out last: one line of a script in one test.
struct ProvingCheck {
    std::string test, name, script_line;
    int times = 0, failed = 0;  ///< how often it was made
    bool undecided = false;     ///< its test ended in an error
    int run = 0;
};

/// A defect that breaks the requirement.
struct TracedDefect {
    enum class Standing {
        caught,      ///< a check that cites the requirement turned red
        not_caught,  ///< none did
        stale,       ///< whatever happened, it was with another firmware, script, fixture or defect
        not_tried,
        absent,  ///< it changes nothing in this profile's images
    };

    std::string name;
    Standing standing = Standing::not_tried;
    std::string note;         ///< for a person: "caught", "SURVIVED", "scripts changed since", ...
    defects::RedCheck check;  ///< that turned red, then or now; no name: none
};

struct Cell {
    State state = State::not_applicable;
    std::vector<ProvingCheck> checks;
    std::vector<std::string> never_ran;  ///< tests that are to prove it: "file: name"
    std::vector<TracedDefect> defects;
};

/// Requirement by profile.
struct Matrix {
    std::vector<std::string> profiles;
    RequirementList requirements;
    std::map<std::string, std::map<std::string, Cell>> cells;  ///< by requirement and profile

    bool settled() const;
};

/// What there is to make a matrix from.
struct Evidence {
    /// A test that a script declares today.
    struct Test {
        std::string file;
        TestDeclaration declared;
    };

    RequirementList requirements;
    std::map<std::string, std::vector<Test>> tests;                  ///< by profile
    std::map<std::string, std::vector<reports::LatestTest>> latest;  ///< by profile
    std::vector<defects::Trial> trials;
    defects::DefectResults results;
};

/// What ran in a test that no script declares any more, or not for this profile, proves nothing.
/// `state`: the project that the defects' results are held against.
Matrix matrix_of(const std::vector<std::string>& profiles, const Evidence& evidence,
                 const defects::ProjectState& state);

}  // namespace rig::trace
