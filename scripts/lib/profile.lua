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
---@field most_a number                  that the bench's sensors measure
---@field step_a number                  what a count of the sensor is worth, of two ranges in the finer
---@field fine_to_a number              up to where it is worth that
---@field dead_band_a number           what reads as zero either way (CUR-02, CUR-05, CUR-06)
---@field id table<string, string>       the ID of what each product's row says in its own way

local gen3_ids = {
  working_range = "CEL-02", period = "CHN-02", balance_switches = "DIP-09", critical_mode = "APP-03",
  last_led = "LED-04", relay_led = "LED-06", load_contacts = "RLY-14",
}
local gen2_ids = {
  working_range = "CEL-01", temperature = "CEL-04", period = "CHN-01", balance_switches = "DIP-02",
  critical_mode = "DIP-05", full_normal = "SOC-02", full_critical = "SOC-04", full_opens = "RLY-02",
  last_led = "LED-03", relay_led = "LED-05", load_contacts = "RLY-14",
}

local function ids(base, own)
  return setmetatable(own, {
    __index = function(_, row)
      return base[row] or error(("profile.id has no '%s'"):format(row), 2)
    end,
  })
end

local gen2 = {
  v_min_v = 2.70, v_max_v = 3.60, t_min_charge_degc = 10, t_min_discharge_degc = 10, separate_t_min = false,
  full_needs_low_power = false, lowest_cell_v = 2.0, most_a = 100, step_a = 0.5, fine_to_a = 100,
  dead_band_a = 1.0,
}
local gen3 = { v_min_v = 2.90, v_max_v = 3.70, lowest_cell_v = 1.5, most_a = 500, step_a = 0.05, fine_to_a = 20 }

local products = {
  ["gen2-out1"] = { gen2, { id = ids(gen2_ids, {}) } },
  ["gen2-out2"] = { gen2, { id = ids(gen2_ids, { load_contacts = "RLY-13" }) } },
  ["gen3-hw1"] = { gen3, {
    t_min_charge_degc = 10, t_min_discharge_degc = 10, separate_t_min = false, full_needs_low_power = false,
    dead_band_a = 0.30,
    id = ids(gen3_ids, {
      temperature = "CEL-06", full_normal = "SOC-02", full_critical = "SOC-04",
      full_opens = "RLY-02",
    }),
  } },
  ["gen3-hw2"] = { gen3, {
    t_min_charge_degc = 0, t_min_discharge_degc = -20, separate_t_min = true, full_needs_low_power = true,
    dead_band_a = 0.15,
    id = ids(gen3_ids, {
      temperature = "CEL-05", full_normal = "SOC-03", full_critical = "SOC-05",
      full_opens = "RLY-03",
    }),
  } },
}

---@type Profile
local profile = { gen2 = rig.profile:find("^gen2") ~= nil, nominal_v = 3.30, balance_v = 3.40, t_max_degc = 80 }
profile.gen3 = not profile.gen2
for _, part in ipairs(products[rig.profile]) do
  for name, value in pairs(part) do profile[name] = value end
end

return profile
