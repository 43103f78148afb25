// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/app_addresses.hpp"
#include "firmware/core/app_checksum.hpp"
#include "firmware/core/app_service.hpp"
#include "firmware/core/app_stream.hpp"
#include "firmware/core/app_text.hpp"
#include "firmware/core/pack.hpp"
#include "firmware/core/pin_lock.hpp"
#include "firmware/core/ticks.hpp"

namespace bms {

/// The board's side of the app link: takes command lines, lets nobody in without the PIN, tells
/// of the pack by itself while a client asks for it.
class AppLink {
public:
    /// `stream_needs_pin` is true but in images built for clients that send none.
    explicit AppLink(uint8_t reset_cause, bool stream_needs_pin = true)
        : reset_cause_(reset_cause), stream_needs_pin_(stream_needs_pin) {}

    /// Lets time pass: a lock ends, a stream does. To be called before what arrives now is received.
    void step(Ticks now) {
        now_ = now;
        lock_.step(now);
        stream_.step(now);
    }

    /// Five wrong PINs in a row close it.
    PinLock& lock() { return lock_; }
    const PinLock& lock() const { return lock_; }

    /// What streams has news.
    void message() { stream_.news(); }

    /// What writes to its addresses and pages Y@ and Z@ go to.
    void connect(AppService& service) { service_ = &service; }

    /// True when a command line is complete: then ask for its answer before the next byte.
    bool receive(char character);

    /// The echo of the line and the answer to it.
    const AppText& answer(Pack& pack);

    /// The stream's next record, at most AppStream::longest_record characters; nullptr for none.
    const AppText* record(const Pack& pack) { return stream_.next(pack, text_) ? &text_ : nullptr; }

private:
    /// What goes beyond it is lost, and no command is as long.
    static constexpr uint8_t longest_line = 20;

    enum class Outcome : uint8_t { ok, refused, not_authorised, told };

    Outcome run(Pack& pack);
    bool is(const char* command) const;
    Outcome unlock(const Pack& pack);
    Outcome stream(bool on);
    Outcome write(Pack& pack);
    Outcome refuse(Refusal reason, uint16_t address);
    void tell_version(const Pack& pack);
    void tell_energy_settings(const Settings& settings);
    void tell_limits(const Settings& settings);
    void tell_modes(const Settings& settings);
    void tell_refusal();
    void tell_currents(const Pack& pack);
    void tell_balancing(const Pack& pack);
    void tell_service_answer(const ServiceAnswer& answer);
    void tell_service_frame(const ServiceFrame& frame);
    void current(int32_t counts, bool known, SensorType type);

    void byte(uint8_t value);
    void word(uint16_t value);
    void checksum();

    char line_[longest_line] = {};
    uint8_t length_ = 0;
    bool authorised_ = false;
    uint16_t word_at_ = 0;  ///< a word whose high byte has come; 0: none
    uint8_t high_byte_ = 0;
    Refusal refusal_ = Refusal::none;
    uint16_t refused_at_ = 0;
    uint8_t reset_cause_;
    bool stream_needs_pin_;
    AppStream stream_;
    Ticks now_ = 0;
    PinLock lock_;
    AppService* service_ = nullptr;
    AppText text_;
    uint8_t answer_from_ = 0;
};

}  // namespace bms
