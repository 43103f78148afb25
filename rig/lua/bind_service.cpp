// SPDX-License-Identifier: GPL-3.0-or-later
// bench.service[k]: the services of board k at the end of the line, and bench.service.app: those
// of the last board over its app link. A board that refuses one fails the test.
#include <fmt/format.h>

#include <cmath>

#include "fixtures/boards/board_service.hpp"
#include "rig/lua/binding.hpp"

namespace rig::lua {

namespace {

struct Service {
    static constexpr const char* type_name = "rig.Service";
    int board;  ///< 0: over the app link
};

struct ServiceInput {
    static constexpr const char* type_name = "rig.ServiceInput";
};

BoardService service(lua_State* L) {
    const int board = self<Service>(L).board;
    const Bench& bench = running(L).bench;
    return {*bench.clock, board == 0 ? *bench.app_service : *bench.service, board};
}

/// A board's refusal is the board's failure.
template <class Ask>
auto asked(Ask ask) {
    try {
        return ask();
    } catch (const InstrumentError& failure) {
        throw BoardFault(failure.what());
    }
}

void set_number(lua_State* L, const char* key, double value) {
    lua_pushnumber(L, value);
    lua_setfield(L, -2, key);
}
void set_text(lua_State* L, const char* key, const std::string& value) {
    lua_pushlstring(L, value.data(), value.size());
    lua_setfield(L, -2, key);
}
void set_flag(lua_State* L, const char* key, bool value) {
    lua_pushboolean(L, value);
    lua_setfield(L, -2, key);
}

const char* name_of(ServiceReply::Calibration calibration) {
    return calibration == ServiceReply::Calibration::good    ? "good"
           : calibration == ServiceReply::Calibration::blank ? "none"
                                                             : "lost";
}

const char* name_of(bms::ServiceResult result) {
    static const char* const names[] = {"none", "done", "locked", "range", "unknown", "not now"};
    return static_cast<std::size_t>(result) < std::size(names) ? names[static_cast<std::size_t>(result)]
                                                               : "?";
}

int identity(lua_State* L) {
    const auto told = asked([&] { return service(L).identity(); });
    lua_createtable(L, 0, 6);
    lua_pushinteger(L, told.serial);
    lua_setfield(L, -2, "serial");
    set_text(L, "role", told.role);
    set_text(L, "version", told.version);
    set_text(L, "calibration", name_of(told.reply.calibration));
    set_flag(L, "unlocked", told.reply.unlocked);
    set_flag(L, "saving", told.reply.saving);
    return 1;
}

int raw(lua_State* L) {
    const auto told = asked([&] { return service(L).raw(); });
    lua_createtable(L, 0, 3);
    set_number(L, "cell", told.cell);
    set_number(L, "temperature", told.temperature);
    lua_createtable(L, 2, 0);
    for (lua_Integer sensor = 1; sensor <= 2; ++sensor) {
        const auto& outputs = told.sensors[static_cast<std::size_t>(sensor - 1)];
        lua_createtable(L, 0, 2);
        set_number(L, "fine", outputs[0]);
        set_number(L, "coarse", outputs[1]);
        lua_seti(L, -2, sensor);
    }
    lua_setfield(L, -2, "sensor");
    return 1;
}

int calibration(lua_State* L) {
    const auto told = asked([&] { return service(L).calibration(); });
    lua_createtable(L, 0, 5);
    set_number(L, "voltage_gain", told.voltage_gain);
    set_number(L, "voltage_offset_v", told.voltage_offset_v);
    set_number(L, "temperature_offset_k", told.temperature_offset_k);
    set_number(L, "crystal_ppm", told.crystal_ppm);
    lua_createtable(L, 2, 0);
    for (lua_Integer number = 1; number <= 2; ++number) {
        const auto& sensor = told.sensors[static_cast<std::size_t>(number - 1)];
        lua_createtable(L, 0, 4);
        set_number(L, "fine_zero_counts", sensor.zero_counts[0]);
        set_number(L, "fine_gain", sensor.gain[0]);
        set_number(L, "coarse_zero_counts", sensor.zero_counts[1]);
        set_number(L, "coarse_gain", sensor.gain[1]);
        lua_seti(L, -2, number);
    }
    lua_setfield(L, -2, "sensor");
    return 1;
}

int unlock(lua_State* L) {
    asked([&] {
        service(L).unlock();
        return 0;
    });
    return 0;
}

int lock(lua_State* L) {
    asked([&] {
        service(L).lock();
        return 0;
    });
    return 0;
}

/// { counts = …, <unit> = … } in field `key` of the table at `table`, or at `table` itself.
BoardService::Point point_argument(lua_State* L, int table, const char* unit) {
    luaL_checktype(L, table, LUA_TTABLE);
    const auto counts = number_field(L, table, "counts"), reference = number_field(L, table, unit);
    if (!counts || !reference)
        luaL_error(L, "a point has counts, as raw() tells them, and %s, as the reference does", unit);
    return {*counts, *reference};
}

int calibrate_voltage(lua_State* L) {
    const auto low = point_argument(L, 2, "v"), high = point_argument(L, 3, "v");
    asked([&] {
        service(L).calibrate_voltage(low, high);
        return 0;
    });
    return 0;
}

int calibrate_temperature(lua_State* L) {
    const auto at = point_argument(L, 2, "degc");
    asked([&] {
        service(L).calibrate_temperature(at);
        return 0;
    });
    return 0;
}

int calibrate_sensor(lua_State* L) {
    const int number = integer_argument(L, 2, 1, 2);
    const std::string output = text_argument(L, 3);
    if (output != "fine" && output != "coarse") luaL_argerror(L, 3, "\"fine\" or \"coarse\"");
    const double per_count_a = positive_argument(L, 4);
    const auto low = point_argument(L, 5, "a"), high = point_argument(L, 6, "a");
    asked([&] {
        service(L).calibrate_sensor(number, output == "coarse" ? 1 : 0, low, high, per_count_a);
        return 0;
    });
    return 0;
}

int trim_clock(lua_State* L) {
    const double ppm = finite_argument(L, 2);
    asked([&] {
        service(L).trim_clock(ppm);
        return 0;
    });
    return 0;
}

int write_serial(lua_State* L) {
    const lua_Integer serial = luaL_checkinteger(L, 2);
    luaL_argcheck(L, serial >= 0 && serial <= 0xFFFFFFFF, 2, "a serial number has 32 bits");
    asked([&] {
        service(L).write_serial(static_cast<std::uint32_t>(serial));
        return 0;
    });
    return 0;
}

double span_argument(lua_State* L, int index) {
    const double span_s = positive_argument(L, index);
    luaL_argcheck(L, span_s <= 10.0, index, "a self-test takes at most 10 s");
    return span_s;
}

int test_bypass(lua_State* L) {
    const double span_s = span_argument(L, 2);
    asked([&] {
        service(L).test_bypass(span_s);
        return 0;
    });
    return 0;
}

int test_lights(lua_State* L) {
    const double span_s = span_argument(L, 2);
    luaL_checktype(L, 3, LUA_TTABLE);
    bool lit[3] = {};
    static constexpr std::string_view names[] = {"info", "charge", "load"};
    for (lua_Integer i = 1; lua_geti(L, 3, i) != LUA_TNIL; ++i) {
        const std::string name = text_argument(L, -1);
        const auto* found = std::find(std::begin(names), std::end(names), name);
        if (found == std::end(names))
            luaL_error(L, "there is no light '%s': info, charge, load", name.c_str());
        lit[found - names] = true;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    asked([&] {
        service(L).test_lights(span_s, lit[0], lit[1], lit[2]);
        return 0;
    });
    return 0;
}

int test_relay(lua_State* L) {
    const std::string relay = text_argument(L, 2);
    if (relay != "charge" && relay != "load") luaL_argerror(L, 2, "\"charge\" or \"load\"");
    asked([&] {
        service(L).test_relay(relay == "charge");
        return 0;
    });
    return 0;
}

ServiceLine::Argument bytes_argument(lua_State* L, int index) {
    ServiceLine::Argument bytes;
    const std::string digits = luaL_optstring(L, index, "");
    luaL_argcheck(
        L, digits.size() % 2 == 0 && digits.find_first_not_of("0123456789ABCDEFabcdef") == std::string::npos,
        index, "bytes as pairs of hexadecimal digits");
    for (std::size_t at = 0; at < digits.size(); at += 2)
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(at, 2), nullptr, 16)));
    return bytes;
}

