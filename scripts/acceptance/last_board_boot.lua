-- SPDX-License-Identifier: GPL-3.0-or-later
-- The last board's first messages after it started, composed ones: what counts from nothing then, when E may come,
-- how a number of cells is accepted (DEC-01, DEC-04, DEC-06, DEC-09).

local rig = require("rig")
rig.api(1)

local fed_chain = require("lib.fed_chain")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

local needs = { "chain", "chain_tap", "cell", "probe", "ext" }
local step_v = packs.step_v

-- The last board starts anew; returns when.
local function restart(bench, feed)
  bench.board[bench.count]:reset()
  feed.next_s = rig.now_s() + 0.3
  return rig.now_s()
end

-- What lies beyond each limit, its warning and after how many messages that is up.
local warnings = {
  { "vh", { highest_v = packs.v_max_v + step_v }, 2 },
  { "vl", { lowest_v = packs.v_min_v - step_v }, 3 },
  { "th", { highest_degc = profile.t_max_degc + 1 }, 5 },
  { "tl", { lowest_degc = profile.t_min_charge_degc - 1 }, 5 },
}

rig.test("a board that has just started takes as many messages for a warning as ever", {
  needs = needs, cells = 4, proves = { "DEC-01", "ALM-01" },
}, function(bench)
  local feed = fed_chain.take_over(bench)
  for _, warning in ipairs(warnings) do
    local name, beyond, messages = table.unpack(warning)
    restart(bench, feed)
    for n = 1, messages do
      rig.equal(("%s, message %d since the start"):format(name, n), feed:send(beyond).alarm[name], n == messages,
        { proves = { "DEC-01", "ALM-01" } })
    end
  end
end)

rig.test("no E comes within 10 periods of the start, and none later than 5 periods without a message", {
  needs = needs, cells = 4, proves = { "DEC-04", "DEC-06" },
}, function(bench)
  local feed, cites = fed_chain.take_over(bench), { proves = { "DEC-04", "DEC-06" } }
  for _, case in ipairs { { 3, rig.limits.power_up_e }, { 8, rig.limits.e_after_few } } do
    local messages, limit = table.unpack(case)
    local from_s = restart(bench, feed)
    feed:send(nil, messages)
    local frame = bench.ext:latest()
    rig.claim(("%d messages: no E yet"):format(messages), not frame.alarm.e, cites)
    local since_s = messages == 3 and from_s or feed.next_s - 1
    while not frame.alarm.e and frame.at_s < from_s + 20 do frame = bench.ext:next() end
    rig.check(("%d messages: E after"):format(messages), frame.at_s - since_s, limit, cites)
  end
end)

rig.test("a number of cells that does not fit raises E once 10 periods have passed since the start", {
  needs = needs, cells = 4, proves = { "DEC-06", "DEC-09" },
}, function(bench)
  local feed, cites = fed_chain.take_over(bench), { proves = { "DEC-06", "DEC-09" } }
  local from_s = restart(bench, feed)
  for _ = 1, 14 do
    local frame = feed:send { boards = 7 }
    local since_s = frame.at_s - from_s
    -- The frame that ends then may have begun before.
    if since_s < 10 or since_s > 11.2 then
      rig.equal(("%.0f s after the start: E"):format(since_s), frame.alarm.e, since_s > 10, cites)
    end
  end
end)

