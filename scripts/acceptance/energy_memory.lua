-- SPDX-License-Identifier: GPL-3.0-or-later
-- What of the count of energy outlives the power, when a day ends, and what
-- empties the count (SOC-06, SOC-08, SOC-09).

local rig = require("rig")
rig.api(1)

local eeprom = require("lib.eeprom")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

-- What the boards show of the count once they run again.
local function after_power_cut(bench)
  bench:power_cycle()
  return messages.fresh(bench)
end

rig.test("state of charge, its calibration and today's energy survive power loss", {
  needs = { "sensor[1]", "sensor[2]", "app", "ext", "cell" }, proves = { "SOC-08" },
}, function(bench)
  bench.app:set { capacity_kwh = 0.5 }
  packs.fill(bench)
  bench.sensor[1]:set_a(50 * packs.flow)
  bench.sensor[2]:set_a(350 * packs.flow)
  rig.wait(70 / packs.flow)
  bench.sensor[1]:set_a(0)
  bench.sensor[2]:set_a(0)
  local before = messages.fresh(bench)
  rig.claim("something was collected and consumed", before.collected_today_wh > 5 and before.consumed_today_wh > 40)
  for round = 1, 2 do
    local after = after_power_cut(bench)
    local when = ("after power cut %d: "):format(round)
    rig.check(when .. "state of charge, change", after.soc_pct - before.soc_pct, rig.limits.kept_soc_change,
      { proves = { "SOC-08" } })
    rig.claim(when .. "it is calibrated still", not after.soc_uncalibrated, { proves = { "SOC-08" } })
    rig.check(when .. "consumed today, change over 1 % of capacity",
      (after.consumed_today_wh - before.consumed_today_wh) / 5, rig.limits.kept_energy_change, { proves = { "SOC-08" } })
    rig.check(when .. "collected today, change over 1 % of capacity",
      (after.collected_today_wh - before.collected_today_wh) / 5, rig.limits.kept_energy_change, { proves = { "SOC-08" } })
  end
end)

