// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/drivers/scpi_session.hpp"
#include "instruments/electronic_load.hpp"
#include "instruments/off_sequence.hpp"

namespace rig {

/// An electronic load that takes a constant current: a Rigol DL3021 or a Siglent SDL1000X, which
/// differ by their name and by how they spell their input.
class ScpiLoad : public ElectronicLoad, public Guarded {
public:
    struct Dialect {
        std::string identity;
        std::string input;  ///< ":INP", ":INPUT"
    };
    static Dialect rigol_dl3021() { return {"DL30", ":INP"}; }
    static Dialect siglent_sdl1000x() { return {"SDL10", ":INPUT"}; }

    /// Identifies the instrument and leaves its input verified off.
    ScpiLoad(Clock& clock, std::unique_ptr<ByteLink> link, const Dialect& dialect, const std::string& name);

    void set_current(Amperes taken) override;
    Reply<Volts> measure_voltage() override;
    Reply<Amperes> measure_current() override;
    void input_on() override;
    void input_off() override;
    OffSequence off_sequence() const override;
    int descriptor() const override { return session_->descriptor(); }

private:
    void tell(const std::string& command);

    std::shared_ptr<ScpiSession> session_;
    Dialect dialect_;
    bool on_ = false;
    bool set_ = false;  ///< a current was asked for
};

}  // namespace rig
