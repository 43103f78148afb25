// SPDX-License-Identifier: GPL-3.0-or-later
// What fuzzers have found worth keeping, replayed as ordinary tests.
#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "tests/fuzz/targets.hpp"

namespace {

void replay(const std::string& name, void (*target)(const std::uint8_t*, std::size_t)) {
    std::ifstream kept(CORPUS_FOLDER "/" + name + ".txt");
    int count = 0;
    for (std::string line; std::getline(kept, line); ++count) {
        std::vector<std::uint8_t> bytes;
        for (std::size_t i = 0; i + 1 < line.size(); i += 2)
            bytes.push_back(static_cast<std::uint8_t>(std::stoi(line.substr(i, 2), nullptr, 16)));
        CAPTURE(line);
        CHECK_NOTHROW(target(bytes.data(), bytes.size()));
    }
    CHECK(count > 100);
}

}  // namespace

TEST_CASE("what fuzzers found on the chain holds", "[fuzz]") {
    replay("chain", rig::fuzz::chain);
}

TEST_CASE("what fuzzers found on the app link holds", "[fuzz]") {
    replay("app_link", rig::fuzz::app_link);
}

TEST_CASE("what fuzzers found in EEPROM holds", "[fuzz]") {
    replay("eeprom", rig::fuzz::eeprom);
}
