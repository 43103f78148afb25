// SPDX-License-Identifier: GPL-3.0-or-later
// rig push: what is new in the store, to a server.
#include <catch2/catch.hpp>
#include <iostream>

#include "tests/reports/postgres_server.hpp"
#include "tests/rig/program.hpp"

using namespace rig;
using namespace rig::testing;
using Catch::Contains;

TEST_CASE("what is new in a store goes to a PostgreSQL server, once", "[program]") {
    if (const std::string why = reports::PostgresServer::absent(); !why.empty()) {
        std::cout << "skipped: " << why << '\n';
        return;
    }
    const reports::PostgresServer server;
    Program rig;
    rig.script("a.lua",
               "rig.test('good', {}, function() rig.claim('fine', true) end)\n"
               "rig.test('bad', {}, function() rig.claim('wrong', false) end)\n");
    CHECK(rig.run({"run", "a.lua"}) == 1);
    CHECK(rig.run({"push", server.url()}) == 0);
    CHECK_THAT(rig.out, Contains("run 1: 2 tests\nsent 1 run, 2 tests and 2 checks to postgres on "));
    CHECK(rig.run({"run", "--filter", "good", "a.lua"}) == 0);
    CHECK(rig.run({"push", server.url()}) == 0);
    CHECK_THAT(rig.out, Contains("run 2: 1 test\nsent 1 run, 1 test and 1 check to postgres on ") &&
                            Contains("; 1 run there before"));

    CHECK(rig.run({"push", server.url("rig:wrong")}) == 2);
    CHECK_THAT(rig.err, Contains("password authentication failed") && Contains("\n  try     "));
}

TEST_CASE("a push that cannot be is one message and exit code 2", "[program]") {
    Program rig;
    CHECK(rig.run({"push"}) == 2);
    CHECK(rig.run({"push", ""}) == 2);
    CHECK_THAT(rig.err, Contains("names no server"));
    CHECK(rig.run({"push", "postgresql://rig@/rig"}) == 2);
    CHECK_THAT(rig.err, Contains("results/rig.sqlite: there is none; rig run makes one"));
    rig.script("a.lua", "rig.test('good', {}, function() end)");
    rig.run({"run", "a.lua"});
    CHECK(rig.run({"push", "postgresql://rig:secret@127.0.0.1:1/rig"}) == 2);
    CHECK_THAT(rig.err, Contains("rig: server rig on 127.0.0.1:1: cannot connect: ") &&
                            Contains("is the server running") && !Contains("secret"));
}

TEST_CASE("an address that cannot be read is refused without a word of its password", "[program]") {
    const auto url =
        GENERATE(as<std::string>{}, "postgresql://rig:sec%ret@host/rig", "postgres//rig:secret@127.0.0.1/rig",
                 "postgresql:/rig:secret@127.0.0.1/rig", "host=127.0.0.1 password=my secret",
                 "postgresql://rig:s@ecret@127.0.0.1:1/rig", "postgresql://rig:sec/ret@127.0.0.1:1/rig");
    CAPTURE(url);
    Program rig;
    rig.script("a.lua", "rig.test('good', {}, function() end)");
    rig.run({"run", "a.lua"});
    CHECK(rig.run({"push", url}) == 2);
    CHECK_THAT(rig.err, Contains("server: its address") && Contains("%40") && !Contains("sec") &&
                            !Contains("ecret") && !Contains("ret@"));
}
