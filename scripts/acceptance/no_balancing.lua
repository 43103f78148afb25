-- SPDX-License-Identifier: GPL-3.0-or-later
-- With the switches at "no balancing" the setting V-full stands in for the balance
-- voltage wherever something is full, and nothing shows it as one (DEC-15).

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")
local installer = require("lib.installer")
local packs = require("lib.packs")
local records = require("lib.records")
local relays = require("lib.relays")

-- Far enough from the default, 3.40 V, and from V-max.
local v_full_v = 3.50

local function ask(bench, line, answer)
  rig.equal(line, bench.app:ask(line), answer, { proves = { "DEC-15" } })
end

local function no_balancing(bench)
  bench.switches:set_pattern("00000", 4)
  rig.wait(6)
end

local function without_balancing(bench, volts)
  no_balancing(bench)
  bench.app:unlock()
  local raw = math.floor(volts / packs.step_v + 0.5)
  ask(bench, ("%02X-0C0!"):format(raw >> 8), "OK")
  ask(bench, ("%02X-0C1!"):format(raw & 0xFF), "OK")
end

local needs = { "cell", "switch", "app", "ext", "relay.charge" }

rig.test("nothing shows V-full as a balance voltage", {
  needs = needs, profiles = { "gen3" }, proves = { "DEC-15", "DIP-09" },
}, function(bench)
  rig.equal("V-full of a new board, key 17", frames.value_of(bench, 17), 680 >> 8, { proves = { "DEC-15" } })
  rig.equal("V-full of a new board, key 18", frames.value_of(bench, 18), 680 & 0xFF, { proves = { "DEC-15" } })
  without_balancing(bench, v_full_v)
  local frame = bench.ext:next()
  rig.equal("bytes 56 and 57", frame.hex:sub(111, 114), "0000", { proves = { "DEC-15", "DIP-09" } })
  rig.equal("the app's balance voltage", bench.app:settings().balance_v, 0.0, { proves = { "DEC-15", "DIP-09" } })
  local stream = bench.app:stream()
  rig.equal("the stream's", records.number(stream:next().lines[2], 5), 0, { proves = { "DEC-15" } })
  rig.equal("key 17", frames.value_of(bench, 17), 700 >> 8, { proves = { "DEC-15" } })
  rig.equal("key 18", frames.value_of(bench, 18), 700 & 0xFF, { proves = { "DEC-15" } })
end)

rig.test("a pack is full when every cell is at V-full", {
  needs = needs, profiles = { "gen3" }, proves = { "DEC-15" },
}, function(bench)
  without_balancing(bench, v_full_v)
  local at_full_v = packs.settle_v(bench, 2, v_full_v)
  bench.cells:set_v(v_full_v + 0.05)
  bench.cell[2]:set_v(at_full_v - packs.beside_v)
  relays.keep(bench, "charge", true, "one cell reads one count less than V-full", 45, { "DEC-15" })
  bench.cell[2]:set_v(at_full_v)
  rig.check("at V-full: full after", (relays.moves(bench, "charge", false, 45)), rig.limits.full_after, { proves = { "DEC-15" } })
  rig.equal("state of charge", bench.ext:next().soc_pct, 100, { proves = { "DEC-15" } })
end)

rig.test("after V-max, charging is allowed once every cell is below V-full", {
  needs = needs, profiles = { "gen3" }, proves = { "DEC-15", "RLY-05" },
}, function(bench)
  without_balancing(bench, v_full_v)
  local at_full_v = packs.settle_v(bench, packs.inner(bench), v_full_v)
  relays.moves(bench, "charge", false, 5, function() bench.cell[packs.inner(bench)]:set_v(packs.v_max_v + 0.05) end)
  bench.cell[packs.inner(bench)]:set_v(at_full_v)
  relays.keep(bench, "charge", false, "a cell reads V-full", 45, { "DEC-15", "RLY-05" })
  bench.cell[packs.inner(bench)]:set_v(at_full_v - packs.beside_v)
  rig.eventually("charging is allowed one count below V-full", { within_s = 14, proves = { "DEC-15", "RLY-05" } }, function()
    return relays.allows(bench, "charge")
  end)
end)

rig.test("critical mode: the pack is full at V-full times its cells", {
  needs = needs, profiles = { "gen3" }, proves = { "DEC-15" },
}, function(bench)
  without_balancing(bench, v_full_v)
  installer.critical_mode(bench, true)
  -- Unequal cells: their sum counts.
  local function spread(middle_v)
    for k = 1, bench.count do bench.cell[k]:set_v(middle_v + (k % 2 == 0 and 0.08 or -0.08)) end
  end
  spread(v_full_v - 0.03)
  rig.wait(45)
  rig.claim("below: not full", bench.ext:next().soc_uncalibrated, { proves = { "DEC-15" } })
  spread(v_full_v + 0.03)
  rig.wait(35)
  local frame = bench.ext:next()
  rig.equal("above: state of charge", frame.soc_pct, 100, { proves = { "DEC-15" } })
  rig.claim("above: calibrated", not frame.soc_uncalibrated, { proves = { "DEC-15" } })
end)

rig.test("V-full keeps its distance from V-min and V-max while it stands in, and only then", {
  needs = { "switch", "app", "ext" }, profiles = { "gen3" }, proves = { "DEC-15", "DEC-19" },
}, function(bench)
  local function try(volts, answer)
    local raw = math.floor(volts / packs.step_v + 0.5)
    bench.app:ask(("%02X-0C0!"):format(raw >> 8))
    rig.equal(("V-full %.3f V"):format(volts), bench.app:ask(("%02X-0C1!"):format(raw & 0xFF)), answer,
      { proves = { "DEC-15", "DEC-19" } })
  end
  bench.app:unlock()
  -- V-min 2.90, V-max 3.70.
  for _, volts in ipairs { 4.90, 1.60, 3.40 } do try(volts, "OK") end
  no_balancing(bench)
  for _, case in ipairs { { 3.000, "OK" }, { 2.995, "KO" }, { 3.650, "OK" }, { 3.655, "KO" } } do try(case[1], case[2]) end
  rig.equal("why", (bench.app:ask("R@") or ""):sub(1, 6), "02_0C0", { proves = { "DEC-19" } })
end)
