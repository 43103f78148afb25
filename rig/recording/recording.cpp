// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/recording/recording.hpp"

#include "firmware/core/ext_status.hpp"
#include "fixtures/boards/board_units.hpp"
#include "fixtures/boards/ext_reader.hpp"
#include "rig/recording/recorded_channels.hpp"

namespace rig {

namespace {

constexpr Nanoseconds edges_wait{1'000'000'000};

/// What the last board says of the pack, noted with each good frame.
class RecordedExt {
public:
    explicit RecordedExt(Tape& tape)
        : tape_(tape),
          pack_(tape.add({"ext.pack_v", "measured", "V", 5e-3})),
          lowest_(tape.add({"ext.lowest_v", "measured", "V", 5e-3})),
          highest_(tape.add({"ext.highest_v", "measured", "V", 5e-3})),
          battery_(tape.add({"ext.battery_a", "measured", "A", ext_count_a})),
          soc_(tape.add({"ext.soc_pct", "measured", "%", 1.0})) {
        for (const Flag& flag : flags)
            flags_.push_back(tape.add({flag.name, "measured", "", 1.0}));
    }

    void note(const ExtReader::Received& received) {
        const auto& frame = received.frame;
        const auto put = [&](Tape::Signal signal, double value) { tape_.put(signal, received.at, value); };
        put(pack_, volts_of(frame.pack_voltage));
        put(lowest_, volts_of(frame.lowest_voltage));
        put(highest_, volts_of(frame.highest_voltage));
        if (const auto amperes = amperes_of(frame.battery)) put(battery_, *amperes);
        put(soc_, frame.soc_percent);
        for (std::size_t i = 0; i < flags_.size(); ++i)
            put(flags_[i], (frame.status & flags[i].bit) != 0);
    }

private:
    struct Flag {
        const char* name;
        std::uint8_t bit;
    };
    static constexpr Flag flags[] = {{"ext.charge_allowed", bms::status1::charge_allowed},
                                     {"ext.discharge_allowed", bms::status1::discharge_allowed},
                                     {"ext.alarm.communication", bms::status1::communication_error},
                                     {"ext.alarm.v_min", bms::status1::v_min},
                                     {"ext.alarm.v_max", bms::status1::v_max},
                                     {"ext.alarm.t_min", bms::status1::t_min},
                                     {"ext.alarm.t_max", bms::status1::t_max},
                                     {"ext.soc_uncalibrated", bms::status1::soc_uncalibrated}};

    Tape& tape_;
    Tape::Signal pack_, lowest_, highest_, battery_, soc_;
    std::vector<Tape::Signal> flags_;
};

/// The truth about one board.
class RecordedTruth {
public:
    RecordedTruth(Tape& tape, int board)
        : tape_(tape),
          voltage_(tape.add({fmt::format("plant.cell[{}].voltage_v", board), "plant", "V", 1e-4})),
          current_(tape.add({fmt::format("plant.cell[{}].current_a", board), "plant", "A", 1e-3})),
          bypass_(tape.add({fmt::format("plant.cell[{}].bypass", board), "plant", "", 1.0})),
          temperature_(
              tape.add({fmt::format("plant.board[{}].temperature_degc", board), "plant", "°C", 0.1})) {}

    void note(Nanoseconds at, const PlantTruth::Reading& reading) {
        tape_.put(voltage_, at, reading.voltage.value);
        tape_.put(current_, at, reading.current.value);
        tape_.put(bypass_, at, reading.bypass);
        tape_.put(temperature_, at, reading.temperature.value);
    }

private:
    Tape& tape_;
    Tape::Signal voltage_, current_, bypass_, temperature_;
};

}  // namespace

struct Recording::Parts {
    explicit Parts(Bench& its_bench) : bench(its_bench), tape(*its_bench.clock) {
        for (CellSupply*& cell : bench.cells)
            cell = cells.emplace_back(face<RecordedCell>(static_cast<int>(cells.size()) + 1, *cell)).get();
        for (auto& [number, injector] : bench.sensors) {
            sensors[number] = face<RecordedInjector>(number, *injector);
            injector = sensors[number].get();
        }
        for (auto& [board, forcer] : bench.temperatures) {
            forcers[board] = face<RecordedForcer>(board, *forcer);
            forcer = forcers[board].get();
        }
        for (auto& [board, meter] : bench.meters) {
            meters[board] = face<RecordedMeter>(board, *meter);
            meter = meters[board].get();
        }
        for (auto& [name, line] : bench.outputs) {
            outputs[name] = face<RecordedOutput>(name, *line);
            line = outputs[name].get();
        }
        for (auto& [name, line] : bench.inputs)
            inputs.emplace_back(tape, name, *line);
        if (bench.ext != nullptr) ext.emplace(tape);
        if (bench.plant != nullptr)
            for (int board = 1; board <= static_cast<int>(bench.cells.size()); ++board)
                truths.emplace_back(tape, board);
        tape.close_layout();
    }

