// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kills/desk.hpp"

#include <algorithm>

#include "instruments/twins/keithley_2400.hpp"
#include "instruments/twins/korad_ka3005p.hpp"
#include "instruments/twins/modbus_server.hpp"
#include "instruments/twins/ngi_n83624.hpp"
#include "instruments/twins/riden_rd60xx.hpp"
#include "instruments/twins/rigol_dp800.hpp"
#include "tests/instruments/allowing_frame.hpp"

namespace rig::kills {

namespace {

constexpr Nanoseconds between_frames{50'000'000};

}  // namespace

/// The instrument's end of its line, with somebody listening in.
class Desk::Ear : public ByteLink {
public:
    Ear(Desk& desk, PtyServer& terminal) : terminal_(terminal) {
        terminal.on_receive([this, &desk](std::string_view bytes) {
            const auto deliver = [this](std::string_view heard) {
                if (instrument_ && !heard.empty()) instrument_(heard);
            };
            if (desk.on_write_)
                desk.on_write_(bytes, deliver);
            else
                deliver(bytes);
        });
    }
    ~Ear() override { terminal_.on_receive(nullptr); }

    void send(std::string_view bytes) override { terminal_.send(bytes); }
    void on_receive(Receiver receiver) override { instrument_ = std::move(receiver); }
    std::string name() const override { return terminal_.name(); }

private:
    PtyServer& terminal_;
    Receiver instrument_;
};

Desk::Desk(WallClock& clock) : clock_(clock) {
    for (int cell = 0; cell < 5; ++cell)
        taken_down_.insert(taken_down_.begin(), &cells_.emplace_back(clock));
    taken_down_.insert(taken_down_.begin(), &injector_);
    fixture_ =
        "schema = 1\nprofile = \"gen3-hw2\"\nbench = \"real\"\n[pack]\ncells = 5\noff_s = 0\n[cells]\n"
        "current_limit_a = 1.0\n";
    put<NgiN83624Twin>(clock_, new_line(), std::vector<Terminals*>{&cells_[0], &cells_[1]}, 1);
    add_unit("dialect = \"ngi-n83624\"\nchannels = 2\n");
    put<RigolDp800Twin>(clock_, new_line(), std::vector<Terminals*>{&cells_[2], &unused_, &unused_too_}, 2);
    add_unit("dialect = \"rigol-dp800\"\n");
    // This unit tells two words apart after 51 ms. One that needs the driver's whole silence would take a
    // busy machine, which hears them late, for a rig that speaks too fast.
    put<KoradKa3005pTwin>(clock_, new_line(), &cells_[3], 25);
    add_unit("driver = \"korad-ka3005p\"\n");
    const auto riden = std::make_shared<RidenRd60xxTwin>(clock, &cells_[4], 4);
    twins_.push_back(riden);
    put<ModbusServer>(clock_, new_line(), *riden);
    fixture_ += "[[cells.unit]]\ndriver = \"riden-rd60xx\"\nlink = \"modbus:" + terminals_.back()->path() +
                "?baud=115200&address=1\"\n";
    put<Keithley2400Twin>(clock_, new_line(), injector_, 5);
    fixture_ += "[sensor.1]\nturns = 5000\nlink = \"" + terminals_.back()->name() + "\"\n[boards]\next = \"" +
                ext_.name() + "\"\n";
    speak();
}

Desk::~Desk() = default;

std::unique_ptr<ByteLink> Desk::new_line() {
    terminals_.push_back(std::make_unique<PtyServer>(clock_));
    return std::make_unique<Ear>(*this, *terminals_.back());
}

template <class Twin, class... Arguments>
void Desk::put(Arguments&&... arguments) {
    twins_.push_back(std::make_shared<Twin>(std::forward<Arguments>(arguments)...));
}

/// On the line that is the latest.
void Desk::add_unit(const std::string& keys) {
    fixture_ += "[[cells.unit]]\n" + keys + "link = \"" + terminals_.back()->name() + "\"\n";
}

bool Desk::all_on() const {
    return std::all_of(taken_down_.begin(), taken_down_.end(), [](const auto* it) { return it->fed(); });
}

bool Desk::all_off() const {
    return std::none_of(taken_down_.begin(), taken_down_.end(), [](const auto* it) { return it->fed(); });
}

bool Desk::all_fallen() const {
    return std::none_of(taken_down_.begin(), taken_down_.end(), [](const auto* it) { return it->driven(); });
}

/// The last board, as far as it is needed: allows all while its cells are on.
void Desk::speak() {
    const auto on = [](const TimedTerminals& cell) { return cell.driven(); };
    if (std::all_of(cells_.begin(), cells_.end(), on)) ext_.say(testing::allowing_frame());
    clock_.at(clock_.now() + between_frames, [this] { speak(); });
}

}  // namespace rig::kills
