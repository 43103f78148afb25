-- SPDX-License-Identifier: GPL-3.0-or-later
-- Critical mode: cells' own limits alone switch the relays (RLY-08, 09).

local rig = require("rig")
rig.api(1)

local packs = require("lib.packs")
local relays = require("lib.relays")

local over_v, under_v = packs.v_max_v + 0.05, packs.v_min_v - 0.05

rig.test("critical mode: one cell at V-max opens the charge relay, below it charging is allowed", {
  needs = { "cell", "app", "relay.charge", "relay.load" }, proves = { "RLY-08", "RLY-11", "APP-03" },
}, function(bench)
  bench.app:set { critical = true }
  rig.equal("critical mode, as read back", bench.app:settings().critical, true, { proves = { "APP-03" } })
  for _, k in ipairs(packs.positions(bench)) do
    relays.keep(bench, "load", true, ("cell %d at V-max"):format(k), function()
      relays.check_v_max_trip(bench, k, { "RLY-08" })
      bench.cell[k]:set_v(3.65)  -- above the balance voltage: normal mode would not allow it
      rig.eventually(("cell %d at 3.65 V: charging is allowed"):format(k), { within_s = 45, proves = { "RLY-08" } },
        function() return relays.allows(bench, "charge") end)
      bench.cell[k]:set_v(packs.nominal_v)
    end, { "RLY-11" })
  end
end)

rig.test("critical mode: at V-max charging stays off, one count below it comes back", {
  needs = { "cell", "app", "ext", "relay.charge" }, proves = { "RLY-08" },
}, function(bench)
  bench.app:set { critical = true, v_max_v = 4.00 }
  local equal_v = packs.settle_v(bench, 3, packs.v_max_v)
  bench.cell[3]:set_v(equal_v - packs.beside_v)
  rig.wait(3)
  bench.app:set { v_max_v = packs.v_max_v }
  relays.keep(bench, "charge", true, "a cell reads 3.695 V", 10, { "RLY-08" })
  bench.cell[3]:set_v(equal_v)
  rig.eventually("the charge relay opens at 3.700 V", { within_s = 5, proves = { "RLY-08" } }, function()
    return relays.open(bench, "charge")
  end)
  relays.keep(bench, "charge", false, "a cell reads 3.700 V", 50, { "RLY-08" })
  rig.equal("at V-max, as reported", ("%.3f"):format(packs.reported_v(bench, 3)), "3.700")
  bench.cell[3]:set_v(equal_v - packs.beside_v)
  rig.eventually("charging is allowed at 3.695 V", { within_s = 14, proves = { "RLY-08" } }, function()
    return relays.allows(bench, "charge")
  end)
end)

rig.test("critical mode: neither a full pack nor its state of charge opens the charge relay", {
  needs = { "cell", "app", "ext", "relay.charge" }, proves = { "RLY-08" },
}, function(bench)
  bench.app:set { critical = true }
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

rig.test("critical mode: one cell at V-min opens the load relay, above it the load is allowed", {
  needs = { "cell", "app", "relay.charge", "relay.load" }, proves = { "RLY-09", "RLY-11" },
}, function(bench)
  bench.app:set { critical = true }
  for _, k in ipairs(packs.positions(bench)) do
    relays.keep(bench, "charge", true, ("cell %d at V-min"):format(k), function()
      relays.check_v_min_trip(bench, k, { "RLY-09" })
      bench.cell[k]:set_v(2.95)
      rig.eventually(("cell %d at 2.95 V: the load is allowed"):format(k), { within_s = 45, proves = { "RLY-09" } },
        function() return relays.allows(bench, "load") end)
      bench.cell[k]:set_v(packs.nominal_v)
    end, { "RLY-11" })
  end
end)

rig.test("critical mode: at V-min the load stays off, one count above it comes back", {
  needs = { "cell", "app", "ext", "relay.load" }, proves = { "RLY-09" },
}, function(bench)
  bench.app:set { critical = true, v_min_v = 2.50 }
  local equal_v = packs.settle_v(bench, 3, packs.v_min_v)
  bench.cell[3]:set_v(equal_v + packs.beside_v)
  rig.wait(3)
  bench.app:set { v_min_v = packs.v_min_v }
  relays.keep(bench, "load", true, "a cell reads 2.905 V", 12, { "RLY-09" })
  bench.cell[3]:set_v(equal_v)
  rig.eventually("the load relay opens at 2.900 V", { within_s = 6, proves = { "RLY-09" } }, function()
    return relays.open(bench, "load")
  end)
  relays.keep(bench, "load", false, "a cell reads 2.900 V", 50, { "RLY-09" })
  rig.equal("at V-min, as reported", ("%.3f"):format(packs.reported_v(bench, 3)), "2.900")
  bench.cell[3]:set_v(equal_v + packs.beside_v)
  rig.eventually("the load is allowed at 2.905 V", { within_s = 14, proves = { "RLY-09" } }, function()
    return relays.allows(bench, "load")
  end)
end)

rig.test("critical mode: the load comes back whatever the state of charge", {
  needs = { "cell", "app", "sensor[2]", "ext", "relay.load" }, proves = { "RLY-09" },
}, function(bench)
  bench.app:set { critical = true, capacity_kwh = packs.small_kwh }
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
  needs = { "temperature", "chain", "app", "relay.charge", "relay.load" },
  proves = { "RLY-08", "RLY-09", "RLY-04", "RLY-06", "RLY-11" },
}, function(bench)
  bench.app:set { critical = true }
  for _, case in ipairs { { 85, false, false }, { -6, false, true }, { -26, false, false } } do
    local degc, charge, load = table.unpack(case)
    bench.temperature[2]:set_degc(degc)
    rig.wait(8)
    relays.stand(bench, ("%d °C"):format(degc), charge, load, { "RLY-08", "RLY-09", "RLY-04", "RLY-06", "RLY-11" })
    bench.temperature[2]:set_degc(25)
    relays.recover(bench)
  end
  bench.chain[2]:open()
  rig.wait(8)
  relays.stand(bench, "chain broken", false, false, { "RLY-08", "RLY-09", "RLY-04", "RLY-06" })
  bench.chain[2]:close()
  rig.eventually("charging is allowed after the break", { within_s = 45, proves = { "RLY-08" } }, function()
    return relays.allows(bench, "charge")
  end)
  rig.eventually("the load is allowed after the break", { within_s = 5, proves = { "RLY-09" } }, function()
    return relays.allows(bench, "load")
  end)
end)

rig.test("back in normal mode, a full pack opens the charge relay again", {
  needs = { "cell", "app", "relay.charge" }, proves = { "RLY-03", "APP-03" },
}, function(bench)
  bench.app:set { critical = true }
  bench.app:set { critical = false }
  rig.equal("critical mode, as read back", bench.app:settings().critical, false, { proves = { "APP-03" } })
  bench.cells:set_v(3.46)
  rig.eventually("the charge relay opens on a full pack", { within_s = 40, proves = { "RLY-03" } }, function()
    return relays.open(bench, "charge")
  end)
end)
