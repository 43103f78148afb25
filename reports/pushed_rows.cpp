// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/pushed_rows.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reports/xml_text.hpp"

namespace rig::reports {
namespace {

constexpr const char* key = "dut text, file text, test text, attempt integer";

nlohmann::json json_value(const SQLite::Column& column) {
    if (column.isInteger()) return column.getInt64();
    if (column.isFloat()) {
        const double number = column.getDouble();
        // JSON has no word for it; PostgreSQL reads this one.
        if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
        return number;
    }
    if (column.isNull()) return nullptr;
    if (column.isText()) return server_text(column.getString());
    std::string digits = "\\x";
    for (const char byte : column.getString())
        digits += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return digits;
}

std::string from_rows(const std::string& columns) {
    return fmt::format("FROM json_to_recordset($3::json) AS r({})", columns);
}

}  // namespace

const std::array<PushedTable, 4> tables_of_runs{{
    {"duts", "dut text, serial text", "SELECT dut, serial FROM duts WHERE run = ?"},
    {"files", "kind text, name text, sha256 text", "SELECT kind, name, sha256 FROM files WHERE run = ?"},
    {"instruments", "name text, link text, identity text",
     "SELECT name, link, identity FROM instruments WHERE run = ?"},
    {"signals", "layout bigint, number integer, signal text, source text, unit text, step double precision",
     "SELECT layout, number, signal, source, unit, step FROM signals WHERE run = ?"},
}};

const std::array<PushedTable, 5> tables_of_tests{{
    {"tags", "dut text, file text, test text, attempt integer, tag text",
     "SELECT dut, file, test, attempt, tag FROM tags "
     "WHERE run = ? AND dut = ? AND file = ? AND test = ? AND attempt = ? ORDER BY tag LIMIT -1 OFFSET ?"},
    {"checks",
     "dut text, file text, test text, attempt integer, number integer, name text, verdict text, kind text, "
     "value double precision, low double precision, high double precision, unit text, script_line text, "
     "bench_ns bigint, detail text",
     "SELECT dut, file, test, attempt, number, name, verdict, kind, value, low, high, unit, script_line, "
     "bench_ns, detail FROM checks "
     "WHERE run = ? AND dut = ? AND file = ? AND test = ? AND attempt = ? ORDER BY number LIMIT -1 OFFSET ?"},
    {"proofs", "requirement text, dut text, file text, test text, attempt integer, number integer",
     "SELECT requirement, dut, file, test, attempt, number FROM checks JOIN proofs "
     "USING (run, dut, file, test, attempt, number) WHERE run = ? AND dut = ? AND file = ? AND test = ? AND "
     "attempt = ? ORDER BY number, requirement LIMIT -1 OFFSET ?"},
    {"events",
     "dut text, file text, test text, attempt integer, number integer, bench_ns bigint, kind text, text text",
     "SELECT dut, file, test, attempt, number, bench_ns, kind, text FROM events "
     "WHERE run = ? AND dut = ? AND file = ? AND test = ? AND attempt = ? ORDER BY number LIMIT -1 OFFSET ?"},
    {"recordings",
     "dut text, file text, test text, attempt integer, block integer, layout bigint, first_ns bigint, "
     "last_ns bigint, changes bytea",
     "SELECT dut, file, test, attempt, block, layout, first_ns, last_ns, changes FROM recordings "
     "WHERE run = ? AND dut = ? AND file = ? AND test = ? AND attempt = ? ORDER BY block LIMIT -1 OFFSET ?"},
}};

std::string json_row(SQLite::Statement& query) {
    nlohmann::json row;
    for (int i = 0; i < query.getColumnCount(); ++i)
        row[query.getColumnName(i)] = json_value(query.getColumn(i));
    return row.dump();
}

std::string server_text(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    while (!bytes.empty()) {
        const std::size_t length = utf8_length(bytes);
        if (length == 0 || bytes.front() == '\0') {
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes.front()));
            bytes.remove_prefix(1);
        } else {
            text += bytes.substr(0, length);
            bytes.remove_prefix(length);
        }
    }
    return text;
}

std::string names_of(const std::string& columns) {
    std::istringstream all(columns);
    std::string names;
    for (std::string column; std::getline(all >> std::ws, column, ',');)
        names += (names.empty() ? "" : ", ") + column.substr(0, column.find(' '));
    return names;
}

std::string insert_rows(const PushedTable& table) {
    return fmt::format("INSERT INTO rig.{} (station, uuid, {}) SELECT $1, $2, r.* {} ON CONFLICT DO NOTHING",
                       table.name, names_of(table.columns), from_rows(table.columns));
}

const std::string insert_tests = fmt::format(
    "INSERT INTO rig.tests (station, uuid, {}, began_ns, line) SELECT $1, $2, r.* {} "
    "ON CONFLICT DO NOTHING",
    names_of(key), from_rows(fmt::format("{}, began_ns bigint, line integer", key)));

const std::string end_tests = fmt::format(
    "UPDATE rig.tests t SET verdict = r.verdict, message = r.message, ended_ns = r.ended_ns {} "
    "WHERE t.station = $1 AND t.uuid = $2 AND t.dut = r.dut AND t.file = r.file AND t.test = r.test "
    "AND t.attempt = r.attempt",
    from_rows(fmt::format("{}, verdict text, message text, ended_ns bigint", key)));

}  // namespace rig::reports
