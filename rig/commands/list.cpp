// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/commands/list.hpp"

#include <fmt/format.h>

#include <iostream>

namespace rig {

int list_command(const ScriptOptions& options) {
    const Planned planned = plan(options);
    int shown = 0, broken = 0;
    for (const CollectedScript& script : planned.scripts) {
        if (!script.error.empty()) {
            std::cerr << fmt::format("rig: {}: {}\n", script.file.name, script.error);
            ++broken;
        }
        bool headed = false;
        for (const TestDeclaration& test : script.tests) {
            if (!options.selection.wants(test)) continue;
            if (!headed) std::cout << script.file.name << '\n';
            headed = true;
            std::cout << "  " << test.name;
            if (test.cells) std::cout << fmt::format("  {} cells", *test.cells);
            if (!test.tags.empty()) std::cout << fmt::format("  [{}]", fmt::join(test.tags, ", "));
            if (!test.proves.empty()) std::cout << fmt::format("  {}", fmt::join(test.proves, " "));
            std::cout << '\n';
            ++shown;
        }
    }
    if (shown == 0 && broken == 0) throw UsageError(nothing_wanted(planned, options.selection));
    return broken > 0 ? 2 : 0;
}

}  // namespace rig
