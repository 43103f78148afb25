-- SPDX-License-Identifier: GPL-3.0-or-later
-- Normal mode: what opens the charge relay and what lets it close again
-- (RLY-01 to 05), with the load relay left alone (RLY-11).

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

local over_v = packs.v_max_v + 0.05

rig.test("one cell at V-max opens the charge relay, and that relay only", {
  needs = { "cell", "relay.charge", "relay.load" }, proves = { "RLY-01", "RLY-11", "RLY-05" },
}, function(bench)
  for _, k in ipairs(packs.positions(bench)) do
    relays.keep(bench, "load", true, ("cell %d at V-max"):format(k), function()
      relays.check_v_max_trip(bench, k, { "RLY-01" })
      bench.cell[k]:set_v(packs.nominal_v)
      rig.eventually(("cell %d back: charging is allowed again"):format(k), { within_s = 45, proves = { "RLY-05" } },
        function() return relays.allows(bench, "charge") end)
    end, { "RLY-11" })
  end
end)

rig.test("a cell exactly at V-max opens the charge relay, one count below does not", {
  needs = { "cell", "app", "ext", "relay.charge" }, proves = { "RLY-01", "DEC-21" },
}, function(bench)
  bench.app:set { v_max_v = 4.00 }
  local equal_v = packs.settle_v(bench, 2, packs.v_max_v)
  bench.cell[2]:set_v(equal_v - packs.beside_v)
  rig.equal("one count below, as reported", ("%.3f"):format(packs.reported_v(bench, 2)),
    ("%.3f"):format(packs.v_max_v - packs.step_v))
  bench.app:set { v_max_v = packs.v_max_v }
  relays.keep(bench, "charge", true, "a cell reads one count less than V-max", 10, { "RLY-01" })
  bench.cell[2]:set_v(equal_v)
  rig.eventually("the charge relay opens at V-max", { within_s = 5, proves = { "RLY-01", "DEC-21" } }, function()
    return relays.open(bench, "charge")
  end)
  rig.equal("at V-max, as reported", ("%.3f"):format(packs.reported_v(bench, 2)), ("%.3f"):format(packs.v_max_v))
end)

rig.test("V-max as the app set it is where the charge relay opens", {
  needs = { "cell", "app", "relay.charge", "relay.load" }, proves = { "RLY-01", "APP-02" },
}, function(bench)
  for _, v_max_v in ipairs { 3.55, 4.10 } do
    bench.app:set { v_max_v = v_max_v }
    local trip_v = relays.v_max_trip_v(bench, packs.inner(bench), v_max_v)
    rig.check(("V-max %.2f V: trip less setting"):format(v_max_v), trip_v - v_max_v, rig.limits.cell_v_error,
      { proves = { "RLY-01", "APP-02" } })
    bench.cell[packs.inner(bench)]:set_v(packs.nominal_v)
    relays.recover(bench)
  end
end)

rig.test("after V-max, charging is allowed once every cell is below the balance voltage", {
  needs = { "cell", "ext", "relay.charge" }, proves = { "RLY-05" },
}, function(bench)
  for _, k in ipairs(packs.positions(bench)) do
    local equal_v = packs.settle_v(bench, k, packs.balance_v)
    bench.cell[k]:set_v(over_v)
    relays.moves(bench, "charge", false, 5)
    bench.cell[k]:set_v(equal_v + 0.05)
    relays.keep(bench, "charge", false, ("cell %d above the balance voltage"):format(k), 45, { "RLY-05" })
    bench.cell[k]:set_v(equal_v)
    relays.keep(bench, "charge", false, ("cell %d at the balance voltage"):format(k), 15, { "RLY-05" })
    rig.equal(("cell %d at the balance voltage, as reported"):format(k),
      ("%.3f"):format(packs.reported_v(bench, k)), "3.400")
    bench.cell[k]:set_v(equal_v - packs.beside_v)
    rig.eventually(("cell %d one count below: charging is allowed"):format(k), { within_s = 14, proves = { "RLY-05" } },
      function() return relays.allows(bench, "charge") end)
    bench.cell[k]:set_v(packs.nominal_v)
  end
end)

local full_ids = { profile.id.full_opens, profile.id.full_normal }

