// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/terminals.hpp"
#include "instruments/twins/scpi_twin.hpp"
#include "instruments/twins/supply_output.hpp"

namespace rig {

/// What a Keysight E36312A (6 V 5 A, twice 25 V 1 A) or an N6702A with four modules (20 V 5 A) would
/// answer. A command without a channel list goes to the selected channel, which is 1. The watchdog
/// switches all outputs off when nothing was said for its time; *RST disarms it.
class KeysightE36300Twin : public ScpiTwin {
public:
    enum class Model { e36312a, n6702a };

    /// `terminals[0]` is channel 1's; null or beyond the end: nothing is connected.
    KeysightE36300Twin(Clock& clock, std::unique_ptr<ByteLink> link, const std::vector<Terminals*>& terminals,
                       std::uint64_t seed, Model model = Model::e36312a);

private:
    using PerOutput = std::function<std::string(SupplyOutput&)>;

    void on_outputs(const std::string& header, std::function<void(SupplyOutput&, const std::string&)> act);
    void ask_outputs(const std::string& header, PerOutput answer);
    void add_setpoints();
    void add_protections();
    void add_watchdog();
    std::vector<SupplyOutput*> listed(const std::vector<std::string>& arguments, std::size_t at);
    void heard() override;
    void watch(int round);
    void reset() override;

    bool watchdog_ = false, watchdog_tripped_ = false;
    int watchdog_s_ = 60;
    int rounds_ = 0;  ///< a word that was heard begins another one
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::deque<SupplyOutput> outputs_;
};

}  // namespace rig
