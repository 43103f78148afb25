// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/terminals.hpp"
#include "instruments/twins/scpi_twin.hpp"

namespace rig {

/// What a Rigol DL3021 or a Siglent SDL1020X would answer: it takes up to 40 A, or 30 A. What it was
/// last used for decides what its level means: it wakes up taking a constant voltage's worth.
class ElectronicLoadTwin : public ScpiTwin {
public:
    enum class Model { rigol_dl3021, siglent_sdl1020x };

    ElectronicLoadTwin(Clock& clock, std::unique_ptr<ByteLink> link, Terminals& terminals, std::uint64_t seed,
                       Model model);

private:
    void drive();
    void reset() override;

    Terminals& terminals_;
    double most_amperes_;
    std::string function_ = "VOLT";
    double amperes_ = 0.0;
    bool on_ = false;
    double gain_, offset_;
};

}  // namespace rig
