// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "tests/mutation/mutant.hpp"

namespace rig::mutation {

enum class Fate {
    caught,
    timed_out,  ///< the tests were not through after five times the sound firmware's time: caught too
    survived,
    equivalent,  ///< no image differs from the sound one: counts neither way
    harmless,    ///< the images differ, and harmless.toml says why the boards do not: counts neither way
    not_built,   ///< the compiler refuses it: counts neither way
};

const char* word_of(Fate fate);

inline bool counts(Fate fate) {
    return fate != Fate::equivalent && fate != Fate::harmless && fate != Fate::not_built;
}

/// What became of one mutant.
struct Tried {
    Mutant mutant;
    Fate fate = Fate::not_built;
    std::vector<std::string> profiles;  ///< on which it was tried
    std::string test;                   ///< that caught it
    int errors = 0;                     ///< tests in which the bench gave up instead of judging
    double cpu_s = 0.0;                 ///< building not counted

    std::string of;  ///< a fingerprint of firmware, scripts and benches
};

/// Kept by the mutant's name, the last of each. One line of JSON for each, added as it comes.
using Kept = std::map<std::string, Tried>;
Kept read_kept(const std::filesystem::path& file);
void keep(const std::filesystem::path& file, const Tried& tried);

/// One line; for a survivor two more: the source line, before and after.
void print(std::ostream& out, const Tried& tried);

/// Counts, the share caught and the survivors.
void print_summary(std::ostream& out, const std::vector<Tried>& all);

double share_caught(const std::vector<Tried>& all);  ///< 0 to 1; 1 when none counts

}  // namespace rig::mutation
