// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/commands/run_record.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include "reports/run_process.hpp"
#include "rig/run_files.hpp"
#include "rig/version.hpp"

namespace rig {

namespace {

std::string new_uuid() {
    std::string uuid;
    std::ifstream("/proc/sys/kernel/random/uuid") >> uuid;
    return uuid;
}

std::string station() {
    char name[256] = {};
    ::gethostname(name, sizeof name - 1);
    return name;
}

/// "SN" is the serial number of the one that the fixture holds, "pack=SN" of the one it calls so.
std::vector<reports::DutRecord> duts_of(const RunOptions& options, const Fixture& fixture) {
    std::vector<reports::DutRecord> duts{{fixture.dut, ""}};
    for (const std::string& given : options.serials) {
        const auto equals = given.find('=');
        const std::string dut = equals == std::string::npos ? fixture.dut : given.substr(0, equals);
        const auto named =
            std::find_if(duts.begin(), duts.end(), [&](const auto& d) { return d.dut == dut; });
        if (named == duts.end())
            throw UsageError(fmt::format("--serial {}: the fixture holds no \"{}\"\n  allowed  {}", given,
                                         dut, fixture.dut));
        if (!named->serial.empty())
            throw UsageError(
                fmt::format("--serial {}: {} has a serial number already, {}", given, dut, named->serial));
        named->serial = equals == std::string::npos ? given : given.substr(equals + 1);
    }
    return duts;
}

}  // namespace

std::string utc_now() {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::now()));
}

reports::RunRecord record_of(const RunOptions& options, const Planned& planned) {
    reports::RunRecord record;
    record.station = station();
    record.uuid = new_uuid();
    record.started_utc = utc_now();
    record.rig_version = version;
    record.fixture = planned.bench;
    record.profile = planned.fixture.profile;
    record.seed = options.seed;
    record.operated_by = options.operated_by;
    record.process = reports::this_process();
    record.duts = duts_of(options, planned.fixture);
    record.files = files_of(planned);
    return record;
}

}  // namespace rig
