-- SPDX-License-Identifier: GPL-3.0-or-later
-- The ring of records in which the count of energy outlives the power: when one is
-- written, and what a cut, a worn cell or the number's wrap leave of it (DEC-16).

local rig = require("rig")
rig.api(1)

local eeprom = require("lib.eeprom")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")

local begins_at, places, size = eeprom.ring_at, eeprom.ring_places, eeprom.ring_size
local needs = { "probe", "sensor[1]", "sensor[2]", "app", "ext", "cell" }

local function last_memory(bench) return bench.board[bench.count].eeprom end

---@return { at: integer, bytes: integer[], number: integer }[] records  oldest first
local function ring(memory)
  local records = eeprom.ring(memory)
  -- A record begins with its sequence number.
  for _, record in ipairs(records) do record.number = record.bytes[1] << 8 | record.bytes[2] end
  table.sort(records, function(a, b) return (b.number - a.number) & 0xFFFF < 0x8000 and a.number ~= b.number end)
  return records
end

-- A calibrated pack at `pct`, whose count moves by up to 2 % with each message at `amperes`.
local function small_pack(bench, pct)
  bench.app:set { capacity_kwh = packs.small_kwh(bench) }
  packs.fill(bench)
  packs.move_soc_to(bench, pct)
  return math.min(2 * 36 * 1000 * packs.small_kwh(bench) / (bench.count * packs.nominal_v), profile.most_a)
end

local function reboot(bench)
  bench.board[bench.count]:reset()
  return messages.fresh(bench)
end

