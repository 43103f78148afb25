// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/korad_ka3005p.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>

namespace rig {
namespace {

constexpr Nanoseconds byte_time{1'041'667};
constexpr Nanoseconds understands_after{15'000'000};  ///< of silence

constexpr SupplyOutput::Type type{Volts{31.0}, Volts{0.01},  Amperes{5.1},  Amperes{0.001},
                                  0.005,       Volts{0.020}, Amperes{0.005}};

constexpr Volts trips_above{0.5};  ///< over its setpoint

std::optional<double> number_after(const std::string& word, const std::string& head) {
    if (!word.starts_with(head)) return std::nullopt;
    double value = 0.0;
    const auto begin = word.data() + head.size(), end = word.data() + word.size();
    const auto [rest, error] = std::from_chars(begin, end, value);
    if (error != std::errc{} || rest != end) return std::nullopt;
    return value;
}

}  // namespace

KoradKa3005pTwin::KoradKa3005pTwin(Clock& clock, std::unique_ptr<ByteLink> link, Terminals* terminals,
                                   std::uint64_t seed)
    : clock_(clock),
      link_(std::move(link)),
      spread_(seed),
      output_(clock, terminals, type, spread_),
      gap_(65'000'000 + std::llround(15e6 * spread_.next())) {
    link_->on_receive([this](std::string_view bytes) { receive(bytes); });
}

KoradKa3005pTwin::~KoradKa3005pTwin() {
    link_->on_receive(nullptr);
}

void KoradKa3005pTwin::receive(std::string_view bytes) {
    const auto began = clock_.now() - static_cast<std::int64_t>(bytes.size()) * byte_time;
    if (began - ended_ >= gap_) word_.clear();
    word_ += bytes;
    ended_ = clock_.now();
    clock_.at(ended_ + understands_after, [alive = std::weak_ptr(alive_), this, word = ++words_] {
        if (!alive.expired() && words_ == word) act(word_);
    });
}

void KoradKa3005pTwin::act(const std::string& word) {
    output_.look();
    if (word.ends_with('?')) {
        const auto text = answer(word);
        if (!text.empty()) link_->send(text);
        return;
    }
    if (const auto volts = number_after(word, "VSET1:"); volts && output_.in_range_v(*volts))
        output_.set_volts(*volts);
    if (const auto amperes = number_after(word, "ISET1:"); amperes && output_.in_range_a(*amperes))
        output_.set_amperes(*amperes);
    output_.over_voltage.level = output_.volts() + trips_above.value;
    output_.over_current.level = output_.amperes();
    if (word == "OUT0" || word == "OUT1") output_.switch_to(word.back() == '1');
    for (const auto& [head, guard] :
         {std::pair{"OVP", &output_.over_voltage}, {"OCP", &output_.over_current}})
        if (word == head + std::string("0") || word == head + std::string("1"))
            *guard = {word.back() == '1', false, guard->level};
    output_.look();
}

std::string KoradKa3005pTwin::answer(const std::string& word) {
    if (word == "*IDN?") return "KORADKA3005PV2.0";
    if (word == "VSET1?") return fmt::format("{:05.2f}", output_.volts());
    if (word == "ISET1?") return fmt::format("{:05.3f}K", output_.amperes());
    if (word == "VOUT1?") return fmt::format("{:05.2f}", output_.read_volts());
    if (word == "IOUT1?") return fmt::format("{:05.3f}", std::max(0.0, output_.read_amperes()));
    if (word == "STATUS?") return std::string(1, status());
    return {};
}

// Its beeper is on, and its lock.
char KoradKa3005pTwin::status() {
    unsigned bits = 1u << 4;
    if (!output_.limits()) bits |= 1u;
    if (output_.over_current.armed) bits |= 1u << 5;
    if (output_.on()) bits |= 1u << 6;
    if (output_.over_voltage.armed) bits |= 1u << 7;
    return static_cast<char>(bits);
}

}  // namespace rig
