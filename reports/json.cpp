// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/json.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "reports/wording.hpp"

namespace rig::reports {
namespace {

using Json = nlohmann::ordered_json;

/// JSON has no word for what is not a number.
Json number(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? Json(*value) : Json(nullptr);
}

double seconds(std::int64_t ns) {
    return static_cast<double>(ns) / 1e9;
}

Json json_of(const CheckRecord& check) {
    Json json{{"number", check.number},
              {"name", check.name},
              {"verdict", text_of(check.verdict)},
              {"kind", check.value ? "measurement" : "claim"}};
    if (check.value) {
        json["value"] = number(check.value);
        json["low"] = number(check.low);
        json["high"] = number(check.high);
        json["margin"] = number(margin_of(check));
        json["unit"] = check.unit;
        json["value_text"] = value_text(check);
        json["limits_text"] = limits_text(check);
    }
    if (check.verdict != Verdict::passed) json["failure"] = failure_text(check);
    if (!check.detail.empty()) json["detail"] = check.detail;
    json["script_line"] = check.script_line;
    json["bench_s"] = seconds(check.bench_ns);
    json["proves"] = check.proves;
    return json;
}

Json json_of(const TestRecord& test) {
    Json json{{"dut", test.key.dut},
              {"file", test.key.file},
              {"line", test.line},
              {"name", test.key.name},
              {"attempt", test.key.attempt},
              {"verdict", text_of(test.verdict)},
              {"tags", test.tags},
              {"began_s", seconds(test.began_ns)},
              {"ended_s", seconds(test.ended_ns)},
              {"duration", duration_text(test.ended_ns - test.began_ns)}};
    if (test.verdict != Verdict::passed) {
        json["headline"] = headline(test);
        json["message"] = own_message(test);
    }
    json["checks"] = Json::array();
    for (const auto& check : test.checks)
        json["checks"].push_back(json_of(check));
    json["events"] = Json::array();
    for (const auto& event : test.events)
        json["events"].push_back(
            {{"bench_s", seconds(event.bench_ns)}, {"kind", event.kind}, {"text", event.text}});
    return json;
}

Json json_of(const RunRecord& run) {
    Json json{{"uuid", run.uuid},
              {"station", run.station},
              {"operator", run.operated_by},
              {"started_utc", run.started_utc},
              {"ended_utc", run.ended_utc},
              {"ending", text_of(run.ending)},
              {"planned", run.planned},
              {"rig_version", run.rig_version},
              {"fixture", run.fixture},
              {"profile", run.profile},
              {"seed", std::to_string(run.seed)}};
    for (const char* list : {"duts", "instruments", "files"})
        json[list] = Json::array();
    for (const auto& dut : run.duts)
        json["duts"].push_back({{"dut", dut.dut}, {"serial", dut.serial}});
    for (const auto& it : run.instruments)
        json["instruments"].push_back({{"name", it.name}, {"link", it.link}, {"identity", it.identity}});
    for (const auto& file : run.files)
        json["files"].push_back({{"kind", file.kind}, {"name", file.name}, {"sha256", file.sha256}});
    return json;
}

}  // namespace

nlohmann::ordered_json json_of(const Results& results) {
    const auto& tally = results.tally;
    Json json{{"schema", 1},
              {"number", results.number},
              {"verdict", text_of(results.verdict())},
              {"run", json_of(results.run)},
              {"tally",
               {{"tests", tally.tests},
                {"passed", tally.passed},
                {"failed", tally.failed},
                {"errors", tally.errors},
                {"skipped", tally.skipped},
                {"checks", tally.checks},
                {"text", tally_text(tally)},
                {"bench_s", seconds(tally.ns)},
                {"duration", duration_text(tally.ns)}}},
              {"requirements",
               {{"proved", results.requirements.proved},
                {"broken", results.requirements.broken},
                {"undecided", results.requirements.undecided}}}};
    json["tests"] = Json::array();
    for (const auto& test : results.tests) {
        json["tests"].push_back(json_of(test));
        json["tests"].back()["title"] = results.name_of(test);
    }
    return json;
}

std::string json_text(const Results& results) {
    return json_of(results).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace rig::reports
