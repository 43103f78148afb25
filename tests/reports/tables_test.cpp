// SPDX-License-Identifier: GPL-3.0-or-later
// Reports for other programs: CSV and JSON; and two runs side by side.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "reports/comparison.hpp"
#include "reports/csv.hpp"
#include "reports/json.hpp"
#include "reports/junit.hpp"
#include "tests/reports/golden.hpp"
#include "tests/reports/sample_run.hpp"
#include "tests/reports/temporary_folder.hpp"

using namespace rig::reports;
using Catch::Matchers::Contains;

namespace {

Results sample() {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    return results_of(store, store_sample_run(store));
}

/// RFC 4180, as the other end reads it.
std::vector<std::vector<std::string>> parsed(const std::string& csv) {
    std::vector<std::vector<std::string>> rows(1, {""});
    bool quoted = false;
    for (std::size_t i = 0; i < csv.size(); ++i) {
        auto& field = rows.back().back();
        if (quoted && csv[i] == '"' && csv[i + 1] == '"')
            field += csv[i++];
        else if (csv[i] == '"')
            quoted = !quoted;
        else if (quoted)
            field += csv[i];
        else if (csv[i] == ',')
            rows.back().emplace_back();
        else if (csv[i] == '\n')
            rows.emplace_back(1, "");
        else if (csv[i] != '\r')
            field += csv[i];
    }
    rows.pop_back();
    return rows;
}

}  // namespace

TEST_CASE("the CSV has a line for each check and for each test without one, whole whatever they are called",
          "[reports][csv]") {
    const auto rows = parsed(csv_text(sample()));
    REQUIRE(rows.size() == 1 + 10 + 2);
    for (const auto& row : rows)
        CHECK(row.size() == rows[0].size());
    const auto column = [&](const std::string& name) {
        return static_cast<std::size_t>(std::find(rows[0].begin(), rows[0].end(), name) - rows[0].begin());
    };
    const auto& balance = rows[1];
    CHECK(balance[column("test")] == "a board balances \"above\" <V-balance> & stops at it");
    CHECK(balance[column("value")] == "1.0123456");
    CHECK(balance[column("high")] == "1.1");
    CHECK(balance[column("requirements")] == "BAL-01 BAL-05");
    CHECK(std::stod(balance[column("margin")]) == Approx(1.1 - 1.0123456));
    CHECK(rows[2][column("low")].empty());
}

TEST_CASE("the JSON says all of a run, as numbers and in words", "[reports][json]") {
    const auto text = json_text(sample());
    CHECK(text == golden("report.json", text));
    const auto json = nlohmann::json::parse(text);
    CHECK(json["tally"]["tests"] == 7);
    CHECK(json["verdict"] == "error");
    CHECK(json["requirements"]["broken"] == nlohmann::json{"RLY-01", "RLY-11", "RLY-12"});
}

TEST_CASE("the rich JUnit report has properties, file, line and what was printed", "[reports][junit]") {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    RunRecord run;
    run.operated_by = "Ada";
    run.duts = {{"pack", "SN-7"}};
    const int number = store.begin_run(run);
    const TestKey test{"pack", "acceptance/thresholds.lua", "it trips", 1};
    store.begin_test(number, test, {"relay"}, 0, 14);
    store.add_event(number, test, 1, {1, "print", "hello"});
    store.end_test(number, test, Verdict::passed, "", 1);

    const auto text = junit_text(results_of(store, number), JunitDialect::rich,
                                 [](const TestRecord&) { return std::vector<std::string>{"a/signals.csv"}; });
    CHECK_THAT(text, Contains(R"(file="acceptance/thresholds.lua" line="14")") &&
                         Contains(R"(<property name="serial" value="SN-7" />)") &&
                         Contains(R"(<property name="tag" value="relay" />)") &&
                         Contains(R"(<property name="attachment" value="a/signals.csv" />)") &&
                         Contains("hello\n[[ATTACHMENT|a/signals.csv]]"));
}

TEST_CASE("two runs side by side show what changed, and nothing else", "[reports][comparison]") {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    const TestKey test{"pack", "acceptance/thresholds.lua", "it trips", 1};
    const TestKey same{"pack", "acceptance/thresholds.lua", "it rests", 1};
    const auto add_run = [&](const std::string& uuid, const std::string& sha256, double volts) {
        RunRecord run;
        run.uuid = uuid;
        run.files = {{"firmware", "gen3-hw2/last.elf", sha256}, {"script", "a.lua", "5a5a"}};
        const int number = store.begin_run(run);
        for (const auto& key : {test, same}) {
            store.begin_test(number, key, {}, 0);
            CheckRecord check;
            check.number = 1;
            check.name = "V-max trip";
            check.value = key.name == test.name ? volts : 3.6;
            check.high = 3.62;
            check.unit = "V";
            check.verdict = *check.value > 3.62 ? Verdict::failed : Verdict::passed;
            check.proves = {"RLY-01"};
            store.add_check(number, key, check);
            store.end_test(number, key, check.verdict, "", 1);
        }
        store.end_run(number, "later");
        return results_of(store, number);
    };
    const auto text = comparison_text(add_run("a", "aaaaaaaaaaaaaaaa", 3.6), add_run("b", "bbbb", 3.65));
    CHECK_THAT(text, Contains("firmware gen3-hw2/last.elf") && Contains("aaaaaaaaaaaa") && Contains("bbbb") &&
                         Contains("passed   -> failed   acceptance/thresholds.lua: it trips") &&
                         Contains("V-max trip: 3.65 V, 0.03 V too high") && Contains("RLY-01") &&
                         Contains("3.6 V (margin 0.02)") && Contains("3.65 V (margin -0.03)"));
    CHECK_THAT(text, !Contains("it rests") && !Contains("a.lua") && !Contains("alone"));
}
