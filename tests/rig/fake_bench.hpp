// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fixtures/bench.hpp"
#include "fixtures/profile.hpp"
#include "instruments/instrument_error.hpp"
#include "instruments/voltmeter.hpp"
#include "rig/lua/recorder.hpp"
#include "rig/take_up.hpp"

namespace rig::testing {

/// Time that passes only when somebody waits.
class TestClock : public Clock {
public:
    Nanoseconds now() const override { return now_; }

    void at(Nanoseconds when, Action action) override {
        actions_.emplace(std::max(when, now_), std::move(action));
    }

    bool run_until(const std::function<bool()>& ready, Nanoseconds deadline) override {
        for (;;) {
            if (ready()) return true;
            if (actions_.empty() || actions_.begin()->first > deadline) break;
            const auto next = actions_.begin();
            now_ = std::max(now_, next->first);
            const Action action = std::move(next->second);
            actions_.erase(next);
            action();
        }
        now_ = std::max(now_, deadline);
        return ready();
    }

private:
    Nanoseconds now_{};
    std::multimap<Nanoseconds, Action> actions_;
};

/// Answers with its setpoint after a millisecond; writes down what it was told.
class FakeCell : public CellSupply {
public:
    FakeCell(Clock& clock, std::vector<std::string>& log, int number)
        : clock_(clock), log_(log), number_(number) {}

    void set_voltage(Volts target) override {
        if (target.value > 5.2)
            throw InstrumentError("cell " + std::to_string(number_), "more than the fixture allows");
        volts = target;
        log("set");
    }
    void set_current_limit(Amperes) override { log("limit"); }
    Reply<Volts> measure_voltage() override { return answer(volts); }
    Reply<Amperes> measure_current() override { return answer(Amperes{on ? 0.002 : 0.0}); }
    void output_on() override {
        on = true;
        log("on");
    }
    void output_off() override {
        if (stuck) throw InstrumentError("cell " + std::to_string(number_), "does not go off");
        on = false;
        log("off");
    }

    Volts volts{};
    bool on = false, stuck = false;

private:
    template <class Quantity>
    Reply<Quantity> answer(Quantity value) {
        const Nanoseconds there = clock_.now() + Nanoseconds{1'000'000};
        return Reply<Quantity>([this, value, there] {
            clock_.run_until([] { return false; }, there);
            return value;
        });
    }
    void log(const std::string& what) { log_.push_back("cell " + std::to_string(number_) + " " + what); }

    Clock& clock_;
    std::vector<std::string>& log_;
    int number_;
};

class FakeInjector : public CurrentInjector {
public:
    void inject(Amperes through_sensor) override { amperes = through_sensor; }
    Reply<Amperes> measure() override {
        return Reply<Amperes>([this] { return amperes; });
    }
    void off() override { amperes = Amperes{0.0}; }

    Amperes amperes{};
};

class FakeForcer : public TemperatureForcer {
public:
    void force(Celsius target) override { degrees = target; }
    void off() override { degrees = Celsius{25.0}; }

    Celsius degrees{25.0};
};

class FakeMeter : public Voltmeter {
public:
    void measure_up_to(Volts, double) override {}
    Reply<Volts> read() override {
        return Reply<Volts>([this] { return volts; });
    }

    Volts volts{};
};

class FakeInput : public DigitalInput {
public:
    explicit FakeInput(Clock& clock) : clock_(clock) {}
    bool active() override { return now; }
    const std::vector<Edge>& edges() override { return seen; }
    Nanoseconds edges_whole_from() const override { return whole_from; }

    void become(bool active) {
        if (active == now) return;
        now = active;
        seen.push_back({clock_.now(), active});
    }

    bool now = false;
    std::vector<Edge> seen;
    Nanoseconds whole_from{};

private:
    Clock& clock_;
};

class FakeOutput : public DigitalOutput {
public:
    void drive(bool active) override {
        now = active;
        history.push_back(active);
    }
    bool driven() const override { return now; }

    bool now = false;
    std::vector<bool> history;
};

class FakeTap : public ChainTap {
public:
    void flip(int index, std::uint8_t mask, int frames) override {
        said = "flip " + std::to_string(index) + " " + std::to_string(mask) + " " + std::to_string(frames);
    }
    void truncate(int length, int frames) override {
        said = "truncate " + std::to_string(length) + " " + std::to_string(frames);
    }
    void repeat(int frames) override { said = "repeat " + std::to_string(frames); }
    void misframe(int index, int frames) override {
        said = "misframe " + std::to_string(index) + " " + std::to_string(frames);
    }
    void noise(std::string_view bytes) override { said = "noise " + std::string(bytes); }
    int damaged() const override { return 3; }
    void listen() override { said = "listen"; }
    const std::vector<ChainBytes>& heard() const override { return sent; }

