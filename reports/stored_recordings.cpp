// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/stored_recordings.hpp"

#include <SQLiteCpp/VariadicBind.h>

namespace rig::reports {
namespace {

SignalLayout read_layout(SQLite::Database& database, int run, std::int64_t number) {
    SignalLayout layout{number, {}};
    SQLite::Statement query{database,
                            "SELECT signal, source, unit, step FROM signals WHERE run = ? AND layout = ? "
                            "ORDER BY number"};
    SQLite::bind(query, run, number);
    while (query.executeStep())
        layout.signals.push_back({query.getColumn(0).getString(), query.getColumn(1).getString(),
                                  query.getColumn(2).getString(), query.getColumn(3).getDouble()});
    return layout;
}

}  // namespace

std::vector<RecordedSignal> read_recording(SQLite::Database& database, int run, const TestKey& test) {
    SQLite::Statement query{database,
                            "SELECT layout, first_ns, last_ns, changes FROM recordings WHERE run = ? AND dut "
                            "= ? AND file = ? AND test = ? AND attempt = ? ORDER BY block"};
    SQLite::bind(query, run, test.dut, test.file, test.name, test.attempt);
    SignalLayout layout;
    std::vector<std::vector<SignalChange>> changes;
    while (query.executeStep()) {
        // One bench runs a test: all its blocks have one layout.
        if (layout.signals.empty()) layout = read_layout(database, run, query.getColumn(0).getInt64());
        unpack({query.getColumn(1).getInt64(), query.getColumn(2).getInt64(), query.getColumn(3).getString()},
               layout, changes);
    }
    std::vector<RecordedSignal> recording;
    for (std::size_t i = 0; i < changes.size(); ++i)
        if (!changes[i].empty()) recording.push_back({layout.signals[i], std::move(changes[i])});
    return recording;
}

}  // namespace rig::reports
