// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/budget/stack_use.hpp"

#include <catch2/catch.hpp>

#include <sstream>

namespace {

bms::StackUse of(const std::string& disassembly) {
    std::istringstream text{disassembly};
    return bms::stack_use(text);
}

const std::string leaf =
    "00000200 <leaf>:\n 200:\tcf 93       \tpush\tr28\n 202:\tcf 91       \tpop\tr28\n 204:\t08 95       "
    "\tret\n";

}  // namespace

TEST_CASE("the stack is the deepest chain of calls", "[firmware][budget]") {
    const auto use =
        of("00000100 <main>:\n"
           " 100:\t0e 94 00 01 \tcall\t0x200\t; 0x200 <leaf>\n"
           " 104:\t0e 94 80 01 \tcall\t0x300\t; 0x300 <deep>\n"
           " 108:\tff cf       \trjmp\t.-2      \t; 0x108 <main+0x8>\n" +
           leaf +
           "00000300 <deep>:\n"
           " 300:\tdf 93       \tpush\tr29\n"
           " 302:\tcf 93       \tpush\tr28\n"
           " 304:\t7d df       \trcall\t.-262    \t; 0x200 <leaf>\n"
           " 306:\t08 95       \tret\n");
    CHECK(use.main == 2 + (2 + 2) + (2 + 1));
    CHECK(use.interrupt == 0);
    CHECK(use.unbounded.empty());
    CHECK(use.deepest_call == "main > deep > leaf");
}

TEST_CASE("frames count, whichever way they are set up", "[firmware][budget]") {
    const auto use =
        of("00000100 <main>:\n"
           " 100:\tcd b7       \tin\tr28, 0x3d\t; 61\n"
           " 102:\tde b7       \tin\tr29, 0x3e\t; 62\n"
           " 104:\tc4 50       \tsubi\tr28, 0x04\t; 4\n"
           " 106:\td1 40       \tsbci\tr29, 0x01\t; 1\n"
           " 108:\tde bf       \tout\t0x3e, r29\t; 62\n"
           " 10a:\tcd bf       \tout\t0x3d, r28\t; 61\n"
           " 10c:\t00 d0       \trcall\t.+0      \t; 0x10e <main+0xe>\n"
           " 10e:\tc8 54       \tsubi\tr28, 0x48\t; 72\n"
           " 110:\tff cf       \trjmp\t.-2      \t; 0x110 <main+0x10>\n");
    CHECK(use.main == 2 + 260 + 2);
}

TEST_CASE("the deepest interrupt comes on top", "[firmware][budget]") {
    const auto use =
        of("00000100 <main>:\n 100:\tff cf       \trjmp\t.-2      \t; 0x100 <main>\n"
           "00000120 <__vector_1>:\n 120:\t1f 92       \tpush\tr1\n 122:\t18 95       \treti\n"
           "00000130 <__vector_2>:\n 130:\t1f 92       \tpush\tr1\n 132:\t0f 92       \tpush\tr0\n"
           " 134:\t65 d0       \trcall\t.+202    \t; 0x200 <leaf>\n 136:\t18 95       \treti\n" +
           leaf);
    CHECK(use.main == 2);
    CHECK(use.interrupt == 2 + 2 + 2 + 1);
    CHECK(use.worst() == 9);
}

TEST_CASE("code that runs on into the next label takes its stack along", "[firmware][budget]") {
    const auto use =
        of("00000100 <main>:\n 100:\t7f d0       \trcall\t.+254    \t; 0x1f0 <before>\n"
           " 102:\tff cf       \trjmp\t.-2      \t; 0x102 <main+0x2>\n"
           "000001f0 <before>:\n 1f0:\tdf 93       \tpush\tr29\n" +
           leaf);
    CHECK(use.main == 2 + 2 + 1 + 1);
}

TEST_CASE("a call through a pointer and recursion are told", "[firmware][budget]") {
    CHECK(of("00000100 <main>:\n 100:\t09 95       \ticall\n").unbounded.size() == 1);
    CHECK(of("00000100 <main>:\n 100:\tff df       \trcall\t.-2      \t; 0x100 <main>\n").unbounded.size() ==
          1);
    CHECK(of(leaf).unbounded.size() == 1);  // no main

    SECTION("but a loop between two labels is not recursion") {
        CHECK(of("00000100 <main>:\n 100:\t01 c0       \trjmp\t.+2      \t; 0x104 <b>\n"
                 "00000104 <b>:\n 104:\tfd cf       \trjmp\t.-6      \t; 0x100 <main>\n")
                  .unbounded.empty());
    }
}
