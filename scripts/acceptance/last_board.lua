-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the last board makes of a message, to the count: composed messages carry no noise.

local rig = require("rig")
rig.api(1)

local fed_chain = require("lib.fed_chain")
local frames = require("lib.frames")
local installer = require("lib.installer")
local packs = require("lib.packs")
local profile = require("lib.profile")
local records = require("lib.records")
local relays = require("lib.relays")

local needs = { "chain", "chain_tap", "cell", "temperature", "ext", "relay.charge", "relay.load" }
local step_v = packs.step_v
local id = profile.id

local cells, forty = 40, fed_chain.config(profile.gen2 and 8 or 4)
-- A count of the sensor; eight of them make an eighth of an ampere times so many.
local count_a = profile.gen2 and 0.5 or 0.05

local function volts(least, most) return least + step_v * math.random(0, math.floor((most - least) / step_v + 0.5)) end

local function random_message(turn)
  return {
    boards = cells - 1, config = forty, turn = turn, turn_v = volts(3.0, 3.5), turn_degc = math.random(12, 60),
    i1 = math.random(-120, 120), i2 = math.random(-120, 120), sum_v = volts(95, 140),
    lowest_v = volts(packs.v_min_v + 0.1, packs.nominal_v - 0.05), lowest_cell = math.random(1, 19),
    highest_v = volts(packs.nominal_v + 0.05, packs.v_max_v - 0.1), highest_cell = math.random(20, 39),
    lowest_degc = math.random(12, 20), lowest_degc_cell = math.random(1, 19),
    highest_degc = math.random(40, 75), highest_degc_cell = math.random(20, 39),
    -- Above the last board's own cell, which would warm it.
    balance_v = installer.balance_voltages_v[profile.gen2 and math.random(1, 7) or math.random(16, 26)],
  }
end

local function nearest(value, expected, unit) return math.abs(value - expected) <= unit / 2 + 1e-9 end

