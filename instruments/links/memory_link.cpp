// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/memory_link.hpp"

#include <algorithm>
#include <utility>

namespace rig {
namespace {

struct End {
    ByteLink::Receiver receiver;
    Nanoseconds wire_busy_until{};  ///< of what this end sends
};

class MemoryEnd : public ByteLink {
public:
    MemoryEnd(Clock& clock, const Wire& wire, std::string name, std::shared_ptr<End> own,
              std::weak_ptr<End> other)
        : clock_(clock),
          wire_(wire),
          name_(std::move(name)),
          own_(std::move(own)),
          other_(std::move(other)) {}

    // One event for a whole message: what takes it waits for its last byte anyway.
    void send(std::string_view bytes) override {
        if (bytes.empty()) return;
        const auto count = static_cast<std::int64_t>(bytes.size());
        own_->wire_busy_until = std::max(own_->wire_busy_until, clock_.now()) + count * wire_.byte_time;
        clock_.at(own_->wire_busy_until + wire_.latency, [other = other_, text = std::string(bytes)] {
            const auto end = other.lock();
            if (end && end->receiver) end->receiver(text);
        });
    }

    void on_receive(Receiver receiver) override { own_->receiver = std::move(receiver); }

    std::string name() const override { return name_; }

private:
    Clock& clock_;
    Wire wire_;
    std::string name_;
    std::shared_ptr<End> own_;
    std::weak_ptr<End> other_;
};

}  // namespace

MemoryLink memory_link(Clock& clock, const Wire& wire, const std::string& name) {
    auto near = std::make_shared<End>(), far = std::make_shared<End>();
    return {std::make_unique<MemoryEnd>(clock, wire, name, near, far),
            std::make_unique<MemoryEnd>(clock, wire, name, far, near)};
}

}  // namespace rig
