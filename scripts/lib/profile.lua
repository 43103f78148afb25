-- SPDX-License-Identifier: GPL-3.0-or-later
-- What follows from the product under test, as stimuli and expectations refer to
-- it. Limits are in fixtures/limits/<profile>.toml.

local rig = require("rig")

---@class Profile
---@field gen2 boolean
---@field gen3 boolean
---@field nominal_v number
---@field balance_v number
---@field v_min_v number                 default settings from here …
---@field v_max_v number
---@field t_min_charge_degc number       the one T-min of products that have no second
---@field t_min_discharge_degc number
---@field t_max_degc number              … to here
---@field separate_t_min boolean         T-min for charge and for discharge (gen3-hw2)
---@field full_needs_low_power boolean   full takes a small charging power as well (gen3-hw2)
---@field lowest_cell_v number           where a board stops working (CEL-01, CEL-02)
---@field most_a number                  through either sensor
---@field step_a number                  what one count of the sensor is worth, below `fine_to_a`
---@field fine_to_a number

local gen2 = {
  v_min_v = 2.70, v_max_v = 3.60, t_min_charge_degc = 10, t_min_discharge_degc = 10, separate_t_min = false,
  full_needs_low_power = false, lowest_cell_v = 2.0, most_a = 100, step_a = 0.5, fine_to_a = 100,
}

local products = {
  ["gen2-out1"] = gen2,
  ["gen2-out2"] = gen2,
  ["gen3-hw1"] = {
    v_min_v = 2.90, v_max_v = 3.70, t_min_charge_degc = 10, t_min_discharge_degc = 10, separate_t_min = false,
    full_needs_low_power = false, lowest_cell_v = 1.5, most_a = 500, step_a = 0.05, fine_to_a = 20,
  },
  ["gen3-hw2"] = {
    v_min_v = 2.90, v_max_v = 3.70, t_min_charge_degc = 0, t_min_discharge_degc = -20, separate_t_min = true,
    full_needs_low_power = true, lowest_cell_v = 1.5, most_a = 500, step_a = 0.05, fine_to_a = 20,
  },
}

---@type Profile
local profile = products[rig.profile]
profile.gen2 = rig.profile:find("^gen2") ~= nil
profile.gen3 = not profile.gen2
profile.nominal_v = 3.30
profile.balance_v = 3.40
profile.t_max_degc = 80

return profile
