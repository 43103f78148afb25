-- SPDX-License-Identifier: GPL-3.0-or-later
-- No chatter: a relay keeps its state between its off and its on condition (RLY-10).

local rig = require("rig")
rig.api(1)

local installer = require("lib.installer")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

local function edges(bench, name, from_s)
  rig.wait(2)
  return #relays.edges(bench, name, from_s)
end

local function ramp(set, from, to, step)
  for at = 0, math.floor(math.abs(to - from) / step + 0.5) do
    set(from + (to > from and 1 or -1) * at * step)
    rig.wait(1)
  end
end

-- Ramps slowly beyond a threshold and back: one move each way.
local function one_move_each_way(bench, name, what, set, inside, outside, step)
  local from_s = rig.now_s()
  ramp(set, inside, outside, step)
  rig.wait(8)
  rig.check(what .. ", on the way out: moves", edges(bench, name, from_s), rig.limits.edges_per_ramp,
    { proves = { "RLY-10" } })
  rig.claim(what .. ": not allowed beyond", relays.open(bench, name), { proves = { "RLY-10" } })
  from_s = rig.now_s()
  ramp(set, outside, inside, step)
  rig.wait(40)
  rig.check(what .. ", on the way back: moves", edges(bench, name, from_s), rig.limits.edges_per_ramp,
    { proves = { "RLY-10" } })
  rig.claim(what .. ": allowed inside", relays.allows(bench, name), { proves = { "RLY-10" } })
end

rig.test("a slow ramp over V-max and back moves the charge relay once each way", {
  needs = { "cell", "relay.charge" }, proves = { "RLY-10" }, limit_s = 900,
}, function(bench)
  -- In normal mode charging comes back below the balance voltage only.
  one_move_each_way(bench, "charge", "cell 2 over V-max", function(v) bench.cell[2]:set_v(v) end, 3.37,
    profile.v_max_v + 0.04, 0.002)
end)

rig.test("critical mode: a slow ramp over V-max and back moves the charge relay once each way", {
  needs = { "cell", "app", "relay.charge" }, proves = { "RLY-10" }, limit_s = 900,
}, function(bench)
  installer.critical_mode(bench, true)
  one_move_each_way(bench, "charge", "cell 2 over V-max", function(v) bench.cell[2]:set_v(v) end,
    profile.v_max_v - 0.03, profile.v_max_v + 0.03, 0.001)
end)

rig.test("critical mode: a slow ramp under V-min and back moves the load relay once each way", {
  needs = { "cell", "app", "relay.load" }, proves = { "RLY-10" }, limit_s = 900,
}, function(bench)
  installer.critical_mode(bench, true)
  one_move_each_way(bench, "load", "cell 2 under V-min", function(v) bench.cell[2]:set_v(v) end,
    profile.v_min_v + 0.03, profile.v_min_v - 0.03, 0.001)
end)

rig.test("a slow ramp over T-max and back moves each relay once each way", {
  needs = { "temperature", "relay.charge", "relay.load" }, proves = { "RLY-10" }, limit_s = 900,
}, function(bench)
  one_move_each_way(bench, "charge", "a board over T-max", function(t) bench.temperature[packs.inner(bench)]:set_degc(t) end, 74, 86, 0.1)
  one_move_each_way(bench, "load", "a board over T-max", function(t) bench.temperature[packs.inner(bench)]:set_degc(t) end, 74, 86, 0.1)
end)

local t_min = profile.separate_t_min and "T-min charge" or "T-min"

rig.test(("a slow ramp under %s and back moves the charge relay once each way"):format(t_min), {
  needs = { "temperature", "relay.charge" }, proves = { "RLY-10" }, limit_s = 900,
}, function(bench)
  one_move_each_way(bench, "charge", "a board under " .. t_min, function(t) bench.temperature[packs.inner(bench)]:set_degc(t) end,
    profile.t_min_charge_degc + 6, profile.t_min_charge_degc - 6, 0.1)
end)

-- Noise of one count: the reading lies between two counts, and the supply
-- dithers by one besides.
local function noise(bench, cell, middle_v, for_s)
  for at = 1, for_s do
    bench.cell[cell]:set_v(middle_v + (at * 7 % 3 - 1) * packs.step_v)
    rig.wait(1)
  end
end

rig.test("noise of one count at V-max, at V-min and at the restart points makes no chatter", {
  needs = { "cell", "app", "ext", "relay.charge", "relay.load" }, proves = { "RLY-10" }, limit_s = 900,
}, function(bench)
  installer.critical_mode(bench, true)
  bench.app:set { v_max_v = 4.00, v_min_v = 2.50 }
  local at_max_v = packs.settle_v(bench, 1, packs.v_max_v) - packs.step_v / 2
  bench.cell[1]:set_v(packs.nominal_v)
  local at_min_v = packs.settle_v(bench, 1, packs.v_min_v) + packs.step_v / 2
  bench.cell[1]:set_v(packs.nominal_v)
  bench.app:set { v_max_v = packs.v_max_v, v_min_v = packs.v_min_v }
  messages.fresh(bench)
  for _, case in ipairs { { "charge", "V-max", at_max_v }, { "load", "V-min", at_min_v } } do
    local name, threshold, middle_v = table.unpack(case)
    local from_s = rig.now_s()
    noise(bench, 1, middle_v, 120)
    rig.check(("noise at %s: moves of the %s relay"):format(threshold, name), edges(bench, name, from_s),
      rig.limits.edges_at_threshold, { proves = { "RLY-10" } })
    bench.cell[1]:set_v(packs.nominal_v)
    relays.recover(bench)
  end
end)

rig.test("noise of one count at the balance voltage does not close an open charge relay twice", {
  needs = { "cell", "ext", "relay.charge" }, proves = { "RLY-10", "RLY-05" },
}, function(bench)
  local middle_v = packs.settle_v(bench, packs.inner(bench), packs.balance_v) - packs.step_v / 2
  bench.cell[packs.inner(bench)]:set_v(packs.v_max_v + 0.05)
  relays.moves(bench, "charge", false, 5)
  local from_s = rig.now_s()
  noise(bench, packs.inner(bench), middle_v, 120)
  rig.check("moves of the charge relay", edges(bench, "charge", from_s), rig.limits.edges_at_threshold,
    { proves = { "RLY-10" } })
  bench.cell[packs.inner(bench)]:set_v(packs.nominal_v)
  rig.eventually("charging is allowed when the noise is over", { within_s = 14, proves = { "RLY-05" } }, function()
    return relays.allows(bench, "charge")
  end)
end)
