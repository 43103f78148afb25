// SPDX-License-Identifier: BSD-2-Clause
#pragma once

/// Starts the serial lines that this board has: chain_start, chain_hop or chain_end, and the
/// app link.
void start_lines();
