// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/sigrok_link.hpp"

#include <fmt/format.h>

#include <exception>
#include <functional>
#include <utility>
#include <vector>

#include "instruments/links/link_error.hpp"
#include "instruments/links/sigrok_device.hpp"
#include "instruments/links/worker.hpp"

namespace rig {
namespace {

constexpr Nanoseconds interrupted_again_after{20'000'000};

/// One word to the instrument, and what came of it.
struct Request {
    std::string what;
    SigrokLink::Value value;
    std::string failure;
    bool done = false;
};

}  // namespace

class SigrokLink::Conversation {
public:
    Conversation(WallClock& its_clock, const LinkAddress& address, const SigrokPatience& its_patience)
        : clock(its_clock),
          name(address.name()),
          patience(its_patience),
          device_(std::make_shared<SigrokDevice>(address)),
          worker_(its_clock, Worker::AtTheEnd::interrupt) {}

    WallClock& clock;
    const std::string name;
    const SigrokPatience patience;
    // What it said of itself when it was opened.
    std::string identity;
    std::vector<SigrokDevice::Settings> outputs;

    using Shared = std::shared_ptr<Request>;
    using Act = std::function<Value(SigrokDevice&)>;

    Shared post(const std::string& what, Act act) {
        auto request = std::make_shared<Request>();
        request->what = what;
        worker_.post([its = device_, request, act = std::move(act), count = finished_]() -> Worker::Result {
            Value value;
            std::string failure;
            try {
                value = act(*its);
            } catch (const std::exception& error) {
                failure = error.what();
            }
            return [request, value, failure, count] {
                request->value = value;
                request->failure = failure;
                request->done = true;
                ++*count;
            };
        });
        return request;
    }

    /// Empty, or what went wrong; `within` counts from the end of what was asked before. What libsigrok does
    /// not give up by itself is interrupted until it does: no word is left behind that another would follow.
    std::string wait(Request& request, Nanoseconds within) {
        bool late = false;
        while (!request.done) {
            const auto over = [&, before = *finished_] { return request.done || *finished_ != before; };
            if (clock.run_until(over, clock.now() + (late ? interrupted_again_after : within))) continue;
            late = true;
            worker_.interrupt();
        }
        if (request.failure.empty() || !late) return request.failure;
        return fmt::format("{}: no answer within {} ms", request.what, within.count() / 1'000'000);
    }

private:
    const std::shared_ptr<SigrokDevice> device_;  ///< the worker's
    const std::shared_ptr<unsigned> finished_ = std::make_shared<unsigned>(0);
    Worker worker_;
};

SigrokLink::SigrokLink(WallClock& clock, const LinkAddress& address, const SigrokPatience& patience)
    : conversation_(std::make_shared<Conversation>(clock, address, patience)) {
    auto& it = *conversation_;
    const auto opening = it.post(address.name(), [&it](SigrokDevice& device) {
        device.open();
        it.identity = device.identity();
        it.outputs = device.outputs();
        return Value{};
    });
    const auto failure = it.wait(*opening, patience.opening);
    if (failure.empty()) return;
    const bool says_what_to_try = failure.find('\n') != std::string::npos;
    throw LinkError(
        failure +
        (says_what_to_try ? "" : "\n  try     is it switched on, and of a kind that this driver is for?"));
}

SigrokLink::~SigrokLink() = default;

std::string SigrokLink::name() const {
    return conversation_->name;
}

const std::string& SigrokLink::identity() const {
    return conversation_->identity;
}

int SigrokLink::outputs() const {
    return static_cast<int>(conversation_->outputs.size());
}

bool SigrokLink::can(Use use, int output, const std::string& key) const {
    const auto& settings = conversation_->outputs.at(static_cast<std::size_t>(output - 1));
    const auto found = settings.find(key);
    return found != settings.end() && (use == Use::read ? found->second.can_read : found->second.can_write);
}

std::optional<double> SigrokLink::step(int output, const std::string& key) const {
    return conversation_->outputs.at(static_cast<std::size_t>(output - 1)).at(key).step;
}

Reply<SigrokLink::Value> SigrokLink::read(int output, const std::string& key) {
    const auto request =
        conversation_->post(key, [output, key](SigrokDevice& device) { return device.read(output, key); });
    return Reply<Value>([conversation = conversation_, request] {
        const auto failure = conversation->wait(*request, conversation->patience.answer);
        if (!failure.empty()) throw SigrokError(failure);
        return request->value;
    });
}

Reply<void> SigrokLink::write(int output, const std::string& key, Value value) {
    const auto request =
        conversation_->post(key, [output, key, value = std::move(value)](SigrokDevice& device) {
            device.write(output, key, value);
            return Value{};
        });
    return Reply<void>([conversation = conversation_, request] {
        const auto failure = conversation->wait(*request, conversation->patience.answer);
        if (!failure.empty()) throw SigrokError(failure);
    });
}

WallClock& SigrokLink::clock() {
    return conversation_->clock;
}

}  // namespace rig
