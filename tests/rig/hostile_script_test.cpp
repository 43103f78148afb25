// SPDX-License-Identifier: GPL-3.0-or-later
// Scripts that want out, or everything.
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "tests/rig/program.hpp"
#include "tests/rig/script_on_fake.hpp"

using namespace rig;
using namespace rig::testing;
using Catch::Contains;
using reports::Verdict;

namespace {

/// On a fake bench, with a folder for its files.
struct WithFiles {
    explicit WithFiles(const std::string& body) : test(test_with(body)) {
        Script::Limits limits = some_limits();
        limits.rights.folder = test.folder.path / "files";
        test.script = std::make_unique<Script>(ScriptFile{test.folder.path / "acceptance/one.lua",
                                                          "acceptance/one.lua", test.folder.path / "lib"},
                                               limits);
    }
    Ending run() { return test.run(); }
    std::filesystem::path own() const { return test.folder.path / "files/acceptance/one/1 it works"; }

    OnFake test;
};

}  // namespace

TEST_CASE("a script writes and reads files in its test's own folder", "[rig][lua]") {
    WithFiles test(R"(
local file = io.open("curves/one.csv", "w")
rig.equal("written", io.type(file), "file")
file:write("t_s,v\n", 1, ",", 3.3, "\n")
file:close()
local lines = {}
for line in io.lines("curves/one.csv") do lines[#lines + 1] = line end
rig.equal("lines", table.concat(lines, "|"), "t_s,v|1,3.3")
file = io.open("curves/one.csv", "a+b")
file:seek("set", 0)
rig.equal("read", file:read("a"), "t_s,v\n1,3.3\n")
file:write("never closed")
local none, why = io.open("absent.csv")
rig.equal("absent", none, nil)
rig.equal("why", why, "absent.csv: No such file or directory"))");
    const Ending ending = test.run();
    INFO(ending.message);
    CHECK(ending.verdict == Verdict::passed);
    CHECK(text_of(test.own() / "curves/one.csv") == "t_s,v\n1,3.3\nnever closed");
}

TEST_CASE("no name and no link leads a script's files out of its folder", "[rig][lua]") {
    const auto name = GENERATE(as<std::string>{}, "../secret", "a/../../secret", "/etc/passwd", ".", "", "a/",
                               "..", "./x", "link", "links/secret", "pipe", "a\\0b");
    const auto mode = GENERATE(as<std::string>{}, "r", "w", "a+");
    WithFiles test("local file, why = io.open('" + name + "', '" + mode +
                   "')\nprint(file == nil and why or 'opened')\nif file then file:write('x') end");
    std::filesystem::create_directories(test.own());
    const auto secret = test.test.folder.write("secret", "s");
    std::filesystem::create_symlink(secret, test.own() / "link");
    std::filesystem::create_directory_symlink(test.test.folder.path, test.own() / "links");
    REQUIRE(::mkfifo((test.own() / "pipe").c_str(), 0600) == 0);

    const Ending ending = test.run();

    CAPTURE(name, mode, ending.message, test.test.notes.printed);
    const bool refused =
        ending.verdict == Verdict::error && ending.message.find("own folder alone") != std::string::npos;
    const bool failed = ending.verdict == Verdict::passed && test.test.notes.printed.at(0) != "opened";
    CHECK((refused || failed));
    CHECK(text_of(secret) == "s");
}

TEST_CASE("a script cannot fill the disk, nor take all descriptors, nor write while it loads", "[rig][lua]") {
    const auto [body, message] = GENERATE(table<std::string, std::string>({
        {"local f = io.open('x', 'w') for i = 1, 1e6 do f:write(('x'):rep(1e6)) end", "may write 64 MiB"},
        {"for i = 1, 1e6 do io.open('x' .. i, 'w'):close() end", "may write 64 MiB"},
        {"local f = io.open('x', 'w') for i = 1, 1e6 do f:seek('cur', 100) f:write('x') end",
         "may write 64 MiB"},
        {"local f = io.open('x', 'w') f:seek('set', 1 << 40) f:write('x')", "beyond what a test may write"},
        {"local t = {} for i = 1, 100 do t[i] = io.open('x' .. i, 'w') end", "32 files are open already"},
        {"io.open('x', 'exec')", "invalid mode"},
    }));
    WithFiles test(body);
    CAPTURE(body);
    CHECK_THAT(test.run().message, Contains(message) && Contains("acceptance/one.lua:3"));
    CHECK_THROWS_WITH(OnFake("local rig = require('rig') rig.api(1) io.open('x', 'w')"),
                      Contains("inside a test only"));
}

TEST_CASE("io.lines closes its file at its end, and where a loop leaves it", "[rig][lua]") {
    WithFiles test(R"(
local f = io.open('x', 'w') f:write('one\ntwo\n') f:close()
local seen = 0
for i = 1, 50 do for line in io.lines('x') do seen = seen + 1 end end
for i = 1, 50 do for line in io.lines('x') do break end end
rig.equal('lines', seen, 100))");
    const auto ending = test.run();
    INFO(ending.message);
    CHECK(ending.verdict == reports::Verdict::passed);
}

TEST_CASE("a wait without end is ended by the test's limit", "[rig][lua]") {
    const auto body = GENERATE(as<std::string>{}, "rig.wait(1e300)", "rig.wait(1e10)");
    WithFiles test(body);
    CHECK(test.run().verdict == reports::Verdict::error);
}

TEST_CASE("nothing of io leads to the program's own files or to other programs", "[rig][lua]") {
    WithFiles test(R"(
for _, name in ipairs { "popen", "tmpfile", "output", "input", "read", "write", "close", "stdout", "stdin", "stderr" } do
  rig.equal(name, io[name], nil)
end
local file = io.open("x", "w")
rig.equal("metatable", getmetatable(file), "file")
rig.equal("setvbuf", file.setvbuf, nil))");
    const Ending ending = test.run();
    INFO(ending.message);
    CHECK(ending.verdict == Verdict::passed);
}

TEST_CASE("a script has no finalizers, and others' metatables are not its own", "[rig][lua]") {
    OnFake test(test_with(R"(
local ok, why = pcall(setmetatable, {}, { __gc = function() while true do end end })
rig.equal("refused", ok, false)
rig.claim("why", why:find("no __gc", 1, true) ~= nil)
rig.equal("a cell's", type(getmetatable(bench.cell[1])), "string")
rig.equal("rig's", getmetatable(rig), "rig")
local closed = false
do local guard <close> = setmetatable({}, { __close = function() closed = true end }) end
rig.equal("__close", closed, true))"));
    const Ending ending = test.run();
    INFO(ending.message);
    CHECK(ending.verdict == Verdict::passed);
}

TEST_CASE("time that hardly passes pays for no endless loop", "[rig][lua]") {
    const auto body = GENERATE(as<std::string>{}, "while true do rig.wait(1e-9) end",
                               "while true do pcall(function() while true do rig.wait(1e-8) end end) end",
                               "local t = setmetatable({}, { __close = function() while true do end end })\n"
                               "while true do local c <close> = t pcall(error) end",
                               "error(setmetatable({}, { __tostring = function() while true do end end }))",
                               "local co = coroutine.wrap(function() local c <close> = setmetatable({}, { "
                               "__close = function() while true "
                               "do end end }) coroutine.yield() end) co() co = nil while true do end");
    OnFake test(test_with(body));
    CAPTURE(body);
    const Ending ending = test.run();
    CHECK(ending.verdict == Verdict::error);
    CHECK_THAT(ending.message, Contains("an endless loop?"));
}

TEST_CASE("a script that is trusted has all of Lua, and its loops are ended all the same", "[rig][lua]") {
    const auto [body, verdict] = GENERATE(table<std::string, Verdict>({
        {"for _, n in ipairs { 'os', 'debug', 'load', 'dofile', 'collectgarbage' } do rig.claim(n, _G[n] ~= "
         "nil) end\n"
         "rig.equal('popen', io.popen('echo hello'):read('a'), 'hello\\n')\n"
         "rig.equal('modules', type(require('coroutine')), 'table')\n"
         "rig.equal('memory', #('x'):rep(100 << 20), 100 << 20)",
         Verdict::passed},
        {"while true do end", Verdict::error},
    }));
    OnFake test(test_with(body));
    Script::Limits limits = some_limits();
    limits.rights.all = true;
    test.script = std::make_unique<Script>(
        ScriptFile{test.folder.path / "acceptance/one.lua", "acceptance/one.lua", test.folder.path / "lib"},
        limits);
    const Ending ending = test.run();
    INFO(ending.message);
    CHECK(ending.verdict == verdict);
}

TEST_CASE("a test records so many checks and no more", "[rig][lua]") {
    OnFake test(test_with("local name = ('x'):rep(10000) while true do rig.claim(name, true) end"));
    CHECK_THAT(test.run().message,
               Contains("more than 16 MiB of checks") && Contains("acceptance/one.lua:3"));
}

TEST_CASE("whatever a script floods, the run goes on and the store is whole", "[program]") {
    const auto [body, message] = GENERATE(table<std::string, std::string>({
        {"while true do print('x') end", "endless loop?"},
        {"(''):rep(math.maxinteger)", "inside one library call"},
        {"table.move({}, 1, math.maxinteger - 1, 2)", "inside one library call"},
        {"table.insert(setmetatable({}, { __len = function() return 1 << 60 end }), 1, 'x')",
         "inside one library call"},
    }));
    Program rig;
    rig.script("a.lua", "rig.test('bad', {}, function(bench) " + body + "\nend)\n" +
                            "rig.test('good', {}, function(bench) rig.claim('fine', true) end)");
    CAPTURE(body);
    CHECK(rig.run({"run", "--jobs", "1", "a.lua"}) == 2);
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 2);
    CHECK(tests[0].verdict == Verdict::error);
    CHECK_THAT(tests[0].message, Contains(message));
    CHECK(tests[1].verdict == Verdict::passed);
}

TEST_CASE("a script that floods while it loads is one error; the other scripts run", "[program]") {
    const auto [text, message] = GENERATE(table<std::string, std::string>({
        {"while true do print('x') end", "endless loop?"},
        {"local tags = {} for i = 1, 1e6 do tags[i] = ('x'):rep(1e6) end", "more than 64 MiB of memory"},
        {"local big, tags = ('x'):rep(1e7), {} for i = 1, 1000 do tags[i] = big end\nrig.test('x', { tags = "
         "tags }, print)",
         "512 MiB more"},
        {"for i = 1, 1e9 do rig.test('t' .. i, {}, print) end", "10000 tests at most"},
    }));
    Program rig;
    rig.script("a.lua", text);
    rig.script("b.lua", "rig.test('good', {}, function() rig.claim('fine', true) end)");
    CAPTURE(text);
    CHECK(rig.run({"run", "a.lua", "b.lua"}) == 2);
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 2);
    CHECK_THAT(tests[0].message, Contains(message));
    CHECK(tests[1].verdict == Verdict::passed);
}

TEST_CASE("a run's files are named at its end, and --trust-scripts lets scripts out", "[program]") {
    Program rig;
    rig.script("a.lua",
               "rig.test('writes', {}, function() io.open('note.txt', 'w'):write('kept') end)\n"
               "rig.test('runs', {}, function() rig.equal('shell', os.execute('true'), true) end)");
    CHECK(rig.run({"run", "a.lua"}) == 2);
    CHECK_THAT(rig.out,
               Contains("attempt to index a nil value (global 'os')") && Contains("\nfiles results/files/"));
    int notes = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(rig.folder.path / "results/files"))
        notes += file.path().filename() == "note.txt" && text_of(file.path()) == "kept";
    CHECK(notes == 1);
    CHECK(rig.run({"run", "--trust-scripts", "--filter", "runs", "a.lua"}) == 0);
    CHECK_THAT(rig.out, !Contains("\nfiles "));
}
