-- SPDX-License-Identifier: GPL-3.0-or-later
-- Critical mode: cells' own limits alone switch the relays (RLY-08, 09), and the pack's
-- voltage says full (SOC-04, 05).

local rig = require("rig")
rig.api(1)

local installer = require("lib.installer")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

-- A switch in gen2, a setting in gen3.
local chooser = profile.gen2 and "switch" or "app"
local chosen_by = profile.id.critical_mode

local over_v, under_v = packs.v_max_v + 0.05, packs.v_min_v - 0.05

rig.test("critical mode: one cell at V-max opens the charge relay, below it charging is allowed", {
  needs = { "cell", chooser, "app", "ext", "relay.charge", "relay.load" }, proves = { "RLY-08", "RLY-11", chosen_by },
}, function(bench)
  installer.critical_mode(bench, true)
  if profile.gen3 then
    rig.equal("critical mode, as read back", bench.app:settings().critical, true, { proves = { chosen_by } })
  end
  for _, k in ipairs(packs.positions(bench)) do
    relays.keep(bench, "load", true, ("cell %d at V-max"):format(k), function()
      relays.check_v_max_trip(bench, k, { "RLY-08" })
      bench.cell[k]:set_v(packs.v_max_v - 0.05)  -- above the balance voltage: normal mode would not allow it
      rig.eventually(("cell %d 50 mV below V-max: charging is allowed"):format(k),
        { within_s = 45, proves = { "RLY-08", chosen_by } }, function() return relays.allows(bench, "charge") end)
      bench.cell[k]:set_v(packs.nominal_v)
    end, { "RLY-11" })
  end
end)

rig.test("critical mode: at V-max charging stays off, one count below it comes back", {
  needs = { "cell", chooser, "app", "ext", "relay.charge" }, proves = { "RLY-08" },
}, function(bench)
  installer.critical_mode(bench, true)
  bench.app:set { v_max_v = 4.00 }
  local equal_v = packs.settle_v(bench, packs.inner(bench), packs.v_max_v)
  bench.cell[packs.inner(bench)]:set_v(equal_v - packs.beside_v)
  rig.wait(3)
  bench.app:set { v_max_v = packs.v_max_v }
  relays.keep(bench, "charge", true, "a cell reads one count less than V-max", 10, { "RLY-08" })
  bench.cell[packs.inner(bench)]:set_v(equal_v)
  rig.eventually("the charge relay opens at V-max", { within_s = 5, proves = { "RLY-08" } }, function()
    return relays.open(bench, "charge")
  end)
  relays.keep(bench, "charge", false, "a cell reads V-max", 50, { "RLY-08" })
  rig.equal("at V-max, as reported", ("%.3f"):format(packs.reported_v(bench, packs.inner(bench))), ("%.3f"):format(packs.v_max_v))
  bench.cell[packs.inner(bench)]:set_v(equal_v - packs.beside_v)
  rig.eventually("charging is allowed one count below V-max", { within_s = 14, proves = { "RLY-08" } }, function()
    return relays.allows(bench, "charge")
  end)
end)

rig.test("critical mode: neither a full pack nor its state of charge opens the charge relay", {
  needs = { "cell", chooser, "app", "ext", "relay.charge" }, proves = { "RLY-08" },
}, function(bench)
  installer.critical_mode(bench, true)
  bench.cells:set_v(3.46)
  relays.keep(bench, "charge", true, "all cells are above the balance voltage", 60, { "RLY-08" })
  rig.equal("the pack counts as full", bench.ext:latest().soc_pct, 100)
  bench.cell[1]:set_v(over_v)
  relays.moves(bench, "charge", false, 5)
  bench.cell[1]:set_v(3.46)
  rig.eventually("charging is allowed at 100 %", { within_s = 45, proves = { "RLY-08" } }, function()
    return relays.allows(bench, "charge")
  end)
end)

-- Four cells that together read 4 times 3.400 V, though the lowest is far below that.
local function settle_unequal(bench)
  local volts = {}
  for k = 1, 4 do
    volts[k] = packs.settle_v(bench, k, k == 1 and 3.25 or 3.45)
    bench.cell[k]:set_v(packs.nominal_v)
  end
  return volts
