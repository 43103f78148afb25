// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/character_ring.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace {

using Ring = bms::CharacterRing<16>;

void hear(Ring& ring, const std::string& characters) {
    for (const char c : characters)
        ring.put_heard(c, true);
}

std::string taken(Ring& ring) {
    std::string characters;
    while (ring.used() != 0)
        characters += ring.take();
    return characters;
}

}  // namespace

TEST_CASE("characters come out of a ring as they went in, round after round", "[firmware][app]") {
    Ring ring;
    for (int round = 0; round < 5; ++round) {
        hear(ring, "05-080!\r");
        CHECK(ring.room() == 7);
        CHECK(taken(ring) == "05-080!\r");
    }
}

TEST_CASE("a line that lost characters is not another valid line", "[firmware][app]") {
    Ring ring;
    SECTION("for want of room") {
        hear(ring, "0B-040!\rE0-041!\r");
        CHECK(taken(ring) == std::string("0B-040!\rE0-041") + Ring::lost);
        hear(ring, "1!\r");
        CHECK(taken(ring) == "1!\r");
    }
    SECTION("by damage") {
        hear(ring, "0B-04");
        ring.put_heard('0', false);
        hear(ring, "!\r");
        CHECK(taken(ring) == std::string("0B-04") + Ring::lost + "!\r");
    }
}
