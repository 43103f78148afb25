// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "fixtures/envelope.hpp"
#include "fixtures/profile.hpp"
#include "rig/doctor/examination.hpp"

namespace rig::doctor {

namespace {

/// Beyond a threshold by more than uncalibrated boards err.
constexpr Volts beyond{0.08};
constexpr Nanoseconds opens_within = seconds(12), allowed_again_within = seconds(75);
constexpr Nanoseconds contacts_follow = seconds(1);
/// Longer than gen3's slowest flash, LED-06, and short enough that 15 s below V-min change no count of
/// charge.
constexpr Nanoseconds watched_for = seconds(7);

/// A line as it stood in each state of the relays, and as it should have.
struct Course {
    std::vector<bool> seen, expected;
};
using Courses = std::map<std::string, Course>;

struct RelayLines {
    const char* relay;
    const char* light;
    bool (*allowed)(const bms::ExtFrame&);
};
constexpr RelayLines relays[] = {{"relay.charge", "led.charge", charge_allowed},
                                 {"relay.load", "led.load", load_allowed}};

bool flashed(DigitalInput& light, Nanoseconds from) {
    const auto& edges = light.edges();
    return std::any_of(edges.begin(), edges.end(), [&](const Edge& edge) { return edge.at >= from; });
}

/// Notes how every line stands while the relays stand as the last board says.
void note(Examination& x, Courses& contacts, Courses& lights) {
    x.wait(contacts_follow);
    const Nanoseconds from = x.bench.clock->now();
    const auto put = [&](Courses& courses, const std::string& line, bool seen, bool expected) {
        courses[line].seen.push_back(seen);
        courses[line].expected.push_back(expected);
    };
    for (const RelayLines& it : relays) {
        const auto [allowing, forbidding] = relay_throws(x.fixture.profile, it.relay);
        const bool allowed = it.allowed(x.latest());
        for (const auto& [line, expected] : {std::pair{allowing, allowed}, std::pair{forbidding, !allowed}})
            if (x.has_input(line)) put(contacts, line, x.bench.inputs.at(line)->active(), expected);
    }
    x.wait(watched_for);
    for (const RelayLines& it : relays)
        if (x.has_input(it.light))
            put(lights, it.light, flashed(*x.bench.inputs.at(it.light), from), it.allowed(x.latest()));
}

/// Brings cell 1 to `volts` until a relay stands as wanted, notes everything, and waits for both to be
/// allowed.
bool open_and_note(Examination& x, Volts volts, const Examination::Holds& open, Courses& contacts,
                   Courses& lights) {
    CellSupply& cell = *x.bench.cells.front();
    cell.set_voltage(volts);
    const bool opened = x.eventually(opens_within, open);
    if (opened) note(x, contacts, lights);
    cell.set_voltage(x.fixture.pack.nominal);
    return x.settled(allowed_again_within) && opened;
}

bool moved(const Course& course) {
    return std::adjacent_find(course.seen.begin(), course.seen.end(), std::not_equal_to<>()) !=
           course.seen.end();
}

void write(Examination& x, const Courses& courses, const char* stays, const char* moves) {
    for (const auto& [line, course] : courses) {
        if (course.seen == course.expected) {
            x.sheet.good(line, moves);
            continue;
        }
        const auto other =
            std::find_if(courses.begin(), courses.end(),
                         [&, &seen = course.seen](const auto& it) { return it.second.expected == seen; });
        if (!moved(course))
            x.sheet.fault(line, fmt::format("{}: nothing comes through this wire", stays));
        else if (other != courses.end())
            x.sheet.fault(line, fmt::format("does what {} should: swapped", other->first));
        else
            x.sheet.fault(line, "does not go with what the last board says of its relays");
    }
}

void look_at_board_lights(Examination& x) {
    const Nanoseconds from = x.bench.clock->now();
    x.wait(seconds(3));
    for (int number = 1; number <= x.cells(); ++number) {
        const std::string light = fmt::format("board[{}].led", number);
        if (!x.has_input(light)) continue;
        // LED-03: gen2's last board flashes while both relays are off.
        if (x.gen2() && number == x.cells())
            x.sheet.not_looked_at(light, "dark while a relay is allowed");
        else if (flashed(*x.bench.inputs.at(light), from))
            x.sheet.good(light, "flashes");
        else
            x.sheet.fault(light, "does not flash, though messages pass: nothing comes through this wire");
    }
}

bool has_any_line(const Examination& x) {
    return std::any_of(std::begin(relays), std::end(relays), [&](const RelayLines& it) {
        const auto [allowing, forbidding] = relay_throws(x.fixture.profile, it.relay);
        return x.has_input(allowing) || x.has_input(forbidding) || x.has_input(it.light);
    });
}

}  // namespace

void look_at_relays_and_lights(Examination& x) {
    look_at_board_lights(x);
    if (!has_any_line(x)) return;
    Courses contacts, lights;
    if (!x.settled(allowed_again_within)) {
        x.sheet.not_looked_at("relays", "the boards do not allow both");
        return;
    }
    const Volts v_max{volts_of(x.latest().v_max)}, v_min{volts_of(x.latest().v_min)};
    note(x, contacts, lights);
    try {
        const bool opened =
            open_and_note(
                x, v_max + beyond, [](const auto& frame) { return !charge_allowed(frame); }, contacts,
                lights) &&
            open_and_note(
                x, v_min - beyond, [](const auto& frame) { return !load_allowed(frame); }, contacts, lights);
        if (!opened) {
            x.sheet.not_looked_at("relays",
                                  "the last board does not open each by its threshold, or not again");
            return;
        }
    } catch (const EnvelopeError& exceeded) {
        x.bench.cells.front()->set_voltage(x.fixture.pack.nominal);
        x.sheet.not_looked_at("relays", exceeded.what());
        return;
    }
    write(x, contacts, "does not move with its relay", "opens and closes with its relay");
    write(x, lights, "does not change with its relay", "flashes while its relay is allowed");
}

}  // namespace rig::doctor
