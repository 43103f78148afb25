// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/reports/store_dump.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <vector>

namespace rig::reports {

std::string dump_tables(const std::filesystem::path& store) {
    SQLite::Database database{store.string()};
    std::vector<std::string> tables;
    SQLite::Statement names{
        database, "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'runs' ORDER BY name"};
    while (names.executeStep())
        tables.push_back(names.getColumn(0).getString());

    std::string text;
    for (const auto& table : tables) {
        text += "[" + table + "]\n";
        // Tables without row IDs come in the order of their keys.
        SQLite::Statement rows{database, "SELECT * FROM " + table};
        while (rows.executeStep()) {
            for (int column = 0; column < rows.getColumnCount(); ++column)
                text += (column == 0 ? "" : " | ") + rows.getColumn(column).getString();
            text += "\n";
        }
    }
    return text;
}

}  // namespace rig::reports
