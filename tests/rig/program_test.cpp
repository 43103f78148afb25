// SPDX-License-Identifier: GPL-3.0-or-later
// The whole program, as it is started: what it says, what it writes, how it ends.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "tests/rig/script_on_fake.hpp"

using namespace rig;
using namespace rig::testing;
using reports::Verdict;

namespace {

std::string text_of(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

/// One start of the program in a folder of its own.
struct Program {
    // A build outside the project finds it from the current folder.
    Program() {
        for (const char* part : {"scripts", "fixtures"}) {
            std::filesystem::create_directory_symlink(std::filesystem::path(RIG_SOURCE) / part,
                                                      folder.path / part);
        }
    }

    int start(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), RIG_PROGRAM);
        std::vector<char*> raw;
        for (std::string& argument : arguments)
            raw.push_back(argument.data());
        raw.push_back(nullptr);
        process = ::fork();
        if (process == 0) {
            if (::chdir(folder.path.c_str()) != 0) _exit(99);
            ::dup2(::open("out", O_CREAT | O_WRONLY | O_TRUNC, 0644), STDOUT_FILENO);
            ::dup2(::open("err", O_CREAT | O_WRONLY | O_TRUNC, 0644), STDERR_FILENO);
            ::execv(RIG_PROGRAM, raw.data());
            _exit(98);
        }
        return process;
    }

    int join() {
        int status = 0;
        ::waitpid(process, &status, 0);
        out = text_of(folder.path / "out");
        err = text_of(folder.path / "err");
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    }

    int run(const std::vector<std::string>& arguments) {
        start(arguments);
        return join();
    }

    void script(const std::string& name, const std::string& tests) {
        folder.write(name, "local rig = require(\"rig\")\nrig.api(1)\n" + tests);
    }

    std::vector<reports::TestRecord> stored() const {
        const reports::Store store(folder.path / "results/rig.sqlite");
        return store.tests(store.latest_run());
    }

    /// In the store it is the sign that a test is running.
    void wait_for_first_check() {
        const auto store = folder.path / "results/rig.sqlite";
        for (;;) {
            int status = 0;
            REQUIRE(::waitpid(process, &status, WNOHANG) == 0);
            try {
                if (std::filesystem::exists(store) && !stored().empty() && !stored()[0].checks.empty())
                    return;
            } catch (const reports::StoreError&) {
                // Not created whole yet.
            }
        }
    }

    bool wrote_junit() const {
        return text_of(folder.path / "results/junit.xml").find("<testsuite") != std::string::npos;
    }

    Folder folder;
    pid_t process = -1;
    std::string out, err;
};

const std::string good = "rig.test('good', {}, function(bench) rig.claim('fine', true) end)\n";

}  // namespace

TEST_CASE("a script that reads a frame and checks the pack voltage passes", "[program]") {
    Program rig;
    rig.script("pack.lua", R"(
rig.test("the pack voltage is the sum of its cells", { needs = { "cell", "ext" }, proves = { "EXT-01" } }, function(bench)
  local frame = bench.ext:next()
  rig.check("pack voltage", frame.pack_v, { min = 13.1, max = 13.3, unit = "V" }, { proves = { "EXT-01" } })
  rig.claim("both relays are allowed", bench.relay.charge:allowed() and bench.relay.load:allowed())
end))");

    const int code = rig.run({"run", "pack.lua"});

    INFO(rig.out << rig.err);
    CHECK(code == 0);
    CHECK(rig.wrote_junit());
    CHECK_THAT(rig.out, Catch::Contains("seed 1") && Catch::Contains("results/rig.sqlite") &&
                            Catch::Contains("results/junit.xml"));
}

TEST_CASE("a failed check is exit code 1", "[program]") {
    Program rig;
    rig.script("a.lua", good + "rig.test('bad', {}, function() rig.claim('no', false) end)");
    CHECK(rig.run({"run", "a.lua"}) == 1);
    CHECK(rig.stored().size() == 2);
}

TEST_CASE("each bad test costs one message and exit code 2, and the other tests still run", "[program]") {
    const auto [body, message] = GENERATE(table<std::string, std::string>({
        {"local x = nil; x.y = 1", "a.lua:4: attempt to index a nil value"},
        {"while true do end", "an endless loop?"},
        {"while true do pcall(function() while true do end end) end", "an endless loop?"},
        {"(('a'):rep(40)):find(('a*'):rep(20) .. 'b')", "inside one library call"},
        {"(('a'):rep(40)):gsub(('a*'):rep(20) .. 'b', '')", "inside one library call"},
        {"local s = ('x'):rep(1e9)", "more than 64 MiB of memory"},
        {"local t = {} for i = 1, 1e9 do t[i] = {} end", "more than 64 MiB of memory"},
        {"rig.wait(1000)", "longer than its limit of 600 s"},
        {"bench.cell[1]:set_v(100)", "cell[1].voltage_v"},
        {"rig.limits.nonsense = rig.limits.nonsense", "no limit 'nonsense'"},
        {"rig.abort('the oven is cold')", "the oven is cold"},
    }));
    Program rig;
    rig.script("a.lua", good + "rig.test('bad', {}, function(bench) " + body + "\nend)\n" +
                            "rig.test('also good', {}, function(bench) rig.claim('fine', true) end)");

    const int code = rig.run({"run", "a.lua"});

    CAPTURE(body, rig.out, rig.err);
    CHECK(code == 2);
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 3);
    for (const auto& test : tests) {
        if (test.key.name == "bad") {
            CHECK(test.verdict == Verdict::error);
            CHECK_THAT(test.message, Catch::Contains(message));
            CHECK_THAT(test.message, Catch::Contains("a.lua:4"));
        } else {
            CHECK(test.verdict == Verdict::passed);
        }
    }
    CHECK(rig.wrote_junit());
    CHECK_THAT(rig.out, Catch::Contains(message));
}

