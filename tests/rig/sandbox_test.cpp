// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "tests/rig/script_on_fake.hpp"

using namespace rig;
using namespace rig::testing;
using reports::Verdict;

TEST_CASE("a script has nothing that reads files, starts programs or differs between runs", "[rig][lua]") {
    OnFake test(test_with(R"(
for _, name in ipairs { "os", "package", "debug", "load", "loadfile", "dofile", "collectgarbage", "warn" } do
  rig.equal(name, _G[name], nil)
end
rig.equal("string.dump", string.dump, nil)
rig.equal("math.randomseed", math.randomseed, nil))"));

    CHECK(test.run().verdict == Verdict::passed);
}

TEST_CASE("an endless loop is ended, whatever the script does to go on", "[rig][lua]") {
    const auto body =
        GENERATE(as<std::string>{}, "while true do end", "local function f() return f() end f()",
                 "while true do pcall(function() while true do end end) end",
                 "while true do xpcall(error, function() while true do end end) end",
                 "coroutine.wrap(function() while true do end end)()",
                 "while true do coroutine.resume(coroutine.create(function() while true do end end)) end");
    OnFake test(test_with(body));

    CAPTURE(body);
    const Ending ending = test.run();

    CHECK(ending.verdict == Verdict::error);
    CHECK_THAT(ending.message, Catch::Contains("an endless loop?"));
    CHECK_THAT(ending.message, Catch::Contains("acceptance/one.lua:3"));
    CHECK_THAT(ending.message, Catch::Contains("try"));
}

TEST_CASE("a long loop that lets bench time pass is no endless one", "[rig][lua]") {
    OnFake test(
        test_with("for i = 1, 12 do for j = 1, 5e6 do end rig.wait(0.1) end rig.claim('done', true)"));
    CHECK(test.run().verdict == Verdict::passed);
}

TEST_CASE("a memory hog is an error that names its line", "[rig][lua]") {
    const auto body = GENERATE(as<std::string>{}, "local t = {} for i = 1, 1e9 do t[i] = { i } end",
                               "local s = ('x'):rep(1e9)", "local s = 'x' while true do s = s .. s end");
    OnFake test(test_with(body));

    CAPTURE(body);
    const Ending ending = test.run();

    CHECK(ending.verdict == Verdict::error);
    CHECK_THAT(ending.message, Catch::Contains("more than 64 MiB of memory"));
    CHECK_THAT(ending.message, Catch::Contains("acceptance/one.lua:3"));
}

TEST_CASE("pairs and next go through a table in the order of its keys", "[rig][lua]") {
    OnFake test(test_with(R"(
local t = { zeta = 1, alpha = 2, [10] = 3, [2.5] = 4, [true] = 5, [1] = 6 }
local seen = {}
for key, value in pairs(t) do seen[#seen + 1] = tostring(key) .. "=" .. value end
print(table.concat(seen, " "))
seen = {}
for key in next, t do seen[#seen + 1] = tostring(key) end
print(table.concat(seen, " "))
for key in pairs(t) do t[key] = nil end
print(next(t))
print(next({}, nil)))"));

    REQUIRE(test.run().verdict == Verdict::passed);
    CHECK(test.notes.printed == std::vector<std::string>{"1=6 2.5=4 10=3 alpha=2 zeta=1 true=5",
                                                         "1 2.5 10 alpha zeta true", "nil", "nil"});
}

TEST_CASE("require finds the library and files beside the script, and runs each once", "[rig][lua]") {
    OnFake good(test_with(R"(
require("lib.helper")
rig.equal("library", require("lib.helper").n, 1)
rig.equal("beside", require("neighbour"), 42))"),
                "loads = (loads or 0) + 1 return { n = loads }");
    good.folder.write("acceptance/neighbour.lua", "return 42");
    CHECK(good.run().verdict == Verdict::passed);
}

TEST_CASE("require does not leave the scripts' folders", "[rig][lua]") {
    const auto name =
        GENERATE(as<std::string>{}, "../secret", "lib..secret", "/etc/passwd", "lib.", "", "socket.core");
    OnFake test(test_with("require('" + name + "')"));
    test.folder.write("secret.lua", "return 1");
    CAPTURE(name);
    CHECK(test.run().verdict == Verdict::error);
}

TEST_CASE("what a script prints is the test's output", "[rig][lua]") {
    OnFake test(test_with("print(1, 'two', nil, true)"));
    REQUIRE(test.run().verdict == Verdict::passed);
    CHECK(test.notes.printed == std::vector<std::string>{"1\ttwo\tnil\ttrue"});
}

TEST_CASE("a script's own error handling still works", "[rig][lua]") {
    OnFake test(test_with(R"(
local ok, message = pcall(error, "mine", 0)
rig.equal("caught", ok, false)
rig.equal("message", message, "mine")
local _, handled = xpcall(function() error("x", 0) end, function(m) return m .. "!" end)
rig.equal("handled", handled, "x!")
rig.equal("results", select("#", pcall(function() return 1, nil, nil end)), 4)
local co = coroutine.create(function(a) local b = coroutine.yield(a + 1) return b * 2 end)
local _, first = coroutine.resume(co, 1)
local _, second = coroutine.resume(co, 21)
rig.equal("yielded", first, 2)
rig.equal("returned", second, 42))"));

    CHECK(test.run().verdict == Verdict::passed);
}
