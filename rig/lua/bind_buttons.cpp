// SPDX-License-Identifier: GPL-3.0-or-later
// bench.button.first and bench.button.last.
#include "rig/lua/binding.hpp"

namespace rig::lua {

namespace {

struct Button {
    static constexpr const char* type_name = "rig.Button";
    bool first;
};

DigitalOutput& line(lua_State* L) {
    return output(L, self<Button>(L).first ? "button.first" : "button.last");
}

int press(lua_State* L) {
    DigitalOutput& button = line(L);
    const double span_s = positive_argument(L, 2);
    struct Pressed {
        DigitalOutput& button;
        explicit Pressed(DigitalOutput& pressed) : button(pressed) { button.drive(true); }
        ~Pressed() { button.drive(false); }
    } pressed{button};
    pass_for(L, span_s);
    return 0;
}

int hold(lua_State* L) {
    line(L).drive(true);
    return 0;
}

int release(lua_State* L) {
    line(L).drive(false);
    return 0;
}

constexpr luaL_Reg methods[] = {
    {"press", bound<press>}, {"hold", bound<hold>}, {"release", bound<release>}, {nullptr, nullptr}};

}  // namespace

void register_buttons(lua_State* L) {
    register_type(L, Button::type_name, methods);
}

void push_button(lua_State* L, bool first) {
    push_handle(L, Button{first});
}

}  // namespace rig::lua
