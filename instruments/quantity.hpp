// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>

/// Quantities are strong types over double in SI units, so that a voltage
/// cannot be handed to something that wants a current. `value` is in the unit
/// that the type is named after.
namespace rig {

template <class Unit>
struct Quantity {
    double value = 0.0;

    constexpr Quantity() = default;
    constexpr explicit Quantity(double in_si) : value(in_si) {}

    constexpr auto operator<=>(const Quantity&) const = default;

    constexpr Quantity operator-() const { return Quantity{-value}; }
    constexpr Quantity& operator+=(Quantity other) {
        value += other.value;
        return *this;
    }
    constexpr Quantity& operator-=(Quantity other) {
        value -= other.value;
        return *this;
    }

    friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity{a.value + b.value}; }
    friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity{a.value - b.value}; }
    friend constexpr Quantity operator*(Quantity a, double k) { return Quantity{a.value * k}; }
    friend constexpr Quantity operator*(double k, Quantity a) { return Quantity{a.value * k}; }
    friend constexpr Quantity operator/(Quantity a, double k) { return Quantity{a.value / k}; }
    friend constexpr double operator/(Quantity a, Quantity b) { return a.value / b.value; }
};

namespace unit {
struct Volt {
    static constexpr const char* symbol = "V";
};
struct Ampere {
    static constexpr const char* symbol = "A";
};
struct Ohm {
    static constexpr const char* symbol = "Ω";
};
struct Watt {
    static constexpr const char* symbol = "W";
};
struct DegreeCelsius {
    static constexpr const char* symbol = "°C";
};
}  // namespace unit

using Volts = Quantity<unit::Volt>;
using Amperes = Quantity<unit::Ampere>;
using Ohms = Quantity<unit::Ohm>;
using Watts = Quantity<unit::Watt>;
using Celsius = Quantity<unit::DegreeCelsius>;

constexpr Volts operator*(Amperes i, Ohms r) {
    return Volts{i.value * r.value};
}
constexpr Amperes operator/(Volts v, Ohms r) {
    return Amperes{v.value / r.value};
}
constexpr Watts operator*(Volts v, Amperes i) {
    return Watts{v.value * i.value};
}

}  // namespace rig
