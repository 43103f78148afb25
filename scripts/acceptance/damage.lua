-- SPDX-License-Identifier: GPL-3.0-or-later
-- Damaged, cut and repeated messages change nothing (CHN-05).

local rig = require("rig")
rig.api(1)

local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

local function near(a, b, by)
  return math.abs(a - b) <= by + 1e-6
end

-- A count of a sensor as it shows on the frame's grid of 0.125 A.
local count_a = math.max(profile.step_a, 0.125)

-- One count of noise is not a change; everything else is.
local function same(frame, before)
  local absent = (frame.i1_a == nil) or (frame.i2_a == nil) or (frame.battery_a == nil)
  return not absent and near(frame.pack_v, before.pack_v, 0.02) and near(frame.i1_a, before.i1_a, count_a)
    and near(frame.i2_a, before.i2_a, count_a) and near(frame.battery_a, before.battery_a, count_a)
    and near(frame.lowest_v, before.lowest_v, 0.005) and frame.lowest_v_cell == before.lowest_v_cell
    and near(frame.highest_v, before.highest_v, 0.005) and frame.highest_v_cell == before.highest_v_cell
    and near(frame.lowest_degc, before.lowest_degc, 2) and frame.lowest_degc_cell == before.lowest_degc_cell
    and near(frame.highest_degc, before.highest_degc, 2) and frame.highest_degc_cell == before.highest_degc_cell
    and frame.count == before.count and frame.status == before.status and frame.soc_pct == before.soc_pct
    and frame.balance_v == before.balance_v and frame.v_min_v == before.v_min_v and frame.v_max_v == before.v_max_v
    and frame.capacity_kwh == before.capacity_kwh
end

-- A pack in which every field says something, and board 2 close to balancing
-- while board 3 does.
local function distinct(bench)
  bench.cells:set_v(3.30)
  bench.cell[1]:set_v(3.25)
  bench.cell[2]:set_v(3.37)
  bench.cell[3]:set_v(3.44)
  bench.temperature[1]:set_degc(20)
  bench.sensor[1]:set_a(12.5)
  bench.sensor[2]:set_a(7.5)
  rig.wait(60)  -- board 3 warms up
  return messages.fresh(bench)
end

-- Runs `body` and claims that neither relays, values, cells in turn nor
-- balancing take notice of the damage it does.
local function takes_no_notice(bench, what, body)
  local before = distinct(bench)
  local warm = before.highest_degc
  relays.keep(bench, "charge", true, what, function()
    relays.keep(bench, "load", true, what, function()
      rig.always("no value changes: " .. what, { every_s = 0.5, proves = { "CHN-05" } }, function()
        local frame = bench.ext:latest()
        -- Board 3 goes on warming by fractions; only that may drift.
        if near(frame.highest_degc, warm, 2) then warm = frame.highest_degc end
        before.highest_degc = warm
        return same(frame, before)
      end, function()
        rig.always("board 2 does not balance: " .. what, { every_s = 0.45, proves = { "CHN-05" } }, function()
          return not packs.draws(bench, 2)
        end, body)
      end)
    end, { "CHN-05" })
  end, { "CHN-05" })
  rig.claim("board 3 balances still: " .. what, packs.conducts(bench, 3), { proves = { "CHN-05" } })
  bench.sensor[1]:set_a(0)
  bench.sensor[2]:set_a(0)
end

rig.test("a message with any one byte damaged is discarded, whichever link it passes", {
  needs = { "chain_tap", "cell[3]", "sensor[1]", "sensor[2]", "temperature", "ext", "relay.charge", "relay.load" },
  proves = { "CHN-05" }, limit_s = 1500,
}, function(bench)
  for _, link in ipairs { 1, bench.count - 1 } do
    local tap = bench.chain[link]
    takes_no_notice(bench, ("bytes damaged on link %d"):format(link), function()
      local index = 0
      repeat
        local damaged = tap:damaged()
        tap:flip(index, index % 2 == 0 and 0xFF or 0x81)
        rig.wait(2.3)  -- the damaged message, and a good one after it
        index = index + 1
      until tap:damaged() == damaged  -- the message has no such byte
      rig.claim(("link %d: a message has more than 20 bytes, all damaged in turn"):format(link), index > 20,
        { proves = { "CHN-05" } })
    end)
  end
end)