end

rig.test("critical mode: the pack is full when its voltage reaches the balance voltage times its cells", {
  needs = { "cell[4]", chooser, "app", "ext", "relay.charge" }, cells = 4,
  proves = { profile.id.full_critical, "RLY-08" },
}, function(bench)
  local volts = settle_unequal(bench)
  installer.critical_mode(bench, true)
  local function feed()
    for k = 1, 4 do bench.cell[k]:set_v(volts[k]) end
  end
  feed()
  bench.cell[2]:set_v(volts[2] - packs.beside_v)
  rig.wait(50)
  rig.claim("one count below: not full", bench.ext:next().soc_uncalibrated, { proves = { profile.id.full_critical } })
  bench.cell[2]:set_v(volts[2])
  rig.eventually("full", { within_s = 45, proves = { profile.id.full_critical } }, function()
    return not bench.ext:latest().soc_uncalibrated
  end)
  rig.equal("state of charge", bench.ext:latest().soc_pct, 100, { proves = { profile.id.full_critical } })
  rig.equal("pack voltage then", ("%.3f"):format(bench.ext:latest().pack_v), ("%.3f"):format(4 * packs.balance_v),
    { proves = { profile.id.full_critical } })
  rig.claim("the charge relay does not care", relays.allows(bench, "charge"), { proves = { "RLY-08" } })
end)

rig.test("in normal mode a pack of unequal cells is not full by its voltage", {
  needs = { "cell[4]", "ext" }, cells = 4, proves = { profile.id.full_normal },
}, function(bench)
  for k = 1, 4 do bench.cell[k]:set_v(k == 1 and 3.35 or 3.50) end
  rig.wait(60)
  rig.claim("not full", bench.ext:next().soc_uncalibrated, { proves = { profile.id.full_normal } })
end)

rig.test("critical mode: full takes a charging power of at most 5 % of the capacity", {
  needs = { "cell", "sensor[1]", "app", "ext" }, profiles = { "gen3-hw2" }, proves = { "SOC-05" },
}, function(bench)
  installer.critical_mode(bench, true)
  -- 5 % of 4.0 kWh is 200 W, besides what the bypasses burn.
  local pack_v = bench.count * 3.43
  local burnt_w = bench.count * 3.43 * 3.43 / 3.4
  bench.sensor[1]:set_a((200 + burnt_w) * 1.04 / pack_v)
  bench.cells:set_v(3.43)
  rig.wait(60)
  rig.claim("5.2 %: not full", bench.ext:next().soc_uncalibrated, { proves = { "SOC-05" } })
  bench.sensor[1]:set_a((200 + burnt_w) * 0.96 / pack_v)
  rig.eventually("4.8 %: full", { within_s = 45, proves = { "SOC-05" } }, function()
    return not bench.ext:latest().soc_uncalibrated
  end)
end)

rig.test("critical mode: one cell at V-min opens the load relay, above it the load is allowed", {
  needs = { "cell", chooser, "app", "relay.charge", "relay.load" }, proves = { "RLY-09", "RLY-11" },
}, function(bench)
  installer.critical_mode(bench, true)
  for _, k in ipairs(packs.positions(bench)) do
    relays.keep(bench, "charge", true, ("cell %d at V-min"):format(k), function()
      relays.check_v_min_trip(bench, k, { "RLY-09" })
      bench.cell[k]:set_v(packs.v_min_v + 0.05)
      rig.eventually(("cell %d 50 mV above V-min: the load is allowed"):format(k), { within_s = 45, proves = { "RLY-09" } },
        function() return relays.allows(bench, "load") end)
      bench.cell[k]:set_v(packs.nominal_v)
    end, { "RLY-11" })
  end
end)

