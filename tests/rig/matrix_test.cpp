// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/trace/matrix.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "rig/trace/print.hpp"
#include "tests/rig/script_on_fake.hpp"

using namespace rig;
using namespace rig::trace;
using reports::CheckRecord;
using reports::Verdict;

namespace {

const std::string here = "gen3-hw2";

/// A requirement, a test that proves it, its last run and a defect that breaks it.
struct Proof {
    Proof() {
        folder.write("scripts/acceptance/a.lua", "--");
        evidence.requirements["RLY-01"] = {{}, "normal", "charging stops", "", ""};
        TestDeclaration declared;
        declared.name = "it stops";
        declared.proves = {"RLY-01"};
        evidence.tests[here] = {{"acceptance/a.lua", declared}};
        ran(Verdict::passed, {check(Verdict::passed)});
        trial = {
            {"late", "firmware/core/x.hpp", "a", "b", {"RLY-01"}, {}}, here, "fixtures/f.toml", {"RLY-01"}};
        evidence.trials = {trial};
        tried(defects::Verdict::caught, {{"RLY-01", {"trip", "acceptance/a.lua:3"}}});
    }

    static CheckRecord check(Verdict verdict, const std::string& id = "RLY-01") {
        CheckRecord check;
        check.name = "trip";
        check.verdict = verdict;
        check.script_line = "acceptance/a.lua:3";
        check.proves = {id};
        return check;
    }

    void ran(Verdict verdict, std::vector<CheckRecord> checks) {
        reports::LatestTest last{4, {}};
        last.record.key = {"pack", "acceptance/a.lua", "it stops", 1};
        last.record.verdict = verdict;
        last.record.checks = std::move(checks);
        evidence.latest[here] = {last};
    }

    void tried(defects::Verdict verdict, std::map<std::string, defects::RedCheck> red) {
        defects::DefectResult result;
        result.profile = here;
        result.defect = "late";
        result.verdict = verdict;
        result.red = std::move(red);
        sign(result, trial.defect, trial.fixture, defects::ProjectState(folder.path));
        evidence.results[{here, "late"}] = result;
    }

    Matrix matrix() const { return matrix_of({here}, evidence, defects::ProjectState(folder.path)); }
    Cell cell() const { return matrix().cells.at("RLY-01").at(here); }
    State state() const { return cell().state; }

    std::string printed(void (*print)(std::ostream&, const Matrix&)) const {
        std::ostringstream out;
        print(out, matrix());
        return out.str();
    }

    testing::Folder folder;
    Evidence evidence;
    defects::Trial trial;
};

}  // namespace

TEST_CASE("a requirement is proved by a check that passed and a defect that turned one red", "[trace]") {
    Proof proof;
    CHECK(proof.state() == State::proved);
    CHECK(proof.matrix().settled());
}

TEST_CASE("no check that passed, no proof", "[trace]") {
    Proof proof;
    SECTION("one failed, whatever else passed") {
        proof.ran(Verdict::failed, {Proof::check(Verdict::passed), Proof::check(Verdict::failed)});
        CHECK(proof.state() == State::failing);
        CHECK(proof.cell().checks.at(0).times == 2);
    }
    SECTION("its test ended in an error") {
        proof.ran(Verdict::error, {Proof::check(Verdict::passed)});
        CHECK(proof.state() == State::undecided);
    }
    SECTION("none cites it") {
        proof.ran(Verdict::passed, {Proof::check(Verdict::passed, "RLY-02")});
        CHECK(proof.state() == State::no_check);
    }
    SECTION("its test never ran on this profile") {
        proof.evidence.latest.clear();
        CHECK(proof.state() == State::no_check);
        CHECK(proof.cell().never_ran == std::vector<std::string>{"acceptance/a.lua: it stops"});
    }
    SECTION("no script declares the test any more") {
        proof.evidence.tests.clear();
        CHECK(proof.state() == State::no_check);
    }
    CHECK_FALSE(proof.matrix().settled());
}

