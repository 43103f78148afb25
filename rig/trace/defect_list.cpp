// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/trace/defect_list.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <set>

namespace rig::defects {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const fs::path& file, const toml::node& where, const std::string& what) {
    throw DefectError(fmt::format("{}:{}: {}", file.string(), where.source().begin.line, what));
}

/// One table, every key of which must be asked for.
class Keys {
public:
    Keys(const fs::path& file, const toml::table& table) : file_(file), table_(table) {}

    std::string text(const std::string& key) {
        asked_.insert(key);
        const auto value = table_[key].value<std::string>();
        if (!value) refuse(file_, table_, key + " is missing, or is not text");
        return *value;
    }

    std::vector<std::string> texts(const std::string& key) {
        asked_.insert(key);
        std::vector<std::string> values;
        if (const toml::array* array = table_[key].as_array()) {
            for (const toml::node& node : *array)
                values.push_back(node.value_or(std::string()));
        }
        if (values.empty() || std::count(values.begin(), values.end(), "") != 0)
            refuse(file_, table_, key + " must be a list of texts");
        return values;
    }

    std::vector<std::string> texts_if_any(const std::string& key) {
        asked_.insert(key);
        return table_.contains(key) ? texts(key) : std::vector<std::string>{};
    }

    void allow(const std::string& key) { asked_.insert(key); }

    void finish() const {
        for (const auto& [key, node] : table_) {
            if (asked_.count(std::string(key.str())) == 0)
                refuse(file_, node, fmt::format("there is no key {} here", key.str()));
        }
    }

private:
    const fs::path& file_;
    const toml::table& table_;
    std::set<std::string> asked_;
};

Defect defect_of(const fs::path& file, const toml::table& table) {
    Keys keys(file, table);
    Defect defect{keys.text("name"),    keys.text("file"),    keys.text("find"),
                  keys.text("replace"), keys.texts("breaks"), keys.texts_if_any("profiles")};
    keys.finish();
    if (defect.find.empty()) refuse(file, table, "find is empty");
    if (defect.find == defect.replace) refuse(file, table, "find and replace are the same");
    return defect;
}

}  // namespace

DefectList read_defects(const fs::path& file) {
    toml::table table;
    try {
        table = toml::parse_file(file.string());
    } catch (const toml::parse_error& error) {
        throw DefectError(
            fmt::format("{}:{}: {}", file.string(), error.source().begin.line, error.description()));
    }
    if (table["schema"].value_or(0) != 1) throw DefectError(file.string() + ": schema = 1 is missing");
    Keys keys(file, table);
    keys.allow("schema");
    keys.allow("defect");
    DefectList list{keys.text("profile"), keys.text("fixture"), {}};
    keys.finish();

    std::set<std::string> names;
    if (const toml::array* array = table["defect"].as_array()) {
        for (const toml::node& node : *array) {
            const toml::table* one = node.as_table();
            if (one == nullptr) refuse(file, node, "a defect is a table: [[defect]]");
            list.defects.push_back(defect_of(file, *one));
            if (!names.insert(list.defects.back().name).second)
                refuse(file, *one, list.defects.back().name + " is listed twice");
        }
    }
    if (list.defects.empty()) throw DefectError(file.string() + ": no defects ([[defect]])");
    return list;
}

std::vector<DefectList> read_defect_lists(const fs::path& folder_or_file) {
    if (!fs::is_directory(folder_or_file)) return {read_defects(folder_or_file)};
    std::set<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder_or_file))
        if (entry.path().extension() == ".toml") files.insert(entry.path());
    if (files.empty()) throw DefectError(folder_or_file.string() + ": no lists of defects (*.toml)");
    std::vector<DefectList> lists;
    std::set<std::string> names;
    for (const fs::path& file : files) {
        lists.push_back(read_defects(file));
        for (const Defect& defect : lists.back().defects)
            if (!names.insert(defect.name).second)
                throw DefectError(
                    fmt::format("{}: \"{}\" is listed in another file too", file.string(), defect.name));
    }
    return lists;
}

}  // namespace rig::defects
