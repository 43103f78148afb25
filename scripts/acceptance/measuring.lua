-- SPDX-License-Identifier: GPL-3.0-or-later
-- Cell voltages, board temperatures and the numbering of cells (CEL).

local rig = require("rig")
rig.api(1)

local installer = require("lib.installer")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

rig.test(("every board reports its cell within 20 mV from %.1f V to 5.0 V"):format(profile.lowest_cell_v), {
  needs = { "cell", "switch", "ext" }, proves = { profile.id.working_range, "CEL-03" },
}, function(bench)
  -- As little balancing as the switches allow: it heats the boards.
  installer.balance_at(bench, profile.gen2 and 4.3 or 0)
  for _, volts in ipairs { profile.lowest_cell_v, 2.4, 2.7, 3.3, 3.6, 4.2, 5.0 } do
    for k = 1, bench.count do
      -- Unequal cells, still inside the range: one taken for another would show.
      local apart_v = 0.05 * (k - 1)
      bench.cell[k]:set_v(volts < 3 and volts + apart_v or volts - apart_v)
    end
    local fresh = messages.fresh(bench)
    local reported, supplied = bench.ext:all_cells(), bench.cells:voltages_v()
    local sum_v = 0
    for k = 1, bench.count do
      sum_v = sum_v + supplied[k]
      rig.check(("cell %d at %.1f V: error"):format(k, volts), reported[k].v - supplied[k],
        rig.limits.cell_v_error, { proves = { "CEL-03", profile.id.working_range } })
    end
    rig.check(("pack of cells at %.1f V: error per cell"):format(volts), (fresh.pack_v - sum_v) / bench.count,
      rig.limits.cell_v_error, { proves = { "CEL-03" } })
    rig.claim(("boards work at %.1f V: messages arrive"):format(volts), not bench.ext:latest().alarm.e,
      { proves = { profile.id.working_range } })
  end
end)

rig.test("every board reports its temperature as exactly as its profile says and works from -40 to 85 °C", {
  needs = { "cell", "temperature", "ext" }, proves = { profile.id.temperature, "CEL-07", "CEL-03" },
}, function(bench)
  for _, degc in ipairs { -40, -20, 0, 25, 60, 85 } do
    local forced = {}
    for k = 1, bench.count do
      local apart = 3 * (k - 1)
      forced[k] = degc < 25 and degc + apart or degc - apart
      bench.temperature[k]:set_degc(forced[k])
    end
    messages.fresh(bench)
    local reported, supplied = bench.ext:all_cells(), bench.cells:voltages_v()
    for k = 1, bench.count do
      rig.check(("board %d near %d °C: error"):format(k, degc), reported[k].degc - forced[k],
        rig.limits.cell_degc_error, { proves = { profile.id.temperature, "CEL-07" } })
      rig.check(("cell %d's voltage near %d °C: error"):format(k, degc), reported[k].v - supplied[k],
        rig.limits.cell_v_error, { proves = { "CEL-07", "CEL-03" } })
    end
    rig.claim(("boards work near %d °C: messages arrive"):format(degc), not bench.ext:latest().alarm.e,
      { proves = { "CEL-07" } })
  end
end)

rig.test("a board's temperature moves up to the very ends of its range", {
  needs = { "temperature", "ext" }, proves = { "CEL-07" },
}, function(bench)
  local function reported(degc)
    bench.temperatures:set_degc(degc)
    messages.fresh(bench)
    return bench.ext:all_cells()
  end
  for _, ends in ipairs { { -40, -35 }, { 80, 85 } } do
    local from_degc, to_degc = table.unpack(ends)
    local before, after = reported(from_degc), reported(to_degc)
    for k = 1, bench.count do
      rig.check(("board %d from %d to %d °C: change"):format(k, from_degc, to_degc), after[k].degc - before[k].degc,
        rig.limits.change_of_5_degc, { proves = { "CEL-07" } })
    end
  end
end)

