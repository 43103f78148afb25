// SPDX-License-Identifier: BSD-2-Clause
#pragma once

void start_app_uart();
