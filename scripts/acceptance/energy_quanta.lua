-- SPDX-License-Identifier: GPL-3.0-or-later
-- The count of energy to its last quantum, with every type of sensor: composed messages bring a watt-hour to its edge
-- (DEC-27, SOC-01), and what a change of the sensor's type or of the capacity does to it (CUR-11, CUR-12, SOC-10).

local rig = require("rig")
rig.api(1)

local eeprom = require("lib.eeprom")
local fed_chain = require("lib.fed_chain")
local packs = require("lib.packs")
local profile = require("lib.profile")

local needs = { "chain", "chain_tap", "app", "probe", "ext" }
local step_v = packs.step_v

-- What a count of each type of sensor is worth: CUR-01, CUR-03, CUR-04. A type's number is its code.
local counts_a = profile.gen2 and { [0] = 0.125, 0.25, 0.5, 1.25, 2, 2.5, 5, 10 } or { [0] = 0.0125, 0.025, 0.05 }

-- Counts of 5 mV times counts of the sensor that make 1 Wh when they last for one message of 1 s.
local function quanta_per_wh(type) return math.floor(3600 / step_v / counts_a[type] + 0.5) end

local function config(type) return profile.gen2 and type << 4 or 0 end

-- The boards' only record of energy says this much stored and no more; fractions of a watt-hour are gone.
local function restart(bench, feed, stored_wh)
  eeprom.only_energy(bench.board[bench.count].eeprom, { stored_wh = stored_wh })
  bench.board[bench.count]:reset()
  feed.next_s = rig.now_s() + 0.3
end

local most = 16000000  -- a message's sum has 24 bits

-- Brings the flow in one direction to `target` quanta: messages in which one count of the sensor flows, each for as
-- many counts of pack voltage as are left. `tally` is of what the frames said was the pack's voltage.
local function bring(feed, type, direction, tally, target, look)
  local _, field, sign, into = table.unpack(direction)
  while target - tally[into] >= tally.own do
    local left = target - tally[into]
    local quanta = left > most and math.min(most, left - 2 * tally.own) or left
    local frame = feed:send { boards = 3, config = config(type), [field] = sign, sum_v = (quanta - tally.own) * step_v }
    tally[into] = tally[into] + math.floor(frame.pack_v / step_v + 0.5)
    look(frame)
  end
end

local directions = {
  { "charged, sensor 1", "i1", 1, "collected" }, { "consumed, sensor 2", "i2", 1, "consumed" },
  { "discharged, sensor 1", "i1", -1, "consumed" },
}

