// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string_view>

namespace rig::reports {

/// A report cannot be written. The message says which, why and what to do.
class ReportError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Writes a whole file or nothing: whoever reads `file` sees the old contents
/// or the new, whatever happens in between. Missing folders are created.
void write_report_file(const std::filesystem::path& file, std::string_view contents);

/// Makes sure that a report can be written there, as far as that can be known before, and takes away
/// one of an earlier run: what is there afterwards is of this one. Throws ReportError.
void prepare_report_file(const std::filesystem::path& file);

}  // namespace rig::reports
