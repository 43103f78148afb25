// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/mutation/test_order.hpp"

#include <catch2/catch.hpp>
#include <regex>

using namespace rig;
using namespace rig::mutation;

namespace {

std::vector<defects::RanTest> tests() {
    std::vector<defects::RanTest> tests;
    for (int i = 0; i < 40; ++i)
        tests.push_back({"test " + std::to_string(i) + (i == 7 ? " (a+b)?" : ""), 10.0 + i});
    return tests;
}

int matches(const std::string& filter) {
    int count = 0;
    for (const auto& test : tests())
        count += std::regex_search(test.name, std::regex(filter));
    return count;
}

}  // namespace

TEST_CASE("the stages hold every test once, the first few cheap ones", "[mutation]") {
    const auto stages = TestOrder(tests()).stages("x.cpp");
    REQUIRE(stages.size() == 3);
    CHECK(matches(stages[0]) + matches(stages[1]) + matches(stages[2]) == 40);
    CHECK(matches(stages[0]) < 5);
    CHECK(std::regex_search("test 0", std::regex(stages[0])));
    CHECK(std::regex_search("test 39", std::regex(stages[2])));
}

TEST_CASE("a test that a mutant passed on another profile is left out", "[mutation]") {
    const TestOrder order(tests());
    std::set<std::string> known;
    order.add_names_to(known);
    CHECK(order.stages("x.cpp", known).empty());
    known.erase("test 5");
    CHECK(order.stages("x.cpp", known) == std::vector<std::string>{"^(test 5)$"});
}

TEST_CASE("a test that caught a mutant of the same file comes first", "[mutation]") {
    TestOrder order(tests());
    order.caught("x.cpp", "test 39");
    CHECK(std::regex_search("test 39", std::regex(order.stages("x.cpp")[0])));
    CHECK_FALSE(std::regex_search("test 39", std::regex(order.stages("y.cpp")[0])));
}
