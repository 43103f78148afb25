// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "instruments/links/pty_server.hpp"
#include "instruments/links/wall_clock.hpp"
#include "tests/instruments/fake_terminals.hpp"

namespace rig::kills {

/// A resistor that notes when it was switched.
class TimedTerminals : public FakeTerminals {
public:
    explicit TimedTerminals(WallClock& clock) : clock_(clock) {}

    void drive(const Drive& drive) override {
        const bool before = fed();
        FakeTerminals::drive(drive);
        if (before && !fed()) went_off = clock_.now();
        if (!before && fed()) went_on = clock_.now();
    }

    /// By an output that is on: one that was switched off may take half a second to fall.
    bool fed() const {
        constexpr Amperes left_in_capacitors{0.1};
        return driven() &&
               (drives.back().mode != Drive::Mode::voltage || drives.back().amperes > left_in_capacitors);
    }

    Nanoseconds went_off{}, went_on{};

private:
    WallClock& clock_;
};

/// Five cells on supplies of four makes, a current source of a fifth, and the last board's EXT line: all on
/// pseudo-terminals, played in real time. The lowest two cells share a unit.
class Desk {
public:
    /// Hears of each write before the instrument does, which hears what `deliver` is called with.
    using Deliver = std::function<void(std::string_view bytes)>;
    using OnWrite = std::function<void(std::string_view bytes, const Deliver& deliver)>;

    explicit Desk(WallClock& clock);
    ~Desk();

    void on_write(OnWrite listener) { on_write_ = std::move(listener); }

    /// As a fixture file has it.
    const std::string& fixture() const { return fixture_; }

    /// In the order in which they are taken down.
    const std::vector<TimedTerminals*>& taken_down() const { return taken_down_; }
    bool all_on() const;
    bool all_off() const;
    bool all_fallen() const;

private:
    class Ear;

    std::unique_ptr<ByteLink> new_line();
    template <class Twin, class... Arguments>
    void put(Arguments&&... arguments);
    void add_unit(const std::string& keys);
    void speak();

    WallClock& clock_;
    OnWrite on_write_;
    std::vector<std::unique_ptr<PtyServer>> terminals_;
    std::deque<TimedTerminals> cells_;
    TimedTerminals injector_{clock_}, unused_{clock_}, unused_too_{clock_};
    std::vector<TimedTerminals*> taken_down_;
    std::vector<std::shared_ptr<void>> twins_;
    PtyServer ext_{clock_};
    std::string fixture_;
};

}  // namespace rig::kills