rig.test("a watt-hour is counted with its last quantum and not before, either way, whichever the sensor", {
  needs = needs, cells = 4, proves = { "DEC-27", "SOC-01" }, limit_s = 1500,
}, function(bench)
  local cites = { proves = { "DEC-27", "SOC-01" } }
  local feed = fed_chain.take_over(bench)
  for type = 0, #counts_a do
    bench.app:set(profile.gen3 and { capacity_kwh = 4.0, sensor_type = type } or { capacity_kwh = 4.0 })
    rig.wait(1.5)  -- until it is saved
    local per_wh, stored_wh = quanta_per_wh(type), 2000
    restart(bench, feed, stored_wh)
    local frame = feed:send({ boards = 3, config = config(type), sum_v = 0 }, 2)
    local tally = { own = math.floor(frame.pack_v / step_v + 0.5), collected = 0, consumed = 0 }
    for _, direction in ipairs(directions) do
      local what, into, from = direction[1], direction[4], tally[direction[4]]
      local wrong, edges = "", {}
      local function look(shown)
        local net = stored_wh * per_wh + tally.collected - tally.consumed
        local found = ("%d %d %d"):format(shown.collected_today_wh, shown.consumed_today_wh, shown.stored_wh)
        local expected = ("%d %d %d"):format(tally.collected // per_wh, tally.consumed // per_wh, net // per_wh)
        if found ~= expected then wrong = wrong .. ("%d quanta: %s, not %s; "):format(tally[into], found, expected) end
        edges[tally[into] % per_wh] = true
      end
      -- To the last quantum but one of a watt-hour, to the end of the next, a little beyond, to the end of a fourth.
      for _, target in ipairs { per_wh - 1, 2 * per_wh, 2 * per_wh + 2 * tally.own, 4 * per_wh } do
        bring(feed, type, direction, tally, from + target, look)
      end
      rig.equal(("type %d, %s: collected, consumed and stored that are not the sums"):format(type, what), wrong, "", cites)
      rig.claim(("type %d, %s: a watt-hour's edge was met from both sides"):format(type, what), edges[0] and edges[per_wh - 1])
    end
  end
end)

rig.test("at empty and above it the count keeps what is left of a watt-hour, and below empty nothing", {
  needs = needs, cells = 4, proves = { "DEC-27", "SOC-01" },
}, function(bench)
  local cites, type = { proves = { "DEC-27", "SOC-01" } }, profile.gen2 and 2 or #counts_a
  bench.app:set { capacity_kwh = 4.0 }
  rig.wait(1.5)
  local feed, per_wh = fed_chain.take_over(bench), quanta_per_wh(type)
  local function send(i1, quanta)
    local frame = feed:send { boards = 3, config = config(type), i1 = i1, sum_v = quanta * step_v }
    return math.floor(frame.pack_v / step_v + 0.5), frame.stored_wh
  end
  restart(bench, feed, 1)
  local own = send(0, 0)
  local out, stored = send(-1, 1000 - own)
  rig.equal("of 1 Wh something is gone: stored", stored, 0, cites)
  local back
  back, stored = send(1, out - own - 50)
  rig.equal("most of that is back: stored", stored, 0, cites)
  _, stored = send(1, 0)
  rig.equal("all of it is back and a little more: stored", stored, 1, cites)
  rig.claim("not all of it was before", back < out)
  restart(bench, feed, 0)
  send(0, 0)
  _, stored = send(-1, 5000)
  rig.equal("from an empty count: stored", stored, 0, cites)
  back, stored = send(1, per_wh - own - 50)
  rig.equal("less than 1 Wh is charged: stored", stored, 0, cites)
  _, stored = send(1, 0)
  rig.equal("1 Wh is charged: stored", stored, 1, cites)
  rig.claim("it was less before", back < per_wh)
end)

-- From finer counts to coarser: a rest of theirs taken for coarse ones would be many watt-hours.
rig.test("a change of the sensor's type takes less than a watt-hour from the count, and adds nothing", {
  needs = needs, cells = 4, proves = profile.gen2 and { "CUR-12", "DEC-27" } or { "CUR-11", "DEC-27" },
}, function(bench)
  local cites = { proves = profile.gen2 and { "CUR-12", "DEC-27" } or { "CUR-11", "DEC-27" } }
  bench.app:set { capacity_kwh = 4.0 }
  rig.wait(1.5)
  local feed = fed_chain.take_over(bench)
  restart(bench, feed, 2000)
  feed:send(nil, 2)
  for round, types in ipairs { { 0, #counts_a }, { #counts_a - 1, #counts_a } } do
    local fine, coarse = table.unpack(types)
    local function use(type)
      if profile.gen3 then bench.app:set { sensor_type = type } end
      return feed:send({ boards = 3, config = config(type), sum_v = 0 }, 2)
    end
    local before = use(fine)
    local tally = { own = math.floor(before.pack_v / step_v + 0.5), collected = 0, consumed = 0 }
    local frame
    -- Each of the three is left with a rest, the stored one with what was charged more than consumed.
    for _, flow in ipairs { { directions[1], 1 }, { directions[2], 1 }, { directions[1], 1.75 } } do
      bring(feed, fine, flow[1], tally, flow[2] * quanta_per_wh(fine) - 2 * tally.own, function(shown) frame = shown end)
    end
    local after = use(coarse)
    -- A little more, so that a rest is looked at.
    for _, direction in ipairs { directions[1], directions[2] } do
      bring(feed, coarse, direction, tally, tally[direction[4]] + tally.own, function(shown) after = shown end)
    end
    for _, field in ipairs { "collected_today_wh", "consumed_today_wh", "stored_wh" } do
      rig.check(("round %d, from type %d to %d: %s, change"):format(round, fine, coarse, field), after[field] - frame[field],
        rig.limits.of_a_rest, cites)
    end
  end
end)

rig.test("a change of the capacity keeps the state of charge, and stored energy in proportion", {
  needs = needs, cells = 4, proves = { "SOC-10", "SOC-01" },
}, function(bench)
  local cites = { proves = { "SOC-10", "SOC-01" } }
  bench.app:set { capacity_kwh = 4.0 }
  rig.wait(1.5)
  local feed = fed_chain.take_over(bench)
  restart(bench, feed, 2987)
  local before, from_kwh = feed:send(nil, 2), 4.0
  rig.equal("stored", before.stored_wh, 2987, cites)
  for _, to_kwh in ipairs { 12.3, 0.7, 40.1, 4.0 } do
    bench.app:set { capacity_kwh = to_kwh }
    local after = feed:send(nil, 2)
    local what = ("from %.1f to %.1f kWh: "):format(from_kwh, to_kwh)
    rig.check(what .. "stored, less its share", after.stored_wh - before.stored_wh * to_kwh / from_kwh, rig.limits.whole_wh, cites)
    rig.check(what .. "state of charge, change", after.soc_pct - 100 * before.stored_wh // (from_kwh * 1000), rig.limits.soc_of_whole_wh, cites)
    before, from_kwh = after, to_kwh
  end
end)
