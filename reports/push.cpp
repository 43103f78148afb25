// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/push.hpp"

#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "reports/pushed_rows.hpp"
#include "reports/server.hpp"
#include "reports/store.hpp"
#include "reports/store_file.hpp"
#include "reports/stored_runs.hpp"

namespace rig::reports {
namespace {

/// As the server holds it: board, file, test, attempt.
using ServerKey = std::tuple<std::string, std::string, std::string, int>;

/// Rows of one run on their way: collected until they are worth a transaction.
class Batch {
public:
    Batch(Server& server, std::string station, std::string uuid, std::size_t size)
        : server_(server), station_(std::move(station)), uuid_(std::move(uuid)), size_(size) {}

    void begin_test(const std::string& row) { append(begun_, row); }
    void end_test(const std::string& row) { append(ended_, row); }
    void add(std::size_t table, const std::string& row) {
        append(rows_[table], row);
        if (bytes_ >= size_) send();
    }

    void send() {
        if (bytes_ == 0) return;
        server_.transact([&](pqxx::work& work) {
            // Two programs that push one run take turns.
            work.exec_params("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", uuid_);
            run(work, insert_tests, begun_);
            for (std::size_t i = 0; i < rows_.size(); ++i)
                run(work, insert_rows(tables_of_tests[i]), rows_[i]);
            run(work, end_tests, ended_);
            return 0;
        });
        begun_.clear();
        ended_.clear();
        for (std::string& rows : rows_)
            rows.clear();
        bytes_ = 0;
    }

private:
    void append(std::string& list, const std::string& row) {
        list += (list.empty() ? "" : ",") + row;
        bytes_ += row.size();
    }

    void run(pqxx::work& work, const std::string& statement, const std::string& rows) const {
        if (!rows.empty()) work.exec_params(statement, station_, uuid_, "[" + rows + "]");
    }

    Server& server_;
    std::string station_, uuid_;
    std::size_t size_, bytes_ = 0;
    std::string begun_, ended_;
    std::array<std::string, tables_of_tests.size()> rows_;
};

class Push {
public:
    Push(SQLite::Database& store, const std::filesystem::path& file, Server& server, std::size_t batch_bytes)
        : store_(store), file_(file), server_(server), batch_bytes_(batch_bytes) {
        pushed_.server = server.name();
    }

    Pushed all(const RunPushed& told) {
        for (const int number : read_run_numbers(store_)) {
            const RunRecord run = read_run(store_, file_, number);
            if (whole_on_server(run)) {
                ++pushed_.runs_before;
                continue;
            }
            const int tests = send(number, run);
            if (told) told(number, tests);
        }
        return pushed_;
    }

private:
    bool whole_on_server(const RunRecord& run) {
        const auto [known, first] = whole_.try_emplace(run.station);
        if (first) {
            known->second = server_.transact([&](pqxx::work& work) {
                std::set<std::string> uuids;
                for (const auto& row : work.exec_params(
                         "SELECT uuid FROM rig.runs WHERE station = $1 AND whole", server_text(run.station)))
                    uuids.insert(row[0].as<std::string>());
                return uuids;
            });
        }
        return known->second.count(server_text(run.uuid)) > 0;
    }

    /// How many tests.
    int send(int number, const RunRecord& run) {
        const std::string station = server_text(run.station), uuid = server_text(run.uuid);
        begin(number, run, station, uuid);
        const int tests = send_tests(number, run, station, uuid);
        const bool ended = !run.ended_utc.empty();
        server_.transact([&](pqxx::work& work) {
            return work.exec_params(
                "UPDATE rig.runs SET ended_utc = nullif($3, '')::timestamptz, ending = $4, whole = $5 "
                "WHERE station = $1 AND uuid = $2",
                station, uuid, run.ended_utc, text_of(run.ending), ended);
        });
        pushed_.runs += 1;
        pushed_.tests += tests;
        pushed_.runs_open += !ended;
        return tests;
    }

    void begin(int number, const RunRecord& run, const std::string& station, const std::string& uuid) {
        server_.transact([&](pqxx::work& work) {
            work.exec_params(
                "INSERT INTO rig.runs (station, uuid, number, started_utc, rig_version, fixture, profile, "
                "seed, "
                "operated_by, planned, ending) VALUES ($1, $2, $3, nullif($4, '')::timestamptz, $5, $6, $7, "
                "$8::numeric, $9, $10, $11) ON CONFLICT DO NOTHING",
                station, uuid, number, run.started_utc, server_text(run.rig_version),
                server_text(run.fixture), server_text(run.profile), std::to_string(run.seed),
                server_text(run.operated_by), run.planned, text_of(run.ending));
            for (const PushedTable& table : tables_of_runs) {
                SQLite::Statement query{store_, table.rows};
                query.bind(1, number);
                std::string rows;
                while (query.executeStep())
                    rows += (rows.empty() ? "" : ",") + json_row(query);
                if (!rows.empty()) work.exec_params(insert_rows(table), station, uuid, "[" + rows + "]");
            }
            return 0;
        });
    }

