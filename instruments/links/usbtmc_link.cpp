// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/usbtmc_link.hpp"

#include <fcntl.h>
#include <linux/usb/tmc.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "instruments/links/file_descriptor.hpp"
#include "instruments/links/link_error.hpp"
#include "instruments/links/open_link.hpp"
#include "instruments/links/worker.hpp"

namespace rig {
namespace {

constexpr unsigned answer_within_ms = 5000;

void must(bool done) {
    if (!done) throw std::system_error(errno, std::generic_category());
}

class UsbtmcDevice : public MessageDevice {
public:
    explicit UsbtmcDevice(FileDescriptor device) : device_(std::move(device)) {}

    void write(std::string_view message) override {
        must(::write(device_.number(), message.data(), message.size()) ==
             static_cast<ssize_t>(message.size()));
    }

    std::string read() override {
        std::string answer;
        char bytes[4096];
        for (;;) {
            const auto count = ::read(device_.number(), bytes, sizeof bytes);
            must(count >= 0);
            answer.append(bytes, static_cast<std::size_t>(count));
            // The kernel fills what it is given unless the message ends before.
            if (static_cast<std::size_t>(count) < sizeof bytes) return answer;
        }
    }

    void clear() override {
        must(::ioctl(device_.number(), USBTMC_IOCTL_ABORT_BULK_IN) == 0);
        must(::ioctl(device_.number(), USBTMC_IOCTL_CLEAR) == 0);
    }

    int descriptor() const override { return device_.number(); }

private:
    FileDescriptor device_;
};

/// What a job on the worker found.
struct Outcome {
    std::string answer, fault;
};

Outcome exchange(MessageDevice& device, const std::string& message) {
    try {
        device.write(message);
        if (message.find('?') == std::string::npos) return {};
        return {device.read(), {}};
    } catch (const std::system_error& error) {
        if (error.code().value() != ETIMEDOUT)
            return {{}, std::string("unplugged (") + error.code().message() + ")"};
    }
    try {
        device.clear();
    } catch (const std::system_error& error) {
        return {{}, std::string("cannot be cleared (") + error.code().message() + ")"};
    }
    return {};
}

class UsbtmcLink : public ByteLink {
public:
    UsbtmcLink(WallClock& clock, std::string name, std::function<std::unique_ptr<MessageDevice>()> open)
        : clock_(clock), name_(std::move(name)), open_(std::move(open)) {
        begin();
    }

    void send(std::string_view bytes) override {
        for (const char byte : bytes) {
            unfinished_ += byte;
            if (byte == '\n') send_message(std::exchange(unfinished_, {}));
        }
    }

    void on_receive(Receiver receiver) override { state_->receiver = std::move(receiver); }
    std::string name() const override { return name_; }
    std::string fault() const override { return state_->fault; }
    int descriptor() const override { return state_->fault.empty() ? state_->device->descriptor() : -1; }

    bool reopen() override {
        if (state_->fault.empty()) return true;
        try {
            begin();
        } catch (const LinkError&) {
            return false;
        }
        return true;
    }

private:
    /// Of one opening of the device; outlives the link while the worker is at it.
    struct State {
        std::unique_ptr<MessageDevice> device;
        Receiver receiver;
        std::string fault;
    };

    void begin() {
        auto state = std::make_shared<State>();
        if (state_) {
            // The old one is let go first: it holds the lock on the device that is about to be opened.
            worker_.reset();
            state_->device.reset();
            state->receiver = state_->receiver;
        }
        state->device = open_();
        worker_.emplace(clock_);
        state_ = std::move(state);
        unfinished_.clear();
    }

    void send_message(std::string message) {
        if (!state_->fault.empty()) return;
        worker_->post([state = state_, message = std::move(message)]() -> Worker::Result {
            const auto outcome = exchange(*state->device, message);
            return [weak = std::weak_ptr<State>(state), outcome] {
                const auto its = weak.lock();
                if (!its) return;
                if (!outcome.fault.empty()) its->fault = outcome.fault;
                if (!outcome.answer.empty() && its->receiver) its->receiver(outcome.answer);
            };
        });
    }

    WallClock& clock_;
    std::string name_;
    std::function<std::unique_ptr<MessageDevice>()> open_;
    std::shared_ptr<State> state_;
    std::string unfinished_;
    std::optional<Worker> worker_;  ///< ends before what it works on
};

}  // namespace

std::unique_ptr<MessageDevice> open_usbtmc(const LinkAddress& address) {
    FileDescriptor device(::open(address.target.c_str(), O_RDWR | O_CLOEXEC));
    if (!device.open())
        refuse_link(address, "cannot be opened", errno, "is it plugged in, and may this user open it?");
    unsigned timeout_ms = answer_within_ms;
    if (::ioctl(device.number(), USBTMC_IOCTL_SET_TIMEOUT, &timeout_ms) != 0)
        refuse_link(address, "is no USB-TMC device", errno, "one of: ls /dev/usbtmc*");
    lock_device(device.number(), address);
    return std::make_unique<UsbtmcDevice>(std::move(device));
}

std::unique_ptr<ByteLink> usbtmc_link(WallClock& clock, const std::string& name,
                                      std::function<std::unique_ptr<MessageDevice>()> open) {
    return std::make_unique<UsbtmcLink>(clock, name, std::move(open));
}

}  // namespace rig
