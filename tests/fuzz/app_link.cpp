// SPDX-License-Identifier: GPL-3.0-or-later
// The last board's app link, whatever a radio sends at whatever time, while the pack goes on.
#include "firmware/core/app_link.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/fuzz/pack_rules.hpp"
#include "tests/fuzz/targets.hpp"

namespace rig::fuzz {

namespace {

constexpr std::uint16_t pins[] = {0x7391, 0x4826};

std::string digits(std::uint16_t pin) {
    std::string text;
    for (int shift = 12; shift >= 0; shift -= 4)
        text += static_cast<char>('0' + ((pin >> shift) & 0xF));
    return text;
}

bool is_hex(const std::string& text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); });
}

std::vector<std::string> fields_of(const std::string& text) {
    std::vector<std::string> fields(1);
    for (const char c : text) {
        if (c == '_')
            fields.emplace_back();
        else
            fields.back() += c;
    }
    return fields;
}

/// `_` apart, the low 8 bits of the sum of the characters.
std::string checksum_of(const std::string& text) {
    unsigned sum = 0;
    for (const char c : text)
        if (c != '_') sum += static_cast<unsigned char>(c);
    const char hex[] = "0123456789ABCDEF";
    return {hex[(sum >> 4) & 0xF], hex[sum & 0xF]};
}

/// What follows the echo: a word, or fields with their checksum.
void require_answer(const std::string& body) {
    if (body == "OK" || body == "KO" || body == "NA") return;
    require(body.size() > 3 && body[body.size() - 3] == '_', "an answer ends in its checksum");
    const std::string told = body.substr(0, body.size() - 3);
    require(body.substr(body.size() - 2) == checksum_of(told), "the checksum fits");
    for (const std::string& field : fields_of(told)) {
        const bool current = field.size() == 5 && (field[0] == '+' || field[0] == '-' || field[0] == 'X');
        require(field == "XXXXXXXX" || is_hex(current ? field.substr(1) : field), "fields are hex");
        require(!field.empty(), "no field is empty");
    }
}

void require_record(const std::string& record) {
    require(record.size() >= 3 && record.back() == '\r', "a record ends in CR");
    require(record.size() <= bms::AppStream::longest_record, "a record has the room that it is given");
    const auto fields = fields_of(record.substr(0, record.size() - 1));
    const std::size_t counts[] = {5, 6, 5, 6, 5, 4};
    const auto kind = std::string("UVTCEM").find(fields.at(0));
    require(fields[0].size() == 1 && kind != std::string::npos, "a record is of a kind that there is");
    require(fields.size() == counts[kind], "a record has all its fields");
}

/// A board and its radio. `pin` is all in which two of them differ.
class Radio {
public:
    explicit Radio(std::uint16_t pin) : pin_(pin), rules_(with_pin(pin)) { link_.connect(service_); }

    /// What it says to one character; what was echoed is not in it.
    std::string hear(char character) {
        std::string said;
        if (character != '\r' && character != '$' && character != '\n') line_ += character;
        if (link_.receive(character)) {
            const bms::AppText& text = link_.answer(rules_.pack);
            const std::string answer(text.characters(), text.length());
            const std::string echo = line_.substr(0, 20) + "\r";
            require(answer.substr(0, echo.size()) == echo, "the line is echoed");
            require(answer.size() > echo.size() && answer.back() == '\r', "an answer ends in CR");
            said = answer.substr(echo.size(), answer.size() - echo.size() - 1);
            require_answer(said);
            line_.clear();
            rules_.settings_changed();
        }
        while (const bms::AppText* record = link_.record(rules_.pack)) {
            const std::string text(record->characters(), record->length());
            require_record(text);
            said += text;
        }
        rules_.check();
        return said;
    }

    std::string send(const std::string& line) {
        std::string said;
        for (const char c : line)
            said += hear(c);
        return said;
    }

    std::string unlock() {
        hear('\r');  // ends what stands on the line
        return send("PW" + digits(rules_.pack.settings().pin) + "!\r");
    }

    void pass(bms::Ticks span) {
        rules_.pass(span);
        link_.step(rules_.now);
        desk_.step(rules_.now);
    }

    void message(const bms::ChainFrame& frame) {
        rules_.message(frame);
        link_.message();
        desk_.relays_allowed(rules_.pack.charge_allowed(), rules_.pack.load_allowed());
    }

    void press_button() {
        rules_.pack.reset_pin();
        link_.lock().clear();
    }

