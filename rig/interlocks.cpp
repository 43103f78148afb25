// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/interlocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "fixtures/signal_names.hpp"

namespace rig {

namespace {

/// What opens for a shorter time is in the line's edges, where it has such: the kernel's lines do.
constexpr Nanoseconds between_looks{10'000'000};

constexpr const char* to_try = "close it and begin again: nothing is switched on while it is open";

}  // namespace

struct Interlocks::State : std::enable_shared_from_this<Interlocks::State> {
    struct Contact {
        std::string name, wire;
        Fixture::Interlock says;
        DigitalInput* line = nullptr;
    };

    Clock* clock = nullptr;
    std::vector<Contact> contacts;
    Nanoseconds since{}, looked{};
    std::string open, name;  ///< of the first one that was found open
    bool switching_off = false;

    void look() {
        looked = clock->now();
        for (Contact& contact : contacts)
            if (open.empty()) look_at(contact);
    }

    void look_at(Contact& contact) {
        try {
            if (contact.line == nullptr) return note(contact, "has no line that could be opened");
            const auto& edges = contact.line->edges();
            const auto opened = std::find_if(edges.begin(), edges.end(), [this](const Edge& edge) {
                return edge.at >= since && !edge.active;
            });
            if (opened != edges.end())
                return note(contact, fmt::format("opened at {:.3f} s of bench time",
                                                 static_cast<double>(opened->at.count()) / 1e9));
            if (!contact.line->active()) note(contact, "is open");
        } catch (const InstrumentError& error) {
            note(contact, fmt::format("counts as open, as it cannot be read: {}", error.what()));
        }
    }

    void note(const Contact& contact, const std::string& what) {
        name = "interlock " + contact.name;
        open = what;
        if (!contact.wire.empty()) open += fmt::format(" ({})", contact.wire);
        if (!contact.says.meaning.empty()) open += "\n  means   " + contact.says.meaning;
        if (!contact.says.cuts.empty())
            open += fmt::format("\n  cuts    {}, whatever their instruments say",
                                fmt::join(contact.says.cuts, ", "));
        open += std::string("\n  try     ") + to_try;
    }

    void throw_if_open() const {
        if (!open.empty()) throw InterlockError(name, open);
    }

    void look_from_now_on() {
        clock->at(looked + between_looks, [weak = weak_from_this()] {
            const auto state = weak.lock();
            if (!state) return;
            state->look();
            state->look_from_now_on();
            if (!state->switching_off) state->throw_if_open();
        });
    }
};

Interlocks::Interlocks(Bench& bench, const Fixture& fixture) : state_(std::make_shared<State>()) {
    for (const auto& [name, says] : fixture.interlocks) {
        const auto signal = interlock_signal(name);
        const auto wire = fixture.lines.find(signal);
        const auto line = bench.inputs.find(signal);
        state_->contacts.push_back({name, wire == fixture.lines.end() ? "" : wire->second.name(), says,
                                    line == bench.inputs.end() ? nullptr : line->second});
    }
    state_->clock = bench.clock;
    state_->since = bench.clock->now();
    if (state_->contacts.empty()) return;
    state_->look();
    state_->look_from_now_on();
}

std::string Interlocks::open() {
    if (state_->clock->now() >= state_->looked + between_looks) state_->look();
    return state_->open.empty() ? std::string() : state_->name + ": " + state_->open;
}

void Interlocks::require_closed() {
    state_->look();
    state_->switching_off = false;
    state_->throw_if_open();
}

void Interlocks::switching_off() {
    state_->switching_off = true;
}

}  // namespace rig