TEST_CASE("a script that does not load is one error; the other scripts run", "[program]") {
    const auto [text, message] = GENERATE(table<std::string, std::string>({
        {"if", "a.lua:3: unexpected symbol"},
        {"while true do end", "an endless loop?"},
        {"local x = ('a'):rep(40):find(('a*'):rep(20) .. 'b')", "inside one library call"},
        {"rig.test('x', {}, function() end)\nrig.test('x', {}, function() end)", "lines 3 and 4"},
    }));
    Program rig;
    rig.script("a.lua", text);
    rig.script("b.lua", good);

    const int code = rig.run({"run", "a.lua", "b.lua"});

    CAPTURE(text, rig.out, rig.err);
    CHECK(code == 2);
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 2);
    CHECK(tests[0].key.name == "loads");
    CHECK(tests[0].verdict == Verdict::error);
    CHECK_THAT(tests[0].message, Catch::Contains(message));
    CHECK(tests[1].verdict == Verdict::passed);
    CHECK(rig.wrote_junit());
}

TEST_CASE("what the command line gets wrong is one message and exit code 2", "[program]") {
    Program rig;
    rig.script("a.lua", good + "rig.test('endurance', { tags = { 'long' } }, function() end)");
    rig.folder.write("bad.toml", "schema = 1\nprofile = \"gen3-hw2\"\n[pack]\ncells = 999\n");
    const auto [arguments, message] = GENERATE(table<std::vector<std::string>, std::string>({
        {{"run", "absent.lua"}, "absent.lua: there is no such script"},
        {{"run", "--fixture", "absent.toml", "a.lua"}, "absent.toml: there is no such fixture file"},
        {{"run", "--fixture", "bad.toml", "a.lua"}, "bad.toml"},
        {{"run", "--filter", "(", "a.lua"}, "--filter (: not a regular expression"},
        {{"run", "--filter", "nothing", "a.lua"}, "no test matches, of 2 in 1 scripts"},
        {{"run", "--filter", "endurance", "a.lua"}, "tagged \"long\""},
        {{"list", "--proves", "XYZ-99", "a.lua"}, "no test matches"},
        {{"run", "--jobs", "0", "a.lua"}, "--jobs"},
        {{"run", "--sede", "1", "a.lua"}, "--sede"},
        {{"dance"}, "dance"},
        {std::vector<std::string>{}, "no command"},
    }));

    const int code = rig.run(arguments);

    CAPTURE(rig.out, rig.err);
    CHECK(code == 2);
    CHECK_THAT(rig.err, Catch::Contains(message));
    CHECK(rig.out.empty());
    CHECK_FALSE(std::filesystem::exists(rig.folder.path / "results"));
}

TEST_CASE("a fixture without firmware images is an error of the bench, told in full once", "[program]") {
    Program rig;
    rig.script("a.lua", good + "rig.test('good too', {}, function() end)");
    rig.folder.write("bare.toml",
                     "schema = 1\nprofile = \"gen3-hw2\"\n[virtual]\nfirmware = \"nowhere\"\n[cells]\n");
    CHECK(rig.run({"run", "--fixture", "bare.toml", "a.lua"}) == 2);
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 2);
    CHECK_THAT(tests[0].message,
               Catch::Contains("there is no firmware image") && Catch::Contains("nowhere/first.elf"));
    CHECK_THAT(tests[1].message, Catch::StartsWith("not run"));
    CHECK(rig.wrote_junit());
}

TEST_CASE("a store that cannot be used is one message and exit code 2", "[program]") {
    Program rig;
    rig.script("a.lua", good);
    rig.folder.write("note.txt", "not a database, but long enough to look at: " + std::string(2000, 'x'));
    CHECK(rig.run({"run", "--store", "note.txt", "a.lua"}) == 2);
    CHECK_THAT(rig.err, Catch::Contains("note.txt"));
}

TEST_CASE("a test that needs what the bench lacks is shown as skipped, with the reason", "[program]") {
    Program rig;
    rig.script("a.lua", good + "rig.test('far', { needs = { 'cell[9]' } }, function() end)");
    CHECK(rig.run({"run", "a.lua"}) == 0);
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 2);
    CHECK(tests[0].verdict == Verdict::skipped);
    CHECK(tests[0].message == "this bench has no cell[9]");
}

