// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "fixtures/bench.hpp"
#include "fixtures/fixture.hpp"
#include "instruments/instrument_error.hpp"

namespace rig {

/// An interlock is open, or has been: nothing may be on, and no other test may begin.
class InterlockError : public InstrumentError {
public:
    using InstrumentError::InstrumentError;
};

/// Watches a bench's interlocks while its clock runs. One that opens, however briefly its line can tell, or
/// that cannot be read, counts as open from then on: closing it again is for the next run to find.
class Interlocks {
public:
    /// Begins; their lines stand in `bench.inputs`, and one that does not is open.
    Interlocks(Bench& bench, const Fixture& fixture);

    /// Looks, at most as often as the clock does. What is open, for people; empty: all are closed.
    std::string open();

    /// Looks, and throws InterlockError. Running the clock does so too, over and over, until `switching_off`.
    void require_closed();

    /// What follows runs the clock to switch off. Ends with the next require_closed.
    void switching_off();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace rig
