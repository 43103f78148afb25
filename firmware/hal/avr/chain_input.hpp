// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "firmware/core/chain_relay.hpp"

/// What a board's chain input does to the bytes that arrive. The receiver's interrupt feeds it; everybody
/// else asks it with interrupts off.
extern bms::ChainRelay chain_input;
