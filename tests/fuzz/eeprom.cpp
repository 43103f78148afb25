// SPDX-License-Identifier: GPL-3.0-or-later
// A board that boots with whatever its EEPROM holds.
#include <algorithm>
#include <array>

#include "firmware/core/calibration_keeper.hpp"
#include "firmware/core/crc16.hpp"
#include "firmware/core/energy_keeper.hpp"
#include "firmware/core/pin_lock.hpp"
#include "firmware/core/settings_saver.hpp"
#include "tests/fuzz/pack_rules.hpp"
#include "tests/fuzz/targets.hpp"

namespace rig::fuzz {

namespace {

using Memory = std::array<std::uint8_t, 4096>;

template <std::size_t size>
bool same(const std::uint8_t (&a)[size], const std::uint8_t (&b)[size]) {
    return std::equal(std::begin(a), std::end(a), std::begin(b));
}

void seal(std::uint8_t* bytes, std::uint8_t size) {
    const std::uint16_t crc = bms::crc16(bytes, static_cast<std::uint8_t>(size - 2));
    bytes[size - 2] = static_cast<std::uint8_t>(crc >> 8);
    bytes[size - 1] = static_cast<std::uint8_t>(crc & 0xFF);
}

/// Bytes anywhere; some records sealed with a CRC that fits whatever they say.
Memory memory_of(Feed& feed) {
    enum : std::uint8_t { anywhere, settings, calibration, energy, lock, kinds };
    Memory memory;
    memory.fill(0xFF);
    const auto fill = [&](std::uint16_t at, std::uint16_t count) {
        for (std::uint16_t i = 0; i < count; ++i)
            memory[static_cast<std::size_t>(at + i) % memory.size()] = feed.byte();
    };
    while (!feed.empty()) {
        const std::uint8_t op = feed.byte(), detail = op / kinds;
        const bool second = (detail & 1) != 0, sealed = (detail & 2) == 0, sound = (detail & 4) != 0;
        switch (op % kinds) {
            case anywhere:
                fill(feed.word(), detail);
                break;
            case settings: {
                const auto at = second ? bms::StoredSettings::second_at : bms::StoredSettings::first_at;
                const bms::StoredSettings defaults = bms::store(bms::Settings{});
                std::copy(std::begin(defaults.bytes), std::end(defaults.bytes), memory.begin() + at);
                for (int i = 0; i < (sound ? 2 : 12); ++i) {
                    const std::uint8_t offset = feed.byte();
                    memory[at + offset % bms::StoredSettings::size] = feed.byte();
                }
                if (sealed) seal(&memory[at], bms::StoredSettings::size);
                break;
            }
            case calibration: {
                const auto at = second ? bms::StoredCalibration::second_at : bms::StoredCalibration::first_at;
                const bms::StoredCalibration neutral = bms::store(bms::Calibration{});
                std::copy(std::begin(neutral.bytes), std::end(neutral.bytes), memory.begin() + at);
                for (int i = 0; i < (sound ? 2 : 12); ++i) {
                    const std::uint8_t offset = feed.byte();
                    memory[at + offset % bms::StoredCalibration::size] = feed.byte();
                }
                if (sealed) seal(&memory[at], bms::StoredCalibration::size);
                break;
            }
            case energy: {
                const std::uint16_t at = bms::EnergyRing::address(feed.byte() % bms::EnergyRing::records);
                fill(at, bms::StoredEnergy::size);
                if (sealed) memory[at + 2] = static_cast<std::uint8_t>(0x10 | (memory[at + 2] & 0x0F));
                if (sealed) seal(&memory[at], bms::StoredEnergy::size);
                break;
            }
            default:
                fill(bms::PinLock::kept_at, 2);
        }
    }
    return memory;
}

template <class Stored>
void check_copy(const Stored& stored) {
    typename Stored::Value value{};
    if (!bms::load(stored, value)) return;
    require(bms::valid(value), "what is loaded is valid");
    require(same(bms::store(value).bytes, stored.bytes), "what is loaded is all that was stored");
}

/// Whatever was found: what is written next must be found again.
template <class Stored>
void check_saver(const bms::SavedCopies<Stored>& found, Memory memory) {
    bms::CopySaver<Stored> saver;
    saver.changed();
    std::uint16_t address = 0;
    std::uint8_t byte = 0;
    const auto read = [&](std::uint16_t at, std::uint8_t* bytes, std::uint8_t count) {
        std::copy_n(memory.begin() + at, count, bytes);
    };
    while (saver.next(found.value, address, byte))
        memory[address] = byte;
    const auto again = bms::SavedCopies<Stored>::find(read);
    require(again.state == bms::SavedCopies<Stored>::State::good && !again.copies_differ,
            "what was written is found");
    require(same(bms::store(again.value).bytes, bms::store(found.value).bytes), "and is what was written");
}

}  // namespace

void eeprom(const std::uint8_t* bytes, std::size_t size) {
    Feed feed(bytes, size);
    bms::CellSamples samples;
    samples.voltage = static_cast<std::uint16_t>(feed.word() % (1023 * bms::CellSamples::of_voltage + 1));
    samples.temperature =
        static_cast<std::uint16_t>(feed.word() % (1023 * bms::CellSamples::of_temperature + 1));
    const Memory memory = memory_of(feed);
    const auto read = [&](std::uint16_t at, std::uint8_t* into, std::uint8_t count) {
        std::copy_n(memory.begin() + at, count, into);
    };

    const auto settings = bms::SavedSettings::find(read);
    require(bms::valid(settings.value), "the settings in force are valid");
    const auto calibration = bms::SavedCalibration::find(read);
    require(bms::valid(calibration.value), "the calibration in force is valid");
    bms::StoredSettings stored_settings;
    bms::StoredCalibration stored_calibration;
    for (const std::uint16_t at : {bms::StoredSettings::first_at, bms::StoredSettings::second_at}) {
        read(at, stored_settings.bytes, bms::StoredSettings::size);
        check_copy(stored_settings);
    }
    for (const std::uint16_t at : {bms::StoredCalibration::first_at, bms::StoredCalibration::second_at}) {
        read(at, stored_calibration.bytes, bms::StoredCalibration::size);
        check_copy(stored_calibration);
    }
    check_saver(settings, memory);
    check_saver(calibration, memory);

    bms::PinLock lock;
    lock.restore(0, memory[bms::PinLock::kept_at], memory[bms::PinLock::kept_at + 1]);
    lock.step(bms::seconds(3600));
    require(!lock.locked(), "no lock lasts longer than an hour");

    // The pack runs on what was found: a strong current in, then out.
    PackRules rules(settings.value, settings.state == bms::SavedSettings::State::lost);
    const bms::EnergyRing ring = bms::EnergyRing::find(read);
    require(ring.next_place < bms::EnergyRing::records, "the next record lies in the ring");
    if (ring.any) rules.pack.restore(ring.newest);
    rules.check();
    bms::EnergyKeeper keeper(rules.now, ring);
    bms::ChainFrame frame = ordinary_message();
    frame.i1 = 10000;
    for (int i = 0; i < 24; ++i) {
        ++frame.sequence;
        if (i == 12) frame.i1 = -10000;
        rules.pass(bms::Profile::message_period);
        rules.message(frame);
        keeper.step(rules.now, rules.pack.energy_state(), rules.pack.settings().capacity);
        std::uint16_t address = 0;
        std::uint8_t byte = 0;
        while (keeper.next(address, byte))
            require(address >= bms::EnergyRing::begins_at &&
                        address < bms::EnergyRing::address(bms::EnergyRing::records),
                    "records are written into the ring");
    }

    const bms::CellReading reading(samples, calibration.value);
    require(!reading.plausible() || (reading.voltage() <= 1023 && reading.millivolts() <= 5115),
            "a plausible reading is inside the converter's range");
}

}  // namespace rig::fuzz
