// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/keysight_34461a.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "instruments/twins/spread.hpp"

namespace rig {
namespace {

constexpr Nanoseconds command_time{2'000'000};
constexpr Nanoseconds reading_time{400'000'000};  ///< ten cycles of 50 Hz, and as many for the zero
constexpr std::array<double, 5> ranges{0.1, 1.0, 10.0, 100.0, 1000.0};
constexpr double range_error = 0.00005;  ///< of the range
constexpr double zero_drift = 0.004;     ///< volts, where nothing corrects it
constexpr double overload = 9.9e37;

}  // namespace

Keysight34461aTwin::Keysight34461aTwin(Clock& clock, std::unique_ptr<ByteLink> link,
                                       const Terminals& terminals, std::uint64_t seed, Model model)
    : ScpiTwin(clock, std::move(link),
               model == Model::keysight_34461a
                   ? "Keysight Technologies,34461A,MY00000001,A.03.03-02.40-03.03-00.52-03-02"
                   : "Siglent Technologies,SDM3055,SDM35000000001,1.01.01.25",
               command_time),
      terminals_(terminals) {
    Spread spread(seed);
    offset_part_ = (spread.next() < 0 ? -1 : 1) * range_error * (0.6 + 0.4 * std::abs(spread.next()));
    zero_ = zero_drift * (0.6 + 0.4 * std::abs(spread.next()));
    on_command("CONFigure[:VOLTage][:DC]", [this](const Call& call) {
        reset();
        choose(call.arguments.empty() ? "AUTO" : call.arguments.front());
    });
    on_command("[SENSe1:]VOLTage[:DC]:RANGe", [this](const Call& call) { choose(call.word()); });
    on_query("[SENSe1:]VOLTage[:DC]:RANGe", [this](const Call&) { return fmt::format("{:+.8E}", range_); });
    on_command("[SENSe1:]VOLTage[:DC]:RANGe:AUTO", [this](const Call& call) { automatic_ = call.on_off(); });
    on_query("[SENSe1:]VOLTage[:DC]:RANGe:AUTO",
             [this](const Call&) { return std::string(automatic_ ? "1" : "0"); });
    on_command("[SENSe1:]VOLTage[:DC]:NPLC", [this](const Call& call) {
        if (call.number() < 0.02 || call.number() > 100) throw ScpiFault{-222, "Data out of range"};
        line_cycles_ = call.number();
    });
    on_query("[SENSe1:]VOLTage[:DC]:NPLC",
             [this](const Call&) { return fmt::format("{:+.8E}", line_cycles_); });
    on_query("READ", reading_time, [this](const Call&) { return fmt::format("{:+.8E}", reading()); });
}

void Keysight34461aTwin::choose(const std::string& range) {
    automatic_ = range == "AUTO" || range == "DEF";
    if (automatic_) return;
    double wanted = 0.0;
    const auto [rest, error] = std::from_chars(range.data(), range.data() + range.size(), wanted);
    if (error != std::errc{} || rest != range.data() + range.size()) throw ScpiFault{-104, "Data type error"};
    for (const double candidate : ranges) {
        range_ = candidate;
        if (std::abs(wanted) <= candidate) return;
    }
    throw ScpiFault{-222, "Data out of range"};
}

double Keysight34461aTwin::reading() const {
    const double volts = terminals_.voltage().value;
    if (!automatic_ && std::abs(volts) > 1.2 * range_) return std::copysign(overload, volts);
    // By itself it stays in the range it came from: the highest.
    const double range = automatic_ ? ranges.back() : range_;
    return volts + offset_part_ * range + (line_cycles_ < 1.0 ? zero_ : 0.0);
}

void Keysight34461aTwin::reset() {
    automatic_ = true;
    range_ = 1000.0;
    line_cycles_ = 10.0;
}

}  // namespace rig