    const bms::Settings& settings() const { return rules_.pack.settings(); }
    bool pin_is_its_own() const { return settings().pin == pin_; }

private:
    static bms::Settings with_pin(std::uint16_t pin) {
        bms::Settings settings;
        settings.pin = pin;
        return settings;
    }

    std::uint16_t pin_;
    PackRules rules_;
    bms::CalibrationKeeper calibration_;
    bms::ServiceDesk desk_{bms::BoardRole::last, calibration_};
    bms::AppService service_{desk_};
    bms::AppLink link_{1};
    std::string line_;
};

bool same_but_for_the_pin(bms::Settings a, const bms::Settings& b) {
    a.pin = b.pin;
    const bms::StoredSettings of_a = bms::store(a), of_b = bms::store(b);
    return std::equal(std::begin(of_a.bytes), std::end(of_a.bytes), std::begin(of_b.bytes));
}

/// Two boards that are told the same. Were one to say, by word or by deed, what its PIN is, they
/// would differ; a fuzzer that guesses one of two PINs has guessed, and is sent back.
class Pair {
public:
    void hear(char character) {
        line_ = character == '\r' ? "" : line_ + character;
        for (const std::uint16_t pin : pins)
            if (line_.find(digits(pin)) != std::string::npos) return;
        require(a_.hear(character) == b_.hear(character), "no answer depends on the PIN");
        require(same_but_for_the_pin(a_.settings(), b_.settings()), "no setting depends on the PIN");
    }

    template <class Action>
    void both(Action action) {
        action(a_);
        action(b_);
    }

    void unlock() {
        line_.clear();
        require(a_.unlock() == b_.unlock(), "the right PIN is answered alike");
    }

    const bms::Settings& settings() const { return a_.settings(); }

private:
    Radio a_{pins[0]}, b_{pins[1]};
    std::string line_;
};

constexpr const char* commands[] = {
    "E!\r", "D!\r", "V@\r", "S1@\r", "S2@\r", "S3@\r", "R@\r",      "I@\r",
    "B@\r", "Y@\r", "Z@\r", "$",     "\r",    "PW",    "PW0000!\r", "02-050!\rD0-051!\r"};

}  // namespace

void app_link(const std::uint8_t* bytes, std::size_t size) {
    enum : std::uint8_t { characters, command, write, time, message, unlock, button, kinds };
    Feed feed(bytes, size);
    Pair radios;
    bool authorised = false;
    bms::ChainFrame frame = ordinary_message();
    while (!feed.empty()) {
        const std::uint8_t op = feed.byte(), detail = op / kinds;
        const bms::StoredSettings before = bms::store(radios.settings());
        switch (op % kinds) {
            case characters:
                for (int i = 0; i <= detail; ++i)
                    radios.hear(static_cast<char>(feed.byte()));
                break;
            case command:
                for (const char* c = commands[detail % std::size(commands)]; *c != '\0'; ++c)
                    radios.hear(*c);
                break;
            case write: {
                const char hex[] = "0123456789ABCDEF";
                const std::uint16_t value = feed.byte(), address = feed.word();
                for (const char c : {hex[value >> 4], hex[value & 0xF], '-', hex[(address >> 8) & 0xF],
                                     hex[(address >> 4) & 0xF], hex[address & 0xF], '!', '\r'})
                    radios.hear(c);
                break;
            }
            case time:
                radios.both([&](Radio& radio) { radio.pass(bms::Ticks{detail} * bms::ticks_per_second); });
                break;
            case message:
                if (detail & 1) frame.i1 = static_cast<std::int16_t>(feed.word());
                if (detail & 2) frame.hops = feed.byte();
                if (detail & 4) frame.turn = feed.byte();
                if (detail & 8) frame.turn_voltage = feed.word();
                if (detail & 16) frame.sum = feed.word() * 256u + feed.byte();
                for (int i = 0; i < (detail == 0 ? 12 : 1); ++i, ++frame.sequence)
                    radios.both([&](Radio& radio) {
                        radio.pass(bms::Profile::message_period);
                        radio.message(frame);
                    });
                break;
            case unlock:
                radios.unlock();
                authorised = true;
                break;
            default:
                radios.both([](Radio& radio) { radio.press_button(); });
        }
        if (!authorised && op % kinds != button) {
            const bms::StoredSettings after = bms::store(radios.settings());
            require(std::equal(std::begin(before.bytes), std::end(before.bytes), std::begin(after.bytes)),
                    "who has not sent the PIN changes nothing");
        }
    }
}

}  // namespace rig::fuzz
