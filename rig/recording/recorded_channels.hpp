// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "instruments/instrument_error.hpp"
#include "instruments/supply_face.hpp"
#include "instruments/voltmeter.hpp"
#include "rig/recording/tape.hpp"

/// Faces of a bench's channels that pass everything on, and note it.
namespace rig {

/// The same reply, noted when it is collected.
template <class Quantity>
Reply<Quantity> noted(Tape& tape, Tape::Signal signal, Reply<Quantity> reply) {
    return Reply<Quantity>([&tape, signal, reply = std::move(reply)]() mutable {
        const Quantity value = reply.get();
        tape.put(signal, value.value);
        return value;
    });
}

class RecordedCell : public SupplyFace {
public:
    RecordedCell(Tape& tape, int number, CellSupply& channel)
        : SupplyFace(channel),
          tape_(tape),
          voltage_(tape.add({name(number, "voltage_v"), "measured", "V", 1e-4})),
          current_(tape.add({name(number, "current_a"), "measured", "A", 1e-4})),
          target_(tape.add({name(number, "target_v"), "driven", "V", 1e-4})),
          output_(tape.add({name(number, "output"), "driven", "", 1.0})) {}

    void set_voltage(Volts target) override {
        SupplyFace::set_voltage(target);
        tape_.put(target_, target.value);
    }
    Reply<Volts> measure_voltage() override { return noted(tape_, voltage_, SupplyFace::measure_voltage()); }
    Reply<Amperes> measure_current() override {
        return noted(tape_, current_, SupplyFace::measure_current());
    }
    void output_on() override {
        SupplyFace::output_on();
        tape_.put(output_, 1.0);
    }
    void output_off() override {
        SupplyFace::output_off();
        tape_.put(output_, 0.0);
    }

private:
    static std::string name(int number, const char* quantity) {
        return fmt::format("cell[{}].{}", number, quantity);
    }

    Tape& tape_;
    Tape::Signal voltage_, current_, target_, output_;
};

class RecordedInjector : public CurrentInjector {
public:
    RecordedInjector(Tape& tape, int number, CurrentInjector& channel)
        : tape_(tape),
          channel_(channel),
          current_(tape.add({fmt::format("sensor[{}].current_a", number), "measured", "A", 1e-3})),
          target_(tape.add({fmt::format("sensor[{}].target_a", number), "driven", "A", 1e-3})) {}

    void inject(Amperes through_sensor) override {
        channel_.inject(through_sensor);
        tape_.put(target_, through_sensor.value);
    }
    Reply<Amperes> measure() override { return noted(tape_, current_, channel_.measure()); }
    void off() override {
        channel_.off();
        tape_.put(target_, 0.0);
    }

    CurrentInjector& channel() const { return channel_; }

private:
    Tape& tape_;
    CurrentInjector& channel_;
    Tape::Signal current_, target_;
};

class RecordedForcer : public TemperatureForcer {
public:
    RecordedForcer(Tape& tape, int board, TemperatureForcer& channel)
        : tape_(tape),
          channel_(channel),
          target_(tape.add({fmt::format("temperature[{}].target_degc", board), "driven", "°C", 0.01})) {}

    void force(Celsius target) override {
        channel_.force(target);
        tape_.put(target_, target.value);
    }
    void off() override { channel_.off(); }

    TemperatureForcer& channel() const { return channel_; }

private:
    Tape& tape_;
    TemperatureForcer& channel_;
    Tape::Signal target_;
};

class RecordedMeter : public Voltmeter {
public:
    RecordedMeter(Tape& tape, int board, Voltmeter& meter)
        : tape_(tape),
          meter_(meter),
          voltage_(tape.add({fmt::format("meter[{}].voltage_v", board), "measured", "V", 1e-5})) {}

    InstrumentIdentity identity() const override { return meter_.identity(); }
    void measure_up_to(Volts most, double line_cycles) override { meter_.measure_up_to(most, line_cycles); }
    Reply<Volts> read() override { return noted(tape_, voltage_, meter_.read()); }

    Voltmeter& channel() const { return meter_; }

private:
    Tape& tape_;
    Voltmeter& meter_;
    Tape::Signal voltage_;
};

class RecordedOutput : public DigitalOutput {
public:
    RecordedOutput(Tape& tape, const std::string& name, DigitalOutput& line)
        : tape_(tape), line_(line), state_(tape.add({name, "driven", "", 1.0})) {}

    void drive(bool active) override {
        line_.drive(active);
        tape_.put(state_, active);
    }
    bool driven() const override { return line_.driven(); }

    void note() const { tape_.put(state_, line_.driven()); }
    DigitalOutput& channel() const { return line_; }

private:
    Tape& tape_;
    DigitalOutput& line_;
    Tape::Signal state_;
};

/// A line's edges are taken from it when it is time to, with their own stamps.
class RecordedInput {
public:
    RecordedInput(Tape& tape, const std::string& name, DigitalInput& line)
        : tape_(tape), line_(line), state_(tape.add({name, "measured", "", 1.0})) {}

    /// `asks`: looking how it stands costs nothing.
    void start(Nanoseconds now, bool asks) {
        seen_until_ = now;
        if (asks) tape_.put(state_, now, line_.active());
    }
    void take_edges() {
        try {
            take_edges_of(line_.edges());
        } catch (const InstrumentError&) {  // whoever looks at a line that is not answered for is told so
        }
    }

private:
    void take_edges_of(const std::vector<Edge>& edges) {
        auto next = std::upper_bound(edges.begin(), edges.end(), seen_until_,
                                     [](Nanoseconds at, const Edge& edge) { return at < edge.at; });
        for (; next != edges.end(); ++next) {
            tape_.put(state_, next->at, next->active);
            seen_until_ = next->at;
        }
    }

    Tape& tape_;
    DigitalInput& line_;
    Tape::Signal state_;
    Nanoseconds seen_until_{};  ///< a new test forgets edges, so they cannot be counted
};

}  // namespace rig
