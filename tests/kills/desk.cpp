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

const std::vector<std::string>& Desk::makes() {
    static const std::vector<std::string> all{"ngi-n83624", "rigol-dp800", "korad-ka3005p", "riden-rd60xx"};
    return all;
}

Desk::Desk(WallClock& clock, const std::string& make) : clock_(clock) {
    const std::string supplies = put_supplies(make);
    put<Keithley2400Twin>(clock_, new_line(), injector_, 5);
    fixture_ =
        "schema = 1\nprofile = \"gen3-hw2\"\nbench = \"real\"\n[pack]\ncells = 2\noff_s = 0\n[cells]\n" +
        supplies + "current_limit_a = 1.0\n[sensor.1]\nturns = 5000\nlink = \"" + terminals_.back()->name() +
        "\"\n[boards]\next = \"" + ext_.name() + "\"\n";
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

/// Its keys of [cells].
std::string Desk::put_supplies(const std::string& make) {
    const auto quoted = [](const std::string& text) { return "\"" + text + "\""; };
    if (make == "ngi-n83624" || make == "rigol-dp800") {
        if (make == "ngi-n83624")
            put<NgiN83624Twin>(clock_, new_line(), std::vector<Terminals*>{&low_, &high_}, 1);
        else
            put<RigolDp800Twin>(clock_, new_line(), std::vector<Terminals*>{&low_, &high_, &unused_}, 1);
        return "dialect = " + quoted(make) + "\nlink = " + quoted(terminals_[0]->name()) + "\n";
    }
    std::vector<std::string> links;
    for (TimedTerminals* const cell : {&low_, &high_}) {
        if (make == "korad-ka3005p") {
            put<KoradKa3005pTwin>(clock_, new_line(), cell, 2);
            links.push_back(terminals_.back()->name());
            continue;
        }
        auto twin = std::make_shared<RidenRd60xxTwin>(clock_, cell, 3);
        put<ModbusServer>(clock_, new_line(), *twin);
        twins_.insert(twins_.begin(), twin);
        links.push_back("modbus:" + terminals_.back()->path() + "?baud=115200&address=1");
    }
    return "driver = " + quoted(make) + "\nlink = [" + quoted(links[0]) + ", " + quoted(links[1]) + "]\n";
}

bool Desk::all_off() const {
    return std::none_of(taken_down_.begin(), taken_down_.end(), [](const auto* it) { return it->driven(); });
}

/// The last board, as far as it is needed: allows all while its cells are on.
void Desk::speak() {
    if (low_.driven() && high_.driven()) ext_.say(testing::allowing_frame());
    clock_.at(clock_.now() + between_frames, [this] { speak(); });
}

}  // namespace rig::kills
