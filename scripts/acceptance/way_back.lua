-- SPDX-License-Identifier: GPL-3.0-or-later
-- The way back from each fault, taken alone: ten messages inside, counted from
-- the first one inside, however long the fault lasted; and what an empty pack needs.

local rig = require("rig")
rig.api(1)

local installer = require("lib.installer")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

local function volts(v) return function(bench) bench.cell[2]:set_v(v) end end
local function degrees(t) return function(bench) bench.temperature[2]:set_degc(t) end end

-- V-min in normal mode empties the count meanwhile: `re_enable.lua` has it.
local faults = {
  { "T-max", outside = degrees(88), inside = degrees(25), charge = "RLY-05", load = "RLY-07" },
  {
    "V-max", critical = true, outside = volts(profile.v_max_v + 0.10), inside = volts(profile.v_max_v - 0.10),
    charge = "RLY-08",
  },
  { "V-min", critical = true, outside = volts(profile.v_min_v - 0.10), inside = volts(packs.nominal_v), load = "RLY-09" },
  { "T-max", critical = true, outside = degrees(88), inside = degrees(25), charge = "RLY-08", load = "RLY-09" },
}
if profile.separate_t_min then
  faults[#faults + 1] = { "T-min charge", outside = degrees(-6), inside = degrees(25), charge = "RLY-05" }
  faults[#faults + 1] = { "T-min discharge", outside = degrees(-26), inside = degrees(25), load = "RLY-07" }
else
  local cold = profile.t_min_charge_degc - 6
  faults[#faults + 1] = { "T-min", outside = degrees(cold), inside = degrees(25), charge = "RLY-05", load = "RLY-07" }
end

for _, fault in ipairs(faults) do
  local mode = fault.critical and "critical mode: " or ""
  local rules = { "DEC-02", fault.charge or fault.load, fault.charge and fault.load }

  rig.test(("%safter a minute beyond %s, 10 messages inside come before the relay closes"):format(mode, fault[1]), {
    needs = { "cell", "temperature", "switch", "app", "relay.charge", "relay.load" }, proves = rules,
  }, function(bench)
    if fault.critical then installer.critical_mode(bench, true) end
    fault.outside(bench)
    rig.wait(60)
    for _, name in ipairs { "charge", "load" } do
      if fault[name] then
        rig.claim(("the %s relay is open"):format(name), relays.open(bench, name), { proves = { fault[name] } })
      end
    end
    local from_s = rig.now_s()
    fault.inside(bench)
    rig.wait(15)
    for _, name in ipairs { "charge", "load" } do
      if fault[name] then
        local edges = relays.edges(bench, name, from_s)
        rig.claim(("the %s relay closes once"):format(name), #edges == 1 and edges[1].active,
          { proves = { fault[name] } })
        rig.check(("the %s relay closes after"):format(name), edges[1] and edges[1].at_s - from_s or 1e9,
          rig.limits.on_after_inside, { proves = { fault[name], "DEC-02" } })
      end
    end
  end)
end

rig.test("a pack with a cell at V-min may be charged again however much its count says", {
  needs = { "cell[3]", "app", "sensor[1]", "ext", "relay.charge", "relay.load" }, proves = { "RLY-05", "DEC-14" },
}, function(bench)
  bench.app:set { capacity_kwh = packs.small_kwh(bench) }
  packs.fill(bench)
  bench.cell[2]:set_v(profile.v_min_v - 0.10)
  relays.moves(bench, "load", false, 6)
  rig.wait(20)
  packs.move_soc_to(bench, 98)
  relays.moves(bench, "charge", false, 6, function() bench.cell[3]:set_v(profile.v_max_v + 0.10) end)
  bench.cell[3]:set_v(packs.nominal_v)
  rig.eventually("charging is allowed again", { within_s = 45, proves = { "RLY-05", "DEC-14" } }, function()
    return relays.allows(bench, "charge")
  end)
  rig.equal("though state of charge is above charge restart", bench.ext:latest().soc_pct, 98, { proves = { "RLY-05" } })
end)

rig.test("Tl is up below either T-min, whichever is the higher", {
  needs = { "temperature", "app", "ext", "relay.charge", "relay.load" }, profiles = { "gen3-hw2" },
  proves = { "ALM-01", "ALM-02" },
}, function(bench)
  for _, case in ipairs { { 0, 12, true, false }, { 12, 0, false, true } } do
    local charge_degc, discharge_degc, charge, load = table.unpack(case)
    bench.app:set { t_min_charge_degc = charge_degc, t_min_discharge_degc = discharge_degc }
    bench.temperature[2]:set_degc(6)
    rig.eventually(("Tl between %d and %d °C"):format(charge_degc, discharge_degc),
      { within_s = 9, proves = { "ALM-01", "ALM-02" } }, function() return bench.ext:latest().alarm.tl end)
    relays.stand(bench, "Tl", charge, load, { "ALM-02" })
    bench.temperature[2]:set_degc(25)
    relays.recover(bench)
  end
end)
