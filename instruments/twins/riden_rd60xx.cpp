// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/riden_rd60xx.hpp"

#include <algorithm>
#include <cmath>

namespace rig {
namespace {

constexpr int registers = 120;
constexpr double volts_step = 0.01;

SupplyOutput::Type type_of(RidenRd60xxTwin::Model model) {
    SupplyOutput::Type type;
    type.most_volts = Volts{60.0};
    type.volts_step = Volts{volts_step};
    const bool small = model == RidenRd60xxTwin::Model::rd6006;
    type.most_amperes = Amperes{small ? 6.0 : model == RidenRd60xxTwin::Model::rd6012 ? 12.0 : 18.0};
    type.amperes_step = Amperes{small ? 0.001 : 0.01};
    type.gain_error = 0.003;
    type.offset = Volts{0.020};
    return type;
}

std::uint16_t steps(double value, double step) {
    return static_cast<std::uint16_t>(std::max(0L, std::lround(value / step)));
}

}  // namespace

RidenRd60xxTwin::RidenRd60xxTwin(Clock& clock, Terminals* terminals, std::uint64_t seed, Model model)
    : model_(model),
      amperes_step_(type_of(model).amperes_step.value),
      spread_(seed),
      output_(clock, terminals, type_of(model), spread_) {
    output_.over_voltage = {true, false, 62.0};
    output_.over_current = {true, false, type_of(model).most_amperes.value * 1.03};
}

Registers RidenRd60xxTwin::read(std::uint16_t first, int count) {
    if (first + count > registers) throw Refusal{2};
    output_.look();
    Registers answer;
    for (int i = 0; i < count; ++i)
        answer.push_back(held(first + i));
    return answer;
}

std::uint16_t RidenRd60xxTwin::held(int address) {
    switch (address) {
        case 0:
            return model_ == Model::rd6006 ? 60062 : model_ == Model::rd6012 ? 60121 : 60181;
        case 8:
            return steps(output_.volts(), volts_step);
        case 9:
            return steps(output_.amperes(), amperes_step_);
        case 10:
            return steps(output_.read_volts(), volts_step);
        case 11:
            return steps(output_.read_amperes(), amperes_step_);
        case 16:
            return output_.over_voltage.tripped ? 1 : output_.over_current.tripped ? 2 : 0;
        case 17:
            return output_.limits() ? 1 : 0;
        case 18:
            return output_.on() ? 1 : 0;
        case 82:
            return steps(output_.over_voltage.level, volts_step);
        case 83:
            return steps(output_.over_current.level, amperes_step_);
        default:
            return 0;
    }
}

bool RidenRd60xxTwin::takes(int address, int value) const {
    switch (address) {
        case 8:
            return output_.in_range_v(value * volts_step);
        case 9:
            return output_.in_range_a(value * amperes_step_);
        case 18:
            return value <= 1;
        case 82:
            return value * volts_step <= 62.0;
        case 83:
            return output_.in_range_a(value * amperes_step_ / 1.04);
        default:
            return false;
    }
}

void RidenRd60xxTwin::write(std::uint16_t first, const Registers& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        const int address = first + static_cast<int>(i);
        if (address != 8 && address != 9 && address != 18 && address != 82 && address != 83) throw Refusal{2};
        if (!takes(address, values[i])) throw Refusal{3};
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        const int address = first + static_cast<int>(i), value = values[i];
        if (address == 8) output_.set_volts(value * volts_step);
        if (address == 9) output_.set_amperes(value * amperes_step_);
        if (address == 82) output_.over_voltage.level = value * volts_step;
        if (address == 83) output_.over_current.level = value * amperes_step_;
        if (address == 18 && value == 0) output_.over_voltage.tripped = output_.over_current.tripped = false;
        if (address == 18) output_.switch_to(value == 1);
    }
    output_.look();
}

}  // namespace rig
