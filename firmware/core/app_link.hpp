// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/app_addresses.hpp"
#include "firmware/core/app_checksum.hpp"
#include "firmware/core/pack.hpp"
#include "firmware/core/pin_lock.hpp"
#include "firmware/core/ticks.hpp"

namespace bms {

/// Text that is put together within a fixed room.
class AppText {
public:
    static constexpr uint8_t room = 96;

    void put(char character) {
        if (length_ < room) characters_[length_++] = character;
    }
    void put(const char* text) {
        while (*text != '\0')
            put(*text++);
    }
    void put_hex(uint16_t value, uint8_t digits) {
        while (digits-- > 0) {
            const uint8_t nibble = static_cast<uint8_t>((value >> (4 * digits)) & 0xF);
            put(static_cast<char>(nibble < 10 ? '0' + nibble : 'A' + nibble - 10));
        }
    }
    void clear() { length_ = 0; }

    const char* characters() const { return characters_; }
    uint8_t length() const { return length_; }

private:
    char characters_[room];
    uint8_t length_ = 0;
};

/// The board's side of the app link: takes command lines, lets nobody in without the PIN.
class AppLink {
public:
    explicit AppLink(uint8_t reset_cause) : reset_cause_(reset_cause) {}

    /// Lets time pass: a lock ends. To be called before what arrives now is received.
    void step(Ticks now) {
        now_ = now;
        lock_.step(now);
    }

    /// Five wrong PINs in a row close it.
    PinLock& lock() { return lock_; }
    const PinLock& lock() const { return lock_; }

    /// True when a command line is complete: then ask for its answer before the next byte.
    bool receive(char character);

    /// The echo of the line and the answer to it.
    const AppText& answer(Pack& pack);

private:
    static constexpr uint8_t longest_line = 20;

    enum class Outcome : uint8_t { ok, refused, not_authorised, told };

    Outcome run(Pack& pack);
    bool is(const char* command) const;
    Outcome unlock(const Pack& pack);
    Outcome write(Pack& pack);
    Outcome refuse(Refusal reason, uint16_t address);
    void tell_version(const Pack& pack);
    void tell_energy_settings(const Settings& settings);
    void tell_limits(const Settings& settings);
    void tell_modes(const Settings& settings);
    void tell_refusal();
    void tell_currents(const Pack& pack);
    void current(int32_t counts, bool known, SensorType type);

    void byte(uint8_t value);
    void word(uint16_t value);
    void checksum();

    char line_[longest_line] = {};
    uint8_t length_ = 0;
    bool too_long_ = false, authorised_ = false;
    uint16_t word_at_ = 0;  ///< a word whose high byte has come; 0: none
    uint8_t high_byte_ = 0;
    Refusal refusal_ = Refusal::none;
    uint16_t refused_at_ = 0;
    uint8_t reset_cause_;
    Ticks now_ = 0;
    PinLock lock_;
    AppText text_;
    uint8_t answer_from_ = 0;
};

}  // namespace bms
