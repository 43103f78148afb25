// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <array>
#include <string>

#include "reports/records.hpp"

namespace rig::reports {

/// A table that a push sends rows of, from the store to the server.
struct PushedTable {
    const char* name;     ///< on both sides
    const char* columns;  ///< without the run's, as the server types them: "dut text, serial text"
    const char*
        rows;  ///< the store's query; parameters: run, and for a test's rows its key and how many to skip
};

/// What belongs to a run as a whole.
extern const std::array<PushedTable, 4> tables_of_runs;

/// What belongs to a test, in the order in which rows of one need the other's. A test's rows of a
/// table come in the order in which they were stored: what was sent of them is their beginning.
extern const std::array<PushedTable, 5> tables_of_tests;

/// The row that `query` stands on as a JSON object, fit for json_to_recordset.
std::string json_row(SQLite::Statement& query);

/// Any bytes as PostgreSQL can hold them; what is no UTF-8, or zero, becomes \x and two digits.
std::string server_text(std::string_view bytes);

/// The names alone of typed columns: "dut, serial".
std::string names_of(const std::string& columns);

/// Statements that take station, UUID and a JSON list of rows.
std::string insert_rows(const PushedTable& table);
extern const std::string insert_tests;  ///< without how they ended
extern const std::string end_tests;     ///< how they ended

}  // namespace rig::reports
