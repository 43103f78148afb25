// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/separate_files.hpp"

#include <fmt/format.h>

#include "rig/project_folder.hpp"

namespace rig {

namespace fs = std::filesystem;

namespace {

bool same(const fs::path& one, const fs::path& other) {
    std::error_code unknown;
    if (fs::exists(one, unknown) && fs::exists(other, unknown))
        // A device takes several: /dev/null.
        return fs::is_regular_file(one, unknown) && fs::equivalent(one, other, unknown);
    return fs::weakly_canonical(one, unknown) == fs::weakly_canonical(other, unknown);
}

void refuse_if_same(const NamedFile& one, const NamedFile& other) {
    if (one.path.empty() || other.path.empty() || !same(one.path, other.path)) return;
    throw UsageError(fmt::format("{} {}: that file is {} as well\n  try     another name for one of them",
                                 one.name, one.path.string(), other.name));
}

}  // namespace

void require_separate_files(const std::vector<NamedFile>& written, const std::vector<NamedFile>& read) {
    for (std::size_t i = 0; i < written.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j)
            refuse_if_same(written[i], written[j]);
        for (const NamedFile& other : read)
            refuse_if_same(written[i], other);
    }
}

}  // namespace rig
