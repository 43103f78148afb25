-- SPDX-License-Identifier: GPL-3.0-or-later
-- Recommended thresholds by chemistry, as the two editions of gen3's manual print
-- them (APP-08): what an installer chooses from instead of typing numbers.

local rig = require("rig")

---@class Preset
---@field name string
---@field chemistry? integer    the app's code, where the app has one for it
---@field v_nominal_v? number
---@field v_min_v number
---@field balance_v number
---@field v_max_v number

local revision_13 = {
  { name = "LiFePO4", chemistry = 1, v_nominal_v = 3.3, v_min_v = 2.90, balance_v = 3.4, v_max_v = 3.70 },
  { name = "LTO", chemistry = 2, v_nominal_v = 2.3, v_min_v = 2.15, balance_v = 2.6, v_max_v = 2.80 },
  { name = "NMC", chemistry = 3, v_nominal_v = 3.7, v_min_v = 3.49, balance_v = 4.0, v_max_v = 4.15 },
  { name = "NCA", chemistry = 4, v_nominal_v = 3.7, v_min_v = 3.40, balance_v = 4.0, v_max_v = 4.15 },
}

local early_edition = {
  { name = "LiFePO4", chemistry = 1, v_min_v = 2.90, balance_v = 3.4, v_max_v = 3.70 },
  { name = "LTO", chemistry = 2, v_min_v = 2.15, balance_v = 2.6, v_max_v = 2.70 },
  { name = "NMC", chemistry = 3, v_min_v = 3.43, balance_v = 4.0, v_max_v = 4.10 },
  { name = "Li-ion", chemistry = 0, v_min_v = 3.43, balance_v = 4.1, v_max_v = 4.15 },
}

---@type table<string, Preset[]>
local presets = { ["gen3-hw2"] = revision_13, ["gen3-hw1"] = early_edition }

---Those of the product under test.
---@type Preset[]
return presets[rig.profile] or {}