rig.test("critical mode: at V-min the load stays off, one count above it comes back", {
  needs = { "cell", chooser, "app", "ext", "relay.load" }, proves = { "RLY-09" },
}, function(bench)
  installer.critical_mode(bench, true)
  bench.app:set { v_min_v = 2.50 }
  local equal_v = packs.settle_v(bench, packs.inner(bench), packs.v_min_v)
  bench.cell[packs.inner(bench)]:set_v(equal_v + packs.beside_v)
  rig.wait(3)
  bench.app:set { v_min_v = packs.v_min_v }
  relays.keep(bench, "load", true, "a cell reads one count more than V-min", 12, { "RLY-09" })
  bench.cell[packs.inner(bench)]:set_v(equal_v)
  rig.eventually("the load relay opens at V-min", { within_s = 6, proves = { "RLY-09" } }, function()
    return relays.open(bench, "load")
  end)
  relays.keep(bench, "load", false, "a cell reads V-min", 50, { "RLY-09" })
  rig.equal("at V-min, as reported", ("%.3f"):format(packs.reported_v(bench, packs.inner(bench))), ("%.3f"):format(packs.v_min_v))
  bench.cell[packs.inner(bench)]:set_v(equal_v + packs.beside_v)
  rig.eventually("the load is allowed one count above V-min", { within_s = 14, proves = { "RLY-09" } }, function()
    return relays.allows(bench, "load")
  end)
end)

rig.test("critical mode: the load comes back whatever the state of charge", {
  needs = { "cell", chooser, "app", "sensor[2]", "ext", "relay.load" }, proves = { "RLY-09" }, limit_s = 900,
}, function(bench)
  installer.critical_mode(bench, true)
  bench.app:set { capacity_kwh = packs.small_kwh(bench) }
  packs.fill(bench)
  packs.move_soc_to(bench, 2)
  rig.claim("2 % by itself does not open the load relay", relays.allows(bench, "load"), { proves = { "RLY-09" } })
  bench.cell[1]:set_v(under_v)
  relays.moves(bench, "load", false, 6)
  bench.cell[1]:set_v(packs.nominal_v)
  rig.eventually("the load is allowed below the restart setting", { within_s = 45, proves = { "RLY-09" } }, function()
    return relays.allows(bench, "load")
  end)
  rig.claim("the state of charge was low", bench.ext:latest().soc_pct < 5, { proves = { "RLY-09" } })
end)

rig.test("critical mode: temperature and communication open the relays as in normal mode", {
  needs = { "temperature", "chain", chooser, "relay.charge", "relay.load" },
  proves = { "RLY-08", "RLY-09", "RLY-04", "RLY-06" },
}, function(bench)
  installer.critical_mode(bench, true)
  local cases = { { 87, false, false }, { profile.t_min_discharge_degc - 6, false, false } }
  if profile.separate_t_min then cases[3] = { profile.t_min_charge_degc - 6, false, true } end
  for _, case in ipairs(cases) do
    local degc, charge, load = table.unpack(case)
    bench.temperature[2]:set_degc(degc)
    rig.wait(8)
    relays.stand(bench, ("%d °C"):format(degc), charge, load, { "RLY-08", "RLY-09", "RLY-04", "RLY-06" })
    bench.temperature[2]:set_degc(25)
    relays.recover(bench)
  end
  bench.chain[packs.inner(bench) - 1]:open()
  rig.wait(8)
  relays.stand(bench, "chain broken", false, false, { "RLY-08", "RLY-09", "RLY-04", "RLY-06" })
  bench.chain[packs.inner(bench) - 1]:close()
  rig.eventually("charging is allowed after the break", { within_s = 45, proves = { "RLY-08" } }, function()
    return relays.allows(bench, "charge")
  end)
  rig.eventually("the load is allowed after the break", { within_s = 5, proves = { "RLY-09" } }, function()
    return relays.allows(bench, "load")
  end)
end)

rig.test("back in normal mode, a full pack opens the charge relay again", {
  needs = { "cell", chooser, "app", "relay.charge" }, proves = { profile.id.full_opens, chosen_by },
}, function(bench)
  installer.critical_mode(bench, true)
  installer.critical_mode(bench, false)
  if profile.gen3 then
    rig.equal("critical mode, as read back", bench.app:settings().critical, false, { proves = { chosen_by } })
  end
  bench.cells:set_v(3.46)
  rig.eventually("the charge relay opens on a full pack", { within_s = 40, proves = { profile.id.full_opens, chosen_by } }, function()
    return relays.open(bench, "charge")
  end)
end)
