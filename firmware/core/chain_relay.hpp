// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/cell_reading.hpp"
#include "firmware/core/chain_frame.hpp"
#include "firmware/core/crc16.hpp"
#include "firmware/core/service_frame.hpp"
#include "firmware/core/ticks.hpp"

namespace bms {

/// Forwards a frame byte by byte as it comes and works a board's own contribution into it: one
/// byte time of delay per board. Runs in the receive interrupt. A frame that arrives damaged
/// leaves damaged: the error in its CRC is carried over into the outgoing one, and the mark names
/// the board that saw it first.
class ChainRelay {
public:
    /// Silence after which the next byte begins a frame. Within a frame bytes follow each other
    /// without a pause (1.04 ms each).
    static constexpr uint16_t gap = static_cast<uint16_t>(about_ms(5));

    /// Used from the next frame on; a frame under way keeps the one it began with.
    void contribute(const Contribution& contribution) { next_ = contribution; }

    void begin_frame() { at_ = 0; }

    /// One received byte; `intact` is false when the receiver saw a framing error or lost a byte.
    /// True when `out` is to be sent on.
    bool receive(uint8_t in, bool intact, uint8_t& out) {
        if (at_ == nowhere) return false;
        if (at_ == chain_at::start && !start(in, intact)) return false;
        out = in;
        if (!intact) bad_ = true;
        if (at_ < chain_at::crc_msb) {
            contribute_to(out, in);
            count_in(in, out);
        } else if (at_ >= service) {
            serve(static_cast<uint8_t>(at_ - service), out, in);
            count_in(in, out);
            if (at_ == service + chain_at::crc_msb - 1) at_ = chain_at::crc_msb - 1;  // ends as messages do
        } else if (at_ == chain_at::crc_msb) {
            out = carry_error(out_crc_ >> 8, in, in_crc_ >> 8);
        } else if (at_ == chain_at::crc_lsb) {
            out = carry_error(out_crc_ & 0xFF, in, in_crc_ & 0xFF);
        } else {
            finish(in, out);
            return true;
        }
        ++at_;
        return true;
    }

    /// Whether a whole frame came undamaged, and was a message or a request to this board.
    bool has_news() const { return news_ != 0; }

    /// Whether a message came since the last call.
    bool take_arrived() { return take(message_came); }

    // Of the frame that take_arrived() told about.
    uint8_t sequence() const { return sequence_; }
    uint16_t balance_voltage() const {
        return static_cast<uint16_t>((balance_msb_ & chain_at::balance_mask) << 8 | balance_lsb_);
    }
    bool fast() const { return (balance_msb_ & chain_at::fast_bit) != 0; }

    /// Filled into service frames for this board from the next one on.
    void answer(const ServiceAnswer& answer) { next_answer_ = answer; }

    /// Whether a request came since the last call.
    bool take_request(ServiceRequest& request) {
        if (!take(request_came)) return false;
        request = request_;
        return true;
    }

private:
    static constexpr uint8_t nowhere = 0xFF;
    static constexpr uint8_t service = 0x80;  ///< in at_: which kind of frame costs a message nothing
    static constexpr uint8_t message_came = 0x01, request_came = 0x02;

    bool take(uint8_t what) {
        const bool came = (news_ & what) != 0;
        news_ = static_cast<uint8_t>(news_ & ~what);
        return came;
    }

    bool start(uint8_t in, bool intact) {
        if (!intact || (in != ChainFrame::start_byte && in != ServiceFrame::start_byte)) {
            at_ = nowhere;
            return false;
        }
        own_ = next_;
        in_crc_ = out_crc_ = crc16_start;
        bad_ = false;
        is_service_ = in == ServiceFrame::start_byte;
        if (is_service_) {
            at_ = service;
            answer_ = next_answer_;
            addressed_ = false;
        }
        return true;
    }

    void count_in(uint8_t in, uint8_t out) {
        in_crc_ = crc16(in_crc_, in);
        out_crc_ = crc16(out_crc_, out);
    }

    void serve(uint8_t at, uint8_t& out, uint8_t in) {
        if (at == service_at::hops) {
            out = hop(in);
        } else if (at == service_at::target) {
            addressed_ = in == number_;
            if (addressed_) take(request_came);  // one that nobody fetched is overwritten
        } else if (addressed_) {
            if (at < service_at::answer)
                request_.bytes[at - service_at::request] = in;
            else
                out = answer_.bytes[at - service_at::answer];
        }
    }

