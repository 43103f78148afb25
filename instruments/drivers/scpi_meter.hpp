// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/drivers/scpi_session.hpp"
#include "instruments/voltmeter.hpp"

namespace rig {

/// A bench multimeter that measures DC volts: a Keysight 34461A or a Siglent SDM, which understand the
/// same commands. It never chooses a range by itself: its readings would depend on what came before.
class ScpiMeter : public Voltmeter {
public:
    /// Identifies the instrument as one whose *IDN? contains `identity`; it starts in its 10 V range
    /// at 10 power line cycles.
    ScpiMeter(Clock& clock, std::unique_ptr<ByteLink> link, const std::string& identity,
              const std::string& name);

    InstrumentIdentity identity() const override { return session_->identity(); }
    void measure_up_to(Volts most, double line_cycles) override;
    Reply<Volts> read() override;

private:
    std::shared_ptr<ScpiSession> session_;
};

}  // namespace rig
