// SPDX-License-Identifier: BSD-2-Clause
#pragma once

/// Starts time, idle sleep and watchdog, and lets interrupts in.
void start_clock();