    std::string said;
    std::vector<ChainBytes> sent;
};

class FakeProbe : public BoardProbe {
public:
    int eeprom_size() const override { return 16; }
    std::uint8_t eeprom(int address) const override { return cells[address]; }
    void set_eeprom(int address, std::uint8_t byte) override { cells[address] = byte; }
    int eeprom_writes() const override { return 5; }
    void cut_power_at_eeprom_write(int writes) override { said = "cut after " + std::to_string(writes); }
    std::optional<Nanoseconds> shortest_bypass_rest() const override { return bypass_rest; }
    void reset() override { said = "reset"; }
    void stall_converter() override { said = "stall"; }
    double charge_drawn_c() override { return drawn_c += 0.002; }
    int ram_size() const override { return 2048; }
    int untouched_ram() const override { return 1800; }
    void hang(bool deaf) override { said = deaf ? "hang deaf" : "hang"; }

    std::uint8_t cells[16] = {};
    double drawn_c = 0.0;
    std::string said;
    std::optional<Nanoseconds> bypass_rest;
};

/// Boards that allow both relays while every cell is on and below 3.60 V.
class FakeBench : public Bench {
public:
    explicit FakeBench(int count = 2) {
        profile = "gen3-hw2";
        clock = &test_clock;
        for (int n = 1; n <= count; ++n) {
            own_cells.push_back(std::make_unique<FakeCell>(test_clock, log, n));
            cells.push_back(own_cells.back().get());
            add_input("board[" + std::to_string(n) + "].led");
            temperatures[n] = &own_forcers[n];
            probes[n] = &own_probes[n];
            if (n < count) {
                add_output("chain[" + std::to_string(n) + "].closed");
                if (n + 1 < count) add_output("chain[" + std::to_string(n) + "].bridged");
                chain_taps[n] = &own_taps[n];
            }
        }
        sensors[1] = &own_injectors[1];
        meters[2] = &own_meter;
        add_output("sensor[1].plugged");
        for (const char* relay : {"relay.charge", "relay.load"}) {
            add_input(std::string(relay) + ".pins_1_2");
            add_input(std::string(relay) + ".pins_2_3");
        }
        add_input("led.charge");
        add_input("led.load");
        for (int n = 1; n <= 8; ++n)
            add_output("switch[" + std::to_string(n) + "]");
        add_output("button.first");
        add_output("button.last");
        look_at_cells();
    }

    void make_safe() override {
        ++made_safe;
        take_down(*this);
    }
    std::vector<std::string> condemnations() const override { return condemned; }
    void reseed(std::uint64_t seed) override { seeds.push_back(seed); }

    void set_relays(bool allowed) {
        for (const char* relay : {"relay.charge", "relay.load"}) {
            const RelayThrows throws = relay_throws(profile, relay);
            own_inputs.at(throws.allowing)->become(allowed);
            own_inputs.at(throws.forbidding)->become(!allowed);
        }
    }

    TestClock test_clock;
    std::vector<std::string> log;
    std::vector<std::unique_ptr<FakeCell>> own_cells;
    std::map<int, FakeForcer> own_forcers;
    FakeMeter own_meter;
    std::map<int, FakeInjector> own_injectors;
    std::map<int, FakeTap> own_taps;
    std::map<int, FakeProbe> own_probes;
    std::map<std::string, std::unique_ptr<FakeInput>> own_inputs;
    std::map<std::string, std::unique_ptr<FakeOutput>> own_outputs;
    std::vector<std::string> condemned;
    std::vector<std::uint64_t> seeds;
    int made_safe = 0;
    bool boards_dead = false;

private:
    void add_input(const std::string& name) {
        inputs[name] = (own_inputs[name] = std::make_unique<FakeInput>(test_clock)).get();
    }
    void add_output(const std::string& name) {
        outputs[name] = (own_outputs[name] = std::make_unique<FakeOutput>()).get();
    }

    void look_at_cells() {
        set_relays(!boards_dead && std::all_of(own_cells.begin(), own_cells.end(), [](const auto& cell) {
            return cell->on && cell->volts < Volts{3.60};
        }));
        test_clock.at(test_clock.now() + Nanoseconds{100'000'000}, [this] { look_at_cells(); });
    }
};

/// Keeps what a test said.
class Notes : public Recorder {
public:
    void check(const reports::CheckRecord& check) override { checks.push_back(check); }
    void event(const std::string& kind, const std::string& text) override {
        if (kind == "print") printed.push_back(text);
    }

    std::vector<reports::CheckRecord> checks;
    std::vector<std::string> printed;
};

}  // namespace rig::testing
