// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/selection.hpp"

#include <catch2/catch.hpp>

#include "rig/project_folder.hpp"

using rig::Selection;
using rig::TestDeclaration;

namespace {

TestDeclaration test(const std::string& name, std::vector<std::string> tags = {},
                     std::vector<std::string> proves = {}) {
    TestDeclaration made;
    made.name = name;
    made.tags = std::move(tags);
    made.proves = std::move(proves);
    return made;
}

}  // namespace

TEST_CASE("without a wish, all tests run but the long ones", "[rig]") {
    const Selection any;
    CHECK(any.wants(test("x")));
    CHECK(any.wants(test("x", {"slow"})));
    CHECK_FALSE(any.wants(test("x", {"long"})));
    CHECK(Selection{"", {"long"}, {}}.wants(test("x", {"long"})));
    CHECK_FALSE(Selection{"x", {}, {}}.wants(test("x", {"long"})));
}

TEST_CASE("a filter is found anywhere in the name, a tag and an ID are whole", "[rig]") {
    CHECK(Selection{"V-max|V-min", {}, {}}.wants(test("trips at V-min")));
    CHECK_FALSE(Selection{"^V-min", {}, {}}.wants(test("trips at V-min")));
    CHECK_FALSE(Selection{"", {"slo"}, {}}.wants(test("x", {"slow"})));
    CHECK(Selection{"", {"a", "b"}, {}}.wants(test("x", {"b"})));
    CHECK(Selection{"", {}, {"RLY-01"}}.wants(test("x", {}, {"RLY-01", "RLY-02"})));
    CHECK_FALSE(Selection{"", {}, {"RLY-0"}}.wants(test("x", {}, {"RLY-01"})));
    CHECK_FALSE(Selection{"y", {}, {"RLY-01"}}.wants(test("x", {}, {"RLY-01"})));
}

TEST_CASE("what is no regular expression is refused with the option's name", "[rig]") {
    CHECK_NOTHROW(Selection{"a.*b", {}, {}}.check());
    CHECK_THROWS_WITH((Selection{"(", {}, {}}.check()), Catch::Contains("--filter ("));
    CHECK_THROWS_AS((Selection{"*", {}, {}}.check()), rig::UsageError);
}