-- Raises a cell to where its reading is the least that counts as full, and times
-- that. Even there one reading in a thousand is a count lower and takes back some
-- of what was counted: `clean` is whether none was.
local function time_full(bench, k, equal_v)
  local from_s, clean = rig.now_s(), true
  local took_s = relays.moves(bench, "charge", false, 45, function() bench.cell[k]:set_v(equal_v) end, function()
    local frame = bench.ext:latest()
    -- A frame ends within 0.3 s of its readings.
    if frame.at_s > from_s + 0.3 and frame.lowest_v < packs.balance_v - packs.step_v / 2 then clean = false end
  end, full_ids)
  return took_s, clean
end

rig.test("a full pack opens the charge relay: all cells at the balance voltage, each counts", {
  needs = { "cell", "ext", "app", "sensor[2]", "relay.charge", "relay.load" },
  proves = { profile.id.full_opens, "RLY-11", profile.id.full_normal, "DEC-11" }, limit_s = 2400,
}, function(bench)
  bench.app:set { capacity_kwh = packs.small_kwh(bench) }
  for at, k in ipairs(packs.positions(bench)) do
    -- 100 % keeps charging off: some is spent each time.
    local function prepare()
      bench.cells:set_v(packs.nominal_v)
      packs.move_soc_to(bench, 60)
      relays.recover(bench)
    end
    if at > 1 then prepare() end
    local equal_v = packs.settle_v(bench, k, packs.balance_v)
    local took_s, clean
    for attempt = 1, 3 do
      if attempt > 1 then prepare() end
      bench.cells:set_v(3.43)
      bench.cell[k]:set_v(equal_v - packs.beside_v)
      relays.keep(bench, "charge", true, ("cell %d at 3.395 V"):format(k), 45, { profile.id.full_opens })
      rig.equal(("cell %d lowest, as reported"):format(k), ("%.3f"):format(packs.reported_v(bench, k)), "3.395")
      relays.keep(bench, "load", true, "the pack is full", function()
        took_s, clean = time_full(bench, k, equal_v)
      end, { "RLY-11" })
      if clean then break end
    end
    rig.check(("cell %d at 3.400 V: full after"):format(k), took_s, rig.limits.full_after,
      { proves = { "DEC-11", table.unpack(full_ids) } })
    rig.equal(("cell %d at 3.400 V, as reported"):format(k), ("%.3f"):format(packs.reported_v(bench, k)), "3.400")
    rig.equal("state of charge when full", bench.ext:next().soc_pct, 100, { proves = { profile.id.full_normal } })
  end
end)

rig.test("a full pack may be charged again when its charge is below the restart setting", {
  needs = { "cell", "app", "sensor[1]", "sensor[2]", "ext", "relay.charge" },
  proves = { "RLY-05", "APP-02" },
}, function(bench)
  bench.app:set { capacity_kwh = packs.small_kwh(bench) }
  for _, restart_pct in ipairs { 95, 80 } do
    bench.app:set { charge_restart_pct = restart_pct }
    packs.fill(bench)
    rig.claim("a full pack is not charged", relays.open(bench, "charge"), { proves = { "RLY-05" } })
    relays.keep(bench, "charge", false, "on the way down to the restart setting", function()
      packs.move_soc_to(bench, restart_pct)
      rig.wait(45)
    end, { "RLY-05" })
    rig.equal("state of charge, at the restart setting", bench.ext:latest().soc_pct, restart_pct, { proves = { "RLY-05" } })
    packs.move_soc_to(bench, restart_pct - 1)
    rig.eventually(("charging is allowed at %d %%"):format(restart_pct - 1),
      { within_s = 14, proves = { "RLY-05", "APP-02" } }, function() return relays.allows(bench, "charge") end)
  end
end)

-- What a product with one T-min calls it, and what is open below it.
local t_min = profile.separate_t_min and "T-min charge" or "T-min"