int ask(lua_State* L) {
    const int command = integer_argument(L, 2, 0, 255);
    const auto argument = bytes_argument(L, 3);
    const auto reply = asked([&] { return service(L).ask(static_cast<std::uint8_t>(command), argument); });
    std::string data;
    for (const std::uint8_t byte : reply.data)
        data += fmt::format("{:02X}", byte);
    lua_pushstring(L, name_of(reply.result));
    lua_pushlstring(L, data.data(), data.size());
    return 2;
}

constexpr luaL_Reg methods[] = {
    {"identity", bound<identity>},
    {"raw", bound<raw>},
    {"calibration", bound<calibration>},
    {"unlock", bound<unlock>},
    {"lock", bound<lock>},
    {"calibrate_voltage", bound<calibrate_voltage>},
    {"calibrate_temperature", bound<calibrate_temperature>},
    {"calibrate_sensor", bound<calibrate_sensor>},
    {"trim_clock", bound<trim_clock>},
    {"write_serial", bound<write_serial>},
    {"test_bypass", bound<test_bypass>},
    {"test_lights", bound<test_lights>},
    {"test_relay", bound<test_relay>},
    {"ask", bound<ask>},
    {nullptr, nullptr},
};

int send(lua_State* L) {
    self<ServiceInput>(L);
    const auto bytes = bytes_argument(L, 2);
    running(L).bench.service_input->send({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return 0;
}

constexpr luaL_Reg input_methods[] = {{"send", bound<send>}, {nullptr, nullptr}};

}  // namespace

void register_service(lua_State* L) {
    register_type(L, Service::type_name, methods);
    register_type(L, ServiceInput::type_name, input_methods);
}

void push_service(lua_State* L, int board) {
    push_handle(L, Service{board});
}

void push_service_input(lua_State* L) {
    push_handle(L, ServiceInput{});
}

}  // namespace rig::lua
