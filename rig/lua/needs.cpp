// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/lua/needs.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace rig::lua {

namespace {

struct Need {
    std::string noun;  ///< "sensor", "board[].led" for "board[2].led"
    std::optional<int> number;
};

Need taken_apart(const std::string& need) {
    const auto open = need.find('['), close = need.find(']');
    if (open == std::string::npos) return {need, std::nullopt};
    if (close == std::string::npos || close < open + 2) return {};
    const std::string digits = need.substr(open + 1, close - open - 1);
    if (digits.size() > 3 || digits.find_first_not_of("0123456789") != std::string::npos) return {};
    return {need.substr(0, open) + "[]" + need.substr(close + 1), std::atoi(digits.c_str())};
}

constexpr std::array<std::string_view, 38> nouns{
    "cell",          "cell[]",       "sensor",     "sensor[]",     "temperature",    "temperature[]",
    "relay",         "relay.charge", "relay.load", "led",          "led.charge",     "led.load",
    "board.led",     "board[].led",  "chain",      "chain[]",      "chain_tap",      "chain_tap[]",
    "app",           "ext",          "switch",     "switch[]",     "button",         "button.first",
    "button.last",   "probe",        "probe[]",    "chain_bridge", "chain_bridge[]", "first_ext",
    "meter",         "meter[]",      "radio",      "service",      "service[]",      "service.app",
    "service.input", "coil"};

template <class Map>
bool has(const Map& map, const typename Map::key_type& key) {
    return map.find(key) != map.end();
}

bool has_relay(const Bench& bench, const std::string& relay) {
    return has(bench.inputs, relay + ".pins_1_2") && has(bench.inputs, relay + ".pins_2_3");
}

bool has_switches(const Bench& bench) {
    for (int n = 1; n <= 8; ++n) {
        if (!has(bench.outputs, "switch[" + std::to_string(n) + "]")) return false;
    }
    return true;
}

}  // namespace

bool is_need(const std::string& need) {
    return std::find(nouns.begin(), nouns.end(), taken_apart(need).noun) != nouns.end();
}

bool meets(const Bench& bench, const std::string& need) {
    const auto [noun, number] = taken_apart(need);
    const int n = number.value_or(1);
    const std::string index = "[" + std::to_string(n) + "]";
    if (noun == "cell" || noun == "cell[]")
        return n >= 1 && static_cast<std::size_t>(n) <= bench.cells.size();
    if (noun == "sensor") return !bench.sensors.empty();
    if (noun == "sensor[]") return has(bench.sensors, n);
    if (noun == "temperature") return !bench.temperatures.empty();
    if (noun == "temperature[]") return has(bench.temperatures, n);
    if (noun == "meter") return !bench.meters.empty();
    if (noun == "meter[]") return has(bench.meters, n);
    if (noun == "relay") return has_relay(bench, "relay.charge") && has_relay(bench, "relay.load");
    if (noun == "relay.charge" || noun == "relay.load") return has_relay(bench, noun);
    if (noun == "led") return has(bench.inputs, "led.charge") && has(bench.inputs, "led.load");
    if (noun == "board.led" || noun == "board[].led") return has(bench.inputs, "board" + index + ".led");
    if (noun == "chain" || noun == "chain[]") return has(bench.outputs, "chain" + index + ".closed");
    if (noun == "chain_tap" || noun == "chain_tap[]") return has(bench.chain_taps, n);
    if (noun == "chain_bridge" || noun == "chain_bridge[]")
        return has(bench.outputs, "chain" + index + ".bridged");
    if (noun == "probe" || noun == "probe[]") return has(bench.probes, n);
    if (noun == "app") return bench.app != nullptr;
    if (noun == "ext") return bench.ext != nullptr;
    if (noun == "service" || noun == "service[]")
        return bench.service != nullptr && n >= 1 && static_cast<std::size_t>(n) <= bench.cells.size();
    if (noun == "service.app") return bench.app_service != nullptr;
    if (noun == "service.input") return bench.service_input != nullptr;
    if (noun == "first_ext") return bench.first_ext != nullptr;
    if (noun == "radio") return has(bench.inputs, "radio.reset") && has(bench.inputs, "radio.configure");
    if (noun == "coil")
        return has(bench.inputs, "coil.charge_set") && has(bench.inputs, "coil.charge_reset") &&
               has(bench.inputs, "coil.load_set") && has(bench.inputs, "coil.load_reset");
    if (noun == "switch") return has_switches(bench);
    if (noun == "switch[]") return has(bench.outputs, "switch" + index);
    if (noun == "button") return has(bench.outputs, "button.first") && has(bench.outputs, "button.last");
    return has(bench.inputs, need) || has(bench.outputs, need);
}

std::string lacking(const Bench& bench, const std::vector<std::string>& needs) {
    for (const std::string& need : needs) {
        if (!meets(bench, need)) return "this bench has no " + need;
    }
    return {};
}

}  // namespace rig::lua
