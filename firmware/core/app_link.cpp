// SPDX-License-Identifier: BSD-2-Clause
#include "firmware/core/app_link.hpp"

namespace bms {
namespace {

constexpr char end_of_line = '\r', flush = '$', unused_line_feed = '\n';
constexpr uint8_t not_a_digit = 0xFF;

uint8_t hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<uint8_t>(c - '0');
    if (c >= 'A' && c <= 'F') return static_cast<uint8_t>(c - 'A' + 10);
    if (c >= 'a' && c <= 'f') return static_cast<uint8_t>(c - 'a' + 10);
    return not_a_digit;
}

/// False unless all of them are digits below `base`, which is 10 or 16.
bool parse(const char* digits, uint8_t count, uint8_t base, uint16_t& value) {
    value = 0;
    for (; count > 0; --count) {
        const uint8_t digit = hex_digit(*digits++);
        if (digit >= base) return false;
        value = static_cast<uint16_t>(static_cast<uint16_t>(value << 4) | digit);
    }
    return true;
}

}  // namespace

bool AppLink::receive(char character) {
    stream_.byte_arrived(now_, character == flush);
    if (character == flush || character == unused_line_feed) return false;
    if (character == end_of_line) return length_ != 0;
    if (length_ < longest_line) line_[length_++] = character;
    return false;
}

const AppText& AppLink::answer(Pack& pack) {
    text_.clear();
    for (uint8_t i = 0; i < length_; ++i)
        text_.put(line_[i]);
    text_.put(end_of_line);
    answer_from_ = text_.length();
    switch (run(pack)) {
        case Outcome::ok:
            text_.put("OK");
            break;
        case Outcome::refused:
            text_.put("KO");
            break;
        case Outcome::not_authorised:
            text_.put("NA");
            break;
        case Outcome::told:
            checksum();
            break;
    }
    text_.put(end_of_line);
    length_ = 0;
    return text_;
}

AppLink::Outcome AppLink::run(Pack& pack) {
    const bool pin = length_ >= 2 && line_[0] == 'P' && line_[1] == 'W';
    if (pin) {
        const Outcome outcome = unlock(pack);
        authorised_ = outcome == Outcome::ok;
        if (!authorised_ && stream_needs_pin_) stream_.stop();
        word_at_ = 0;
        return outcome;
    }
    if (is("E!") || is("D!")) return stream(line_[0] == 'E');
    if (!authorised_) return Outcome::not_authorised;
    if (is("V@"))
        tell_version(pack);
    else if (is("S1@"))
        tell_energy_settings(pack.settings());
    else if (is("S2@"))
        tell_limits(pack.settings());
    else if (Profile::app_sets_modes && is("S3@"))
        tell_modes(pack.settings());
    else if (is("R@"))
        tell_refusal();
    else if (is("I@"))
        tell_currents(pack);
    else if (is("B@"))
        tell_balancing(pack);
    else if (service_ && is("Y@"))
        tell_service_answer(service_->answer());
    else if (service_ && is("Z@"))
        tell_service_frame(service_->last_frame());
    else
        return write(pack);
    return Outcome::told;
}

bool AppLink::is(const char* command) const {
    uint8_t i = 0;
    while (i < length_ && command[i] != '\0' && command[i] == line_[i])
        ++i;
    return i == length_ && command[i] == '\0';
}

/// `PW<4 digits>!`. What has not that form guesses nothing, and does not count as wrong.
AppLink::Outcome AppLink::unlock(const Pack& pack) {
    uint16_t pin;
    if (length_ != 7 || line_[6] != '!' || !parse(line_ + 2, 4, 10, pin) || lock_.locked())
        return Outcome::not_authorised;
    if (pin != pack.settings().pin) {
        lock_.wrong_pin(now_);
        return Outcome::not_authorised;
    }
    lock_.clear();
    return Outcome::ok;
}

AppLink::Outcome AppLink::stream(bool on) {
    if (!authorised_ && (stream_needs_pin_ || lock_.locked())) return Outcome::not_authorised;
    if (on)
        stream_.start(now_);
    else
        stream_.stop();
    return Outcome::ok;
}

/// `<XX>-<addr>!`, the address in three digits.
AppLink::Outcome AppLink::write(Pack& pack) {
    uint16_t value, address;
    if (length_ != 7 || line_[2] != '-' || line_[6] != '!' || !parse(line_, 2, 16, value) ||
        !parse(line_ + 3, 3, 16, address))
        return refuse(Refusal::address, 0);

    const uint16_t word_at = word_at_;
    word_at_ = 0;
    if (setting_width(address) == 2 && has_setting(address)) {
        word_at_ = address;
        high_byte_ = static_cast<uint8_t>(value);
        return Outcome::ok;
    }
    if (word_at != 0 && address == word_at + 1) {
        value = static_cast<uint16_t>(static_cast<uint16_t>(high_byte_ << 8) | value);
        address = word_at;
    }
    const Refusal reason = service_ && AppService::takes(address)
                               ? service_->write(now_, address, static_cast<uint8_t>(value))
                           : has_setting(address) ? pack.write(address, value)
                                                  : Refusal::address;
    return reason == Refusal::none ? Outcome::ok : refuse(reason, address);
}