    template <class Face, class... Arguments>
    std::unique_ptr<Face> face(Arguments&&... arguments) {
        return std::make_unique<Face>(tape, std::forward<Arguments>(arguments)...);
    }

    void take_edges(Nanoseconds at) {
        if (at < next_edges) return;
        next_edges = at + edges_wait;
        for (RecordedInput& input : inputs)
            input.take_edges();
    }

    void note_truth(int board, Nanoseconds at) {
        truths.at(static_cast<std::size_t>(board - 1)).note(at, bench.plant->reading(board, at));
        take_edges(at);
    }

    Bench& bench;
    Tape tape;
    std::vector<std::unique_ptr<RecordedCell>> cells;
    std::map<int, std::unique_ptr<RecordedInjector>> sensors;
    std::map<int, std::unique_ptr<RecordedForcer>> forcers;
    std::map<int, std::unique_ptr<RecordedMeter>> meters;
    std::map<std::string, std::unique_ptr<RecordedOutput>> outputs;
    std::vector<RecordedInput> inputs;
    std::optional<RecordedExt> ext;
    std::vector<RecordedTruth> truths;
    Nanoseconds next_edges{};
};

Recording::Recording(Bench& bench) : parts_(std::make_unique<Parts>(bench)) {
}

Recording::~Recording() {
    Parts& parts = *parts_;
    finish();
    for (std::size_t i = 0; i < parts.cells.size(); ++i)
        parts.bench.cells[i] = &parts.cells[i]->channel();
    for (auto& [number, injector] : parts.bench.sensors)
        injector = &parts.sensors.at(number)->channel();
    for (auto& [board, forcer] : parts.bench.temperatures)
        forcer = &parts.forcers.at(board)->channel();
    for (auto& [board, meter] : parts.bench.meters)
        meter = &parts.meters.at(board)->channel();
    for (auto& [name, line] : parts.bench.outputs)
        line = &parts.outputs.at(name)->channel();
}

const reports::SignalLayout& Recording::layout() const {
    return parts_->tape.layout();
}

void Recording::start(reports::SignalPacker::Take take) {
    Parts& parts = *parts_;
    const Nanoseconds now = parts.bench.clock->now();
    parts.tape.start(std::move(take));
    parts.next_edges = now + edges_wait;
    for (auto& [name, output] : parts.outputs)
        output->note();
    // Asking a real bench's lines how they stand would be traffic; a simulated one answers for nothing.
    const bool simulated = parts.bench.plant != nullptr;
    for (RecordedInput& input : parts.inputs)
        input.start(now, simulated);
    if (parts.ext)
        parts.bench.ext->on_frame([&parts](const ExtReader::Received& received) {
            parts.ext->note(received);
            parts.take_edges(received.at);
        });
    if (!simulated) return;
    for (int board = 1; board <= static_cast<int>(parts.truths.size()); ++board)
        parts.note_truth(board, now);
    parts.bench.plant->on_change([&parts](int board, Nanoseconds at) { parts.note_truth(board, at); });
}

void Recording::finish() {
    Parts& parts = *parts_;
    if (parts.ext) parts.bench.ext->on_frame(nullptr);
    if (parts.bench.plant != nullptr) parts.bench.plant->on_change(nullptr);
    for (RecordedInput& input : parts.inputs)
        input.take_edges();
    parts.tape.finish();
}

}  // namespace rig
