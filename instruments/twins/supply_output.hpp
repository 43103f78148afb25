// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "instruments/clock.hpp"
#include "instruments/quantity.hpp"
#include "instruments/terminals.hpp"
#include "instruments/twins/spread.hpp"

namespace rig {

/// The output stage of a simulated bench supply: setpoints in steps, its unit's errors, a switch
/// that takes its time, an output that falls only as fast as its own load lets it, and what
/// switches it off by itself. Protections look when something changes, when they are asked, and
/// 10 ms after each drive.
class SupplyOutput {
public:
    /// Of the type; a unit's errors are drawn within a third of them.
    struct Type {
        Volts most_volts{30.0}, volts_step{0.001};
        Amperes most_amperes{3.0}, amperes_step{0.001};
        double gain_error = 0.0005;
        Volts offset{0.010};
        Amperes offset_a{0.005};
        Nanoseconds switching{10'000'000};
        double falls_v_per_s = 14.0;  ///< 4.2 V in 300 ms, unloaded
    };

    /// `terminals` null: nothing is connected.
    SupplyOutput(Clock& clock, Terminals* terminals, const Type& type, Spread& spread);

    /// To the next step; whoever takes the command refuses what is out of range.
    void set_volts(double volts);
    void set_amperes(double amperes);
    double volts() const { return volts_; }
    double amperes() const { return amperes_; }
    bool in_range_v(double volts) const { return volts >= 0 && volts <= type_.most_volts.value; }
    bool in_range_a(double amperes) const { return amperes >= 0 && amperes <= type_.most_amperes.value; }

    void switch_to(bool on);  ///< takes its time
    void drop();              ///< off, now
    bool on() const { return on_; }

    double read_volts() const;
    double read_amperes() const;
    bool limits() const;  ///< on, and the current is at its limit

    struct Guard {
        bool armed = false, tripped = false;
        double level = 0.0;
    };
    Guard over_voltage, over_current;

    /// Lets the protections look.
    void look();

private:
    void drive();
    void fall(int move);
    void impose(double volts);

    Clock& clock_;
    Terminals* terminals_;
    Type type_;
    double volts_ = 0.0, amperes_ = 0.0;
    bool on_ = false;
    int switchings_ = 0, moves_ = 0;  ///< a later one overtakes what an earlier one began
    double stands_ = 0.0;             ///< what is driven at present
    double drive_gain_, drive_offset_, read_gain_, read_offset_, read_offset_a_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace rig
