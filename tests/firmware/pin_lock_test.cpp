// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "firmware/core/app_link.hpp"
#include "firmware/core/button_hold.hpp"
#include "tests/firmware/pack_under_test.hpp"

namespace {

struct Locking {
    bms::Ticks now = 5000;
    bms::PinLock lock;
    std::uint8_t kept[2] = {0xFF, 0xFF};

    void write(int limit = 10) {
        std::uint16_t address = 0;
        std::uint8_t byte = 0;
        while (limit-- > 0 && lock.next(address, byte))
            kept[address - bms::PinLock::kept_at] = byte;
    }
    void wrong(int times) {
        while (times-- > 0)
            lock.wrong_pin(now);
        write();
    }
    void reboot() {
        lock = bms::PinLock{};
        lock.restore(now, kept[0], kept[1]);
    }
    /// In seconds; the lock is over afterwards.
    int lasts() {
        int s = 0;
        for (; lock.locked() && s < 10000; ++s)
            lock.step(now += bms::seconds(1));
        write();
        return s;
    }
};

}  // namespace

TEST_CASE("five wrong PINs in a row lock for 60 s, doubling up to 1 h", "[firmware][app][lock]") {
    Locking test;
    for (const int expected : {60, 120, 240, 480, 960, 1920, 3600, 3600, 3600}) {
        test.wrong(4);
        CHECK_FALSE(test.lock.locked());
        test.wrong(1);
        CHECK(test.lock.due(test.now + 1000000000u) == test.now + bms::seconds(expected));
        CHECK(test.lasts() == expected);
    }
    SECTION("and the right one begins anew") {
        test.lock.clear();
        test.wrong(5);
        CHECK(test.lasts() == 60);
    }
}

TEST_CASE("no reset helps a guesser", "[firmware][app][lock]") {
    Locking test;
    SECTION("wrong PINs count on") {
        test.wrong(4);
        test.reboot();
        CHECK_FALSE(test.lock.locked());
        test.wrong(1);
        CHECK(test.lock.locked());
    }
    SECTION("a lock begins anew, as long as it was") {
        test.wrong(5);
        test.lasts();
        test.wrong(5);
        test.lock.step(test.now += bms::seconds(100));
        test.reboot();
        CHECK(test.lasts() == 120);
        test.wrong(5);
        CHECK(test.lasts() == 240);
    }
    SECTION("one that is over stays over") {
        test.wrong(5);
        test.lasts();
        test.reboot();
        CHECK_FALSE(test.lock.locked());
        test.wrong(5);
        CHECK(test.lasts() == 120);
    }
    SECTION("one that was cleared stays cleared") {
        test.wrong(5);
        test.lock.clear();
        test.write();
        test.reboot();
        CHECK_FALSE(test.lock.locked());
    }
    SECTION("a write cut short locks") {
        test.wrong(3);
        test.lock.wrong_pin(test.now);
        test.write(1);
        test.reboot();
        CHECK(test.lasts() == 60);
        test.reboot();
        CHECK_FALSE(test.lock.locked());
    }
    SECTION("so does what nobody ever wrote") {
        test.kept[0] = 0x05;
        test.kept[1] = 0xFA;
        test.reboot();
        CHECK(test.lock.locked());
    }
}

TEST_CASE("a new board is not locked, and an unchanged lock writes nothing", "[firmware][app][lock]") {
    Locking test;
    test.reboot();
    CHECK_FALSE(test.lock.locked());
    std::uint16_t address = 0;
    std::uint8_t byte = 0;
    test.lock.clear();
    CHECK_FALSE(test.lock.next(address, byte));
}

TEST_CASE("while the link is locked not even the right PIN is let in", "[firmware][app][lock]") {
    bms::Running test;
    bms::AppLink link{1};
    const auto ask = [&](const char* command) {
        while (*command)
            link.receive(*command++);
        REQUIRE(link.receive('\r'));
        const bms::AppText& answer = link.answer(test.pack);
        return std::string(answer.characters() + answer.length() - 3, 2);
    };
    link.step(test.now);
    REQUIRE(ask("PW1234!") == "OK");
    for (int i = 0; i < 4; ++i)
        CHECK(ask("PW9999!") == "NA");
    for (int i = 0; i < 9; ++i)
        CHECK(ask("PW12!") == "NA");
    CHECK_FALSE(link.lock().locked());
    CHECK(ask("PW9999!") == "NA");
    CHECK(link.lock().locked());
    CHECK(ask("PW1234!") == "NA");
    CHECK(ask("S1@") == "NA");
    link.step(test.now + bms::seconds(60));
    CHECK(ask("PW1234!") == "OK");
}

TEST_CASE("a button acts once it was held for 5 s, once per press", "[firmware][button]") {
    bms::ButtonHold button;
    bms::Ticks now = 100;
    const auto hold_ms = [&](int ms) {
        int acted = 0;
        const auto end = now + bms::about_ms(static_cast<std::uint32_t>(ms));
        for (; now < end; now += 9)
            acted += button.step(now, true);
        button.step(now, false);
        now += 18;
        return acted;
    };
    CHECK(hold_ms(4800) == 0);
    CHECK(hold_ms(4800) == 0);
    CHECK(hold_ms(5200) == 1);
    CHECK(hold_ms(20000) == 1);
    CHECK_FALSE(button.step(now, true));
    CHECK(button.due(now + 1000000) == now + bms::seconds(5));
}