rig.test("a message cut short is discarded", {
  needs = { "chain_tap", "cell[3]", "sensor[1]", "sensor[2]", "temperature", "ext", "relay.charge", "relay.load" },
  proves = { "CHN-05" },
}, function(bench)
  for _, link in ipairs { 1, 2, bench.count - 1 } do
    takes_no_notice(bench, ("messages cut short on link %d"):format(link), function()
      for _, length in ipairs { 1, 2, 5, 10, 15, 20 } do
        bench.chain[link]:truncate(length)
        rig.wait(2.3)
      end
    end)
    rig.equal(("messages cut on link %d"):format(link), bench.chain[link]:damaged(), 6, { proves = { "CHN-05" } })
  end
end)

local function v_max_feed(bench, cell)
  return messages.find_phase(bench, {
    outside = function() bench.cell[cell]:set_v(3.80) end,
    inside = function() bench.cell[cell]:set_v(packs.nominal_v) end,
    is_outside = function(frame) return frame.highest_v > 3.75 end,
  })
end

rig.test("a repeated message counts once", {
  needs = { "chain_tap", "cell", "ext", "relay.charge" }, proves = { "CHN-05" },
}, function(bench)
  for _, link in ipairs { 1, bench.count - 1 } do
    local feed = v_max_feed(bench, 1)
    local from_s = rig.now_s()
    relays.keep(bench, "charge", true, ("an outlier is repeated on link %d"):format(link), function()
      messages.play(bench, feed, "..x.......", {
        [4 + feed.lag] = function() bench.chain[link]:replay(3) end,
      })
    end, { "CHN-05" })
    rig.equal(("link %d: charge relay edges"):format(link), #relays.edges(bench, "charge", from_s), 0, { proves = { "CHN-05" } })
  end
end)

rig.test("repeated messages do not stand for live ones: E comes all the same", {
  needs = { "chain_tap", "ext", "relay.charge", "relay.load" }, proves = { "CHN-05", "CHN-04" },
}, function(bench)
  bench.ext:next()
  bench.chain[bench.count - 1]:replay(9)
  rig.eventually("E", { within_s = 8, proves = { "CHN-05", "CHN-04" } }, function()
    return bench.ext:latest().alarm.e
  end)
  relays.stand(bench, "repeated messages only", false, false, { "CHN-04" })
end)

rig.test("a damaged message neither counts towards a trip nor resets the count", {
  needs = { "chain_tap", "cell", "ext", "relay.charge" }, proves = { "CHN-05", "RLY-01", "DEC-01" },
}, function(bench)
  local feed = v_max_feed(bench, 2)
  local function damage() bench.chain[bench.count - 1]:flip(7, 0xFF) end
  relays.keep(bench, "charge", true, "one outlier arrives, the next is damaged", function()
    messages.play(bench, feed, "..xx....", { [4 + feed.lag] = damage })
  end, { "CHN-05", "DEC-01" })

  local from_s = rig.now_s()
  local seen = messages.play(bench, feed, "..xxx....", { [4 + feed.lag] = damage })
  seen[4 + feed.lag] = false  -- the frame that stands for the damaged message repeats the one before
  local edges = relays.edges(bench, "charge", from_s)
  rig.claim("an outlier, a damaged one, an outlier: the charge relay opens", #edges > 0, { proves = { "RLY-01" } })
  rig.equal("good messages outside until then", edges[1] and messages.count(seen, feed.is_outside, edges[1].at_s) or 0, 2,
    { proves = { "CHN-05", "DEC-01" } })
end)

rig.test("repeated messages keep no bypass on: the last board stops balancing as without any", {
  needs = { "chain_tap", "cell", "ext" }, proves = { "CHN-05", "BAL-07", "DEC-05" },
}, function(bench)
  local cites = { proves = { "CHN-05", "BAL-07", "DEC-05" } }
  bench.cell[bench.count]:set_v(packs.balance_v + 0.1)
  rig.eventually("the last board balances", { within_s = 10 }, function() return packs.draws(bench, bench.count) end)
  bench.chain[bench.count - 1]:replay(25)
  rig.wait(14)
  rig.claim("after 14 repeated messages it does not", not packs.conducts(bench, bench.count), cites)
  rig.wait(14)
  rig.eventually("with live ones it does again", { within_s = 10, proves = cites.proves }, function()
    return packs.draws(bench, bench.count)
  end)
end)
