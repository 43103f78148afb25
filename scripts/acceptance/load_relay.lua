-- SPDX-License-Identifier: GPL-3.0-or-later
-- Normal mode: what opens the load relay and what lets it close again
-- (RLY-06, 07), with the charge relay left alone (RLY-11).

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

-- A cell that stays below V-min for 15 s empties the count of charge; these
-- tests stay clear of that, except where they mean it.
local under_v = packs.v_min_v - 0.05

rig.test("one cell at V-min opens the load relay, and that relay only", {
  needs = { "cell", "relay.charge", "relay.load" }, proves = { "RLY-06", "RLY-07", "RLY-11" },
}, function(bench)
  for _, k in ipairs(packs.positions(bench)) do
    relays.keep(bench, "charge", true, ("cell %d at V-min"):format(k), function()
      relays.check_v_min_trip(bench, k, { "RLY-06" })
      bench.cell[k]:set_v(packs.nominal_v)
      rig.eventually(("cell %d back: the load is allowed again"):format(k), { within_s = 45, proves = { "RLY-07" } },
        function() return relays.allows(bench, "load") end)
    end, { "RLY-11" })
  end
end)

rig.test("a cell exactly at V-min opens the load relay, one count above does not", {
  needs = { "cell", "app", "ext", "relay.load" }, proves = { "RLY-06", "DEC-21" },
}, function(bench)
  bench.app:set { v_min_v = 2.50 }
  local equal_v = packs.settle_v(bench, 2, packs.v_min_v)
  bench.cell[2]:set_v(equal_v + packs.beside_v)
  rig.equal("one count above, as reported", ("%.3f"):format(packs.reported_v(bench, 2)),
    ("%.3f"):format(packs.v_min_v + packs.step_v))
  bench.app:set { v_min_v = packs.v_min_v }
  relays.keep(bench, "load", true, "a cell reads one count more than V-min", 12, { "RLY-06" })
  bench.cell[2]:set_v(equal_v)
  rig.eventually("the load relay opens at V-min", { within_s = 6, proves = { "RLY-06", "DEC-21" } }, function()
    return relays.open(bench, "load")
  end)
  rig.equal("at V-min, as reported", ("%.3f"):format(packs.reported_v(bench, 2)), ("%.3f"):format(packs.v_min_v))
end)

rig.test("V-min as the app set it is where the load relay opens", {
  needs = { "cell", "app", "relay.load" }, proves = { "RLY-06", "APP-02" },
}, function(bench)
  for _, v_min_v in ipairs { 3.10, 2.20 } do
    bench.app:set { v_min_v = v_min_v }
    local trip_v = relays.v_min_trip_v(bench, packs.inner(bench), v_min_v)
    rig.check(("V-min %.2f V: trip less setting"):format(v_min_v), trip_v - v_min_v, rig.limits.cell_v_error,
      { proves = { "RLY-06", "APP-02" } })
    bench.cell[packs.inner(bench)]:set_v(packs.nominal_v)
    relays.recover(bench)
  end
end)

rig.test("after V-min, the load is allowed once every cell is above it", {
  needs = { "cell", "app", "ext", "relay.load" }, proves = { "RLY-07" },
}, function(bench)
  for _, k in ipairs(packs.positions(bench)) do
    bench.app:set { v_min_v = 2.50 }
    local equal_v = packs.settle_v(bench, k, packs.v_min_v)
    bench.cell[k]:set_v(packs.nominal_v)
    bench.app:set { v_min_v = packs.v_min_v }
    rig.wait(2)
    local off_s = select(2, relays.moves(bench, "load", false, 6, function() bench.cell[k]:set_v(under_v) end))
    bench.cell[k]:set_v(packs.nominal_v)
    rig.wait(27 - (rig.now_s() - off_s))
    relays.keep(bench, "load", false, ("cell %d at V-min"):format(k), function()
      bench.cell[k]:set_v(equal_v)
      rig.wait(4)
      rig.equal(("cell %d at V-min, as reported"):format(k), ("%.3f"):format(packs.reported_v(bench, k)),
        ("%.3f"):format(packs.v_min_v))
    end, { "RLY-07" })
    bench.cell[k]:set_v(equal_v + packs.beside_v)
    rig.eventually(("cell %d one count above V-min: the load is allowed"):format(k),
      { within_s = 14, proves = { "RLY-07" } }, function() return relays.allows(bench, "load") end)
    bench.cell[k]:set_v(packs.nominal_v)
  end
end)