    uint8_t hop(uint8_t in) {
        number_ = in == 0xFF ? in : static_cast<uint8_t>(in + 1);
        return number_;
    }

    void contribute_to(uint8_t& out, uint8_t in) {
        const uint8_t v_high = static_cast<uint8_t>(own_.voltage >> 8);
        const uint8_t v_low = static_cast<uint8_t>(own_.voltage & 0xFF);
        switch (at_) {
            case chain_at::sequence:
                sequence_ = in;
                break;
            case chain_at::hops:
                out = hop(in);
                break;
            case chain_at::turn:
                my_turn_ = in == number_;
                break;
            case chain_at::balance_msb:
                balance_msb_ = in;
                if (own_.calibration_lost) out = in | chain_at::calibration_lost_bit;
                break;
            case chain_at::balance_lsb:
                balance_lsb_ = in;
                break;
            case chain_at::balancing:
                if (own_.balancing) out = static_cast<uint8_t>(in + 1);
                break;
            case chain_at::faulty_cell:
                if (in == 0 && own_.voltage == 0) out = number_;
                break;
            case chain_at::sum_low:
                out = add(in, v_low, 0);
                break;
            case chain_at::sum_mid:
                out = add(in, v_high, carry_);
                break;
            case chain_at::sum_high:
                out = add(in, 0, carry_);
                break;
            case chain_at::lowest_v_msb:
                tied_ = v_high == in;
                mine_ = own_.voltage != 0 && v_high < in;
                if (mine_) out = v_high;
                break;
            case chain_at::lowest_v_lsb:
                if (tied_ && own_.voltage != 0 && v_low < in) mine_ = true;
                if (mine_) out = v_low;
                break;
            case chain_at::highest_v_msb:
                tied_ = v_high == in;
                mine_ = v_high > in;
                if (mine_) out = v_high;
                break;
            case chain_at::highest_v_lsb:
                if (tied_ && v_low > in) mine_ = true;
                if (mine_) out = v_low;
                break;
            case chain_at::lowest_t:
                mine_ = own_.temperature < in;
                if (mine_) out = own_.temperature;
                break;
            case chain_at::highest_t:
                mine_ = own_.temperature > in;
                if (mine_) out = own_.temperature;
                break;
            case chain_at::lowest_v_cell:
            case chain_at::highest_v_cell:
            case chain_at::lowest_t_cell:
            case chain_at::highest_t_cell:
                if (mine_) out = number_;
                break;
            case chain_at::turn_v_msb:
                if (my_turn_)
                    out =
                        own_.balancing ? static_cast<uint8_t>(v_high | chain_at::turn_balancing_bit) : v_high;
                break;
            case chain_at::turn_v_lsb:
                if (my_turn_) out = v_low;
                break;
            case chain_at::turn_t:
                if (my_turn_) out = own_.temperature;
                break;
            default:
                break;
        }
    }

    uint8_t add(uint8_t a, uint8_t b, uint8_t carry) {
        const uint16_t sum = static_cast<uint16_t>(a + b + carry);
        carry_ = static_cast<uint8_t>(sum >> 8);
        return static_cast<uint8_t>(sum & 0xFF);
    }

    uint8_t carry_error(unsigned outgoing, uint8_t received, unsigned expected) {
        const uint8_t error = static_cast<uint8_t>(received ^ expected);
        if (error != 0) bad_ = true;
        return static_cast<uint8_t>(outgoing ^ error);
    }

    void finish(uint8_t in, uint8_t& out) {
        at_ = nowhere;
        if (in != 0) bad_ = true;
        if (bad_) {
            if (in == 0) out = known_number_ != 0 ? known_number_ : number_;
            return;
        }
        known_number_ = number_;
        if (!is_service_)
            news_ = static_cast<uint8_t>(news_ | message_came);
        else if (addressed_)
            news_ = static_cast<uint8_t>(news_ | request_came);
    }

    uint8_t at_ = nowhere;
    uint8_t known_number_ = 0;  ///< 0: no frame was good yet
    uint8_t news_ = 0;
    uint8_t number_{}, sequence_{}, balance_msb_{}, balance_lsb_{}, carry_{};
    bool bad_{}, mine_{}, tied_{}, my_turn_{}, is_service_{}, addressed_{};
    uint16_t in_crc_{}, out_crc_{};
    Contribution own_, next_;
    ServiceRequest request_{};
    ServiceAnswer answer_{}, next_answer_{};
};

}  // namespace bms
