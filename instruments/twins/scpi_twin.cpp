// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/scpi_twin.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>
#include <utility>

#include "instruments/twins/scpi_header.hpp"

namespace rig {
namespace {

constexpr std::size_t errors_kept = 10;
constexpr int query_error = 4, device_error = 8, execution_error = 16, command_error = 32;

std::string upper(std::string text) {
    for (auto& letter : text)
        letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    return text;
}

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// Splits where `separator` stands outside parentheses and quotes.
std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts(1);
    int depth = 0;
    char quote = 0;
    for (const char letter : text) {
        if (quote) {
            if (letter == quote) quote = 0;
        } else if (letter == '"' || letter == '\'') {
            quote = letter;
        } else if (letter == '(') {
            ++depth;
        } else if (letter == ')') {
            --depth;
        } else if (letter == separator && depth == 0) {
            parts.emplace_back();
            continue;
        }
        parts.back() += letter;
    }
    for (auto& part : parts)
        part = trimmed(part);
    return parts;
}

}  // namespace

struct ScpiTwin::Handler {
    ScpiHeader header;
    bool query = false;
    Nanoseconds takes{};
    std::function<std::string(const Call&)> act;
};

struct ScpiTwin::Session : std::enable_shared_from_this<ScpiTwin::Session> {
    Session(Clock& its_clock, std::unique_ptr<ByteLink> its_link, Nanoseconds its_command_time,
            Manners its_manners)
        : clock(its_clock),
          link(std::move(its_link)),
          command_time(its_command_time),
          manners(std::move(its_manners)) {}

    Clock& clock;
    std::unique_ptr<ByteLink> link;
    Nanoseconds command_time;
    Manners manners;
    Nanoseconds deaf_until{-1};
    std::vector<Handler> handlers;

    std::string unfinished;            ///< of a message
    std::deque<std::string> messages;  ///< waiting in the input buffer
    bool busy = false;
    std::vector<std::string> units;  ///< of the message being executed
    std::size_t next_unit = 0;
    std::vector<std::string> path;  ///< where the next header starts
    std::vector<std::string> answers;

    std::deque<ScpiFault> errors;
    int events = 128, event_mask = 0, service_mask = 0;  ///< 128: power on

    void raise(const ScpiFault& fault) {
        const int kind = -fault.code / 100;
        events |= kind == 1   ? command_error
                  : kind == 3 ? device_error
                  : kind == 4 ? query_error
                              : execution_error;
        if (errors.size() < errors_kept)
            errors.push_back(fault);
        else
            errors.back() = {-350, "Queue overflow"};
    }

    void receive(std::string_view bytes) {
        if (clock.now() < deaf_until) return;
        for (const char byte : bytes) {
            unfinished += byte;
            if (!unfinished.ends_with(manners.hears_end)) continue;
            unfinished.resize(unfinished.size() - manners.hears_end.size());
            take_line(std::exchange(unfinished, {}));
        }
        if (!busy) begin_message();
    }

    void take_line(std::string line) {
        if (!manners.prefix.empty()) {
            if (!line.starts_with(manners.prefix)) return;
            line.erase(0, manners.prefix.size());
        }
        const bool stray =
            line.find('\n') != std::string::npos || (!manners.bears_cr && line.ends_with('\r'));
        if (stray) return raise({-101, "Invalid character"});
        line = trimmed(line);
        if (line.empty()) return;
        if (line.find('?') == std::string::npos && manners.deaf > Nanoseconds{0})
            deaf_until = clock.now() + manners.deaf;
        messages.push_back(line);
    }

    void begin_message() {
        if (messages.empty()) return;
        busy = true;
        units = split(messages.front(), ';');
        messages.pop_front();
        next_unit = 0;
        path.clear();
        answers.clear();
        begin_unit();
    }

    void begin_unit() {
        if (next_unit == units.size()) return end_message();
        const auto& unit = units[next_unit++];
        const auto blank = unit.find_first_of(" \t");
        const auto header = unit.substr(0, blank);
        Call call;
        if (blank != std::string::npos) call.arguments = split(trimmed(unit.substr(blank)), ',');

        const auto* handler = find(header, call);
        const auto takes = handler ? handler->takes : command_time;
        // Neither the twin nor its handlers need outlive what is scheduled.
        clock.at(clock.now() + takes, [weak = weak_from_this(), handler, call] {
            if (const auto session = weak.lock()) session->finish_unit(handler, call);
        });
    }

    const Handler* find(std::string header, Call& call) {
        const bool query = !header.empty() && header.back() == '?';
        if (query) header.pop_back();
        auto words = split(upper(header), ':');
        const bool common = header.starts_with('*');
        if (words.front().empty())
            words.erase(words.begin());
        else if (!common)
            words.insert(words.begin(), path.begin(), path.end());
        if (words.empty()) return nullptr;
        if (!common) path.assign(words.begin(), words.end() - 1);

        for (const auto& handler : handlers)
            if (handler.query == query && handler.header.match(words, call.suffixes)) return &handler;
        return nullptr;
    }

    void finish_unit(const Handler* handler, const Call& call) {
        try {
            if (!handler) throw ScpiFault{-113, "Undefined header"};
            auto answer = handler->act(call);
            if (handler->query) answers.push_back(std::move(answer));
        } catch (const ScpiFault& fault) {
            raise(fault);
            if (fault.code <= -100 && fault.code > -200) next_unit = units.size();  // the rest is not trusted
        }
        begin_unit();
    }

    void end_message() {
        busy = false;
        if (!answers.empty()) {
            // Something else was said before this answer could be read.
            if (messages.empty() && unfinished.empty())
                say(answers);
            else
                raise({-410, "Query INTERRUPTED"});
        }
        begin_message();
    }

