// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace rig {

/// A file that leads to what this program serves: there, and whole, while it does, and gone with it. Replaces
/// nothing but another such file; throws UsageError otherwise.
class ServedFile {
public:
    explicit ServedFile(std::filesystem::path path);
    ~ServedFile();
    ServedFile(const ServedFile&) = delete;
    ServedFile& operator=(const ServedFile&) = delete;

    void write(const std::string& text);

private:
    std::filesystem::path path_;
};

}  // namespace rig
