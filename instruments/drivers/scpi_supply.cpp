// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/drivers/scpi_supply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "instruments/drivers/scpi_session.hpp"
#include "instruments/instrument_error.hpp"

namespace rig {
namespace {

std::string replaced(std::string text, const std::string& placeholder, const std::string& value) {
    for (auto at = text.find(placeholder); at != std::string::npos; at = text.find(placeholder, at))
        text.replace(at, placeholder.size(), value);
    return text;
}

std::string for_channel(const std::string& text, int channel) {
    return replaced(text, "{ch}", std::to_string(channel));
}

std::string with_value(const std::string& text, int channel, const ScpiDialect::Setting& setting,
                       double target) {
    const auto number = fmt::format("{:.{}f}", target / setting.unit + 0.0, setting.decimals);
    return replaced(for_channel(text, channel), "{value}", number);
}

}  // namespace

/// What the channels of one unit share: the conversation, and the measurements
/// that have been asked for but not sent yet.
struct ScpiSupply::Unit : std::enable_shared_from_this<ScpiSupply::Unit> {
    /// Channels measured by one query. Filled until bench time moves or
    /// something else is to be said to the instrument.
    struct Batch {
        std::vector<int> channels;
        std::string query;
        ScpiSession::Pending pending;
        std::optional<std::vector<double>> values;
    };
    using SharedBatch = std::shared_ptr<Batch>;

    Unit(Clock& clock, std::unique_ptr<ByteLink> link, ScpiDialect its_dialect, const std::string& name)
        : session(clock, std::move(link), name, its_dialect.answer_within), dialect(std::move(its_dialect)) {}

    ScpiSession session;
    ScpiDialect dialect;
    std::vector<std::unique_ptr<Channel>> channels;
    SharedBatch voltages, currents;  ///< open batches

    /// The conversation, after what was asked earlier has been sent.
    ScpiSession& speak() {
        send(voltages);
        send(currents);
        return session;
    }

    std::function<double()> measure(int channel, const ScpiDialect::Setting& setting, SharedBatch& open) {
        if (setting.measure.find("{channels}") == std::string::npos) {
            const auto query = for_channel(setting.measure, channel);
            return [unit = shared_from_this(), pending = session.ask(query), query, scale = setting.unit] {
                return parse_number(unit->session, unit->session.collect(pending), query) * scale;
            };
        }
        if (!open) {
            open = std::make_shared<Batch>();
            open->query = setting.measure;
            session.clock().at(session.clock().now(), [weak = weak_from_this(), &open] {
                if (const auto unit = weak.lock()) unit->send(open);
            });
        }
        auto& members = open->channels;
        const auto found = std::find(members.begin(), members.end(), channel);
        const auto index = static_cast<std::size_t>(found - members.begin());
        if (found == members.end()) members.push_back(channel);
        return [unit = shared_from_this(), batch = open, index, scale = setting.unit] {
            return unit->collect(*batch).at(index) * scale;
        };
    }

    void send(SharedBatch& open) {
        if (!open) return;
        open->query = replaced(open->query, "{channels}", fmt::format("{}", fmt::join(open->channels, ",")));
        open->pending = session.ask(open->query);
        open = nullptr;
    }

    const std::vector<double>& collect(Batch& batch) {
        if (!batch.pending) speak();
        if (!batch.values) {
            const auto answer = session.collect(batch.pending);
            std::vector<double> values;
            for (std::size_t begin = 0; begin <= answer.size();) {
                const auto end = std::min(answer.find(',', begin), answer.size());
                values.push_back(parse_number(session, answer.substr(begin, end - begin), batch.query));
                begin = end + 1;
            }
            if (values.size() != batch.channels.size())
                session.fail(fmt::format("\"{}\" was answered \"{}\": {} numbers for {} channels",
                                         batch.query, answer, values.size(), batch.channels.size()));
            batch.values = std::move(values);
        }
        return *batch.values;
    }
};

class ScpiSupply::Channel : public CellSupply {
public:
    Channel(Unit& unit, int number)
        : unit_(unit),
          number_(number),
          name_(unit.session.instrument() + ", channel " + std::to_string(number)) {}

    void set_voltage(Volts target) override {
        set(unit_.dialect.voltage, target.value, "V");
        voltage_ = target;
        if (on_) check_status();
    }

    void set_current_limit(Amperes limit) override {
        set(unit_.dialect.current, limit.value, "A");
        limit_ = limit;
        if (on_) check_status();
    }

    Reply<Volts> measure_voltage() override {
        auto value = unit_.measure(number_, unit_.dialect.voltage, unit_.voltages);
        return Reply<Volts>([value = std::move(value)] { return Volts{value()}; });
    }

