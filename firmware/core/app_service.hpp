// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/app_addresses.hpp"
#include "firmware/core/service_desk.hpp"
#include "firmware/core/service_frame.hpp"
#include "firmware/core/ticks.hpp"

namespace bms {

/// The last board's services over its app link, and what service frames brought to the end of the
/// chain. A request is its argument's bytes, written one by one, and then its command.
class AppService {
public:
    explicit AppService(ServiceDesk& desk) : desk_(desk) {}

    static constexpr bool takes(uint16_t address) {
        return (address >= app_address::service_argument &&
                address < app_address::service_argument + ServiceRequest::longest_argument) ||
               address == app_address::service_command;
    }

    Refusal write(Ticks now, uint16_t address, uint8_t byte) {
        if (address != app_address::service_command) {
            request_.bytes[2 + address - app_address::service_argument] = byte;
            return Refusal::none;
        }
        request_.bytes[1] = byte;
        answer_ = desk_.run(now, request_);
        switch (static_cast<ServiceResult>(answer_.status() & service_status::result_mask)) {
            case ServiceResult::done:
                return Refusal::none;
            case ServiceResult::range:
                return Refusal::range;
            case ServiceResult::locked:
                return Refusal::locked;
            case ServiceResult::not_now:
                return Refusal::not_now;
            default:
                return Refusal::address;
        }
    }

    void arrived(const ServiceFrame& frame) { last_ = frame; }

    const ServiceAnswer& answer() const { return answer_; }
    const ServiceFrame& last_frame() const { return last_; }

private:
    ServiceDesk& desk_;
    ServiceRequest request_{};
    ServiceAnswer answer_{};
    ServiceFrame last_;
};

}  // namespace bms