---Claims that each field of the frame is what the message says, the board's own cell included.
local function compare(frame, message, heard)
  local read = frames.decode(frame.hex)
  local wrong = {}
  local function same(name, found, expected)
    if not (found == expected or type(found) == "number" and type(expected) == "number" and math.abs(found - expected) < 1e-6) then
      wrong[#wrong + 1] = ("%s %s, not %s"):format(name, found, expected)
    end
  end
  for _, name in ipairs { "lowest_v", "highest_v", "balance_v" } do same(name, read[name], message[name]) end
  same("count", read.count, cells)
  same("lowest_v_cell", read.lowest_v_cell, message.lowest_cell)
  same("highest_v_cell", read.highest_v_cell, message.highest_cell)
  same("lowest_raw", read.lowest_raw, frames.raw_of(message.lowest_degc))
  same("highest_raw", read.highest_raw, frames.raw_of(message.highest_degc))
  same("lowest_degc_cell", read.lowest_degc_cell, message.lowest_degc_cell)
  same("highest_degc_cell", read.highest_degc_cell, message.highest_degc_cell)
  if math.abs(read.pack_v - message.sum_v - packs.nominal_v) > 0.0201 then same("pack_v", read.pack_v, message.sum_v + packs.nominal_v) end
  local into_a = { i1_a = message.i1 * count_a, i2_a = message.i2 * count_a, battery_a = (message.i1 - message.i2) * count_a }
  for name, amperes in pairs(into_a) do
    if not nearest(read[name], amperes, 0.125) then same(name, read[name], amperes) end
    -- Nothing flows neither way.
    if read[name] == 0 then same(name .. "'s sign", read[name:gsub("_a$", "_sign")], "+") end
  end
  if read.cell < cells then
    same("cell_v", read.cell_v, heard.v[read.cell] or read.cell_v)
    if heard.degc[read.cell] then same("cell_raw", read.cell_raw, frames.raw_of(heard.degc[read.cell])) end
  end
  return table.concat(wrong, "; ")
end

rig.test("the frame tells what the message says, field by field", {
  needs = needs, cells = 4, proves = { "EXT-01", "CHN-03" },
}, function(bench)
  local feed = fed_chain.take_over(bench)
  feed:send({ boards = cells - 1, config = forty }, 5)
  local heard, told = { v = {}, degc = {} }, 0
  for n = 1, 2 * cells + 20 do
    local message = random_message((n - 1) % cells + 1)
    -- A cell is known by its last turn, or as an extreme since.
    heard.v[message.turn], heard.degc[message.turn] = message.turn_v, message.turn_degc
    heard.v[message.lowest_cell], heard.v[message.highest_cell] = message.lowest_v, message.highest_v
    heard.degc[message.lowest_degc_cell], heard.degc[message.highest_degc_cell] = message.lowest_degc, message.highest_degc
    local wrong = compare(feed:send(message), message, heard)
    if wrong ~= "" then
      told = told + 1
      rig.equal(("message %d: fields that differ"):format(n), wrong, "", { proves = { "EXT-01", "CHN-03" } })
    end
  end
  rig.equal("frames that told something else than their message", told, 0, { proves = { "EXT-01", "CHN-03" } })
end)

-- Each case: what a message carries at the edge, what beyond it, the relay that it opens, and the row.
local edges = {
  { "V-max", { highest_v = packs.v_max_v - step_v }, { highest_v = packs.v_max_v }, "charge", "RLY-01" },
  { "V-min", { lowest_v = packs.v_min_v + step_v }, { lowest_v = packs.v_min_v }, "load", "RLY-06" },
  { "T-max", { highest_degc = profile.t_max_degc }, { highest_degc = profile.t_max_degc + 1 }, "both", "RLY-01" },
  { "T-min charge", { lowest_degc = profile.t_min_charge_degc }, { lowest_degc = profile.t_min_charge_degc - 1 }, "charge", "RLY-01" },
  { "T-min discharge", { lowest_degc = profile.t_min_discharge_degc }, { lowest_degc = profile.t_min_discharge_degc - 1 }, "load", "RLY-06" },
}

rig.test("each threshold opens its relay at one count beyond and not before", {
  needs = needs, cells = 4, proves = { "RLY-01", "RLY-06", "DEC-21" }, limit_s = 1200,
}, function(bench)
  local feed = fed_chain.take_over(bench)
  for _, edge in ipairs(edges) do
    local name, at, beyond, relay, row = table.unpack(edge)
    local proves = { row, "DEC-21" }
    feed:send({ boards = 3 }, 45)
    rig.claim(name .. ": both allow", relays.allows(bench, "charge") and relays.allows(bench, "load"), { proves = proves })
    feed:send(at, 8)
    for _, side in ipairs { "charge", "load" } do
      -- Charging stops below T-min charge already.
      if side == relay or relay == "both" then
        if not (name == "T-min discharge" and side == "charge") then
          rig.claim(("%s reached to the count: the %s relay allows"):format(name, side), relays.allows(bench, side), { proves = proves })
        end
      end
    end
    feed:send(beyond, 5)
    rig.wait(0.4)
    for _, side in ipairs { "charge", "load" } do
      if side == relay or relay == "both" then
        rig.claim(("one count beyond %s: the %s relay is open"):format(name, side), relays.open(bench, side), { proves = proves })
      end
    end
  end
end)

rig.test("totals, cycles and what ever flowed are whole parts of the watt-hours that were counted", {
  needs = { "chain", "chain_tap", "app", "ext" }, cells = 4, limit_s = 900,
  proves = profile.gen3 and { "SOC-09", "DEC-27", "EXT-02" } or { "SOC-09", "DEC-27" },
}, function(bench)
  bench.app:set { capacity_kwh = 0.1 }
  local feed = fed_chain.take_over(bench)
  local counts = 10000
  -- A pack of 255 cells: 1000 V and some hundred amperes make kilowatt-hours in a minute.
  local big = { boards = 254, config = fed_chain.config(profile.gen2 and 15 or 7), sum_v = 1000 }
  feed:send(big, 5)
  local wrong, words = 0, {}
  for n = 1, 110 do
    big.i1, big.i2 = n % 3 == 0 and counts or 0, n % 3 ~= 0 and counts or 0
    local read = frames.decode(feed:send(big).hex)
    local out_wh, in_wh = read.consumed_today_wh, read.collected_today_wh
    if read.consumed_total_kwh ~= out_wh // 1000 or read.collected_total_kwh ~= in_wh // 1000 then wrong = wrong + 1 end
    if profile.gen3 then
      -- A value is taken with its first byte.
      if read.key == 8 then words[8] = { out_wh // 100, read.value << 8 } end
      if read.key == 10 then words[10] = { in_wh // 1000, read.value << 16 } end
      if read.key == 13 then words[13] = { out_wh // 1000, read.value << 16 } end
      for key, word in pairs(words) do
        local bytes = key == 8 and 2 or 3
        if read.key > key and read.key < key + bytes then word[2] = word[2] | read.value << 8 * (key + bytes - 1 - read.key) end
        if read.key == key + bytes - 1 then
          rig.equal(("message %d, key %d"):format(n, key), word[2], word[1], { proves = { "EXT-02", "SOC-09" } })
        end
      end
    end
    if n == 110 then
      rig.claim("more than a hundred cycles were counted", out_wh > 10100, { proves = { "DEC-27" } })
      -- At 1000 V and the board's own cell, 74 messages of 1 s out and 36 in.
      local per_message_wh = (1000 + packs.nominal_v) * counts * count_a / 3600
      rig.check("consumed, of what flowed", out_wh / (74 * per_message_wh), rig.limits.energy_exact, { proves = { "DEC-27", "SOC-09" } })
      rig.check("collected, of what flowed", in_wh / (36 * per_message_wh), rig.limits.energy_exact, { proves = { "DEC-27", "SOC-09" } })
    end
  end
  rig.equal("frames with a total that is not its watt-hours' whole kilowatt-hours", wrong, 0, { proves = { "SOC-09" } })
end)

rig.test("a voltage that no cell can have is a loose lead to the count: E, and no warning", {
  needs = { "chain", "chain_tap", "ext" }, cells = 4, proves = { "CHN-04", "DEC-10" },
}, function(bench)
  local feed, cites = fed_chain.take_over(bench), { proves = { "CHN-04", "DEC-10" } }
  for _, case in ipairs {
    { "highest", 5.110, false }, { "highest", 5.115, true }, { "lowest", 0.500, false }, { "lowest", 0.495, true },
  } do
    local which, volts, loose = table.unpack(case)
    feed:send({ boards = 3 }, 12)
    local frame = feed:send({ boards = 3, [which .. "_v"] = volts }, 8)
    local what = ("%s cell at %.3f V: "):format(which, volts)
    rig.equal(what .. "E", frame.alarm.e, loose, cites)
    rig.equal(what .. "a warning", frame.alarm.vh or frame.alarm.vl, not loose, cites)
  end
end)

rig.test("a turn that no cell can have does not set the round over the cells", {
  needs = { "chain", "chain_tap", "ext" }, cells = 4, proves = { "EXT-01" },
}, function(bench)
  local feed = fed_chain.take_over(bench)
  for _, turn in ipairs { 0, bench.count + 1 } do
    bench.board[bench.count]:reset()
    local told = {}
    -- The round is free until a turn sets it: it begins with the first cell.
    for n = 1, bench.count do told[n] = feed:send({ turn = turn }).cell end
    local from = told[1]
    rig.claim(("turn %d: a cell of the pack is told"):format(turn), from >= 1 and from <= bench.count, { proves = { "EXT-01" } })
    for n = 2, bench.count do
      rig.equal(("turn %d, message %d: the next cell"):format(turn, n), told[n], told[n - 1] % bench.count + 1,
        { proves = { "EXT-01" } })
    end
  end
end)

rig.test("327.675 V is the highest that the stream tells in four digits", {
  needs = { "chain", "chain_tap", "app", "ext" }, cells = 4, proves = { "APP-04" },
}, function(bench)
  bench.app:unlock()
  rig.equal("E!", bench.app:ask("E!"), "OK", { proves = { "APP-04" } })
  local feed, most = fed_chain.take_over(bench), 0xFFFF
  -- What is fed and the last board's own cell together: each count around the most that four digits hold.
  local big, own = { boards = 254, config = fed_chain.config(profile.gen2 and 15 or 7), sum_v = 320 }, nil
  own = math.floor((feed:send(big, 5).pack_v - big.sum_v) / step_v + 0.5)
  local seen = {}
  for above = -2, 2 do
    big.sum_v = (most + above - own) * step_v
    for _ = 1, 2 do
      local sum = math.floor(feed:send(big).pack_v / step_v + 0.5)
      bench.app:receive()
      bench.app:send("$")
      local line = records.lines(bench.app:receive(0.4))[1] or ""
      rig.equal(("%d counts: digits"):format(sum), #(line:match("^U_(%x+)_") or ""), sum > most and 6 or 4, { proves = { "APP-04" } })
      seen[sum] = true
    end
  end
  rig.claim("both sides of the edge were told", seen[most] and seen[most + 1], { proves = { "APP-04" } })
end)

-- Each case: what a message carries, status byte 1 once it counts, and status byte 2 (gen3): to the bit.
local calibrated_not, s2 = frames.status.uncalibrated, frames.status2
local function statuses()
  local v_min, v_max, cold, hot = packs.v_min_v, packs.v_max_v, profile.t_min_charge_degc - 1, profile.t_max_degc + 1
  local both = s2.below_t_min_charge | s2.below_t_min_discharge
  local separate = profile.separate_t_min
  return {
    { "all is well", {}, 0x03, s2.charge_relay | s2.load_relay },
    { "a balance voltage out of order", { balance_v = v_max }, 0x03, s2.charge_relay | s2.load_relay | s2.early_warning },
    { "V-max", { highest_v = v_max }, 0x12, s2.load_relay },
    { "T-max", { highest_degc = hot }, 0x40, 0 },
    { "T-min", { lowest_degc = cold }, separate and 0x22 or 0x20, separate and s2.below_t_min_charge | s2.load_relay or both },
    { "the lower T-min", { lowest_degc = profile.t_min_discharge_degc - 1 }, 0x20, both },
    -- It empties the count of charge, and from there the load relay waits for discharge restart.
    { "V-min", { lowest_v = v_min }, 0x09, s2.charge_relay },
    { "V-min and V-max", { lowest_v = v_min, highest_v = v_max }, 0x18, 0 },
    { "all of them", { lowest_v = v_min, highest_v = v_max, highest_degc = hot, lowest_degc = -30 }, 0x78, both },
  }
end

rig.test("the status bytes tell what is the case, to the bit", {
  needs = needs, cells = 4, proves = { "EXT-01", "ALM-01", "ALM-02" }, limit_s = 1500,
}, function(bench)
  local feed, cites = fed_chain.take_over(bench), { proves = { "EXT-01", "ALM-01", "ALM-02" } }
  local function tells(name, status, second)
    local wrong = {}
    for _ = 1, profile.gen3 and 19 or 3 do
      local frame = second.send()
      if frame.status ~= status | calibrated_not then wrong[#wrong + 1] = ("status %02X"):format(frame.status) end
      if frame.key == 16 and frame.value ~= second.expected then wrong[#wrong + 1] = ("status 2 %02X"):format(frame.value) end
    end
    rig.equal(("%s: not %02X and %02X"):format(name, status | calibrated_not, second.expected), table.concat(wrong, " "), "", cites)
  end
  for _, case in ipairs(statuses()) do
    local name, message, status, status_2 = table.unpack(case)
    feed:send({}, 42)
    feed:send(message, 11)
    tells(name, status, { expected = status_2, send = function() return feed:send(message) end })
  end
  feed:send({}, 42)
  rig.wait(7)
  tells("no messages", frames.status.e, { expected = 0, send = function() return bench.ext:next() end })
end)

rig.test("the round over the cells begins with the first turn that is heard, whatever was sent before", {
  needs = { "chain", "chain_tap", "ext", "probe" }, cells = 4, proves = { "EXT-01" },
}, function(bench)
  local feed, cites = fed_chain.take_over(bench), { proves = { "EXT-01" } }
  for silent = 0, 2 do
    for turn = 1, bench.count do
      bench.board[bench.count]:reset()
      rig.wait(0.4)  -- to boot
      for _ = 1, silent do bench.ext:next() end
      local told = {}
      for n = 0, bench.count do
        local cell = (turn + n - 1) % bench.count + 1
        local frame = feed:send({ turn = cell, turn_v = 3.0 + 0.1 * cell, lowest_v = 2.95 })
        told[#told + 1] = ("%d %s"):format(frame.cell, frame.cell_v > 0 and "known" or "unknown")
        if frame.cell ~= cell then break end
      end
      rig.equal(("%d frames before turn %d: cells told"):format(silent, turn), #told, bench.count + 1, cites)
      -- A turn that was lost, or comes twice, does not make the round leap.
      for _, lost in ipairs { turn, turn, turn % bench.count + 1 } do
        local after = told[#told] and tonumber(told[#told]:match("^%d+"))
        told[#told + 1] = ("%d known"):format(feed:send({ turn = lost, turn_v = 3.2 }).cell)
        rig.equal(("%d frames before turn %d: the cell after %d"):format(silent, turn, after), tonumber(told[#told]:match("^%d+")),
          after % bench.count + 1, cites)
      end
      rig.claim(("%d frames before turn %d: none unknown"):format(silent, turn), not table.concat(told):find("unknown"), cites)
    end
  end
end)