rig.test("the load is allowed again only from the discharge restart setting on", {
  needs = { "cell", "app", "sensor[1]", "sensor[2]", "ext", "relay.load" }, proves = { "RLY-07", "APP-02" },
  limit_s = 2000,
}, function(bench)
  bench.app:set { capacity_kwh = packs.small_kwh(bench) }
  packs.fill(bench)
  for _, restart_pct in ipairs { 20, 5 } do
    bench.app:set { discharge_restart_pct = restart_pct }
    relays.keep(bench, "load", true, ("charge falls below %d %%, no cell does"):format(restart_pct), function()
      packs.move_soc_to(bench, restart_pct - 2)
    end, { "RLY-07" })
    bench.cell[1]:set_v(under_v)
    relays.moves(bench, "load", false, 6)
    bench.cell[1]:set_v(packs.nominal_v)
    relays.keep(bench, "load", false, ("below %d %%"):format(restart_pct), function()
      rig.wait(45)
      packs.move_soc_to(bench, restart_pct - 1)
      rig.wait(15)
    end, { "RLY-07" })
    packs.move_soc_to(bench, restart_pct)
    rig.eventually(("the load is allowed at %d %%"):format(restart_pct), { within_s = 14, proves = { "RLY-07", "APP-02" } },
      function() return relays.allows(bench, "load") end)
  end
end)

local t_min = profile.separate_t_min and "T-min discharge" or "T-min"

rig.test(("a board above T-max or below %s opens the load relay"):format(t_min), {
  needs = { "temperature", "relay.charge", "relay.load" }, proves = { "RLY-06", "RLY-07" }, limit_s = 1200,
}, function(bench)
  local t_min_limit = profile.separate_t_min and rig.limits.t_min_discharge_trip or rig.limits.t_min_trip
  local t_min_degc = profile.t_min_discharge_degc
  for _, k in ipairs(packs.positions(bench)) do
    for _, case in ipairs {
      { "T-max", 74, 86, rig.limits.t_max_trip }, { t_min, t_min_degc + 6, t_min_degc - 6, t_min_limit },
    } do
      local name, from, to, limit = table.unpack(case)
      local point = rig.trip_point {
        ramp = function(t) bench.temperature[k]:set_degc(t) end,
        from_degc = from, to_degc = to, step_degc = 1, dwell_s = 7,
        moves = function() return relays.open(bench, "load") end,
      }
      rig.check(("%s trip, board %d"):format(name, k), point.degc, limit, { proves = { "RLY-06" } })
      rig.claim(("%s, board %d: charge is open too"):format(name, k), relays.open(bench, "charge"),
        { proves = { "RLY-06" } })
      bench.temperature[k]:set_degc(25)
      rig.eventually(("%s, board %d back: the load is allowed"):format(name, k), { within_s = 45, proves = { "RLY-07" } },
        function() return relays.allows(bench, "load") end)
    end
  end
end)

