// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/wording.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "reports/requirements.hpp"

using namespace rig::reports;

namespace {

CheckRecord volts(double value, std::optional<double> low, std::optional<double> high) {
    CheckRecord check;
    check.name = "V-max trip";
    check.verdict = Verdict::failed;
    check.value = value;
    check.low = low;
    check.high = high;
    check.unit = "V";
    return check;
}

TestRecord citing(const std::string& id, Verdict check, Verdict test) {
    TestRecord record;
    record.verdict = test;
    record.checks.emplace_back();
    record.checks[0].verdict = check;
    record.checks[0].proves = {id};
    return record;
}

}  // namespace

TEST_CASE("numbers are short enough to read", "[reports][text]") {
    const auto [value, text] = GENERATE(table<double, std::string>({
        {3.65, "3.65"},
        {0.1 + 0.2, "0.3"},
        {-0.0, "0"},
        {2.0 / 3.0, "0.666667"},
        {123456, "123456"},
        {1234567, "1234567"},
        {1e18, "1e+18"},
        {1e-7, "1e-07"},
        {-40, "-40"},
        {std::numeric_limits<double>::infinity(), "inf"},
        {std::numeric_limits<double>::quiet_NaN(), "not a number"},
    }));
    CHECK(number_text(value) == text);
}

TEST_CASE("a failed check says by how much", "[reports][text]") {
    CHECK(failure_text(volts(3.662, 3.58, 3.62)) ==
          "V-max trip: 3.662 V, 0.042 V too high (3.58 V to 3.62 V)");
    CHECK(failure_text(volts(3.5, 3.58, 3.62)) == "V-max trip: 3.5 V, 0.08 V too low (3.58 V to 3.62 V)");
    CHECK(failure_text(volts(3.5, 3.58, std::nullopt)) ==
          "V-max trip: 3.5 V, 0.08 V too low (at least 3.58 V)");
    CHECK(failure_text(volts(3.7, std::nullopt, 3.62)) ==
          "V-max trip: 3.7 V, 0.08 V too high (at most 3.62 V)");
    CHECK(failure_text(volts(3, 4, 4)) == "V-max trip: 3 V, 1 V too low (exactly 4 V)");

    SECTION("even where six digits would hide it") {
        CHECK(failure_text(volts(3.6200000001, 3.58, 3.62)) ==
              "V-max trip: 3.6200000001 V, 1e-10 V too high (3.58 V to 3.62 V)");
    }
    SECTION("but not where there is no number") {
        CHECK(failure_text(volts(std::numeric_limits<double>::quiet_NaN(), 3.58, 3.62)) ==
              "V-max trip: not a number (3.58 V to 3.62 V)");
    }
}

TEST_CASE("a claim has no value and no limits", "[reports][text]") {
    CheckRecord claim;
    claim.name = "charging is allowed";
    CHECK(value_text(claim).empty());
    CHECK(limits_text(claim).empty());
    CHECK(failure_text(claim) == "charging is allowed: does not hold");
    claim.detail = "did not hold within 60 s";
    CHECK(failure_text(claim) == "charging is allowed: did not hold within 60 s");

    SECTION("and a wait in vain reads like one") {
        claim.value = 60;
        claim.high = 60;
        claim.unit = "s";
        CHECK(failure_text(claim) == "charging is allowed: did not hold within 60 s");
    }
}

TEST_CASE("a message is shown where it says more than the failed checks", "[reports][text]") {
    TestRecord test;
    test.verdict = Verdict::failed;
    test.checks.push_back(volts(3.662, 3.58, 3.62));

    test.message = "V-max trip: 3.662 V, limits 3.58 to 3.62\n  script  a.lua:3";
    CHECK(own_message(test).empty());
    CHECK(headline(test) == "V-max trip: 3.662 V, 0.042 V too high (3.58 V to 3.62 V)");

    test.message = "trip point: nothing moved\n  script  a.lua:9";
    CHECK(own_message(test) == test.message);
    CHECK(headline(test) == "trip point: nothing moved");

    test.message = "2 of 3 checks failed, first:\nV-max trip: 3.662 V\n  script  a.lua:3\n  seed    7";
    CHECK(own_message(test).empty());

    test.message =
        "V-max trip: 3.662 V\n  script  a.lua:3\nthe bench condemns the firmware: V-max trip\n  seed    7";
    CHECK(own_message(test) == "the bench condemns the firmware: V-max trip\n  seed    7");
}

TEST_CASE("an error is told even where its text mentions a check that failed", "[reports][text]") {
    TestRecord test;
    test.verdict = Verdict::error;
    test.checks.push_back(volts(3.662, 3.58, 3.62));
    test.message = "script error: a.lua:4: V-max trip: no such cell";
    CHECK(own_message(test) == test.message);
    CHECK(headline(test) == test.message);
}

TEST_CASE("nothing a script says moves the cursor", "[reports][text]") {
    CHECK(one_line("a\nb\x1b[2Jc\xC3\xA4") == "a b [2Jc\xC3\xA4");
}

TEST_CASE("durations read as people say them", "[reports][text]") {
    CHECK(duration_text(0) == "0.00 s");
    CHECK(duration_text(350'000'000) == "0.35 s");
    CHECK(duration_text(12'340'000'000) == "12.3 s");
    CHECK(duration_text(245'000'000'000) == "4 min 05 s");
    CHECK(duration_text(11'520'000'000'000) == "3 h 12 min");
}

TEST_CASE("one failed check breaks a requirement, whatever else passed", "[reports][requirements]") {
    const auto passed = citing("RLY-01", Verdict::passed, Verdict::passed);
    const auto failed = citing("RLY-01", Verdict::failed, Verdict::failed);
    const auto cut_short = citing("RLY-01", Verdict::passed, Verdict::error);
    const std::set<std::string> it{"RLY-01"};

    CHECK(requirements_of({passed}).proved == it);
    for (const auto& result : {requirements_of({passed, failed}), requirements_of({failed, passed}),
                               requirements_of({cut_short, failed, passed})}) {
        CHECK(result.broken == it);
        CHECK(result.proved.empty());
        CHECK(result.undecided.empty());
    }

    SECTION("and a test in error proves nothing") {
        CHECK(requirements_of({passed, cut_short}).undecided == it);
        CHECK(requirements_of({passed, cut_short}).proved.empty());
    }
    SECTION("while a passed check of a failed test counts") {
        CHECK(requirements_of({citing("RLY-01", Verdict::passed, Verdict::failed)}).proved == it);
    }
}