TEST_CASE("list shows what would run, with tags and IDs, and runs nothing", "[program]") {
    Program rig;
    rig.script(
        "a.lua",
        "rig.test('one', { tags = { 'slow' }, proves = { 'RLY-01', 'RLY-02' } }, function() end)\n" + good);
    CHECK(rig.run({"list", "a.lua"}) == 0);
    CHECK(rig.out == "a.lua\n  one  [slow]  RLY-01 RLY-02\n  good\n");
    CHECK(rig.run({"list", "--tag", "slow", "--tag", "none", "a.lua"}) == 0);
    CHECK(rig.out == "a.lua\n  one  [slow]  RLY-01 RLY-02\n");
    CHECK_FALSE(std::filesystem::exists(rig.folder.path / "results"));
}

TEST_CASE("the program tells its version and shows an example of each command", "[program]") {
    Program rig;
    CHECK(rig.run({"--version"}) == 0);
    CHECK_THAT(rig.out, Catch::StartsWith("rig 0."));
    for (const std::string command : {"run", "list"}) {
        CHECK(rig.run({command, "--help"}) == 0);
        CHECK_THAT(rig.out, Catch::Contains("Example: rig " + command));
    }
}

TEST_CASE("Ctrl-C ends running tests safely and writes the reports; exit code 2", "[program]") {
    Program rig;
    rig.script("a.lua", R"(
rig.tear_down(function(bench) rig.claim("torn down", true) end)
rig.test("a endless", { limit_s = 1e9 }, function(bench) rig.claim("begun", true) while true do rig.wait(1) end end)
rig.test("b never begun", {}, function(bench) end))");
    rig.start({"run", "--jobs", "1", "a.lua"});
    rig.wait_for_first_check();

    ::kill(rig.process, SIGINT);
    const int code = rig.join();

    CAPTURE(rig.out, rig.err);
    CHECK(code == 2);
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 1);
    CHECK(tests[0].verdict == Verdict::error);
    CHECK_THAT(tests[0].message, Catch::Contains("stopped by the operator"));
    CHECK(tests[0].checks.back().name == "torn down");
    CHECK(rig.wrote_junit());
    CHECK_THAT(rig.err, Catch::Contains("stopping"));
}

TEST_CASE("asked to stop twice, the program ends at once", "[program]") {
    Program rig;
    rig.script("a.lua", R"(
rig.tear_down(function(bench) while true do rig.wait(0) end end)
rig.test("endless", { limit_s = 1e9 }, function(bench) rig.claim("begun", true) while true do rig.wait(1) end end))");
    rig.start({"run", "a.lua"});
    rig.wait_for_first_check();

    ::kill(rig.process, SIGTERM);
    while (text_of(rig.folder.path / "err").find("stopping") == std::string::npos) {
    }
    ::kill(rig.process, SIGTERM);

    CHECK(rig.join() == 2);
    CHECK_FALSE(rig.wrote_junit());
}

TEST_CASE("a killed program leaves no process behind, and a store that knows which test it was in",
          "[program]") {
    Program rig;
    rig.script("a.lua",
               "rig.test('endless', { limit_s = 1e9 }, function() rig.claim('begun', true) while true do "
               "rig.wait(1) end end)");
    int alive[2];
    REQUIRE(::pipe(alive) == 0);
    rig.start({"run", "a.lua"});
    ::close(alive[1]);
    rig.wait_for_first_check();

    ::kill(rig.process, SIGKILL);

    CHECK(rig.join() == 1000 + SIGKILL);
    // Every process of the rig's holds the other end of this pipe.
    char nothing;
    CHECK(::read(alive[0], &nothing, 1) == 0);
    ::close(alive[0]);
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 1);
    CHECK(tests[0].verdict == Verdict::error);
    CHECK(tests[0].checks.at(0).name == "begun");
}

TEST_CASE("one seed gives the same tests and checks, whatever --jobs and --filter", "[program]") {
    std::string text;
    for (const char* name : {"one", "two", "three"}) {
        text += "rig.test('" + std::string(name) + R"(', {}, function(bench)
  for i = 1, 3 do rig.check("pack", bench.ext:next().pack_v, { max = 99 }) rig.check("cell", bench.cell[1]:current_a(), { max = 99 }) end
end)
)";
    }
    Program rig;
    rig.script("a.lua", text);
    const auto values = [&](const std::vector<std::string>& arguments) {
        REQUIRE(rig.run(arguments) == 0);
        std::ostringstream all;
        all.precision(17);
        for (const auto& test : rig.stored()) {
            if (test.key.name != "two") continue;
            all << test.began_ns << ' ' << test.ended_ns;
            for (const auto& check : test.checks)
                all << ' ' << *check.value << '@' << check.bench_ns;
        }
        return all.str();
    };
    const std::string first = values({"run", "--jobs", "1", "a.lua"});
    CHECK(first.size() > 50);
    CHECK(values({"run", "--jobs", "3", "a.lua"}) == first);
    CHECK(values({"run", "--filter", "two", "a.lua"}) == first);
    CHECK(values({"run", "--seed", "2", "a.lua"}) != first);
}
