// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "rig/trace/defect_list.hpp"

namespace rig::defects {

/// `text` with the defect in it. Throws DefectError unless `find` is there exactly once: an edit
/// of the firmware must not quietly disarm a defect.
std::string with_defect(const Defect& defect, const std::string& text);

std::string read_text(const std::filesystem::path& file);
void write_text(const std::filesystem::path& file, const std::string& text);

}  // namespace rig::defects