rig.test("lowest and highest name the cell, wherever it is", {
  needs = { "cell", "temperature", "ext" }, proves = { "CEL-08", "CEL-03", profile.id.temperature },
}, function(bench)
  for low = 1, bench.count do
    local high = low % bench.count + 1
    local cold = bench.count > 2 and (low + 1) % bench.count + 1 or high
    bench.cells:set_v(3.30)
    bench.temperatures:set_degc(25)
    bench.cell[low]:set_v(3.20)
    bench.cell[high]:set_v(3.38)
    bench.temperature[cold]:set_degc(12)
    bench.temperature[low]:set_degc(40)
    local frame = messages.fresh(bench)
    rig.equal(("cell %d lowest: its number"):format(low), frame.lowest_v_cell, low, { proves = { "CEL-08" } })
    rig.equal(("cell %d highest: its number"):format(high), frame.highest_v_cell, high, { proves = { "CEL-08" } })
    rig.equal(("board %d coldest: its number"):format(cold), frame.lowest_degc_cell, cold, { proves = { "CEL-08" } })
    rig.equal(("board %d hottest: its number"):format(low), frame.highest_degc_cell, low, { proves = { "CEL-08" } })
    rig.check(("cell %d lowest: error"):format(low), frame.lowest_v - 3.20, rig.limits.cell_v_error,
      { proves = { "CEL-03" } })
    rig.check(("cell %d highest: error"):format(high), frame.highest_v - 3.38, rig.limits.cell_v_error,
      { proves = { "CEL-03" } })
    rig.check(("board %d coldest: error"):format(cold), frame.lowest_degc - 12, rig.limits.cell_degc_error,
      { proves = { profile.id.temperature } })
    rig.check(("board %d hottest: error"):format(low), frame.highest_degc - 40, rig.limits.cell_degc_error,
      { proves = { profile.id.temperature } })
  end
end)

rig.test("each of 255 cells is reported under its own number", {
  needs = { "cell", "ext" }, cells = 255, tags = { "long" }, proves = { "CEL-08", "CEL-03" },
}, function(bench)
  for k = 1, bench.count do
    bench.cell[k]:set_v(3.00 + 0.05 * (k % 7))
  end
  messages.fresh(bench)
  local reported = bench.ext:all_cells()
  rig.equal("cells reported", #reported, bench.count, { proves = { "CEL-08" } })
  for k = 1, bench.count do
    rig.check(("cell %d: error"):format(k), reported[k].v - (3.00 + 0.05 * (k % 7)),
      rig.limits.cell_v_error, { proves = { "CEL-03" } })
  end
end)

rig.test("cells in parallel count as one, with the capacity of all of them", {
  needs = { "cell", "sensor[2]", "app", "ext" }, proves = { "CEL-09" },
}, function(bench)
  -- 2P4S: four boards, one per pair. Twice the capacity, the same count and voltage.
  local spent_pct = {}
  for parallel = 1, 2 do
    bench.app:set { capacity_kwh = parallel * packs.small_kwh(bench) }
    packs.fill(bench)
    bench.sensor[2]:set_a(100)
    rig.wait(60)
    bench.sensor[2]:set_a(0)
    local frame = messages.fresh(bench)
    spent_pct[parallel] = 100 - frame.soc_pct
    rig.equal(("%d in parallel: cells counted"):format(parallel), frame.count, bench.count, { proves = { "CEL-09" } })
    rig.check(("%d in parallel: pack voltage, error per cell"):format(parallel),
      frame.pack_v / bench.count - packs.nominal_v, rig.limits.cell_v_error, { proves = { "CEL-09" } })
  end
  rig.check("what one spends, less twice what two spend", spent_pct[1] - 2 * spent_pct[2],
    rig.limits.soc_change_error, { proves = { "CEL-09" } })
end)

rig.test("a balancing board reads warm, and thresholds act on what it reads", {
  needs = { "cell", "app", "ext", "relay.charge", "relay.load" }, proves = { "CEL-10" },
}, function(bench)
  bench.app:set { t_max_degc = 45 }
  bench.cell[2]:set_v(3.60)
  local cool = messages.fresh(bench).highest_degc
  rig.eventually("both relays open on the board's heat", { within_s = 200, proves = { "CEL-10" } }, function()
    return relays.open(bench, "charge") and relays.open(bench, "load")
  end)
  local warm = bench.ext:next()
  rig.equal("the warm board is the balancing one", warm.highest_degc_cell, 2, { proves = { "CEL-10" } })
  rig.check("rise above the cell's own temperature", warm.highest_degc - cool, rig.limits.balancing_rise,
    { proves = { "CEL-10" } })
  rig.claim("the alarm is Th", warm.alarm.th, { proves = { "CEL-10" } })
end)