AppLink::Outcome AppLink::refuse(Refusal reason, uint16_t address) {
    refusal_ = reason;
    refused_at_ = address;
    return Outcome::refused;
}

void AppLink::tell_version(const Pack& pack) {
    byte(version_major);
    text_.put_hex(version_minor, 2);
    byte(reset_cause_);
    byte(version_patch);
    byte(pack.status1());
    word(pack.last_message().balance_voltage);
}

void AppLink::tell_energy_settings(const Settings& settings) {
    word(settings.solar_peak);
    word(settings.inverter_peak);
    word(settings.capacity);
    text_.put("_XXXXXXXX");
}

void AppLink::tell_limits(const Settings& settings) {
    constexpr uint8_t hysteresis = 0;  // both belong to other products
    word(settings.v_min);
    word(settings.v_max);
    word(settings.t_min_charge);
    word(settings.t_max);
    byte(settings.charge_restart);
    byte(settings.discharge_restart);
    word(settings.t_min_discharge);
    word(settings.v_low);
    word(settings.v_nominal);
    byte(hysteresis);
    byte(hysteresis);
}

void AppLink::tell_modes(const Settings& settings) {
    byte(settings.sensor_type);
    byte(settings.critical_mode);
    byte(settings.charge_forced_off);
    byte(settings.load_forced_off);
    byte(settings.chemistry);
    byte(settings.tail_current);
}

void AppLink::tell_refusal() {
    byte(static_cast<uint8_t>(refusal_));
    text_.put(AppChecksum::separator);
    text_.put_hex(refused_at_, 3);
}

/// The currents on the finest grid that any sensor type has, which neither EXT nor the stream
/// can carry.
void AppLink::tell_currents(const Pack& pack) {
    const ChainFrame& last = pack.last_message();
    const bool known = pack.heard() && !pack.communication_error();
    const bool first = known && last.i1 != ChainFrame::current_absent;
    const bool second = known && last.i2 != ChainFrame::current_absent;
    const SensorType type = sensor_type(last, pack.settings());
    current(last.i1, first, type);
    current(StateOfCharge::battery_current(last), first || second, type);
    current(last.i2, second, type);
}

/// How many cells, how many of them balance now, and which: cell 1 in bit 0 of the first word,
/// as each last said in its turn. Under E there is no cell to tell of.
void AppLink::tell_balancing(const Pack& pack) {
    constexpr uint8_t per_word = 16;
    const bool known = pack.heard() && !pack.communication_error();
    const uint8_t count = known ? pack.last_message().hops : uint8_t{0};
    byte(count);
    byte(known ? pack.last_message().balancing : uint8_t{0});
    uint8_t cell = 1;
    for (uint8_t left = count; left > 0;) {
        uint16_t bits = 0;
        for (uint8_t bit = 0; bit < per_word && left > 0; ++bit, --left)
            if (pack.cells().balances(cell++)) bits = static_cast<uint16_t>(bits | uint16_t{1} << bit);
        word(bits);
    }
}

/// Sign and magnitude.
void AppLink::current(int32_t counts, bool known, SensorType type) {
    const uint32_t size = known ? type.on_finest_grid(size_of(counts)) : 0;
    if (text_.length() != answer_from_) text_.put(AppChecksum::separator);
    text_.put(known ? sign_of(counts, size) : 'X');
    text_.put_hex(in_a_word(size), 4);
}

void AppLink::tell_service_answer(const ServiceAnswer& answer) {
    byte(answer.status());
    for (uint8_t i = 0; i < ServiceAnswer::data_size; i = static_cast<uint8_t>(i + 2))
        word(static_cast<uint16_t>(static_cast<uint16_t>(answer.data()[i] << 8) | answer.data()[i + 1]));
}

void AppLink::tell_service_frame(const ServiceFrame& frame) {
    byte(frame.hops);
    byte(frame.target);
    byte(frame.request.tag());
    byte(frame.request.command());
    byte(frame.answer.tag());
    tell_service_answer(frame.answer);
}

void AppLink::byte(uint8_t value) {
    if (text_.length() != answer_from_) text_.put(AppChecksum::separator);
    text_.put_hex(value, 2);
}

void AppLink::word(uint16_t value) {
    if (text_.length() != answer_from_) text_.put(AppChecksum::separator);
    text_.put_hex(value, 4);
}

void AppLink::checksum() {
    byte(
        app_checksum(text_.characters() + answer_from_, static_cast<uint8_t>(text_.length() - answer_from_)));
}

}  // namespace bms
