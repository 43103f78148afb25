-- SPDX-License-Identifier: GPL-3.0-or-later
-- Recommended thresholds by chemistry, offered as presets (APP-08): boards take each of
-- them, and act on it.

local rig = require("rig")
rig.api(1)

local installer = require("lib.installer")
local messages = require("lib.messages")
local packs = require("lib.packs")
local presets = require("lib.presets")
local relays = require("lib.relays")

-- As the manuals print them: V-nominal, V-min, V-balance, V-max.
local printed = {
  ["gen3-hw2"] = "LiFePO4 3.3/2.90/3.4/3.70, LTO 2.3/2.15/2.6/2.80, NMC 3.7/3.49/4.0/4.15, NCA 3.7/3.40/4.0/4.15",
  ["gen3-hw1"] = "LiFePO4 -/2.90/3.4/3.70, LTO -/2.15/2.6/2.70, NMC -/3.43/4.0/4.10, Li-ion -/3.43/4.1/4.15",
}

rig.test("the presets are those of the product's manual", {
  profiles = { "gen3" }, proves = { "APP-08" },
}, function()
  local lines = {}
  for _, preset in ipairs(presets) do
    lines[#lines + 1] = ("%s %s/%.2f/%.1f/%.2f"):format(preset.name,
      preset.v_nominal_v and ("%.1f"):format(preset.v_nominal_v) or "-", preset.v_min_v, preset.balance_v, preset.v_max_v)
  end
  rig.equal("presets", table.concat(lines, ", "), printed[rig.profile], { proves = { "APP-08" } })
end)

for _, preset in ipairs(presets) do
  rig.test(("the preset for %s is taken, and the boards act on it"):format(preset.name), {
    needs = { "switch", "app", "cell", "ext", "relay.charge", "relay.load" }, profiles = { "gen3" }, proves = { "APP-08" },
  }, function(bench)
    local usual_v = (preset.v_min_v + preset.balance_v) / 2
    installer.apply_preset(bench, preset)
    bench.cells:set_v(usual_v)
    local settings, frame = bench.app:settings(), messages.fresh(bench)
    for _, case in ipairs {
      { "V-min", settings.v_min_v, preset.v_min_v }, { "V-max", settings.v_max_v, preset.v_max_v },
      { "balance voltage", settings.balance_v, preset.balance_v },
      { "V-min in the frame", frame.v_min_v, preset.v_min_v }, { "V-max in the frame", frame.v_max_v, preset.v_max_v },
    } do
      local name, got_v, wanted_v = table.unpack(case)
      rig.equal(name, ("%.3f"):format(got_v), ("%.3f"):format(wanted_v), { proves = { "APP-08" } })
    end
    rig.equal("chemistry", settings.chemistry, preset.chemistry, { proves = { "APP-08" } })
    relays.recover(bench, { "APP-08" })

    bench.cell[2]:set_v(preset.balance_v + 0.03)
    rig.wait(3)
    rig.claim("a cell balances above the balance voltage", packs.conducts(bench, 2), { proves = { "APP-08" } })
    bench.cell[2]:set_v(preset.balance_v - 0.03)
    rig.wait(3)
    rig.claim("and not below it", not packs.conducts(bench, 2), { proves = { "APP-08" } })
    rig.check("V-max: trip less preset", relays.v_max_trip_v(bench, 2, preset.v_max_v) - preset.v_max_v,
      rig.limits.cell_v_error, { proves = { "APP-08" } })
    bench.cell[2]:set_v(usual_v)
    rig.check("V-min: trip less preset", relays.v_min_trip_v(bench, 2, preset.v_min_v) - preset.v_min_v,
      rig.limits.cell_v_error, { proves = { "APP-08" } })
  end)
end