TEST_CASE("no defect that turned a check of it red, no proof", "[trace]") {
    Proof proof;
    SECTION("none is listed") {
        proof.evidence.trials.clear();
        CHECK(proof.state() == State::no_defect);
    }
    SECTION("it changes nothing in these images") {
        proof.tried(defects::Verdict::absent, {});
        CHECK(proof.state() == State::no_defect);
    }
    SECTION("it was not tried") {
        proof.evidence.results.clear();
        CHECK(proof.state() == State::not_tried);
    }
    SECTION("nothing noticed") {
        proof.tried(defects::Verdict::survived, {});
        CHECK(proof.state() == State::not_caught);
    }
    SECTION("only a check of something else that it breaks noticed") {
        proof.tried(defects::Verdict::caught, {{"ALM-01", {"warns", "acceptance/a.lua:9"}}});
        CHECK(proof.state() == State::not_caught);
    }
    SECTION("the script that turned red is another one now") {
        proof.folder.write("scripts/acceptance/a.lua", "-- changed");
        CHECK(proof.state() == State::stale);
        CHECK(proof.cell().defects.at(0).note == "caught, but scripts changed since");
    }
    CHECK_FALSE(proof.matrix().settled());
}

TEST_CASE("what no check can show is never shown as proved", "[trace]") {
    Proof proof;
    Requirement& requirement = proof.evidence.requirements["RLY-01"];
    requirement.unprovable = "no ears";
    CHECK(proof.state() == State::unprovable);
    CHECK(proof.matrix().settled());
    SECTION("unless it is a part of it alone") {
        requirement.part = "the clicks";
        CHECK(proof.state() == State::proved);
        CHECK_THAT(proof.printed(print_details), Catch::Contains("not provable, the clicks: no ears"));
    }
    SECTION("and what does not apply is neither") {
        requirement.profiles = {"gen2"};
        CHECK(proof.state() == State::not_applicable);
        CHECK(proof.matrix().settled());
    }
}

TEST_CASE("the matrix is a line for each requirement and a summary for each profile", "[trace]") {
    Proof proof;
    proof.evidence.requirements["RLY-17"] = {{}, "", "contacts carry 2 A", "their maker's promise", ""};
    proof.evidence.requirements["ALM-01"] = {{}, "", "five warnings", "", ""};
    CHECK(proof.printed(print_matrix) ==
          "        gen3-hw2\n"
          "ALM-01  no check\n"
          "RLY-01  proved\n"
          "RLY-17  unprovable\n"
          "\n"
          "gen3-hw2: 1 of 3 proved\n"
          "  no check     1  ALM-01\n"
          "  unprovable   1  RLY-17\n"
          "  try     rig run --profile PROFILE   (and --tag long for what that leaves out)\n");
}

TEST_CASE("a requirement's details name its checks and its defects", "[trace]") {
    Proof proof;
    CHECK(proof.printed(print_details) ==
          "RLY-01  normal mode: charging stops\n"
          "  gen3-hw2: proved\n"
          "    check   passed    acceptance/a.lua:3 \"trip\", run 4\n"
          "    defect  late: caught\n"
          "            by acceptance/a.lua:3 \"trip\"\n");
}

TEST_CASE("spreadsheets and programs get the same", "[trace]") {
    Proof proof;
    proof.evidence.requirements["ALM-01"] = {{}, "", "five warnings", "", ""};
    CHECK(proof.printed(write_csv) ==
          "requirement,profile,state,kind,name,where,verdict,times,run\n"
          "ALM-01,gen3-hw2,\"no check\",,,,,,\n"
          "RLY-01,gen3-hw2,\"proved\",check,\"trip\",\"acceptance/a.lua:3\",passed,1,4\n"
          "RLY-01,gen3-hw2,\"proved\",defect,\"late\",\"acceptance/a.lua:3\",\"caught\",,\n");
    const auto json = nlohmann::json::parse(proof.printed(write_json));
    CHECK(json.at("all_proved") == false);
    const auto& requirement = json.at("requirements").at(1);
    CHECK(requirement.at("id") == "RLY-01");
    const auto& cell = requirement.at("profiles").at(here);
    CHECK(cell.at("state") == "proved");
    CHECK(cell.at("checks").at(0).at("line") == "acceptance/a.lua:3");
    CHECK(cell.at("defects").at(0).at("caught") == true);
}
