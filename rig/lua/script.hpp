// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fixtures/bench.hpp"
#include "fixtures/limits_file.hpp"
#include "rig/lua/declaration.hpp"
#include "rig/lua/recorder.hpp"
#include "rig/lua/script_rights.hpp"

namespace rig {

/// One Lua script, loaded: the tests it declares, each of which can be run on
/// a bench. A Lua state of its own.
class Script {
public:
    /// What `rig.limits` and `rig.profile` read, and what the script may do; `file` is for messages.
    struct Limits {
        NamedLimits values;
        std::string file;
        std::string profile;
        ScriptRights rights{};
    };

    /// Throws ScriptError.
    Script(const ScriptFile& file, const Limits& limits);
    ~Script();

    /// Those that apply to the profile.
    const std::vector<TestDeclaration>& tests() const;

    /// What the top level printed.
    const std::string& printed() const;

    /// Set-up, body and tear-down, whatever happened. The bench is left as it then is.
    /// `boot_fault`: why the boards did not come up, if they did not; fails the test.
    Ending run(std::size_t test, Bench& bench, Recorder& recorder, std::uint64_t seed,
               const std::string& boot_fault = {});

    /// Of the script that this process loads or runs: a number that keeps
    /// changing while it gets anywhere, and "file:line". For signal handlers.
    static std::uint64_t progress();
    static void where(char* text, std::size_t size);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace rig
