// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "instruments/cell_supply.hpp"
#include "instruments/drivers/scpi_unit.hpp"

namespace rig {

/// One channel of a ScpiSupply.
class ScpiChannel : public CellSupply {
public:
    ScpiChannel(ScpiUnit& unit, int number);

    void set_voltage(Volts target) override;
    void set_current_limit(Amperes limit) override;
    Reply<Volts> measure_voltage() override;
    Reply<Amperes> measure_current() override;
    void output_on() override;
    void output_off() override;
    SupplyAbilities abilities() const override;
    void protect_above(Volts level) override;
    void protect_above(Amperes level) override;
    std::vector<std::string> alarms() override;
    void clear_alarms() override;
    std::vector<std::string> errors() override;
    void arm_watchdog(Nanoseconds silence) override { unit_.arm_watchdog(silence); }

private:
    void apply_voltage();
    void apply_limit();
    void set(const ScpiDialect::Setting& setting, double target, const char* symbol);
    void set_of_either_sign(const ScpiDialect::Setting& setting, double target, const char* symbol);
    double ask(const ScpiDialect::Setting& setting);
    [[noreturn]] void not_held(double target, double held, const char* symbol);
    void arm(const ScpiDialect::Protection& protection, double level, const char* symbol);
    void refuse_above(const ScpiDialect::Protection& protection, double setpoint, std::optional<double> level,
                      const char* symbol);
    bool says(const ScpiDialect::Step& step);
    std::optional<Volts> look_for_fall(Volts level);
    void expect_fall();
    void check_status();

    ScpiUnit& unit_;
    const ScpiDialect& dialect_;
    int number_;
    std::string name_;
    Volts voltage_{0.0};
    std::optional<Amperes> limit_;
    std::optional<double> over_voltage_, over_current_;  ///< armed levels
    bool on_ = false;
};

}  // namespace rig
