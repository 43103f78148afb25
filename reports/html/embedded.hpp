// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

/// The files of this folder, and dygraphs, as they were when the program was built.
namespace rig::reports::embedded {

extern const std::string_view page, report_css, report_js, plots_js, dygraphs_js, dygraphs_css,
    dygraphs_notice;

}  // namespace rig::reports::embedded
