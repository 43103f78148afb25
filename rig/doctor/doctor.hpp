// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

#include "fixtures/bench.hpp"
#include "fixtures/fixture.hpp"
#include "rig/doctor/sheet.hpp"
#include "rig/rack.hpp"

namespace rig::doctor {

/// The operator wants no more of it.
class Stopped : public std::runtime_error {
public:
    Stopped();
};

/// Told what is looked at next: "cells and temperatures".
using Progress = std::function<void(const std::string& step)>;

/// Is this bench as its fixture file says? Excites one side of each wire, within the fixture's
/// envelope and without writing to a board, and reads the other side. What did not open is
/// in `not_opened`; then no wire is tried. An instrument that fails under way is a finding and ends
/// the examination. Leaves everything off; throws Stopped, or InstrumentError when something could not
/// be confirmed off: what was found before is in `sheet` then, too.
void examine(Bench& bench, const Fixture& fixture, const NotOpened& not_opened, const Progress& progress,
             Sheet& sheet);

}  // namespace rig::doctor