rig.test("a power cut in any byte of a record's writing leaves the old or the new count", {
  needs = needs, proves = { "DEC-16", "SOC-08" }, limit_s = 3600,
}, function(bench)
  local amperes = small_pack(bench, 60)
  local memory = last_memory(bench)
  local cuts = 0
  for n = 1, size + 1 do
    rig.wait(11)  -- no record while a board boots
    -- Into a blank place, so that every byte of the record is written.
    local records = ring(memory)
    for place = 0, places - 1 do
      local at = begins_at + place * size
      if at ~= records[#records].at then eeprom.put(memory, at, table.pack(("\xFF"):rep(size):byte(1, -1))) end
    end
    local sensor = bench.sensor[n % 2 + 1]
    local before = messages.fresh(bench)
    local written = memory:writes()
    memory:cut_power_at(n)
    sensor:set_a(amperes)
    rig.eventually("a record is begun", { within_s = 20, every_s = 0.01 }, function() return memory:writes() > written end)
    rig.wait(0.2)
    sensor:set_a(0)
    rig.wait(2)
    if memory:writes() - written ~= n then break end
    cuts = cuts + 1
    local after = messages.fresh(bench)
    local what = ("cut in write %d: "):format(n)
    rig.check(what .. "state of charge, change", after.soc_pct - before.soc_pct, rig.limits.cut_record_soc,
      { proves = { "DEC-16", "SOC-08" } })
    rig.claim(what .. "calibrated still", not after.soc_uncalibrated, { proves = { "DEC-16", "SOC-08" } })
  end
  rig.claim("most bytes of a record were cut", cuts >= size - 12, { proves = { "DEC-16" } })
  packs.move_soc_to(bench, 40)
  rig.wait(12)
  rig.check("and the ring goes on: state of charge, change by a reset", reboot(bench).soc_pct - 40,
    rig.limits.kept_soc_change, { proves = { "DEC-16" } })
end)

rig.test("with the newest record damaged the one before it counts, with all of them half full and not calibrated", {
  needs = needs, proves = { "DEC-16", "SOC-08" },
}, function(bench)
  small_pack(bench, 70)
  packs.move_soc_to(bench, 60)
  rig.wait(2)
  local memory = last_memory(bench)
  local records = ring(memory)
  rig.claim("several records are in the ring", #records > 5, { proves = { "DEC-16" } })
  local newest = records[#records]
  memory:write(newest.at + 6, newest.bytes[7] ~ 1)
  local frame = reboot(bench)
  rig.check("newest damaged: state of charge, change", frame.soc_pct - 60, rig.limits.record_before_soc,
    { proves = { "DEC-16" } })
  rig.claim("newest damaged: calibrated still", not frame.soc_uncalibrated, { proves = { "DEC-16" } })
  for _, record in ipairs(records) do
    memory:write(record.at + 7, record.bytes[8] ~ 0x10)
  end
  frame = reboot(bench)
  rig.equal("all damaged: state of charge", frame.soc_pct, 50, { proves = { "DEC-16" } })
  rig.claim("all damaged: not calibrated", frame.soc_uncalibrated, { proves = { "DEC-16", "SOC-08" } })
end)

rig.test("the newest record is found while the sequence number wraps, wherever in the ring", {
  needs = needs, proves = { "DEC-16" }, limit_s = 1800,
}, function(bench)
  local amperes = small_pack(bench, 90)
  local memory = last_memory(bench)
  packs.move_soc_to(bench, 80)
  rig.wait(2)
  local records = ring(memory)
  for from_newest = 0, #records - 1 do
    local record = records[#records - from_newest]
    local number = 0xFFFE - from_newest
    record.bytes[1], record.bytes[2] = number >> 8, number & 0xFF
    eeprom.put(memory, record.at, eeprom.sealed(record.bytes))
  end
  rig.equal("renumbered: state of charge", reboot(bench).soc_pct, 80, { proves = { "DEC-16" } })
  rig.wait(11)
  for wrapped = 1, 5 do
    local from = bench.ext:next().soc_pct
    bench.sensor[2]:set_a(amperes)
    rig.eventually("the count moves", { within_s = 30 }, function() return bench.ext:latest().soc_pct <= from - 2 end)
    bench.sensor[2]:set_a(0)
    rig.wait(2)
    local before = bench.ext:next().soc_pct
    rig.check(("step %d over the wrap: state of charge, change by a reset"):format(wrapped),
      reboot(bench).soc_pct - before, rig.limits.cut_record_soc, { proves = { "DEC-16" } })
    rig.wait(10)
  end
  local numbers = ring(memory)
  rig.claim("the numbers did wrap", numbers[#numbers].number < 0x8000, { proves = { "DEC-16" } })
end)

rig.test("a record is written at a change of 1 %, every 15 min without, and not while a board boots", {
  needs = needs, proves = { "DEC-16" }, limit_s = 4000,
}, function(bench)
  local amperes = small_pack(bench, 60) / 4  -- 0.5 % per message
  local memory = last_memory(bench)
  bench.sensor[2]:set_a(amperes)
  bench.board[bench.count]:reset()
  local from_s, written = rig.now_s(), memory:writes()
  rig.eventually("a record is written", { within_s = 20, every_s = 0.05, proves = { "DEC-16" } }, function()
    return memory:writes() > written
  end)
  rig.check("the first record after a reset, after", rig.now_s() - from_s, rig.limits.first_record,
    { proves = { "DEC-16" } })

  -- One record each time the count has moved by 1 %: every second message.
  rig.wait(1)
  local number, soc = ring(memory), bench.ext:next().soc_pct
  rig.wait(30)
  bench.sensor[2]:set_a(0)
  rig.wait(2)
  local later, soc_later = ring(memory), bench.ext:next().soc_pct
  rig.check("records per percent", (later[#later].number - number[#number].number) / (soc - soc_later),
    rig.limits.records_per_percent, { proves = { "DEC-16" } })

  -- At rest.
  local rested_s
  written = memory:writes()
  rig.eventually("a record is written at rest", { within_s = 905, every_s = 0.2, proves = { "DEC-16" } }, function()
    rested_s = rig.now_s()
    return memory:writes() > written
  end)
  rig.wait(1)
  written = memory:writes()
  rig.eventually("another one is", { within_s = 905, every_s = 0.2, proves = { "DEC-16" } }, function()
    return memory:writes() > written
  end)
  rig.check("from one to the next", rig.now_s() - rested_s, rig.limits.record_period, { proves = { "DEC-16" } })
end)

rig.test("records go round a ring of 32 places, and touch nothing behind it", {
  needs = needs, proves = { "DEC-16" }, limit_s = 900,
}, function(bench)
  local amperes, memory = small_pack(bench, 60), last_memory(bench)
  rig.wait(11)
  local behind = begins_at + places * size
  local before = eeprom.bytes(memory, behind, 2 * size)
  for n = 1, places + 5 do
    local sensor, written = bench.sensor[n % 2 + 1], memory:writes()
    sensor:set_a(amperes)
    rig.eventually(("record %d is written"):format(n), { within_s = 20, proves = { "DEC-16" } }, function()
      return memory:writes() > written
    end)
    sensor:set_a(0)
    rig.wait(1)  -- until all of it is
  end
  rig.equal("what lies behind the ring", table.concat(eeprom.bytes(memory, behind, 2 * size), " "), table.concat(before, " "),
    { proves = { "DEC-16" } })
  local records = ring(memory)
  rig.equal("records in the ring", #records, places, { proves = { "DEC-16" } })
  rig.equal("numbers between the oldest and the newest", (records[#records].number - records[1].number) & 0xFFFF, places - 1,
    { proves = { "DEC-16" } })
end)
