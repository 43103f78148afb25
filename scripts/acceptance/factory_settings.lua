-- SPDX-License-Identifier: GPL-3.0-or-later
-- What generation 2's switch 8 stores, and what that leaves alone (DIP-06, 07, 11; CHN-07).
-- What the stored sensor type does is in sensors_gen2.lua.

local rig = require("rig")
rig.api(1)

local eeprom = require("lib.eeprom")
local frames = require("lib.frames")
local installer = require("lib.installer")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

local type_25_a, type_100_a, cells_4, cells_8 = 0, 2, 0, 1

local counts = installer.cell_counts

-- What 50 A through sensors of 100 A tells of the type that is stored.
local function stored_rating_a(bench)
  if bench.ext:next().alarm.e then return "none, under E" end
  bench.sensor[1]:set_a(50)
  local shown_a = packs.reported_a(bench).i1_a
  bench.sensor[1]:set_a(0)
  return math.floor(shown_a * 2 + 0.5)
end

-- A place that the pack fits, and not the one that its bench has stored.
local function another_place(bench) return math.min(installer.place_of(bench.count) + 1, #counts - 1) end

-- Both ends of each step of the list: a pack of so many cells fits the place given and no lower one.
for place, most in ipairs(counts) do
  local fewest = place > 1 and counts[place - 1] + 1 or 2
  for _, count in ipairs { fewest, most } do
    rig.test(("a pack of %d cells takes %d of the list, and less raises E"):format(count, most), {
      needs = { "switch", "ext" }, profiles = { "gen2" }, cells = count, tags = count > 21 and { "long" } or nil,
      proves = { "DIP-06", "DIP-07", "CHN-07" },
    }, function(bench)
      installer.program(bench, type_100_a, place - 1)
      rig.wait(5)
      rig.claim(("%d cells fit"):format(count), not bench.ext:next().alarm.e, { proves = { "DIP-06", "DIP-07" } })
      rig.equal("cells counted", bench.ext:latest().count, count, { proves = { "DIP-07" } })
      if place > 1 then
        installer.program(bench, type_100_a, place - 2)
        rig.eventually(("%d cells do not fit %d: E"):format(count, counts[place - 1]),
          { within_s = 8, proves = { "DIP-06", "CHN-07" } }, function() return bench.ext:latest().alarm.e end)
        installer.program(bench, type_100_a, place - 1)
        rig.eventually("E clears with the right place", { within_s = 12, proves = { "DIP-06" } }, function()
          return not bench.ext:latest().alarm.e
        end)
      else
        -- No place is too low for it; it fits the highest as well.
        installer.program(bench, type_100_a, #counts - 1)
        rig.wait(8)
        rig.claim("more cells in the list do no harm", not bench.ext:next().alarm.e, { proves = { "DIP-07", "CHN-07" } })
      end
    end)
  end
end

rig.test("hidden settings survive power loss", {
  needs = { "switch", "sensor[1]", "ext", "cell" }, profiles = { "gen2" }, proves = { "DIP-06", "DIP-11" },
}, function(bench)
  rig.equal("the bench's own", stored_rating_a(bench), 100, { proves = { "DIP-06" } })
  installer.program(bench, type_25_a, another_place(bench))
  rig.equal("25 A stored", stored_rating_a(bench), 25, { proves = { "DIP-06" } })
  for round = 1, 2 do
    bench:power_cycle()
    bench.ext:next()
    rig.wait(3)
    rig.equal(("after power cut %d"):format(round), stored_rating_a(bench), 25, { proves = { "DIP-11" } })
  end
end)

rig.test("hidden settings lie in EEPROM as they are written down, and what no switch can say is none", {
  needs = { "switch", "ext", "cell", "probe", "first_ext" }, profiles = { "gen2" }, proves = { "DIP-06", "DIP-11" }, limit_s = 900,
}, function(bench)
  local memory, copies_at, cites = bench.board[1].eeprom, { 16, 32 }, { proves = { "DIP-06", "DIP-11" } }
  local function copy(layout, type, place) return eeprom.sealed { layout, type, place, 0, 0 } end
  for _, stored in ipairs { { 7, 15 }, { 5, 10 }, { type_100_a, another_place(bench) } } do
    local type, place = table.unpack(stored)
    installer.program(bench, type, place)
    rig.wait(1)
    for n, at in ipairs(copies_at) do
      rig.equal(("type %d, place %d: copy %d"):format(type, place, n), table.concat(eeprom.bytes(memory, at, 6), " "),
        table.concat(copy(1, type, place), " ") .. " 255", cites)
    end
  end
  local function boots_with(first, second, what, good, config)
    eeprom.put(memory, copies_at[1], first)
    eeprom.put(memory, copies_at[2], second)
    bench:power_cycle()
    rig.wait(12)
    rig.equal(what .. ": E", bench.ext:latest().alarm.e, not good, cites)
    -- As every message carries it: the place in bits 0 to 3, the type in bits 4 to 6.
    rig.equal(what .. ": what messages say", bench.first_ext:next().config, config or good and 0x7F or 0x20, cites)
  end
  local blank = { 255, 255, 255, 255, 255 }
  boots_with(blank, blank, "a blank board, which expects 4 cells", bench.count <= 4, 0x20)
  local good, wrong_sum = copy(1, 7, 15), copy(1, 7, 15)
  wrong_sum[5] = wrong_sum[5] ~ 0x01
  boots_with(good, good, "the last type and place", true)
  for what, bad in pairs { ["another layout"] = copy(2, 7, 15), ["a type beyond the last"] = copy(1, 8, 15),
    ["a place beyond the last"] = copy(1, 7, 16), ["a wrong checksum"] = wrong_sum } do
    boots_with(bad, bad, what, false)
    boots_with(bad, good, what .. " in the first copy", true)
    boots_with(good, bad, what .. " in the second copy", true)
    rig.equal(what .. ": mended", table.concat(eeprom.bytes(memory, copies_at[2], 5), " "), table.concat(good, " "), cites)
  end
end)

rig.test("what switches 1 to 7 say in use does not change by storing, nor while switch 8 is on", {
  needs = { "switch", "sensor[1]", "ext", "cell", "relay.charge" }, profiles = { "gen2" },
  proves = { "DIP-11", "DEC-22" },
}, function(bench)
  local last_s
  rig.always("balance voltage, pace and mode stay", { proves = { "DIP-11", "DEC-22" } }, function()
    local frame = bench.ext:latest()
    local pace_s = last_s and frame.at_s - last_s or 1
    last_s = frame.at_s
    return math.abs(frame.balance_v - packs.balance_v) < 0.001 and (pace_s < 0.01 or pace_s > 0.9)
  end, function()
    -- Every switch is turned over, for long enough to count if it did.
    bench.switches:set(8, true)
    bench.switches:set_pattern("1101111", 1)
    rig.wait(8)
    bench.switches:set_pattern("010" .. installer.pattern_of(another_place(bench), 4), 1)
    rig.wait(0.2)
    bench.switches:set(8, false)
    rig.wait(0.2)
    bench.switches:set_pattern("0010000", 1)
    rig.wait(10)
  end)
  rig.equal("100 A is stored, as the switches said last", stored_rating_a(bench), 100, { proves = { "DIP-11" } })
  bench.cells:set_v(packs.balance_v + 0.05)
  rig.eventually("normal mode: a full pack opens the charge relay", { within_s = 45, proves = { "DIP-11" } },
    function() return relays.open(bench, "charge") end)
  bench.cells:set_v(packs.nominal_v)
  installer.balance_at(bench, 4.0)
  rig.equal("switches 2, 6 and 7 mean the balance voltage again", ("%.1f"):format(bench.ext:next().balance_v), "4.0",
    { proves = { "DIP-11" } })
end)

rig.test("with switch 8 on as power returns, the others are read once, and not again while it stays on", {
  needs = { "switch", "ext", "cell" }, profiles = { "gen2" }, proves = { "DIP-11", "DEC-22" },
}, function(bench)
  installer.set_balance_switches(bench, 2)
  bench.switches:set(8, true)
  bench:power_cycle()
  rig.wait(4)
  local volts = installer.balance_voltages_v
  rig.equal("as they stood at power-up", ("%.1f"):format(bench.ext:next().balance_v), ("%.1f"):format(volts[2]),
    { proves = { "DEC-22" } })
  installer.set_balance_switches(bench, 5)
  rig.wait(6)
  rig.equal("moved while switch 8 is on", ("%.1f"):format(bench.ext:next().balance_v), ("%.1f"):format(volts[2]),
    { proves = { "DIP-11", "DEC-22" } })
end)

rig.test("what was read before switch 8 went on is none of the three times that count after it", {
  needs = { "switch", "ext" }, profiles = { "gen2" }, proves = { "DIP-11", "DEC-22" },
}, function(bench)
  local volts = installer.balance_voltages_v
  installer.balance_at(bench, volts[2])
  -- Right after a message, with which the switches are read.
  bench.ext:next()
  installer.set_balance_switches(bench, 5)
  bench.ext:next()
  bench.switches:set(8, true)
  rig.wait(1.5)
  bench.ext:next()
  bench.switches:set(8, false)
  local off_s = rig.now_s()
  rig.eventually("the new setting counts", { within_s = 8, every_s = 0.05, proves = { "DIP-11" } }, function()
    return math.abs(bench.ext:latest().balance_v - volts[5]) < 0.001
  end)
  rig.check("after switch 8 went off", rig.now_s() - off_s, rig.limits.switch_accepted_after_message,
    { proves = { "DIP-11", "DEC-22" } })
end)

rig.test("what stands when switch 8 goes off is stored, and a touch of less than 50 ms is none", {
  needs = { "switch", "sensor[1]", "ext" }, profiles = { "gen2" }, proves = { "DIP-06", "DEC-22" },
}, function(bench)
  local place = installer.pattern_of(another_place(bench), 4)
  local function touch(for_s, last_sensor)
    local ordinary = bench.switches:pattern()
    bench.switches:set_pattern("111" .. place, 1)
    bench.switches:set(8, true)
    rig.wait(for_s / 2)
    bench.switches:set_pattern(installer.pattern_of(last_sensor, 3), 1)
    rig.wait(for_s / 2)
    bench.switches:set(8, false)
    rig.wait(0.2)
    bench.switches:set_pattern(ordinary)
    rig.wait(1)
  end
  touch(0.046, type_25_a)
  rig.equal("on for 46 ms: stored is still", stored_rating_a(bench), 100, { proves = { "DEC-22" } })
  touch(0.056, type_25_a)
  rig.equal("on for 56 ms: stored is", stored_rating_a(bench), 25, { proves = { "DIP-06", "DEC-22" } })
  touch(3.0, 1)
  rig.equal("on for 3 s: stored is what stood last", stored_rating_a(bench), 50, { proves = { "DIP-06", "DEC-22" } })
end)

rig.test("a pack that grows or shrinks while it runs raises E until it is as it was", {
  needs = { "switch", "ext", "cell" }, profiles = { "gen2" }, cells = 5, proves = { "CHN-07", "DEC-09" },
}, function(bench)
  rig.equal("cells counted", bench.ext:next().count, 5, { proves = { "DEC-09" } })
  installer.program(bench, type_100_a, cells_4)
  rig.eventually("5 cells and 4 in the list: E", { within_s = 8, proves = { "CHN-07", "DEC-09" } }, function()
    return bench.ext:latest().alarm.e
  end)
  relays.stand(bench, "E", false, false, { "CHN-07" })
  installer.program(bench, type_100_a, cells_8)
  rig.eventually("8 in the list: E clears", { within_s = 12, proves = { "CHN-07", "DEC-09" } }, function()
    return not bench.ext:latest().alarm.e
  end)
  rig.equal("cells counted", bench.ext:next().count, 5, { proves = { "DEC-09" } })
  rig.claim("no other alarm", bench.ext:latest().status & (frames.status.vl | frames.status.vh) == 0)
  messages.fresh(bench)
  relays.recover(bench, { "CHN-07" })
end)
