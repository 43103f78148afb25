// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "rig/lua/script.hpp"

namespace rig {

/// The seed of one test: its own, whatever runs before it or beside it.
std::uint64_t seed_of(std::uint64_t run_seed, const std::string& file, const std::string& test);

/// Runs one test and leaves the bench safe. What the bench condemns the
/// firmware for fails the test; what cannot be confirmed off is an error.
Ending run_test(Script& script, std::size_t test, Bench& bench, Recorder& recorder, std::uint64_t run_seed,
                const std::string& file, const std::string& boot_fault);

}  // namespace rig