    void say(const std::vector<std::string>& parts) {
        std::string line;
        for (const auto& part : parts)
            line += (line.empty() ? "" : ";") + part;
        link->send(line + manners.says_end);
    }
};

ScpiTwin::ScpiTwin(Clock& clock, std::unique_ptr<ByteLink> link, std::string identity,
                   Nanoseconds command_time, const Manners& manners)
    : clock_(clock), session_(std::make_shared<Session>(clock, std::move(link), command_time, manners)) {
    session_->link->on_receive([this](std::string_view bytes) {
        heard();
        session_->receive(bytes);
    });
    on_query("*IDN", [identity = std::move(identity)](const Call&) { return identity; });
    add_common_commands();
}

ScpiTwin::~ScpiTwin() {
    session_->link->on_receive(nullptr);
}

void ScpiTwin::add_common_commands() {
    auto& state = *session_;
    on_query("*ESR", [&state](const Call&) { return std::to_string(std::exchange(state.events, 0)); });
    on_query("*ESE", [&state](const Call&) { return std::to_string(state.event_mask); });
    on_command("*ESE",
               [&state](const Call& call) { state.event_mask = static_cast<int>(call.number()) & 255; });
    on_query("*SRE", [&state](const Call&) { return std::to_string(state.service_mask); });
    on_command("*SRE",
               [&state](const Call& call) { state.service_mask = static_cast<int>(call.number()) & 191; });
    on_query("*STB", [&state](const Call&) {
        int status = (state.errors.empty() ? 0 : 4) | (state.events & state.event_mask ? 32 : 0);
        if (status & state.service_mask) status |= 64;
        return std::to_string(status);
    });
    on_command("*CLS", [&state](const Call&) {
        state.errors.clear();
        state.events = 0;
    });
    on_command("*OPC", [&state](const Call&) { state.events |= 1; });
    on_query("*OPC", [](const Call&) { return std::string("1"); });
    on_command("*WAI", [](const Call&) {});
    on_command("*RST", [this](const Call&) { reset(); });
    on_query("SYSTem:ERRor[:NEXT]", [&state](const Call&) {
        const bool quotes = state.manners.quotes_errors;
        if (state.errors.empty()) return std::string(quotes ? "0,\"No error\"" : "0 No Error");
        const auto fault = state.errors.front();
        state.errors.pop_front();
        const auto code = std::to_string(fault.code);
        return quotes ? code + ",\"" + fault.text + "\"" : code + " " + fault.text;
    });
}

void ScpiTwin::on_header(const std::string& pattern, bool query, Nanoseconds takes,
                         std::function<std::string(const Call&)> act) {
    session_->handlers.push_back({ScpiHeader(pattern), query, takes, std::move(act)});
}

void ScpiTwin::on_command(const std::string& pattern, std::function<void(const Call&)> act) {
    on_header(pattern, false, session_->command_time, [act = std::move(act)](const Call& call) {
        act(call);
        return std::string();
    });
}

void ScpiTwin::on_query(const std::string& pattern, std::function<std::string(const Call&)> answer) {
    on_header(pattern, true, session_->command_time, std::move(answer));
}

void ScpiTwin::on_query(const std::string& pattern, Nanoseconds takes,
                        std::function<std::string(const Call&)> answer) {
    on_header(pattern, true, takes, std::move(answer));
}

void ScpiTwin::raise(const ScpiFault& fault) {
    session_->raise(fault);
}

void ScpiTwin::fall_silent() {
    session_->link->on_receive(nullptr);
    session_->messages.clear();
    session_->answers.clear();
}

void ScpiTwin::fall_silent_for(Nanoseconds span) {
    session_->deaf_until = clock_.now() + span;
    session_->unfinished.clear();
    session_->messages.clear();
    session_->answers.clear();
}

std::vector<int> ScpiTwin::channel_list(const std::string& text, int most) {
    if (!text.starts_with("(@") || !text.ends_with(")")) throw ScpiFault{-171, "Invalid expression"};
    const auto number_at = [&](std::size_t& at) {
        int number = 0;
        const auto [rest, error] = std::from_chars(text.data() + at, text.data() + text.size(), number);
        if (error != std::errc{}) throw ScpiFault{-171, "Invalid expression"};
        if (number < 1 || number > most) throw ScpiFault{-222, "Data out of range"};
        at = static_cast<std::size_t>(rest - text.data());
        return number;
    };
    std::vector<int> found;
    for (std::size_t at = 1; text[at] != ')';) {
        const int first = number_at(++at);
        const int last = text[at] == ':' ? number_at(++at) : first;
        if (text[at] != ',' && text[at] != ')') throw ScpiFault{-171, "Invalid expression"};
        for (int number = first; number <= last; ++number)
            found.push_back(number);
    }
    return found;
}

const std::string& ScpiTwin::Call::word() const {
    if (arguments.empty() || arguments.front().empty()) throw ScpiFault{-109, "Missing parameter"};
    if (arguments.size() > 1) throw ScpiFault{-108, "Parameter not allowed"};
    return arguments.front();
}

double ScpiTwin::Call::number() const {
    const auto& text = word();
    const auto begin = text.data() + (text.front() == '+' ? 1 : 0);
    const auto end = text.data() + text.size();
    double value = 0.0;
    const auto [rest, error] = std::from_chars(begin, end, value);
    if (error != std::errc{} || rest != end) throw ScpiFault{-104, "Data type error"};
    return value;
}

bool ScpiTwin::Call::on_off() const {
    const auto text = upper(word());
    if (text == "ON" || text == "1") return true;
    if (text == "OFF" || text == "0") return false;
    throw ScpiFault{-104, "Data type error"};
}

}  // namespace rig
