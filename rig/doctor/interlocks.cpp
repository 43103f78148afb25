// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "fixtures/signal_names.hpp"
#include "instruments/instrument_error.hpp"
#include "rig/doctor/examination.hpp"

namespace rig::doctor {

namespace {

std::string wire_of(const Fixture& fixture, const std::string& signal) {
    const auto line = fixture.lines.find(signal);
    return line == fixture.lines.end() ? std::string() : ": " + line->second.name();
}

}  // namespace

bool look_at_interlocks(Examination& x) {
    bool all_closed = true;
    for (const auto& [name, says] : x.fixture.interlocks) {
        const std::string signal = interlock_signal(name);
        const std::string of = says.meaning.empty() ? std::string() : ", " + says.meaning;
        try {
            if (!x.has_input(signal)) continue;  // told already: its board or line did not open
            const bool closed = x.bench.inputs.at(signal)->active();
            all_closed = all_closed && closed;
            if (closed)
                x.sheet.good(signal, "closed" + of);
            else
                x.sheet.fault(signal, "open" + of + wire_of(x.fixture, signal));
        } catch (const InstrumentError& failure) {
            all_closed = false;
            x.sheet.fault(signal, failure.what());
        }
    }
    return all_closed;
}

}  // namespace rig::doctor