    int send_tests(int number, const RunRecord& run, const std::string& station, const std::string& uuid) {
        const std::map<ServerKey, bool> there = tests_on_server(station, uuid);
        Batch batch(server_, station, uuid, batch_bytes_);
        int sent = 0;
        SQLite::Statement test{store_,
                               "SELECT dut, file, test, attempt, began_ns, line, verdict, message, ended_ns "
                               "FROM tests WHERE run = ?"};
        test.bind(1, number);
        while (test.executeStep()) {
            const bool ended = !test.getColumn("verdict").isNull();
            // It gets on while the run does: its rows go when there will be no more.
            if (!ended && run.ending == RunEnd::running) continue;
            const ServerKey key{server_text(test.getColumn("dut").getString()),
                                server_text(test.getColumn("file").getString()),
                                server_text(test.getColumn("test").getString()),
                                test.getColumn("attempt").getInt()};
            const auto known = there.find(key);
            if (known != there.end() && known->second) continue;
            const std::string row = json_row(test);
            if (known == there.end()) batch.begin_test(row);
            send_rows(number, test, key, known != there.end(), batch, station, uuid);
            if (ended) batch.end_test(row);
            ++sent;
        }
        batch.send();
        return sent;
    }

    void send_rows(int number, SQLite::Statement& test, const ServerKey& key, bool begun, Batch& batch,
                   const std::string& station, const std::string& uuid) {
        for (std::size_t i = 0; i < tables_of_tests.size(); ++i) {
            SQLite::Statement query{store_, tables_of_tests[i].rows};
            query.bind(1, number);
            query.bind(2, test.getColumn("dut").getString());
            query.bind(3, test.getColumn("file").getString());
            query.bind(4, test.getColumn("test").getString());
            query.bind(5, test.getColumn("attempt").getInt());
            query.bind(6,
                       begun ? rows_on_server(tables_of_tests[i].name, key, station, uuid) : std::int64_t{0});
            while (query.executeStep()) {
                batch.add(i, json_row(query));
                if (tables_of_tests[i].name == std::string_view("checks")) ++pushed_.checks;
            }
        }
    }

    /// Whether it has got its verdict there, too.
    std::map<ServerKey, bool> tests_on_server(const std::string& station, const std::string& uuid) {
        return server_.transact([&](pqxx::work& work) {
            std::map<ServerKey, bool> tests;
            for (const auto& row : work.exec_params("SELECT dut, file, test, attempt, verdict IS NOT NULL "
                                                    "FROM rig.tests WHERE station = $1 AND uuid = $2",
                                                    station, uuid))
                tests[{row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>(),
                       row[3].as<int>()}] = row[4].as<bool>();
            return tests;
        });
    }

    std::int64_t rows_on_server(const std::string& table, const ServerKey& key, const std::string& station,
                                const std::string& uuid) {
        return server_.transact([&](pqxx::work& work) {
            const auto& [dut, file, test, attempt] = key;
            return work
                .exec_params("SELECT count(*) FROM rig." + table +
                                 " WHERE station = $1 AND uuid = $2 AND dut = $3 AND file = $4 AND test = $5 "
                                 "AND attempt = $6",
                             station, uuid, dut, file, test, attempt)[0][0]
                .as<std::int64_t>();
        });
    }

    SQLite::Database& store_;
    const std::filesystem::path& file_;
    Server& server_;
    std::size_t batch_bytes_;
    std::map<std::string, std::set<std::string>> whole_;  ///< UUIDs by station
    Pushed pushed_;
};

}  // namespace

Pushed push(const std::filesystem::path& store, const std::string& server_url, const RunPushed& told,
            std::size_t batch_bytes) {
    try {
        // First what can be told without a network.
        auto database = open_store_file_to_read(store, std::chrono::seconds{5});
        Server server(server_url);
        return Push(database, store, server, batch_bytes).all(told);
    } catch (const SQLite::Exception& failure) {
        throw StoreError(explain(store, failure));
    }
}

}  // namespace rig::reports
