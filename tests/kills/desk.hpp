// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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
        const bool before = driven();
        FakeTerminals::drive(drive);
        if (before && !driven()) went_off = clock_.now();
        if (!before && driven()) went_on = clock_.now();
    }

    Nanoseconds went_off{}, went_on{};

private:
    WallClock& clock_;
};

/// Two cells on supplies of one make, a current source, and the last board's EXT line: all on
/// pseudo-terminals, played in real time.
class Desk {
public:
    /// Hears of each write before the instrument does, which hears what `deliver` is called with.
    using Deliver = std::function<void(std::string_view bytes)>;
    using OnWrite = std::function<void(std::string_view bytes, const Deliver& deliver)>;

    static const std::vector<std::string>& makes();

    Desk(WallClock& clock, const std::string& make);
    ~Desk();

    void on_write(OnWrite listener) { on_write_ = std::move(listener); }

    /// As a fixture file has it.
    const std::string& fixture() const { return fixture_; }

    /// In the order in which they are taken down.
    const std::vector<TimedTerminals*>& taken_down() const { return taken_down_; }
    bool all_off() const;

private:
    class Ear;

    std::unique_ptr<ByteLink> new_line();
    template <class Twin, class... Arguments>
    void put(Arguments&&... arguments);
    std::string put_supplies(const std::string& make);
    void speak();

    WallClock& clock_;
    OnWrite on_write_;
    std::vector<std::unique_ptr<PtyServer>> terminals_;
    TimedTerminals low_{clock_}, high_{clock_}, injector_{clock_}, unused_{clock_};
    std::vector<TimedTerminals*> taken_down_{&injector_, &high_, &low_};
    std::vector<std::shared_ptr<void>> twins_;
    PtyServer ext_{clock_};
    std::string fixture_;
};

}  // namespace rig::kills
