// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include <array>
#include <cstring>

#include "firmware/core/settings_saver.hpp"

namespace {

using State = bms::SavedSettings::State;

struct Eeprom {
    std::array<std::uint8_t, 256> bytes;
    Eeprom() { bytes.fill(0xFF); }

    bms::SavedSettings read() const {
        bms::StoredSettings first, second;
        std::memcpy(first.bytes, &bytes[bms::StoredSettings::first_at], sizeof first.bytes);
        std::memcpy(second.bytes, &bytes[bms::StoredSettings::second_at], sizeof second.bytes);
        return {first, second};
    }

    /// Writes at most `limit` bytes; the last of them, half done, reads as `garbage`.
    int write(bms::SettingsSaver& saver, const bms::Settings& settings, int limit, int garbage = -1) {
        int written = 0;
        std::uint16_t address = 0;
        std::uint8_t byte = 0;
        while (written < limit && saver.next(settings, address, byte)) {
            bytes[address] = byte;
            if (++written == limit && garbage >= 0) bytes[address] = static_cast<std::uint8_t>(garbage);
        }
        return written;
    }
};

bms::Settings with_v_max(int v_max) {
    bms::Settings settings;
    settings.v_max = static_cast<std::uint16_t>(v_max);
    return settings;
}

constexpr int everything = 1000;

}  // namespace

TEST_CASE("a new controller starts with the defaults and has lost nothing", "[firmware][eeprom]") {
    const auto saved = Eeprom{}.read();
    CHECK(saved.state == State::blank);
    CHECK(saved.value.v_max == 740);
    CHECK_FALSE(saved.copies_differ);
}

TEST_CASE("a power cut at any byte leaves the old or the new settings", "[firmware][eeprom]") {
    for (int cut = 0; cut <= 2 * bms::StoredSettings::size; ++cut)
        for (const int garbage : {-1, 0x00, 0xFF, 0x5A}) {
            CAPTURE(cut, garbage);
            Eeprom eeprom;
            bms::SettingsSaver saver;
            saver.changed();
            eeprom.write(saver, with_v_max(720), everything);
            saver.changed();
            eeprom.write(saver, with_v_max(730), cut, garbage);

            const auto saved = eeprom.read();
            CHECK(saved.state == State::good);
            CHECK((saved.value.v_max == 720 || saved.value.v_max == 730));
            if (saved.value.v_max == 720) CHECK(cut <= bms::StoredSettings::size);
        }
}

TEST_CASE("a power cut at any byte of a new controller's first save leaves the defaults or the new settings",
          "[firmware][eeprom]") {
    for (int cut = 0; cut <= 2 * bms::StoredSettings::size; ++cut)
        for (const int garbage : {-1, 0x00, 0x5A}) {
            CAPTURE(cut, garbage);
            Eeprom eeprom;
            bms::SettingsSaver saver;
            saver.changed();
            eeprom.write(saver, with_v_max(730), cut, garbage);

            const auto saved = eeprom.read();
            CHECK(saved.state != State::lost);
            CHECK((saved.value.v_max == 740 || saved.value.v_max == 730));
        }
}

TEST_CASE("copies that a power cut left different are written again", "[firmware][eeprom]") {
    Eeprom eeprom;
    bms::SettingsSaver saver;
    saver.changed();
    eeprom.write(saver, with_v_max(720), everything);
    saver.changed();
    eeprom.write(saver, with_v_max(730), bms::StoredSettings::size);
    const auto saved = eeprom.read();
    CHECK(saved.copies_differ);

    bms::SettingsSaver after;
    after.changed();
    eeprom.write(after, saved.value, everything);
    CHECK_FALSE(eeprom.read().copies_differ);
}

TEST_CASE("two damaged copies are lost settings", "[firmware][eeprom]") {
    Eeprom eeprom;
    bms::SettingsSaver saver;
    saver.changed();
    eeprom.write(saver, with_v_max(720), everything);
    eeprom.bytes[bms::StoredSettings::first_at] ^= 1;
    CHECK(eeprom.read().state == State::good);
    CHECK(eeprom.read().value.v_max == 720);
    eeprom.bytes[bms::StoredSettings::second_at] ^= 1;
    CHECK(eeprom.read().state == State::lost);
    CHECK(eeprom.read().value.v_max == 740);
}

TEST_CASE("settings changed while they are written are written in a second pass", "[firmware][eeprom]") {
    Eeprom eeprom;
    bms::SettingsSaver saver;
    saver.changed();
    eeprom.write(saver, with_v_max(720), 10);
    saver.changed();
    CHECK(eeprom.write(saver, with_v_max(730), everything) == 4 * bms::StoredSettings::size - 10);
    CHECK(eeprom.read().value.v_max == 730);
    CHECK_FALSE(eeprom.read().copies_differ);
    CHECK_FALSE(saver.busy());
}
