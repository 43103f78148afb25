-- SPDX-License-Identifier: GPL-3.0-or-later
-- What lies in a record of energy, field by field as firmware/core/energy_record.hpp has it, what a board makes of it,
-- and which changes bring a new one at once (SOC-08, SOC-09, DEC-16, DEC-25).

local rig = require("rig")
rig.api(1)

local eeprom = require("lib.eeprom")
local fed_chain = require("lib.fed_chain")
local frames = require("lib.frames")
local packs = require("lib.packs")
local profile = require("lib.profile")
local records = require("lib.records")
local relays = require("lib.relays")

local needs = { "chain", "chain_tap", "cell", "app", "probe", "ext" }

local function last_memory(bench) return bench.board[bench.count].eeprom end

-- The last board starts with this record alone, and is fed from then on.
local function start_with(bench, feed, values)
  eeprom.only_energy(last_memory(bench), values)
  bench.board[bench.count]:reset()
  feed.next_s = rig.now_s() + 0.3
  return feed:send(nil, 2)
end

-- The clock that the stream tells, "hh:mm".
local function clock(bench)
  bench.app:unlock()
  local stream = bench.app:stream()
  for _ = 1, 4 do
    for _, line in ipairs(stream:next().lines) do
      local record = records.parse(line)
      if record and record.kind == "M" then return record.fields[3] end
    end
  end
  return nil
end

-- A word that travels in several keys, most significant byte first.
local function word(bench, feed, key, bytes)
  local value
  for _ = 1, 60 do
    local frame = feed:send()
    if frame.key == key then value = 0 end
    if value and frame.key >= key and frame.key < key + bytes then
      value = value << 8 | frame.value
      if frame.key == key + bytes - 1 then return value end
    end
  end
  return nil
end

-- No two bytes alike.
local distinct = {
  number = 0x0102, flags = eeprom.calibrated | eeprom.clock_set, stored_wh = 0x00070B, time_of_day = 0x2A31,
  collected_today = 0x0D1F2E, consumed_today = 0x1B3C4D, collected_total = 0x05617283, consumed_total = 0x0694A5B6,
  charged = 0x07C8D9EA, discharged = 0x00CAFB0C,
}

