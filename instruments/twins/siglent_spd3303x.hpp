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

/// What a Siglent SPD3303X would answer: two channels of 32 V, 3.2 A, that take no current. An answer
/// takes it 10 to 100 ms; for 20 ms after a setting it hears nothing. Whether an output is on is said
/// only by bits of a hexadecimal number, and errors come without quotes.
class SiglentSpd3303xTwin : public ScpiTwin {
public:
    static constexpr int channels = 2;

    /// `terminals[0]` is channel 1's; null or beyond the end: nothing is connected.
    SiglentSpd3303xTwin(Clock& clock, std::unique_ptr<ByteLink> link,
                        const std::vector<Terminals*>& terminals, std::uint64_t seed);

private:
    void ask(const std::string& header, std::function<std::string(const Call&)> answer);
    SupplyOutput& output(int number);
    SupplyOutput& named(const std::string& channel);
    void reset() override;

    Nanoseconds answering_;
    std::deque<SupplyOutput> outputs_;
};

}  // namespace rig
