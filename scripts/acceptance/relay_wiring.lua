-- SPDX-License-Identifier: GPL-3.0-or-later
-- Contacts wired in series outside the boards (RLY-18, RLY-19), and bistable relays
-- without power (RLY-15). What a wire through several contacts carries is computed from
-- the contacts as they stand.

local rig = require("rig")
rig.api(1)

local installer = require("lib.installer")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

-- The pair of pins that an installer takes: RLY-12 to RLY-14.
local pins = { charge = "pins_1_2", load = rig.profile == "gen2-out2" and "pins_2_3" or "pins_1_2" }

local function closed(bench, name)
  local relay = bench.relay[name]
  return relay[pins[name]](relay)
end

-- Conditions of one pack, and what they leave allowed in critical mode.
local conditions = {
  { "all well", function() end, true, true },
  { "a cell at V-max", function(bench) bench.cell[2]:set_v(profile.v_max_v + 0.10) end, false, true },
  { "a cell at V-min", function(bench) bench.cell[2]:set_v(profile.v_min_v - 0.10) end, true, false },
  { "too hot", function(bench) bench.temperature[packs.inner(bench)]:set_degc(95) end, false, false },
}

local function restore(bench)
  bench.cells:set_v(packs.nominal_v)
  bench.temperatures:set_degc(25)
  relays.recover(bench)
end

rig.test("critical mode: charge and load contacts in series close when both are allowed, and only then", {
  needs = { "cell", "temperature", profile.gen2 and "switch" or "app", "chain", "relay.charge", "relay.load" },
  proves = { "RLY-19" },
}, function(bench)
  installer.critical_mode(bench, true)
  for _, condition in ipairs(conditions) do
    local name, bring_about, charge, load = table.unpack(condition)
    bring_about(bench)
    rig.wait(8)
    rig.equal(name .. ": the series is closed", closed(bench, "charge") and closed(bench, "load"), charge and load,
      { proves = { "RLY-19" } })
    rig.equal(name .. ": both contacts", ("%s %s"):format(closed(bench, "charge"), closed(bench, "load")),
      ("%s %s"):format(charge, load), { proves = { "RLY-19" } })
    restore(bench)
  end
  bench.chain[1]:open()
  rig.wait(8)
  rig.claim("no communication: the series is open", not (closed(bench, "charge") or closed(bench, "load")),
    { proves = { "RLY-19" } })
end)

rig.test("packs in parallel, relays in series: charging only when all packs allow it", {
  needs = { "cell", "temperature", "relay.charge", "relay.load" }, profiles = { "gen2", "gen3-hw1" }, proves = { "RLY-18" },
}, function(bench)
  -- Each pack has boards of its own: what this one's contacts do under each condition,
  -- any of them can stand in for.
  local seen = {}
  for at, condition in ipairs(conditions) do
    condition[2](bench)
    rig.wait(8)
    seen[at] = { charge = closed(bench, "charge"), load = closed(bench, "load") }
    restore(bench)
  end
  for a, first in ipairs(conditions) do
    for b, second in ipairs(conditions) do
      rig.equal(("one pack: %s, another: %s: charging"):format(first[1], second[1]), seen[a].charge and seen[b].charge,
        first[3] and second[3], { proves = { "RLY-18" } })
      rig.equal(("one pack: %s, another: %s: the load"):format(first[1], second[1]), seen[a].load and seen[b].load,
        first[4] and second[4], { proves = { "RLY-18" } })
    end
  end
  -- A pack without power keeps its contacts, and opens them as it returns.
  bench:power_cycle()
  rig.wait(1)
  rig.claim("a pack that has just got power holds the series open", not closed(bench, "charge") and not closed(bench, "load"),
    { proves = { "RLY-18" } })
end)

rig.test("each bank has a power relay of its own, and another bank's faults do not reach it", {
  needs = { "cell", "temperature", "relay.charge", "relay.load" }, profiles = { "gen3-hw2" }, proves = { "RLY-18" },
}, function(bench)
  for _, condition in ipairs(conditions) do
    local name, bring_about, charge, load = table.unpack(condition)
    bring_about(bench)
    rig.wait(8)
    rig.equal(name .. ": the bank's own contacts", ("%s %s"):format(closed(bench, "charge"), closed(bench, "load")),
      ("%s %s"):format(charge, load), { proves = { "RLY-18" } })
    restore(bench)
  end
end)

rig.test("bistable relays keep either position without power, and are driven to a known one as it returns", {
  needs = { "cell", "temperature", "relay.charge", "relay.load" }, profiles = { "gen2" }, proves = { "RLY-15" },
}, function(bench)
  local last = bench.cell[bench.count]
  for _, case in ipairs { { "allowed", 25, true }, { "not allowed", profile.t_min_charge_degc - 8, false } } do
    local name, degc, allowed = table.unpack(case)
    bench.temperatures:set_degc(degc)
    rig.eventually(("both stand %s"):format(name), { within_s = 60 }, function()
      return bench.relay.charge:stands_allowed() == allowed and bench.relay.load:stands_allowed() == allowed
        and bench.relay.charge:stands_open() ~= allowed and bench.relay.load:stands_open() ~= allowed
    end)
    last:off()
    local from_s = rig.now_s()
    rig.wait(120)
    for _, relay in ipairs { "charge", "load" } do
      rig.equal(("%s, no power for 2 min: edges of the %s relay"):format(name, relay), #relays.edges(bench, relay, from_s), 0,
        { proves = { "RLY-15" } })
      rig.equal(("%s, no power: %s relay allows"):format(name, relay), bench.relay[relay]:stands_allowed(), allowed,
        { proves = { "RLY-15" } })
    end
    last:on()
    rig.wait(1)
    rig.claim(name .. ", power returns: both are not allowed", relays.open(bench, "charge") and relays.open(bench, "load"),
      { proves = { "RLY-15" } })
  end
end)
