-- SPDX-License-Identifier: GPL-3.0-or-later
-- What an installer is told, and a rig can compute or show (INS, SOC-10).

local rig = require("rig")
rig.api(1)

local installer = require("lib.installer")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

rig.test("the bulk voltage is 25 to 40 mV per cell above the balance voltage", {
  profiles = { "gen3-hw2" }, proves = { "INS-01" },
}, function()
  for _, case in ipairs { { 16, 54.8, 55.04 }, { 4, 13.70, 13.76 } } do
    local cells, least_v, most_v = table.unpack(case)
    local from_v, to_v = installer.bulk_voltage_v(cells, packs.balance_v)
    rig.equal(("%d cells: from"):format(cells), ("%.2f"):format(from_v), ("%.2f"):format(least_v), { proves = { "INS-01" } })
    rig.equal(("%d cells: to"):format(cells), ("%.2f"):format(to_v), ("%.2f"):format(most_v), { proves = { "INS-01" } })
  end
end)

rig.test("at the right bulk voltage a pack becomes full, and no cell reaches V-max", {
  needs = { "cell", "sensor[1]", "app", "ext", "relay.charge" }, profiles = { "gen3-hw2" }, proves = { "INS-01" },
}, function(bench)
  bench.app:set { capacity_kwh = bench.count }
  local least_v, most_v = installer.bulk_voltage_v(bench.count, packs.balance_v)
  for _, bulk_v in ipairs { least_v, most_v } do
    bench.sensor[1]:set_a(5)  -- the charger's current has fallen below 5 % of the capacity
    bench.cells:set_v(bulk_v / bench.count)
    rig.always(("%.2f V: no cell reaches V-max"):format(bulk_v), { every_s = 0.5, proves = { "INS-01" } }, function()
      return not bench.ext:latest().alarm.vh
    end, function()
      rig.eventually(("%.2f V: full"):format(bulk_v), { within_s = 45, proves = { "INS-01" } }, function()
        return bench.ext:latest().soc_pct == 100
      end)
    end)
    bench.cells:set_v(packs.nominal_v)
    bench.sensor[1]:set_a(0)
    rig.wait(5)
  end
end)

rig.test("with a bulk voltage set too high a cell reaches V-max, and charging ends before the pack is full", {
  needs = { "cell", "sensor[1]", "ext", "relay.charge" }, profiles = { "gen3-hw2" }, proves = { "INS-06" },
}, function(bench)
  -- 14.6 V: the charger still gives 30 A when the fullest cell is at V-max.
  bench.sensor[1]:set_a(30)
  local spread_v = { -0.02, 0.06, -0.02, -0.02 }
  local bulk_v = 0
  for step = 0, 40 do
    bulk_v = bench.count * (3.40 + 0.25 * step / 40)
    for k = 1, bench.count do
      bench.cell[k]:set_v(bulk_v / bench.count + (spread_v[k] or 0))
    end
    rig.wait(3)
    if relays.open(bench, "charge") then break end
  end
  local frame = bench.ext:next()
  rig.claim("the charge relay opens", relays.open(bench, "charge"), { proves = { "INS-06" } })
  rig.claim("on a cell at V-max", frame.alarm.vh and frame.highest_v_cell == 2, { proves = { "INS-06" } })
  rig.claim("at a pack voltage above the rule", bulk_v > select(2, installer.bulk_voltage_v(bench.count, packs.balance_v)),
    { proves = { "INS-06" } })
  rig.claim("before the pack counts as full", frame.soc_uncalibrated and frame.soc_pct < 100, { proves = { "INS-06" } })
end)