rig.test(("a reading of exactly T-max or %s is inside, one degree beyond is not"):format(t_min), {
  needs = { "temperature", "ext", "app", "relay.load" }, proves = { "RLY-06", "RLY-07", "APP-02" }, limit_s = 900,
}, function(bench)
  local at_degc = profile.t_min_discharge_degc
  for _, case in ipairs { { 80, 1, at_degc, 80 }, { at_degc, -1, at_degc, 80 }, { 55, 1, -8, 55 }, { -8, -1, -8, 55 } } do
    local threshold, beyond, t_min_degc, t_max_degc = table.unpack(case)
    bench.temperatures:set_degc(25)
    bench.app:set { [packs.t_min_discharge] = t_min_degc, t_max_degc = t_max_degc }
    local equal = packs.settle_degc(bench, packs.inner(bench), threshold)
    rig.eventually("the load is allowed", { within_s = 45, proves = { "RLY-06", "RLY-07" } },
      function() return relays.allows(bench, "load") end)
    relays.keep(bench, "load", true, ("a board reads exactly %d °C"):format(threshold), 15, { "RLY-06" })
    bench.temperature[packs.inner(bench)]:set_degc(equal + beyond)
    rig.eventually(("the load relay opens at %d °C"):format(threshold + beyond),
      { within_s = 8, proves = { "RLY-06", "APP-02" } }, function() return relays.open(bench, "load") end)
    rig.claim(("it is the reading of %d °C"):format(threshold + beyond),
      math.abs(packs.reported_raw(bench, packs.inner(bench)) - frames.raw_of(threshold + beyond)) <= 1, { proves = { "RLY-06" } })
    bench.temperature[packs.inner(bench)]:set_degc(equal)
    rig.eventually(("the load is allowed again at %d °C"):format(threshold), { within_s = 45, proves = { "RLY-07" } },
      function() return relays.allows(bench, "load") end)
  end
end)

rig.test("a cold pack is not charged but may be used, down to T-min discharge", {
  needs = { "temperature", "relay.charge", "relay.load" }, profiles = { "gen3-hw2" }, proves = { "RLY-04", "RLY-06", "RLY-11" },
}, function(bench)
  bench.temperatures:set_degc(-10)
  relays.keep(bench, "load", true, "-10 °C", function()
    relays.moves(bench, "charge", false, 8)
    rig.wait(20)
  end, { "RLY-11" })
  relays.stand(bench, "-10 °C", false, true, { "RLY-04", "RLY-06" })
  bench.temperatures:set_degc(-26)
  relays.moves(bench, "load", false, 8)
  relays.stand(bench, "-26 °C", false, false, { "RLY-04", "RLY-06" })
end)

rig.test("every condition for the load must hold: each alone keeps the relay open", {
  needs = { "cell", "temperature", "chain", "relay.load" }, proves = { "RLY-07", "RLY-06" },
}, function(bench)
  bench.cell[1]:set_v(under_v)
  relays.moves(bench, "load", false, 6)
  bench.cell[1]:set_v(packs.nominal_v)
  bench.temperature[2]:set_degc(-26)
  relays.keep(bench, "load", false, "too cold", 50, { "RLY-07" })
  bench.temperature[2]:set_degc(88)
  relays.keep(bench, "load", false, "too hot", 15, { "RLY-07" })
  bench.temperature[2]:set_degc(25)
  bench.chain[1]:open()
  relays.keep(bench, "load", false, "no communication", 50, { "RLY-07", "RLY-06" })
  bench.chain[1]:close()
  rig.eventually("the load is allowed when all hold", { within_s = 45, proves = { "RLY-07" } }, function()
    return relays.allows(bench, "load")
  end)
end)

rig.test("an empty pack whose count is wrong may be charged all the same", {
  needs = { "cell", "app", "ext", "relay.charge", "relay.load" }, proves = { "RLY-05", "DEC-14" },
}, function(bench)
  packs.fill(bench)
  rig.claim("full: charge is open", relays.open(bench, "charge"), { proves = { "RLY-05" } })
  relays.keep(bench, "charge", false, "at nominal voltage the count still says full", 50, { "RLY-05" })
  local off_s = select(2, relays.moves(bench, "load", false, 6, function() bench.cell[2]:set_v(under_v) end))
  relays.keep(bench, "charge", false, "a cell has been at V-min for less than 15 s", 12, { "RLY-05", "DEC-14" })
  rig.eventually("charging is allowed", { within_s = 30, proves = { "RLY-05", "DEC-14" } }, function()
    return relays.allows(bench, "charge")
  end)
  rig.claim("the load is not", relays.open(bench, "load") and rig.now_s() > off_s, { proves = { "RLY-05" } })
end)
