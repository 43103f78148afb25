// SPDX-License-Identifier: GPL-3.0-or-later
#include "fixtures/boards/app_client.hpp"
#include "fixtures/boards/board_service.hpp"
#include "fixtures/boards/first_ext_reader.hpp"
#include "instruments/instrument_error.hpp"
#include "rig/doctor/examination.hpp"

namespace rig::doctor {

namespace {

constexpr Nanoseconds answers_within = seconds(3);

void look_at_app(Examination& x) {
    if (x.bench.app == nullptr) return;
    if (!x.lives(x.cells())) {
        x.sheet.not_looked_at("app", "its board has no supply");
        return;
    }
    // Answered without a PIN too, if by a refusal.
    if (x.bench.app->ask("V@", answers_within))
        x.sheet.good("app", "answers");
    else
        x.sheet.fault("app", "no answer to V@: are both wires of the app link there, at 9600 baud?");
}

void look_at_first_ext(Examination& x) {
    if (x.bench.first_ext == nullptr) return;
    if (!x.lives(1)) {
        x.sheet.not_looked_at("first_ext", "its board has no supply");
        return;
    }
    if (x.bench.first_ext->next(answers_within))
        x.sheet.good("first_ext", "sends the chain's frame");
    else
        x.sheet.fault("first_ext", "silent");
}

void look_at_service(Examination& x) {
    if (x.bench.service == nullptr) return;
    if (!x.chain_is_whole && x.bench.ext != nullptr) {
        x.sheet.not_looked_at("service", "its answers come through the chain");
        return;
    }
    try {
        const auto identity = BoardService(*x.bench.clock, *x.bench.service, 1).identity();
        x.sheet.good("service", "board 1 answers, firmware " + identity.version);
    } catch (const InstrumentError& silence) {
        x.sheet.fault("service", silence.what());
    }
}

}  // namespace

void look_at_lines(Examination& x) {
    look_at_app(x);
    look_at_first_ext(x);
    look_at_service(x);
    for (const char* button : {"button.first", "button.last"})
        if (x.has_output(button))
            x.sheet.not_looked_at(button, "a press that shows changes what a board remembers");
}

}  // namespace rig::doctor
