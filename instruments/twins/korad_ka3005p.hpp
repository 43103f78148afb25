// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/terminals.hpp"
#include "instruments/twins/supply_output.hpp"

namespace rig {

/// What a Korad KA3005P would answer. Its words end with silence: what begins sooner than 50 to 80 ms
/// (each unit its own) after the end of the last word is one with it, and neither is understood. What it does
/// not understand or cannot do it passes over without a word. ISET1? is answered with a byte too many.
class KoradKa3005pTwin {
public:
    /// `terminals` null: nothing is connected.
    KoradKa3005pTwin(Clock& clock, std::unique_ptr<ByteLink> link, Terminals* terminals, std::uint64_t seed);
    ~KoradKa3005pTwin();

private:
    void receive(std::string_view bytes);
    void act(const std::string& word);
    std::string answer(const std::string& word);
    char status();

    Clock& clock_;
    std::unique_ptr<ByteLink> link_;
    Spread spread_;
    SupplyOutput output_;
    Nanoseconds gap_;
    std::string word_;
    Nanoseconds ended_{-1'000'000'000};  ///< the last byte that came
    int words_ = 0;                      ///< what comes on top of one spoils it
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace rig
