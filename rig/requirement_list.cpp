// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/requirement_list.hpp"

#include "fixtures/profile.hpp"
#include "fixtures/toml_table.hpp"

namespace rig {

namespace {

/// All rows of the table that a file consists of.
template <class TakeRow>
void each_row(const std::filesystem::path& path, const std::string& name, TakeRow take_row) {
    TomlTable file = TomlTable::open(path);
    file.require(name, "[" + name + "]");
    TomlTable rows = file.table(name).value();
    for (auto& [id, row] : rows.tables()) {
        take_row(rows, id, row);
        row.finish();
    }
    file.finish();
}

/// Text that must be there and say something.
std::string text_of(TomlTable& row, const std::string& key) {
    std::string text;
    row.require(key, "text in quotes");
    row.take(key, text);
    if (text.empty()) row.refuse(key, "is empty", "text in quotes");
    return text;
}

}  // namespace

bool applies(const Requirement& requirement, std::string_view profile) {
    return requirement.profiles.empty() || names_profile(requirement.profiles, profile);
}

RequirementList load_requirements(const std::filesystem::path& scripts) {
    RequirementList list;
    each_row(scripts / "requirements.toml", "requirements",
             [&](TomlTable&, const std::string& id, TomlTable& row) {
                 Requirement& requirement = list[id];
                 row.take("profiles", requirement.profiles);
                 for (const std::string& profile : requirement.profiles)
                     if (!is_profile_or_generation(profile))
                         row.refuse("profiles", "names \"" + profile + "\", which is none",
                                    "profiles, or gen2 and gen3 for both of theirs");
                 row.take("mode", requirement.mode, {"normal", "critical"});
                 requirement.text = text_of(row, "text");
             });
    each_row(scripts / "unprovable.toml", "unprovable",
             [&](TomlTable& rows, const std::string& id, TomlTable& row) {
                 const auto found = list.find(id);
                 if (found == list.end()) rows.refuse(id, "is no requirement", "an ID of requirements.toml");
                 found->second.unprovable = text_of(row, "reason");
                 row.take("part", found->second.part);
             });
    return list;
}

}  // namespace rig