rig.test(("a board above T-max or below %s opens the charge relay"):format(t_min), {
  needs = { "cell", "temperature", "ext", "relay.charge", "relay.load" },
  proves = { "RLY-04", "RLY-05", profile.separate_t_min and "RLY-11" or nil }, limit_s = 1200,
}, function(bench)
  for _, k in ipairs(packs.positions(bench)) do
    local hot = rig.trip_point {
      ramp = function(t) bench.temperature[k]:set_degc(t) end,
      from_degc = 74, to_degc = 86, step_degc = 1, dwell_s = 7,
      moves = function() return relays.open(bench, "charge") end,
    }
    rig.check(("T-max trip, board %d"):format(k), hot.degc, rig.limits.t_max_trip, { proves = { "RLY-04" } })
    bench.temperature[k]:set_degc(25)
    rig.eventually(("board %d cool again: charging is allowed"):format(k), { within_s = 45, proves = { "RLY-05" } },
      function() return relays.allows(bench, "charge") end)
    relays.recover(bench)
    local function ramp_down()
      local at_degc = profile.t_min_charge_degc
      local cold = rig.trip_point {
        ramp = function(t) bench.temperature[k]:set_degc(t) end,
        from_degc = at_degc + 6, to_degc = at_degc - 6, step_degc = 1, dwell_s = 7,
        moves = function() return relays.open(bench, "charge") end,
      }
      rig.check(("%s trip, board %d"):format(t_min, k), cold.degc,
        profile.separate_t_min and rig.limits.t_min_charge_trip or rig.limits.t_min_trip, { proves = { "RLY-04" } })
      bench.temperature[k]:set_degc(25)
      rig.eventually(("board %d warm again: charging is allowed"):format(k), { within_s = 45, proves = { "RLY-05" } },
        function() return relays.allows(bench, "charge") end)
    end
    if profile.separate_t_min then
      relays.keep(bench, "load", true, "too cold to charge only", ramp_down, { "RLY-11" })
    else
      ramp_down()
    end
  end
end)

rig.test(("a reading of exactly T-max or %s is inside, one degree beyond is not"):format(t_min), {
  needs = { "temperature", "ext", "app", "relay.charge" }, proves = { "RLY-04", "RLY-05", "APP-02" }, limit_s = 900,
}, function(bench)
  local t_min_degc = profile.t_min_charge_degc
  for _, case in ipairs { { 80, 1, t_min_degc, 80 }, { t_min_degc, -1, t_min_degc, 80 }, { 55, 1, 6, 55 }, { 6, -1, 6, 55 } } do
    local threshold, beyond, t_min_charge, t_max = table.unpack(case)
    bench.temperatures:set_degc(25)
    bench.app:set { t_min_charge_degc = t_min_charge, t_max_degc = t_max }
    local equal = packs.settle_degc(bench, packs.inner(bench), threshold)
    relays.recover(bench, { "RLY-04", "RLY-05" })
    relays.keep(bench, "charge", true, ("a board reads exactly %d °C"):format(threshold), 15, { "RLY-04" })
    bench.temperature[packs.inner(bench)]:set_degc(equal + beyond)
    rig.eventually(("the charge relay opens at %d °C"):format(threshold + beyond),
      { within_s = 8, proves = { "RLY-04", "APP-02" } }, function() return relays.open(bench, "charge") end)
    rig.claim(("it is the reading of %d °C"):format(threshold + beyond),
      math.abs(packs.reported_raw(bench, packs.inner(bench)) - frames.raw_of(threshold + beyond)) <= 1, { proves = { "RLY-04" } })
    bench.temperature[packs.inner(bench)]:set_degc(equal)
    rig.eventually(("charging is allowed again at %d °C"):format(threshold), { within_s = 45, proves = { "RLY-05" } },
      function() return relays.allows(bench, "charge") end)
  end
end)

rig.test("every condition for charging must hold: each alone keeps the relay open", {
  needs = { "cell", "temperature", "chain", "relay.charge", "relay.load" }, proves = { "RLY-05", "RLY-04" },
}, function(bench)
  bench.cell[1]:set_v(over_v)
  relays.moves(bench, "charge", false, 5)
  bench.cell[1]:set_v(packs.nominal_v)
  bench.temperature[2]:set_degc(-5)
  relays.keep(bench, "charge", false, "too cold", 50, { "RLY-05" })
  bench.temperature[2]:set_degc(88)
  relays.keep(bench, "charge", false, "too hot", 15, { "RLY-05" })
  bench.temperature[2]:set_degc(25)
  bench.chain[1]:open()
  relays.keep(bench, "charge", false, "no communication", 50, { "RLY-05", "RLY-04" })
  bench.chain[1]:close()
  rig.eventually("charging is allowed when all hold", { within_s = 45, proves = { "RLY-05" } }, function()
    return relays.allows(bench, "charge")
  end)
  messages.fresh(bench)
end)