rig.test("the board where the LEDs stop flashing is where the chain is broken", {
  needs = { "board.led", "chain", "cell", "ext" }, proves = { "INS-02" },
}, function(bench)
  rig.equal("whole chain: fault at board", installer.find_break(bench), nil, { proves = { "INS-02" } })
  for link = 1, bench.count - 1 do
    bench.chain[link]:open()
    rig.wait(6)
    rig.equal(("link %d broken: fault at board"):format(link), installer.find_break(bench), link + 1, { proves = { "INS-02" } })
    bench.chain[link]:close()
    rig.wait(5)
  end
  if bench.count < 3 then return end  -- nobody tells of a last board that is dead
  bench.cell[2]:off()
  rig.wait(6)
  rig.equal("board 2 dead: fault at board", installer.find_break(bench), 2, { proves = { "INS-02" } })
end)

rig.test("a current sensor that is the wrong way round is named", {
  needs = { "sensor[1]", "sensor[2]", "ext" }, proves = { "INS-03" },
}, function(bench)
  for _, case in ipairs { { 20, 10, "" }, { -20, 10, "1" }, { 20, -10, "2" }, { -20, -10, "1 2" } } do
    local first_a, second_a, reversed = table.unpack(case)
    bench.sensor[1]:set_a(first_a)
    bench.sensor[2]:set_a(second_a)
    local frame = messages.fresh(bench)
    rig.equal(("%+d A and %+d A: reversed"):format(first_a, second_a), installer.reversed_sensors(bench), reversed,
      { proves = { "INS-03" } })
    rig.equal(("%+d A and %+d A: charging is shown"):format(first_a, second_a),
      (frame.i1_a or 0) < 0 and "negative" or "positive", first_a < 0 and "negative" or "positive", { proves = { "INS-03" } })
  end
end)

rig.test("the advised capacity is what the cells are sold as, less a reserve", {
  needs = { "app", "ext" }, profiles = { "gen2", "gen3-hw1" }, proves = { "INS-04", "SOC-10" },
}, function(bench)
  local advised_kwh = installer.advised_capacity_kwh(4, 200, 3.2)
  rig.equal("4 cells of 200 Ah and 3.2 V", ("%.1f kWh"):format(advised_kwh), profile.gen2 and "1.9 kWh" or "2.0 kWh",
    { proves = { "INS-04" } })
  bench.app:set { capacity_kwh = advised_kwh }
  rig.equal("as the boards show it", ("%.1f kWh"):format(messages.fresh(bench).capacity_kwh),
    ("%.1f kWh"):format(advised_kwh), { proves = { "INS-04", "SOC-10" } })
end)

rig.test("capacity is set in kWh, and percent are of it", {
  needs = { "app", "ext", "cell" }, proves = { "SOC-10" },
}, function(bench)
  packs.fill(bench)
  for _, kwh in ipairs { 0.1, 2.0, 12.3, 255.0 } do
    bench.app:set { capacity_kwh = kwh }
    local frame = messages.fresh(bench)
    rig.equal(("%.1f kWh: as shown"):format(kwh), ("%.1f"):format(frame.capacity_kwh), ("%.1f"):format(kwh),
      { proves = { "SOC-10" } })
    rig.equal(("%.1f kWh, full: stored"):format(kwh), frame.stored_wh, math.floor(kwh * 1000 + 0.5), { proves = { "SOC-10" } })
  end
end)

rig.test("n boards need n - 1 links: each is needed, and no other is", {
  needs = { "chain", "ext" }, proves = { "INS-05" },
}, function(bench)
  rig.equal("links", #bench.chain, bench.count - 1, { proves = { "INS-05" } })
  rig.claim("all closed: no alarm", not bench.ext:next().alarm.e, { proves = { "INS-05" } })
  for link = 1, bench.count - 1 do
    bench.chain[link]:open()
    rig.eventually(("link %d open: E"):format(link), { within_s = 8, proves = { "INS-05" } }, function()
      return bench.ext:latest().alarm.e
    end)
    bench.chain[link]:close()
    rig.eventually(("link %d closed: no alarm"):format(link), { within_s = 8, proves = { "INS-05" } }, function()
      return not bench.ext:latest().alarm.e
    end)
  end
end)
