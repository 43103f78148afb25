// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/modbus_link.hpp"

#include <fmt/format.h>
#include <modbus/modbus.h>
#include <poll.h>
#include <sys/file.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <functional>
#include <string>
#include <utility>

#include "instruments/links/link_error.hpp"
#include "instruments/links/open_link.hpp"
#include "instruments/links/worker.hpp"

namespace rig {
namespace {

using std::chrono::milliseconds;

constexpr int quiet_ms = 100;   ///< silence that ends what came too late
constexpr int most_noise = 20;  ///< pieces of it
constexpr milliseconds between_bytes{100};

char parity_of(SerialSettings::Parity parity) {
    switch (parity) {
        case SerialSettings::Parity::even:
            return 'E';
        case SerialSettings::Parity::odd:
            return 'O';
        default:
            return 'N';
    }
}

void set_timeout(modbus_t* line, int (*set)(modbus_t*, std::uint32_t, std::uint32_t), milliseconds timeout) {
    set(line, static_cast<std::uint32_t>(timeout.count() / 1000),
        static_cast<std::uint32_t>(timeout.count() % 1000 * 1000));
}

Nanoseconds silence_of(const SerialSettings& line) {
    const int parity_bits = line.parity == SerialSettings::Parity::none ? 0 : 1;
    const double character_bits = 1 + line.bits + parity_bits + line.stop_bits;
    return Nanoseconds{static_cast<std::int64_t>(3.5 * character_bits / line.baud * 1e9)};
}

/// libmodbus's view of the line. After it was opened, only the worker touches it.
class Line {
public:
    Line(LinkAddress address, milliseconds answer_within, Opened opened)
        : address_(std::move(address)), answer_within_(answer_within), opened_(std::move(opened)) {
        open();
    }

    int descriptor() const { return descriptor_; }

    /// Empty, or what went wrong. `request` returns what libmodbus does: below 0 on failure.
    std::string carry(const std::function<int(modbus_t*)>& request) {
        try {
            if (!line_) open();
        } catch (const LinkError& error) {
            return error.what();
        }
        if (disturbed_) wait_for_quiet();
        if (request(line_.get()) >= 0) return {};
        const int error = errno;
        disturbed_ = true;
        if (error == ETIMEDOUT) return fmt::format("no answer within {} ms", answer_within_.count());
        if (error >= EMBXILFUN && error <= EMBXGTAR) {
            disturbed_ = false;
            std::string why = modbus_strerror(error);
            why[0] = static_cast<char>(std::tolower(why[0]));
            return "refused, " + why;
        }
        if (error > EMBXGTAR) return std::string("a damaged answer: ") + modbus_strerror(error);
        close();
        return std::string("the line is gone: ") + std::strerror(error);
    }

private:
    using Handle = std::unique_ptr<modbus_t, void (*)(modbus_t*)>;

    void open() {
        const auto& line = address_.settings;
        Handle handle(modbus_new_rtu(address_.target.c_str(), line.baud, parity_of(line.parity), line.bits,
                                     line.stop_bits),
                      [](modbus_t* its) {
                          modbus_close(its);
                          modbus_free(its);
                      });
        if (!handle || modbus_set_slave(handle.get(), address_.unit) != 0 ||
            modbus_connect(handle.get()) != 0)
            refuse_link(address_, "cannot be opened", errno, "is it plugged in, and may this user open it?");
        const int descriptor = modbus_get_socket(handle.get());
        lock_device(descriptor, address_);
        set_timeout(handle.get(), modbus_set_response_timeout, answer_within_);
        set_timeout(handle.get(), modbus_set_byte_timeout, between_bytes);
        ::tcflush(descriptor, TCIOFLUSH);
        if (opened_) opened_(descriptor);
        line_ = std::move(handle);
        descriptor_ = descriptor;
        disturbed_ = false;
    }

    void close() {
        // A guard holds it open still, and with it the lock that would keep us off when we open it again.
        ::flock(descriptor_, LOCK_UN);
        descriptor_ = -1;
        line_.reset();
    }

    /// An answer that comes too late has nothing to tell it from the next one's.
    void wait_for_quiet() {
        char bytes[256];
        pollfd line{descriptor_, POLLIN, 0};
        auto patience = static_cast<int>(answer_within_.count());
        for (int reads = 0; reads<most_noise&& ::poll(&line, 1, patience)> 0; ++reads) {
            if (::read(descriptor_, bytes, sizeof bytes) <= 0) break;
            patience = quiet_ms;
        }
        disturbed_ = false;
    }

    LinkAddress address_;
    milliseconds answer_within_;
    Opened opened_;
    Handle line_{nullptr, nullptr};
    std::atomic<int> descriptor_ = -1;
    bool disturbed_ = false;
};

struct Request {
    Registers registers;
    std::string failure;
    bool done = false;
};

class ModbusLink : public RegisterLink {
public:
    ModbusLink(WallClock& clock, const LinkAddress& address, milliseconds answer_within, const Opened& opened)
        : clock_(clock),
          name_(address.name()),
          unit_(address.unit),
          frame_silence_(silence_of(address.settings)),
          line_(std::make_shared<Line>(address, answer_within, opened)),
          worker_(clock) {}

    Reply<Registers> read_holding(std::uint16_t first, int count) override {
        const auto request = post(first, count, [first, count](modbus_t* line, Registers& registers) {
            return modbus_read_registers(line, first, count, registers.data());
        });
        return Reply<Registers>([this, request] { return collect(*request); });
    }

    Reply<void> write_single(std::uint16_t address, std::uint16_t value) override {
        return write(post(address, 0, [address, value](modbus_t* line, Registers&) {
            return modbus_write_register(line, address, value);
        }));
    }

    Reply<void> write_multiple(std::uint16_t first, const Registers& values) override {
        return write(post(first, 0, [first, values](modbus_t* line, Registers&) {
            return modbus_write_registers(line, first, static_cast<int>(values.size()), values.data());
        }));
    }

    std::string name() const override { return name_; }
    int unit() const override { return unit_; }
    Nanoseconds frame_silence() const override { return frame_silence_; }
    int descriptor() const override { return line_->descriptor(); }

private:
    using Shared = std::shared_ptr<Request>;

    Shared post(std::uint16_t first, int count, std::function<int(modbus_t*, Registers&)> act) {
        const auto request = std::make_shared<Request>();
        worker_.post([line = line_, request, first, count, act = std::move(act)]() -> Worker::Result {
            Registers registers(static_cast<std::size_t>(count));
            auto failure = line->carry([&](modbus_t* its) { return act(its, registers); });
            if (!failure.empty()) failure = fmt::format("holding register {}: {}", first, failure);
            return [request, registers, failure] { *request = {registers, failure, true}; };
        });
        return request;
    }

    Reply<void> write(const Shared& request) {
        return Reply<void>([this, request] { collect(*request); });
    }

    Registers collect(Request& request) {
        // The worker's own limits end each request, however many wait before it.
        clock_.run_until([&] { return request.done; }, Nanoseconds::max());
        if (!request.failure.empty()) throw RegisterError(request.failure);
        return std::move(request.registers);
    }

    WallClock& clock_;
    std::string name_;
    int unit_;
    Nanoseconds frame_silence_;
    std::shared_ptr<Line> line_;
    Worker worker_;
};

}  // namespace

std::unique_ptr<RegisterLink> open_registers(WallClock& clock, const LinkAddress& address,
                                             milliseconds answer_within, const Opened& opened) {
    return std::make_unique<ModbusLink>(clock, address, answer_within, opened);
}

}  // namespace rig
