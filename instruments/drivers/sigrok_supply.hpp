// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "instruments/links/sigrok_link.hpp"
#include "instruments/supply_unit.hpp"

namespace rig {

/// A supply that libsigrok knows. It says only what libsigrok has a name for: no list of errors, no watchdog,
/// nothing that makes a protection forget. Some of libsigrok's drivers answer from memory when their
/// instrument is silent; what they say they hold is all there is. Nobody can switch it off over its wire when
/// this program is gone.
class SigrokSupply : public SupplyUnit {
public:
    /// Leaves the first `channels` of its outputs verified off.
    SigrokSupply(std::unique_ptr<SigrokLink> link, const std::string& name, int channels);
    ~SigrokSupply() override;

    InstrumentIdentity identity() const override;
    int channels() const override;
    CellSupply& channel(int number) override;
    OffSequence off_sequence() const override { return {}; }
    int descriptor() const override { return -1; }

private:
    class Output;
    std::shared_ptr<SigrokLink> link_;
    std::string name_;
    std::vector<std::unique_ptr<Output>> outputs_;
};

}  // namespace rig
