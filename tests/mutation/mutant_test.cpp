// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/mutation/mutant.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/defects/broken_text.hpp"

using namespace rig::mutation;

namespace {

using Lines = std::vector<std::string>;

/// Every mutant of some statements in a function: what became of their line.
Lines mutants_in(const std::string& statements) {
    Lines lines;
    for (const Mutant& mutant : mutants_of("x.cpp", "void f(int a, int b) {\n" + statements + "\n}\n"))
        lines.push_back(mutant.kind + ": " + mutant.after);
    return lines;
}

}  // namespace

TEST_CASE("a comparison is turned, and shifted by its edge", "[mutation]") {
    CHECK(mutants_in("return a < b;") ==
          Lines{"comparison turned: return a >= b;", "comparison shifted: return a <= b;"});
    CHECK(mutants_in("return a != b;") == Lines{"comparison turned: return a == b;"});
}

TEST_CASE("brackets of templates are no comparisons", "[mutation]") {
    CHECK(mutants_in("return static_cast<int>(a);").empty());
    CHECK(mutants_in("return g<int, 2>(a);") ==
          Lines{"constant one more: return g<int, 3>(a);", "constant one less: return g<int, 1>(a);"});
}

TEST_CASE("constants move by one and keep their form", "[mutation]") {
    CHECK(mutants_in("return 0x0FU;") ==
          Lines{"constant one more: return 0x10U;", "constant one less: return 0xEU;"});
    CHECK(mutants_in("return 0;") == Lines{"constant one more: return 1;"});
    CHECK(mutants_in("return 1'000;") ==
          Lines{"constant one more: return 1001;", "constant one less: return 999;"});
    CHECK(mutants_in("return true;") == Lines{"constant turned: return false;"});
    CHECK(mutants_in("return 1.5;").empty());
    CHECK(mutants_in("g(\"12 + 3\", '4');") == Lines{"call dropped: {}"});
}

TEST_CASE("signs are flipped, negations dropped, and becomes or", "[mutation]") {
    CHECK(mutants_in("return a + -b;") ==
          Lines{"sign flipped: return a - -b;", "sign flipped: return a + b;"});
    CHECK(mutants_in("return !a && b;") ==
          Lines{"negation dropped: return a && b;", "and for or: return !a || b;"});
    CHECK(mutants_in("return &a;").empty());
}

TEST_CASE("conditions are negated whole", "[mutation]") {
    CHECK(mutants_in("if (a && g(b)) return;") ==
          Lines{"condition negated: if (!(a && g(b))) return;", "and for or: if (a || g(b)) return;"});
    CHECK(mutants_in("int c = g(a, b) ? b : a;") == Lines{"condition negated: int c = !(g(a, b)) ? b : a;"});
    CHECK(mutants_in("return a ? b : c ? a : b;") ==
          Lines{"condition negated: return !(a) ? b : c ? a : b;",
                "condition negated: return a ? b : !(c) ? a : b;"});
}

TEST_CASE("calls and assignments are dropped, declarations are not", "[mutation]") {
    CHECK(mutants_in("g(a);") == Lines{"call dropped: {}"});
    CHECK(mutants_in("x.y->z(a).w();") == Lines{"call dropped: {}"});
    CHECK(mutants_in("if (g(a)) h(b);") ==
          Lines{"condition negated: if (!(g(a))) h(b);", "call dropped: if (g(a)) {}"});
    CHECK(mutants_in("else a_[b] = c;") == Lines{"assignment dropped: else {}"});
    CHECK(mutants_in("case one: *at++ = b;") == Lines{"assignment dropped: case one: {}"});
    CHECK(mutants_in("++a; b--;") == Lines{"assignment dropped: {} b--;", "assignment dropped: ++a; {}"});
    CHECK(mutants_in("a |= g(b, {c});") == Lines{"assignment dropped: {}"});
    for (const char* declaration : {"int c = b;", "const auto& c = b;", "T* c = b;", "T<int> c = b;",
                                    "T c(b);", "T c{b};", "return g(a);"}) {
        CAPTURE(declaration);
        CHECK(mutants_in(declaration).empty());
    }
}

TEST_CASE("members and constructors are declarations, their bodies are not", "[mutation]") {
    const auto mutants = mutants_of("x.hpp",
                                    "class A {\npublic:\n    explicit A(int n) : n_(n) {}\n    A(T n);\n"
                                    "    void f() { g(); }\n    int n_ = a;\n};\n");
    REQUIRE(mutants.size() == 1);
    CHECK(mutants[0].line == 5);
    CHECK(mutants[0].before == "void f() { g(); }");
    CHECK(mutants[0].after == "void f() { {} }");
}

TEST_CASE("comments, directives and what the compiler asserts are left alone", "[mutation]") {
    CHECK(mutants_of("x.hpp", "#define A 1 + 2 \\\n 3\n// a < b\n/* 1 */ static_assert(a < 1, \"\");\n")
              .empty());
}

TEST_CASE("every mutant of the firmware differs from it in one place, and has a name of its own",
          "[mutation]") {
    namespace fs = std::filesystem;
    std::size_t count = 0;
    for (const char* folder : {"firmware/core", "firmware/boards"})
        for (const auto& entry : fs::directory_iterator(fs::path(PROJECT_FOLDER) / folder)) {
            const std::string source = rig::defects::read_text(entry.path());
            Lines names;
            for (const Mutant& mutant : mutants_of(entry.path().filename(), source)) {
                CAPTURE(mutant.name());
                CHECK(mutant.applied_to(source) != source);
                CHECK(mutant.before != mutant.after);
                names.push_back(mutant.name());
            }
            count += names.size();
            std::sort(names.begin(), names.end());
            CHECK(std::unique(names.begin(), names.end()) == names.end());
        }
    CHECK(count > 1000);
}