rig.test("three messages in a row with one number of cells are what it takes to accept it", {
  needs = needs, cells = 4, proves = { "DEC-06", "DEC-09" }, limit_s = 600,
}, function(bench)
  local feed, cites = fed_chain.take_over(bench), { proves = { "DEC-06", "DEC-09" } }
  -- Numbers of cells in turn; 9 does not fit the setting. The last is accepted, whichever came before.
  for _, told in ipairs { { 4, 4, 3 }, { 4, 4, 9, 4, 3 }, { 4, 4, 9, 4, 4, 3 }, { 3, 4, 3, 4, 3, 4, 4, 3 }, { 3, 3, 4, 4, 3, 3, 4 } } do
    restart(bench, feed)
    for _, cells in ipairs(told) do feed:send { boards = cells - 1 } end
    local accepted = told[#told]
    local frame = feed:send({ boards = accepted - 1 }, 12)
    local what = table.concat(told, ", ")
    rig.equal(what .. " and so on: E", frame.alarm.e, false, cites)
    rig.equal(what .. " and so on: cells", frame.count, accepted, cites)
    rig.equal(what .. ", and then another one: E", feed:send { boards = 6 - accepted }.alarm.e, true, cites)
  end
end)

rig.test("what the board showed of its own cell before the first message is not taken for another's", {
  needs = { "chain", "chain_tap", "cell", "temperature", "probe", "ext" }, cells = 4, proves = { "EXT-01", "CEL-08" },
}, function(bench)
  local feed, cites = fed_chain.take_over(bench), { proves = { "EXT-01", "CEL-08" } }
  bench.temperature[4]:set_degc(40)
  restart(bench, feed)
  bench.ext:next()
  -- Alone it stands for the smallest pack's last cell: in all that is told of one.
  local frame = bench.ext:next()
  rig.equal("alone: cells", frame.count, 2, cites)
  for _, field in ipairs { "pack_v", "lowest_v", "highest_v" } do
    rig.check("alone: " .. field .. ", error", frame[field] - packs.nominal_v, rig.limits.cell_v_error, cites)
  end
  for _, field in ipairs { "lowest_degc", "highest_degc" } do
    rig.check("alone: " .. field .. ", error", frame[field] - 40, rig.limits.cell_degc_error, cites)
  end
  for _, field in ipairs { "lowest_v_cell", "highest_v_cell", "lowest_degc_cell", "highest_degc_cell" } do
    rig.equal("alone: " .. field, frame[field], 2, cites)
  end
  rig.claim("alone: no currents", frame.i1_a == nil and frame.i2_a == nil and frame.battery_a == nil, cites)
  for _ = 1, 5 do
    frame = feed:send { turn = 1, lowest_v = 3.1, highest_v = 3.35 }
    if frame.cell == 2 then rig.equal("cell 2, of which no message told: voltage", frame.cell_v, 0.0, cites) end
  end
end)

-- Boards that have heard what makes a pack full, with this of the two currents.
local function full(bench, feed, i1, i2)
  local high_v = packs.balance_v + 0.05
  bench.cell[bench.count]:set_v(high_v)
  restart(bench, feed)
  return feed:send({ lowest_v = high_v, highest_v = high_v, i1 = i1, i2 = i2 }, 34)
end

rig.test("either current sensor alone calibrates a full pack's count, and without both it is not calibrated any more", {
  needs = { "chain", "chain_tap", "cell", "probe", "ext" }, cells = 4, proves = { "DEC-24", "SOC-07" }, limit_s = 900,
}, function(bench)
  local feed, cites, absent = fed_chain.take_over(bench), { proves = { "DEC-24", "SOC-07" } }, 0x8000
  for _, case in ipairs { { "sensor 1 alone", 0, absent }, { "sensor 2 alone", absent, 0 } } do
    local what, i1, i2 = table.unpack(case)
    rig.claim(what .. ": not calibrated before", feed:send({ i1 = absent, i2 = absent }, 3).soc_uncalibrated, cites)
    rig.claim(what .. ": calibrated", not full(bench, feed, i1, i2).soc_uncalibrated, cites)
  end
  rig.claim("without both: not calibrated", feed:send({ i1 = absent, i2 = absent }, 1).soc_uncalibrated, cites)
  rig.claim("both back: not calibrated", feed:send(nil, 2).soc_uncalibrated, cites)
end)

local counts_of = function(volts) return math.floor(volts / step_v + 0.5) end

rig.test("a pack is full at 5 % of its capacity less what its boards burn off, and not at 4 mW more", {
  needs = { "chain", "chain_tap", "cell", "app", "probe", "ext" }, cells = 4, profiles = { "gen3-hw2" },
  proves = { "SOC-03", "DEC-11" }, limit_s = 900,
}, function(bench)
  local cites = { proves = { "SOC-03", "DEC-11" } }
  bench.app:set { capacity_kwh = 4.0 }
  local feed = fed_chain.take_over(bench)
  local high_v = packs.balance_v + 0.05
  bench.cell[bench.count]:set_v(high_v)
  feed:send(nil, 3)
  -- A count of 5 mV times one of 50 mA is 0.25 mW: 16 of them are what a board reckons with. 5 % of 4 kWh are 200 W;
  -- a bypass burns 3.4 W at 3.4 V.
  local function powers_w(burning) return 200 + 3.4 * burning end
  for _, case in ipairs { { 39, 1, false }, { 39, 0, true }, { 9, 1, false }, { 9, 0, true } } do
    local others, more, is_full = table.unpack(case)
    feed:send({ i1 = 0x8000, i2 = 0x8000 }, 2)  -- takes the calibration back
    restart(bench, feed)
    -- The last board balances and adds its own voltage: the middle of 16 counts' sum.
    local sum = math.floor(powers_w(others + 1) / 0.004 + 0.5) * 16 + 16 * more + 8 - counts_of(high_v)
    local frame = feed:send({
      boards = 3, lowest_v = high_v, highest_v = high_v, i1 = 1, balancing = others, sum_v = sum * step_v,
    }, 36)
    rig.equal(("%d boards burn, %.3f W charge: full"):format(others + 1, powers_w(others + 1) + 0.004 * more),
      not frame.soc_uncalibrated, is_full, cites)
  end
end)

rig.test("which cells balance is told of each cell by itself, however many they are", {
  needs = { "chain", "chain_tap", "cell", "app", "ext" }, cells = 4, proves = { "APP-05" }, limit_s = 600,
}, function(bench)
  local feed, cites = fed_chain.take_over(bench), { proves = { "APP-05" } }
  local cells, config = 41, fed_chain.config(profile.gen2 and 8 or 5)
  bench.app:unlock()
  local balances, many = {}, 0
  -- The last board does not: its cell is at nominal voltage.
  local function round(chosen)
    for cell = 1, cells - 1 do
      balances[cell], many = chosen(cell), many + (chosen(cell) and 1 or 0) - (balances[cell] and 1 or 0)
      feed:send { boards = cells - 1, config = config, turn = cell, turn_balances = balances[cell], balancing = math.max(many, 1) }
    end
  end
  local function told()
    local expected = ("%02X_%02X"):format(cells, math.max(many, 1))
    for from = 1, cells, 16 do
      local word = 0
      for bit = 0, 15 do word = word | (balances[from + bit] and 1 << bit or 0) end
      expected = expected .. ("_%04X"):format(word)
    end
    rig.equal("B@", (bench.app:ask("B@") or ""):sub(1, -4), expected, cites)
  end
  feed:send({ boards = cells - 1, config = config, balancing = 1 }, 4)
  for _, chosen in ipairs {
    function(cell) return cell % 3 == 1 end, function(cell) return cell % 7 < 2 end,
    function(cell) return cell // 8 % 2 == 0 end,
  } do
    round(chosen)
    told()
  end
  feed:send({ boards = cells - 1, config = config, balancing = 0 }, 1)
  rig.equal("none balances: B@", (bench.app:ask("B@") or ""):sub(1, -4), "29_00_0000_0000_0000", cites)

  balances, many, cells, config = {}, 0, 255, fed_chain.config(profile.gen2 and 15 or 7)
  feed:send({ boards = cells - 1, config = config, balancing = 0 }, 4)
  round(function(cell) return cell % 5 == 4 end)
  told()
end)
