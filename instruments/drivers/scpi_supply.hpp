// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/scpi_dialect.hpp"
#include "instruments/supply_unit.hpp"

namespace rig {

class ScpiChannel;
class ScpiUnit;

/// One multi-channel supply that speaks a SCPI dialect; its channels share its
/// link. Measurements asked for at the same bench time travel as one query
/// where the dialect has a channel list. Nothing is trusted that was not read
/// back, and the instrument's error queue is drained after every change.
class ScpiSupply : public SupplyUnit {
public:
    /// Identifies the instrument and leaves its first `channels` channels
    /// verified off. `name` is what messages call it: "cell supply 1"; `id` is its
    /// number where several units share a line.
    ScpiSupply(Clock& clock, std::unique_ptr<ByteLink> link, const ScpiDialect& dialect,
               const std::string& name, int channels, int id = 1);
    ~ScpiSupply() override;

    InstrumentIdentity identity() const override;
    int channels() const override;
    CellSupply& channel(int number) override;

    OffSequence off_sequence() const override;
    int descriptor() const override;

private:
    std::shared_ptr<ScpiUnit> unit_;
    std::vector<std::unique_ptr<ScpiChannel>> channels_;
};

}  // namespace rig
