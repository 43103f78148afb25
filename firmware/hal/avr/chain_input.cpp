// SPDX-License-Identifier: BSD-2-Clause
// What the program and the chain's receiver share, on every board but the first.
#include "firmware/hal/avr/chain_input.hpp"

#include <avr/interrupt.h>

#include "firmware/hal/board.hpp"

bms::ChainRelay chain_input;

namespace board {

bool service_requested(bms::ServiceRequest& request) {
    if (!chain_input.has_news()) return false;
    cli();
    const bool requested = chain_input.take_request(request);
    sei();
    return requested;
}

void answer_service(const bms::ServiceAnswer& answer) {
    cli();
    chain_input.answer(answer);
    sei();
}

void contribute(const bms::Contribution& contribution) {
    cli();
    chain_input.contribute(contribution);
    sei();
}

}  // namespace board