rig.test("a board shows what its newest record says, field by field", {
  needs = needs, cells = 4, proves = profile.gen3 and { "SOC-08", "SOC-09", "EXT-02" } or { "SOC-08", "SOC-09" },
}, function(bench)
  local cites = { proves = { "SOC-08", "SOC-09" } }
  bench.app:set { capacity_kwh = 4.0 }
  rig.wait(1.5)
  local feed = fed_chain.take_over(bench)
  local frame = start_with(bench, feed, distinct)
  for _, line in ipairs {
    { "stored", frame.stored_wh, distinct.stored_wh }, { "collected today", frame.collected_today_wh, distinct.collected_today },
    { "consumed today", frame.consumed_today_wh, distinct.consumed_today },
    { "collected in total", frame.collected_total_kwh, distinct.collected_total // 1000 },
    { "consumed in total", frame.consumed_total_kwh, distinct.consumed_total // 1000 },
    { "state of charge", frame.soc_pct, distinct.stored_wh // 40 },
  } do
    rig.equal(line[1], line[2], line[3], cites)
  end
  rig.claim("calibrated", not frame.soc_uncalibrated, cites)
  local seconds = 2 * distinct.time_of_day
  rig.equal("the clock", clock(bench), ("%02d:%02d"):format(seconds // 3600, seconds // 60 % 60), cites)
  if profile.gen3 then
    local keys = { proves = { "EXT-02", "SOC-08" } }
    rig.equal("cycles", word(bench, feed, 8, 2), distinct.discharged // 4000, keys)
    rig.equal("charged ever, kWh", word(bench, feed, 10, 3), distinct.charged // 1000, keys)
    rig.equal("discharged ever, kWh", word(bench, feed, 13, 3), distinct.discharged // 1000, keys)
  end

  -- The next record, which a calibration taken back brings, says the same of the rest.
  feed:send(nil, 11)
  feed:send({ i1 = 0x8000, i2 = 0x8000 }, 2)
  local newest = eeprom.newest_energy(last_memory(bench)) or rig.abort("no record")
  for name, value in pairs(distinct) do
    if name == "number" then value = value + 1 elseif name == "flags" then value = eeprom.clock_set end
    if name == "time_of_day" then
      rig.check("the next record: time of day, later by", 2 * (newest[name] - value), rig.limits.later_in_record, cites)
    else
      rig.equal("the next record: " .. name, ("%X"):format(newest[name]), ("%X"):format(value), cites)
    end
  end
end)

rig.test("counters at their end stay there, shown and recorded, and what no day has is midnight", {
  needs = needs, cells = 4, proves = { "EXT-01", "SOC-08", "DEC-25" },
}, function(bench)
  local cites = { proves = { "EXT-01", "SOC-08" } }
  bench.app:set { capacity_kwh = 4.0 }
  rig.wait(1.5)
  local feed = fed_chain.take_over(bench)
  for time_of_day, told in pairs { [43100] = "23:56", [43200] = "00:00" } do
    start_with(bench, feed, { stored_wh = 2000, flags = eeprom.clock_set, time_of_day = time_of_day })
    rig.equal(("%d times 2 s: the clock"):format(time_of_day), clock(bench), told, { proves = { "DEC-25" } })
  end
  local ends = {
    number = 9, stored_wh = 0xFFFFFF, time_of_day = 0xFFFF, collected_today = 0xFFFFFF, consumed_today = 0xFFFFFF,
    collected_total = 0xFFFFFFFF, consumed_total = 0xFFFFFFFF, charged = 0xFFFFFFFF, discharged = 0xFFFFFFFF,
  }
  eeprom.only_energy(last_memory(bench), ends)
  bench.board[bench.count]:reset()
  rig.equal("before the first message: state of charge", bench.ext:next().soc_pct, 100, cites)
  feed.next_s = rig.now_s()
  feed:send(nil, 2)
  rig.equal("the clock", clock(bench), "00:00", { proves = { "DEC-25" } })
  -- Some watt-hours either way: 250 A at a thousand volts.
  local counts = profile.gen2 and 500 or 5000
  feed:send({ sum_v = 1000, i1 = counts, i2 = counts }, 12)
  feed:send({ sum_v = 1000, i1 = counts, i2 = counts, lowest_v = packs.balance_v + 0.1, highest_v = packs.balance_v + 0.1 }, 1)
  local frame = feed:send({ i1 = 0x8000, i2 = 0x8000 }, 2)
  for _, line in ipairs {
    { "collected today", frame.collected_today_wh, 0xFFFFFF }, { "consumed today", frame.consumed_today_wh, 0xFFFFFF },
    { "collected in total", frame.collected_total_kwh, 0xFFFFFFFF // 1000 },
    { "consumed in total", frame.consumed_total_kwh, 0xFFFFFFFF // 1000 },
  } do
    rig.equal(line[1], line[2], line[3], cites)
  end
  if profile.gen3 then
    rig.equal("cycles", word(bench, feed, 8, 2), 0xFFFF, cites)
    rig.equal("charged ever, kWh", word(bench, feed, 10, 3), 0xFFFFFFFF // 1000, cites)
  end
  bench.app:unlock()
  bench.app:ask("00-0D0!")
  rig.equal("the clock is set, which brings a record", bench.app:ask("00-0D1!"), "OK")
  feed:send(nil, 3)
  local newest = eeprom.newest_energy(last_memory(bench)) or rig.abort("no record")
  rig.claim("a record was written", newest.number > ends.number, cites)
  for _, name in ipairs { "collected_today", "consumed_today", "collected_total", "consumed_total", "charged", "discharged" } do
    rig.equal("recorded: " .. name, ("%X"):format(newest[name]), ("%X"):format(ends[name]), cites)
  end
end)

-- Each alone: what the record says that the board starts with, what then happens and what the new record says.
local full_v = packs.balance_v + 0.1
local full = { lowest_v = full_v, highest_v = full_v }
local function clears(bench) bench.app:clear_counters() end
local function sets_clock(bench)
  bench.app:unlock()
  bench.app:ask("00-0D0!")
  bench.app:ask("01-0D1!")
end
local day_end = (24 * 3600 - 20) // 2
local changes = {
  { "the total collected is cleared", { collected_total = 5000 }, act = clears, says = { collected_total = 0 } },
  { "the total consumed is cleared", { consumed_total = 5000 }, act = clears, says = { consumed_total = 0 } },
  { "a day ends on which something was collected", { collected_today = 70, time_of_day = day_end }, wait = 8, says = { collected_today = 0 } },
  { "a day ends on which something was consumed", { consumed_today = 70, time_of_day = day_end }, wait = 8, says = { consumed_today = 0 } },
  { "a full count is calibrated", { stored_wh = 4000 }, feed = full, wait = 22, says = { flags = eeprom.calibrated } },
  { "the clock is set", { stored_wh = 1000 }, act = sets_clock, says = { flags = eeprom.clock_set } },
}
if profile.gen3 then
  changes[#changes + 1] = { "an empty count is known to be empty", { stored_wh = 0 }, feed = { lowest_v = packs.v_min_v - 0.1 }, wait = 8,
    says = { flags = eeprom.emptied } }
end

rig.test("a record is written at once when the count's meaning changes, whichever part of it", {
  needs = needs, cells = 4, proves = { "DEC-16", "SOC-08" }, limit_s = 900,
}, function(bench)
  local cites = { proves = { "DEC-16", "SOC-08" } }
  bench.app:set { capacity_kwh = 4.0 }
  rig.wait(1.5)
  local feed, memory = fed_chain.take_over(bench), last_memory(bench)
  for _, change in ipairs(changes) do
    local what, values = change[1], change[2]
    values.number = 7
    bench.cell[bench.count]:set_v(change.feed == full and full_v or packs.nominal_v)
    start_with(bench, feed, values)
    feed:send(change.feed, 11)
    rig.equal(what .. ": the number of the newest record before", eeprom.newest_energy(memory).number, 7, cites)
    if change.act then change.act(bench) end
    feed:send(change.feed, (change.wait or 0) + 2)
    local newest = eeprom.newest_energy(memory)
    rig.equal(what .. ": the number of the newest record", newest.number, 8, cites)
    for name, value in pairs(change.says) do rig.equal(("%s: its %s"):format(what, name), newest[name], value, cites) end
  end
end)

rig.test("a record is written when the count has moved by 1 % of the capacity, not a watt-hour before, up or down", {
  needs = needs, cells = 4, proves = { "DEC-16" },
}, function(bench)
  local feed, memory = fed_chain.take_over(bench), last_memory(bench)
  bench.app:set { capacity_kwh = 0.4 }
  rig.wait(1.5)
  -- One count of the sensor makes some more than a watt-hour of a message: 14 400 000 quanta in gen3, a tenth with gen2's.
  local a_wh = { boards = 3, sum_v = (profile.gen2 and 1440000 or 14400000) * packs.step_v }
  for _, sign in ipairs { 1, -1 } do
    start_with(bench, feed, { number = 20, stored_wh = 200 })
    feed:send({ sum_v = 0 }, 11)
    a_wh.i1 = sign
    local what = sign > 0 and "charged" or "discharged"
    -- The last board's own voltage is over, so that downwards the first message moves the count by 2 Wh.
    local frame = feed:send(a_wh, sign > 0 and 3 or 2)
    rig.equal(what .. ": moved by", math.abs(frame.stored_wh - 200), 3, { proves = { "DEC-16" } })
    feed:send({ sum_v = 0 }, 2)
    rig.equal(what .. " 3 Wh of 400: number of the newest record", eeprom.newest_energy(memory).number, 20, { proves = { "DEC-16" } })
    feed:send(a_wh, 1)
    feed:send({ sum_v = 0 }, 2)
    rig.equal(what .. " 4 Wh of 400: number of the newest record", eeprom.newest_energy(memory).number, 21, { proves = { "DEC-16" } })
  end
end)

rig.test("charging and the load restart at their share of the capacity to the watt-hour", {
  needs = { "cell", "app", "probe", "ext", "relay.charge", "relay.load" }, cells = 4, proves = { "RLY-05", "RLY-07" },
}, function(bench)
  bench.app:set { capacity_kwh = 4.0, charge_restart_pct = 95, discharge_restart_pct = 5 }
  rig.wait(1.5)
  for _, case in ipairs { { 3800, false, true }, { 3799, true, true }, { 200, true, true }, { 199, true, false } } do
    local stored_wh, charge, load = table.unpack(case)
    eeprom.only_energy(last_memory(bench), { number = 3, flags = eeprom.calibrated, stored_wh = stored_wh })
    bench.board[bench.count]:reset()
    rig.wait(16)
    relays.stand(bench, ("%d Wh of 4000"):format(stored_wh), charge, load, { "RLY-05", "RLY-07" })
  end
end)