rig.test("a power cut at any moment of a record's writing leaves the old or the new count", {
  needs = { "sensor[1]", "sensor[2]", "app", "ext", "cell" }, proves = { "SOC-08", "DEC-16" }, limit_s = 1800,
}, function(bench)
  -- At 500 A each message moves the count by 2 %, so each brings a record.
  bench.app:set { capacity_kwh = packs.small_kwh(bench) }
  packs.fill(bench)
  local last = bench.cell[bench.count]
  packs.move_soc_to(bench, 80)
  packs.stand_for_500_a(bench)
  local cut_at_s = -0.10
  while cut_at_s < 0.10 do
    rig.wait(11)  -- no record while a board boots
    local sensor = bench.sensor[cut_at_s * 1000 // 4 % 2 == 0 and 2 or 1]
    sensor:set_a(profile.most_a)
    bench.ext:next()
    bench.ext:next()
    local shown = bench.ext:next()
    messages.wait_until(shown.at_s + messages.period_s + cut_at_s)
    last:off()
    sensor:set_a(0)
    rig.wait(1)
    last:on()
    local after = messages.fresh(bench)
    local when = ("cut %+.0f ms from the end of the next frame: "):format(cut_at_s * 1000)
    rig.check(when .. "state of charge, change", after.soc_pct - shown.soc_pct, rig.limits.old_or_new_soc,
      { proves = { "SOC-08", "DEC-16" } })
    rig.claim(when .. "calibrated still", not after.soc_uncalibrated, { proves = { "SOC-08", "DEC-16" } })
    cut_at_s = cut_at_s + 0.004
  end
end)

rig.test("totals and today's energy survive power loss, and stay cleared once cleared", {
  needs = { "sensor[1]", "sensor[2]", "app", "ext", "cell" }, proves = { "SOC-08", "SOC-09", "DEC-16" }, limit_s = 6000,
}, function(bench)
  packs.stand_for_500_a(bench)
  bench.sensor[1]:set_a(profile.most_a)
  bench.sensor[2]:set_a(profile.most_a)
  rig.eventually("2 kWh are collected in total", { within_s = 2000 * packs.slowness(bench), every_s = 1 }, function()
    return bench.ext:latest().collected_total_kwh >= 2
  end)
  rig.wait(10)
  bench.sensor[1]:set_a(0)
  bench.sensor[2]:set_a(0)
  -- The count of charge stands still: only the record of every 15 min can tell.
  rig.wait(15 * 60 + 5)
  local before = messages.fresh(bench)
  local fields = { "collected_total_kwh", "consumed_total_kwh", "collected_today_wh", "consumed_today_wh" }
  rig.equal("consumed in total", before.consumed_total_kwh, 2, { proves = { "SOC-09" } })
  local after = after_power_cut(bench)
  for _, field in ipairs(fields) do
    rig.equal(field .. " after a power cut", after[field], before[field], { proves = { "SOC-08", "DEC-16" } })
  end
  rig.wait(12)
  bench.app:clear_counters()
  rig.wait(3)
  for round = 1, 2 do
    local frame = messages.fresh(bench)
    local when = round == 1 and "cleared: " or "cleared, after a power cut: "
    rig.equal(when .. "collected in total", frame.collected_total_kwh, 0, { proves = { "SOC-09", "SOC-08" } })
    rig.equal(when .. "consumed in total", frame.consumed_total_kwh, 0, { proves = { "SOC-09", "SOC-08" } })
    rig.equal(when .. "collected today stays", frame.collected_today_wh, before.collected_today_wh, { proves = { "SOC-09" } })
    bench:power_cycle()
  end
end)

---Sets the boards' clock by its two write addresses.
local function set_clock(bench, hour, minute)
  bench.app:unlock()
  bench.app:ask(("%02X-0D0!"):format(hour))
  rig.equal(("clock set to %02d:%02d"):format(hour, minute), bench.app:ask(("%02X-0D1!"):format(minute)), "OK",
    { proves = { "SOC-09" } })
end

local function gather_some(bench)
  bench.sensor[1]:set_a(200 * packs.flow)
  bench.sensor[2]:set_a(100 * packs.flow)
  rig.wait(30 / packs.flow)
  bench.sensor[1]:set_a(0)
  bench.sensor[2]:set_a(0)
  local frame = messages.fresh(bench)
  rig.claim("something was collected and consumed today", frame.collected_today_wh > 5 and frame.consumed_today_wh > 2,
    { proves = { "SOC-09" } })
  return frame
end

rig.test("today's energy ends when the app's clock says midnight", {
  needs = { "sensor[1]", "sensor[2]", "app", "ext" }, proves = { "SOC-09", "DEC-25" },
}, function(bench)
  local before = gather_some(bench)
  set_clock(bench, 23, 59)
  local from_s = rig.now_s()
  rig.wait(55)
  local frame = bench.ext:latest()
  rig.equal("before midnight: collected today", frame.collected_today_wh, before.collected_today_wh, { proves = { "SOC-09" } })
  rig.equal("before midnight: consumed today", frame.consumed_today_wh, before.consumed_today_wh, { proves = { "SOC-09" } })
  rig.eventually("today's energy is zero", { within_s = 10, proves = { "SOC-09" } }, function()
    frame = bench.ext:latest()
    return frame.collected_today_wh == 0 and frame.consumed_today_wh == 0
  end)
  rig.check("a minute after 23:59", rig.now_s() - from_s, rig.limits.midnight_after, { proves = { "SOC-09", "DEC-25" } })
  rig.equal("stored energy is not touched", frame.stored_wh, before.stored_wh, { proves = { "SOC-09" } })
  rig.equal("an hour of 24", (bench.app:ask("18-0D0!")) == "OK" and bench.app:ask("00-0D1!"), "KO", { proves = { "SOC-09" } })
  gather_some(bench)
end)

rig.test("a clock set more than 2 h back has passed midnight unseen, and one that was never set before has not", {
  needs = { "probe", "sensor[1]", "sensor[2]", "app", "ext" }, proves = { "SOC-09", "DEC-25" },
}, function(bench)
  local gathered
  local function day_goes_on(what, goes_on)
    local frame = messages.fresh(bench)
    rig.equal(what .. ": collected today", frame.collected_today_wh, goes_on and gathered.collected_today_wh or 0,
      { proves = { "SOC-09", "DEC-25" } })
    rig.equal(what .. ": consumed today", frame.consumed_today_wh, goes_on and gathered.consumed_today_wh or 0,
      { proves = { "SOC-09", "DEC-25" } })
  end
  -- A record for each percent, so that a reset loses little.
  bench.app:set { capacity_kwh = packs.small_kwh(bench) }
  set_clock(bench, 20, 0)
  gather_some(bench)
  -- As a board has it that has run for 20 h and was never told the time.
  local memory = bench.board[bench.count].eeprom
  for _, record in ipairs(eeprom.ring(memory)) do
    record.bytes[3] = record.bytes[3] & ~0x04
    eeprom.put(memory, record.at, eeprom.sealed(record.bytes))
  end
  bench.board[bench.count]:reset()
  gathered = messages.fresh(bench)
  rig.claim("most of today's energy outlives a reset", gathered.collected_today_wh > 5, { proves = { "SOC-09" } })
  set_clock(bench, 12, 0)
  day_goes_on("the first time that it is set", true)
  set_clock(bench, 20, 0)
  set_clock(bench, 18, 1)
  day_goes_on("1 h 59 min back", true)
  set_clock(bench, 20, 0)
  set_clock(bench, 17, 59)
  day_goes_on("2 h 1 min back", false)
  set_clock(bench, 20, 0)
  gather_some(bench)
  bench:power_cycle()
  bench.ext:next()
  set_clock(bench, 12, 0)
  day_goes_on("8 h back after a power cut", false)
end)

rig.test("without a clock today's energy ends after 24 h of running", {
  needs = { "sensor[1]", "sensor[2]", "ext" }, proves = { "SOC-09", "DEC-25" }, tags = { "long" }, limit_s = 90000,
}, function(bench)
  local before = gather_some(bench)
  -- How long the boards ran before the test began is not known: less than 10 min.
  rig.wait(24 * 3600 - 700)
  rig.equal("collected, almost a day later", bench.ext:latest().collected_today_wh, before.collected_today_wh,
    { proves = { "SOC-09" } })
  rig.wait(710)
  local frame = bench.ext:next()
  rig.equal("collected, a day later", frame.collected_today_wh, 0, { proves = { "SOC-09", "DEC-25" } })
  rig.equal("consumed, a day later", frame.consumed_today_wh, 0, { proves = { "SOC-09", "DEC-25" } })
end)

rig.test("a cell below V-min for 15 s while the load is off empties the count, a shorter time does not", {
  needs = { "cell", "app", "ext", "relay.load" }, profiles = { "gen3" }, proves = { "SOC-06", "DEC-12" },
}, function(bench)
  bench.app:set { capacity_kwh = packs.small_kwh(bench) }
  packs.fill(bench)
  -- Below charge restart, so that both relays come back.
  packs.move_soc_to(bench, 90)
  local _, off_s = relays.moves(bench, "load", false, 6, function() bench.cell[2]:set_v(packs.v_min_v - 0.05) end)
  messages.wait_until(off_s + 11)
  rig.equal("11 s after the load went off", bench.ext:latest().soc_pct, 90, { proves = { "SOC-06", "DEC-12" } })
  bench.cell[2]:set_v(packs.nominal_v)
  rig.wait(25)
  rig.equal("it recovered in time", bench.ext:latest().soc_pct, 90, { proves = { "SOC-06", "DEC-12" } })
  relays.recover(bench)

  _, off_s = relays.moves(bench, "load", false, 6, function() bench.cell[2]:set_v(packs.v_min_v - 0.05) end)
  rig.eventually("the count is empty", { within_s = 20, every_s = 0.05, proves = { "SOC-06", "DEC-12" } }, function()
    return bench.ext:latest().soc_pct == 0
  end)
  rig.check("the load off until 0 %", rig.now_s() - off_s, rig.limits.empty_after, { proves = { "SOC-06", "DEC-12" } })
  rig.equal("energy stored", bench.ext:latest().stored_wh, 0, { proves = { "SOC-06", "DEC-12" } })
end)
