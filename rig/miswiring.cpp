// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/miswiring.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace rig {

namespace {

constexpr Nanoseconds slow_by{250'000'000};

/// An instrument with nothing at its terminals.
class OpenLead : public Terminals {
public:
    void drive(const Drive& drive) override { drive_ = drive; }
    Volts voltage() const override { return drive_.mode == Drive::Mode::off ? Volts{0.0} : drive_.volts; }
    Amperes current() const override { return Amperes{0.0}; }

private:
    Drive drive_;
};

/// A conductor that passes from the other side.
class Reversed : public Terminals {
public:
    explicit Reversed(Terminals& inner) : inner_(inner) {}

    void drive(const Drive& drive) override {
        Drive turned = drive;
        if (drive.mode == Drive::Mode::current) turned.amperes = -drive.amperes;
        if (drive.mode == Drive::Mode::voltage) turned.volts = -drive.volts;
        inner_.drive(turned);
    }
    Volts voltage() const override { return -inner_.voltage(); }
    Amperes current() const override { return -inner_.current(); }

private:
    Terminals& inner_;
};

class DeadInput : public DigitalInput {
public:
    bool active() override { return false; }
    const std::vector<Edge>& edges() override { return none_; }

private:
    std::vector<Edge> none_;
};

/// Closed, or until it opens for good.
class OpeningContact : public DigitalInput {
public:
    OpeningContact(Clock& clock, std::optional<Nanoseconds> opens) : clock_(clock), opens_(opens) {}

    bool active() override { return !opens_ || clock_.now() < *opens_; }
    const std::vector<Edge>& edges() override {
        if (edges_.empty() && !active()) edges_.push_back({*opens_, false});
        return edges_;
    }

private:
    Clock& clock_;
    std::optional<Nanoseconds> opens_;
    std::vector<Edge> edges_;
};

class DeadOutput : public DigitalOutput {
public:
    void drive(bool active) override { driven_ = active; }
    bool driven() const override { return driven_; }

private:
    bool driven_ = false;
};

class DeadLine : public ByteLink {
public:
    explicit DeadLine(std::string name) : name_(std::move(name)) {}

    void send(std::string_view) override {}
    void on_receive(Receiver) override {}
    std::string name() const override { return name_; }

private:
    std::string name_;
};

/// What arrives is handed on late.
class SlowLink : public ByteLink {
public:
    SlowLink(Clock& clock, std::unique_ptr<ByteLink> inner)
        : clock_(clock), inner_(std::move(inner)), receiver_(std::make_shared<Receiver>()) {
        inner_->on_receive([&its_clock = clock_, receiver = receiver_](std::string_view bytes) {
            its_clock.at(its_clock.now() + slow_by, [receiver, late = std::string(bytes)] {
                if (*receiver) (*receiver)(late);
            });
        });
    }
    ~SlowLink() override {
        *receiver_ = nullptr;
        inner_->on_receive(nullptr);
    }

    void send(std::string_view bytes) override { inner_->send(bytes); }
    void on_receive(Receiver receiver) override { *receiver_ = std::move(receiver); }
    std::string name() const override { return inner_->name(); }
    std::string fault() const override { return inner_->fault(); }
    bool reopen() override { return inner_->reopen(); }

private:
    Clock& clock_;
    std::unique_ptr<ByteLink> inner_;
    std::shared_ptr<Receiver> receiver_;
};

}  // namespace

Miswiring::Miswiring(const Fixture& fixture, Clock& clock)
    : faults_(fixture.faults), file_(fixture.file.string()), clock_(clock) {
}

Miswiring::~Miswiring() = default;

bool Miswiring::met(const char* key, const std::string& wanted, const std::string& name) {
    if (wanted.empty() || wanted != name) return false;
    met_.insert(key);
    return true;
}

int Miswiring::board_at(int cell) const {
    if (!faults_.swapped_cells) return cell;
    const int lower = *faults_.swapped_cells;
    return cell == lower ? lower + 1 : cell == lower + 1 ? lower : cell;
}

Terminals& Miswiring::leads(int board, Terminals& terminals) {
    if (faults_.open_lead != board) return terminals;
    auto open = std::make_shared<OpenLead>();
    stand_ins_.push_back(open);
    return *open;
}

Terminals& Miswiring::sensor(int number, Terminals& primary) {
    if (faults_.reversed_sensor != number) return primary;
    auto reversed = std::make_shared<Reversed>(primary);
    stand_ins_.push_back(reversed);
    return *reversed;
}

Terminals& Miswiring::meter(int board, Terminals& ends) {
    if (!is_missing(fmt::format("meter[{}]", board))) return ends;
    auto open = std::make_shared<OpenLead>();
    stand_ins_.push_back(open);
    return *open;
}

std::string Miswiring::wired_to(const std::string& input) {
    const std::string pins_1_2 = faults_.swapped_contacts + ".pins_1_2",
                      pins_2_3 = faults_.swapped_contacts + ".pins_2_3";
    if (met("swapped_contacts", pins_1_2, input)) return pins_2_3;
    if (met("swapped_contacts", pins_2_3, input)) return pins_1_2;
    return input;
}

bool Miswiring::is_missing(const std::string& line) {
    return met("missing_line", faults_.missing_line, line);
}

DigitalInput& Miswiring::input(const std::string& name, DigitalInput& line) {
    if (!is_missing(name)) return line;
    auto dead = std::make_shared<DeadInput>();
    stand_ins_.push_back(dead);
    return *dead;
}

DigitalOutput& Miswiring::output(const std::string& name, DigitalOutput& line) {
    if (!is_missing(name)) return line;
    auto dead = std::make_shared<DeadOutput>();
    stand_ins_.push_back(dead);
    return *dead;
}

ByteLink& Miswiring::line(const std::string& name, ByteLink& line) {
    if (!is_missing(name)) return line;
    auto dead = std::make_shared<DeadLine>(line.name());
    stand_ins_.push_back(dead);
    return *dead;
}

DigitalInput& Miswiring::interlock(const std::string& name) {
    std::optional<Nanoseconds> opens;
    if (met("open_interlock", faults_.open_interlock, name)) opens = faults_.opens_after;
    auto contact = std::make_shared<OpeningContact>(clock_, opens);
    stand_ins_.push_back(contact);
    return *contact;
}

bool Miswiring::is_another(const std::string& instrument) {
    return met("wrong_instrument", faults_.wrong_instrument, instrument);
}

Connection Miswiring::link(const std::string& instrument, Connection connection) {
    if (!connection.bytes || !met("slow_instrument", faults_.slow_instrument, instrument)) return connection;
    return {std::make_unique<SlowLink>(clock_, std::move(connection.bytes)), nullptr};
}

void Miswiring::require_all_there() const {
    const std::pair<const char*, const std::string&> named[] = {
        {"swapped_contacts", faults_.swapped_contacts},
        {"missing_line", faults_.missing_line},
        {"wrong_instrument", faults_.wrong_instrument},
        {"slow_instrument", faults_.slow_instrument},
        {"open_interlock", faults_.open_interlock}};
    for (const auto& [key, name] : named) {
        if (name.empty() || met_.count(key) != 0) continue;
        throw FixtureError(
            fmt::format("{}: [virtual.faults] {} = \"{}\": this bench has nothing of that name "
                        "that can have it",
                        file_, key, name));
    }
}

}  // namespace rig