    Reply<Amperes> measure_current() override {
        auto value = unit_.measure(number_, unit_.dialect.current, unit_.currents);
        return Reply<Amperes>([value = std::move(value)] { return Amperes{value()}; });
    }

    // Nobody knows what hands at the front panel or a former program left
    // behind: each time the whole order, from verified off.
    void output_on() override {
        if (on_) return;
        if (!limit_) throw InstrumentError(name_, "has no current limit yet, so its output stays off");
        output_off();
        take(unit_.dialect.mode);
        take(unit_.dialect.range);
        set(unit_.dialect.voltage, voltage_.value, "V");
        set(unit_.dialect.current, limit_->value, "A");
        on_ = true;  // from here on it may be on, whatever goes wrong
        take(unit_.dialect.on);
        check_status();
    }

    void output_off() override {
        const auto& off = unit_.dialect.off;
        unit_.session.insist([&] {
            auto& session = unit_.speak();
            session.tell(for_channel(off.set, number_));
            session.settle(for_channel(off.ask, number_), off.answer, unit_.dialect.switched_within,
                           "NOT confirmed off: switch channel " + std::to_string(number_) + " off by hand");
        });
        on_ = false;
    }

private:
    void take(const ScpiDialect::Step& step) {
        if (step.set.empty()) return;
        const auto command = for_channel(step.set, number_);
        auto& session = unit_.speak();
        session.tell(command);
        session.drain_errors(unit_.dialect.errors, command);
        session.settle(for_channel(step.ask, number_), step.answer, unit_.dialect.switched_within,
                       "does another program or a hand at the front panel use it?");
    }

    // A supply may clamp without a word; only reading back tells.
    void set(const ScpiDialect::Setting& setting, double target, const char* symbol) {
        const auto command = with_value(setting.set, number_, setting, target);
        const auto query = for_channel(setting.ask, number_);
        auto& session = unit_.speak();
        session.tell(command);
        session.drain_errors(unit_.dialect.errors, command);
        const auto held = parse_number(session, session.query(query), query) * setting.unit;
        if (std::abs(held - target) > setting.tolerance)
            throw InstrumentError(
                name_, fmt::format("asked for {:.4f} {}, the supply holds {:.4f} {} on {}\n"
                                   "  try     stay within what the instrument can deliver; look for "
                                   "a limit set at its front panel",
                                   target, symbol, held, symbol, session.link_name()));
    }

    void check_status() {
        if (unit_.dialect.status.empty()) return;
        const auto query = for_channel(unit_.dialect.status, number_);
        const auto bits =
            static_cast<unsigned>(parse_number(unit_.session, unit_.speak().query(query), query));
        std::vector<std::string> raised;
        for (std::size_t bit = 0; bit < unit_.dialect.alarms.size(); ++bit)
            if (bits >> bit & 1u) raised.push_back(unit_.dialect.alarms[bit]);
        if (!raised.empty())
            throw InstrumentError(name_,
                                  fmt::format("reports {} on {}\n"
                                              "  try     look for a short or a wrongly wired cell lead",
                                              fmt::join(raised, ", "), unit_.session.link_name()));
    }

    Unit& unit_;
    int number_;
    std::string name_;
    Volts voltage_{0.0};
    std::optional<Amperes> limit_;
    bool on_ = false;
};

ScpiSupply::ScpiSupply(Clock& clock, std::unique_ptr<ByteLink> link, const ScpiDialect& dialect,
                       const std::string& name, int channels)
    : unit_(std::make_shared<Unit>(clock, std::move(link), dialect, name)) {
    auto& session = unit_->session;
    const auto identity = session.query("*IDN?");
    if (identity.find(dialect.identity) == std::string::npos)
        session.fail(
            fmt::format("is \"{}\", not a {}, on {}\n  try     another link or dialect in the fixture",
                        identity, dialect.identity, session.link_name()));
    if (channels < 1 || channels > dialect.channels)
        session.fail(fmt::format("has {} channels, not {}", dialect.channels, channels));
    session.forget_errors(dialect.errors);
    for (int number = 1; number <= channels; ++number) {
        unit_->channels.push_back(std::make_unique<Channel>(*unit_, number));
        unit_->channels.back()->output_off();
    }
}

ScpiSupply::~ScpiSupply() = default;

InstrumentIdentity ScpiSupply::identity() const {
    return unit_->session.identity();
}

int ScpiSupply::channels() const {
    return static_cast<int>(unit_->channels.size());
}

CellSupply& ScpiSupply::channel(int number) {
    return *unit_->channels.at(static_cast<std::size_t>(number - 1));
}

}  // namespace rig
