// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/doctor/doctor.hpp"

#include "instruments/instrument_error.hpp"
#include "rig/doctor/examination.hpp"

namespace rig::doctor {

namespace {

void look_at_wires(Examination& x, const Progress& progress) {
    progress("supplies and boards");
    const std::vector<Amperes> drawn = supply_boards(x);
    progress("the chain");
    look_at_chain(x, drawn);
    if (x.chain_is_whole) {
        progress("cells and temperatures");
        look_at_cells(x);
        progress("current sensors");
        look_at_sensors(x);
        progress("relays and lights");
        look_at_relays_and_lights(x);
        progress("switches");
        look_at_switches(x);
        progress("plugs and links");
        look_at_plugs_and_links(x);
    }
    progress("the boards' own lines");
    look_at_lines(x);
}

}  // namespace

void examine(Bench& bench, const Fixture& fixture, const NotOpened& not_opened, const Progress& progress,
             Sheet& sheet) {
    Examination x(bench, fixture, sheet);
    for (const auto& [what, why] : not_opened)
        sheet.fault(what, why);
    try {
        if (look_at_interlocks(x)) {
            progress("instruments");
            look_at_instruments(x);
            if (not_opened.empty())
                look_at_wires(x, progress);
            else
                sheet.not_looked_at("wires", "with every instrument there, they can be tried");
        } else {
            sheet.not_looked_at("instruments, wires", "with every interlock closed, they can be tried");
        }
    } catch (const InstrumentError& failure) {
        sheet.fault(failure.instrument(), failure.what());
        sheet.not_looked_at("what comes after", "with every instrument at work, it can be looked at");
    } catch (...) {
        bench.make_safe();
        throw;
    }
    bench.make_safe();
}

}  // namespace rig::doctor
