// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/drivers/supply_checks.hpp"

#include <fmt/format.h>

namespace rig {

std::optional<Volts> still_above(Volts level, CellSupply& channel, Clock& clock, Nanoseconds within,
                                 Nanoseconds pause) {
    const auto deadline = clock.now() + within;
    for (;;) {
        const auto stands = channel.measure_voltage().get();
        if (stands <= level) return std::nullopt;
        if (clock.now() >= deadline) return stands;
        if (pause > Nanoseconds{}) clock.run_for(pause);
    }
}

std::string not_fallen(Volts target, Volts stands, const std::string& link) {
    return fmt::format(
        "set to {:.3f} V, still at {:.3f} V on {}\n"
        "  try     does something else feed this cell? a supply that only delivers needs a preload",
        target.value, stands.value, link);
}

std::string raises(const std::vector<std::string>& alarms, const std::string& link) {
    return fmt::format("reports {} on {}\n  try     look for a short or a wrongly wired cell lead",
                       fmt::join(alarms, ", "), link);
}

}  // namespace rig
