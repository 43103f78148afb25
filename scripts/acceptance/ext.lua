-- SPDX-License-Identifier: GPL-3.0-or-later
-- The extended data output: its frames, field by field, as third-party readers
-- decode them (EXT).

local rig = require("rig")
rig.api(1)

local fed_chain = require("lib.fed_chain")
local frames = require("lib.frames")
local messages = require("lib.messages")
local packs = require("lib.packs")
local relays = require("lib.relays")

-- 58 bytes of 10 bits at 9600 baud.
local frame_s = frames.size * 10 / 9600

local function read(frame)
  local decoded, reason = frames.decode(frame.hex)
  if not decoded then
    rig.claim(("a third-party reader accepts the frame at %.1f s: %s"):format(frame.at_s, reason), false,
      { proves = { "EXT-02" } })
    rig.abort("the frame cannot be decoded: " .. frame.hex)
  end
  return decoded
end

rig.test("one frame of 58 bytes per message, with silence between them", {
  needs = { "ext" }, proves = { "EXT-01", "EXT-02" },
}, function(bench)
  local seen = bench.ext:frames(25)
  local shortest_s, longest_s = math.huge, 0
  for at, frame in ipairs(seen) do
    rig.claim(("frame %d: 58 bytes, checksum"):format(at), frames.decode(frame.hex) ~= nil, { proves = { "EXT-02" } })
    if at > 1 then
      local silence_s = frame.at_s - seen[at - 1].at_s - frame_s
      shortest_s, longest_s = math.min(shortest_s, silence_s), math.max(longest_s, silence_s)
    end
  end
  rig.check("shortest silence", shortest_s, rig.limits.ext_silence, { proves = { "EXT-01" } })
  rig.check("longest silence", longest_s, rig.limits.ext_longest_silence, { proves = { "EXT-01" } })
  rig.check("period", (seen[25].at_s - seen[1].at_s) / 24, rig.limits.message_period, { proves = { "EXT-01" } })
  rig.equal("bytes outside of frames", bench.ext:stray_bytes(), 0, { proves = { "EXT-01" } })
end)

rig.test("each message is followed by its frame at once, at whatever pace messages come", {
  needs = { "chain", "chain_tap", "ext" }, cells = 4, proves = { "EXT-01" },
}, function(bench)
  local link = fed_chain.take_over(bench).link
  bench.ext:next()
  rig.wait(0.55)
  for n, pause_s in ipairs { 0.8, 0.95, 0.7, 1.05, 0.6, 0.9, 0.75, 1.0 } do
    local sent_s = rig.now_s()
    link:noise(fed_chain.encode(fed_chain.message(bench, { lowest_v = 3.0 + 0.01 * n }), n))
    local frame = bench.ext:next()
    rig.check(("message %d: its frame ends after"):format(n), frame.at_s - sent_s, rig.limits.frame_after_message, { proves = { "EXT-01" } })
    rig.equal(("message %d: its lowest voltage"):format(n), ("%.2f"):format(read(frame).lowest_v), ("%.2f"):format(3.0 + 0.01 * n), { proves = { "EXT-01" } })
    rig.wait(math.max(0, sent_s + pause_s - rig.now_s()))
  end
end)

rig.test("cell numbers cycle from 1 to the count", {
  needs = { "ext" }, proves = { "EXT-01", "EXT-02" },
}, function(bench)
  local before
  for at, frame in ipairs(bench.ext:frames(45)) do
    local now = read(frame)
    rig.equal(("frame %d: number of cells"):format(at), now.count, bench.count, { proves = { "EXT-02" } })
    if before then
      rig.equal(("frame %d: cell"):format(at), now.cell, before.cell % bench.count + 1, { proves = { "EXT-01" } })
    end
    before = now
  end
end)

rig.test("readers decode voltages and temperatures with their cells", {
  needs = { "cell[4]", "temperature", "ext" }, proves = { "EXT-02" },
}, function(bench)
  local volts, degc = { 3.31, 3.22, 3.36, 3.27 }, { 41, 33, 25, 12 }
  for k = 1, bench.count do
    bench.cell[k]:set_v(volts[(k - 1) % 4 + 1])
    bench.temperature[k]:set_degc(degc[(k - 1) % 4 + 1])
  end
  messages.fresh(bench)
  local sum_v = 0
  for k = 1, bench.count do sum_v = sum_v + bench.cell[k]:voltage_v() end
  for at, frame in ipairs(bench.ext:frames(bench.count)) do
    local now = read(frame)
    local which = (now.cell - 1) % 4 + 1
    rig.check(("frame %d: pack voltage, error per cell"):format(at), (now.pack_v - sum_v) / bench.count,
      rig.limits.cell_v_error, { proves = { "EXT-02" } })
    rig.check(("frame %d: voltage of cell %d, error"):format(at, now.cell), now.cell_v - volts[which],
      rig.limits.cell_v_error, { proves = { "EXT-02" } })
    rig.check(("frame %d: temperature of cell %d, error"):format(at, now.cell), now.cell_degc - degc[which],
      rig.limits.cell_degc_error, { proves = { "EXT-02" } })
    rig.check(("frame %d: lowest voltage, error"):format(at), now.lowest_v - 3.22, rig.limits.cell_v_error, { proves = { "EXT-02" } })
    rig.check(("frame %d: highest voltage, error"):format(at), now.highest_v - 3.36, rig.limits.cell_v_error, { proves = { "EXT-02" } })
    rig.check(("frame %d: lowest temperature, error"):format(at), now.lowest_degc - 12, rig.limits.cell_degc_error, { proves = { "EXT-02" } })
    rig.check(("frame %d: highest temperature, error"):format(at), now.highest_degc - 41, rig.limits.cell_degc_error, { proves = { "EXT-02" } })
    rig.equal(("frame %d: cells with the extremes"):format(at), ("%d %d %d %d"):format(now.lowest_v_cell,
      now.highest_v_cell, now.lowest_degc_cell, now.highest_degc_cell), "2 3 4 1", { proves = { "EXT-02" } })
  end
end)

rig.test("readers' temperature formula returns the board's reading", {
  needs = { "temperature", "ext" }, proves = { "EXT-02" },
}, function(bench)
  for _, degc in ipairs { -40, -10, 0, 25, 60, 85 } do
    local warm = degc > 25
    bench.temperatures:set_degc(warm and 25 or 40)
    packs.settle_degc(bench, 1, degc)
    local now = read(messages.fresh(bench))
    local shown = warm and now.highest_degc or now.lowest_degc
    rig.check(("%d °C as readers show it, error"):format(degc), shown - degc, rig.limits.reader_degc_error,
      { proves = { "EXT-02" } })
  end
end)

rig.test("readers decode currents with sign, zero as +0 and an absent sensor as X", {
  needs = { "sensor[1]", "sensor[2]", "ext" }, proves = { "EXT-02", "EXT-01" },
}, function(bench)
  bench.sensor[1]:set_a(12.5)
  bench.sensor[2]:set_a(-3)
  local now = read(messages.fresh(bench))
  rig.equal("signs", now.i1_sign .. now.i2_sign .. now.battery_sign, "+-+", { proves = { "EXT-02" } })
  local mean = packs.reported_a(bench, read)
  rig.check("I-1, error", mean.i1_a - 12.5, rig.limits.fine_a_error, { proves = { "EXT-02" } })
  rig.check("I-2, error", mean.i2_a + 3, rig.limits.fine_a_error, { proves = { "EXT-02" } })
  rig.check("battery current, error", mean.battery_a - 15.5, rig.limits.difference_a_error, { proves = { "EXT-02" } })
  bench.sensor[1]:set_a(-2)
  bench.sensor[2]:set_a(6)
  now = read(messages.fresh(bench))
  rig.equal("signs the other way", now.i1_sign .. now.i2_sign .. now.battery_sign, "-+-", { proves = { "EXT-02" } })
  bench.sensor[1]:set_a(0)
  bench.sensor[2]:set_a(0)
  now = read(messages.fresh(bench))
  rig.equal("signs of zero", now.i1_sign .. now.i2_sign .. now.battery_sign, "+++", { proves = { "EXT-01" } })
  rig.equal("zero is zero", now.i1_a + now.i2_a + now.battery_a, 0, { proves = { "EXT-01" } })
  bench.sensor[2]:unplug()
  bench.sensor[1]:set_a(-9)
  now = read(messages.fresh(bench))
  rig.equal("signs without sensor 2", now.i1_sign .. now.i2_sign .. now.battery_sign, "-X-", { proves = { "EXT-02" } })
  local bytes = frames.bytes(bench.ext:latest().hex)
  rig.equal("X carries magnitude 0", bytes[8] << 8 | bytes[9], 0, { proves = { "EXT-01" } })
end)

rig.test("readers decode status and settings", {
  needs = { "cell", "app", "ext", "relay.charge" }, proves = { "EXT-02" },
}, function(bench)
  bench.app:set { v_min_v = 2.845, v_max_v = 3.655, capacity_kwh = 51.7 }
  local now = read(messages.fresh(bench))
  local function equal(name, got, expected)
    rig.equal(name, ("%.3f"):format(got), ("%.3f"):format(expected), { proves = { "EXT-02" } })
  end
  equal("V-min setting", now.v_min_v, 2.845)
  equal("V-max setting", now.v_max_v, 3.655)
  equal("balance voltage", now.balance_v, packs.balance_v)
  equal("capacity setting", now.capacity_kwh, 51.7)
  local bits = frames.status
  rig.equal("status when all is well", now.status, bits.charge_allowed | bits.discharge_allowed | bits.uncalibrated,
    { proves = { "EXT-02" } })
end)

rig.test("readers decode energy: today, stored, in total", {
  needs = { "sensor[1]", "sensor[2]", "app", "ext" }, proves = { "EXT-02", "SOC-01", "APP-02" }, limit_s = 4000,
}, function(bench)
  packs.stand_for_500_a(bench)
  bench.app:set { capacity_kwh = 10 }
  packs.fill(bench)
  local full = read(messages.fresh(bench))
  rig.equal("a full pack stores its capacity", full.stored_wh, 10000, { proves = { "EXT-02", "SOC-01" } })
  bench.sensor[1]:set_a(200 * packs.flow)
  bench.sensor[2]:set_a(500 * packs.flow)
  local span_s = 1500 * packs.slowness(bench)
  rig.wait(span_s)
  bench.sensor[1]:set_a(0)
  bench.sensor[2]:set_a(0)
  local now = read(messages.fresh(bench))
  local hours = span_s / 3600
  local v = bench.count * packs.nominal_v
  local function ratio(name, got, expected)
    rig.check(name .. ": over what flowed", got / expected, rig.limits.energy_ratio, { proves = { "EXT-02", "SOC-01" } })
  end
  ratio("collected today", now.collected_today_wh - full.collected_today_wh, v * 200 * hours)
  ratio("consumed today", now.consumed_today_wh - full.consumed_today_wh, v * 500 * hours)
  ratio("taken from the store", full.stored_wh - now.stored_wh, v * 300 * hours)
  rig.check("collected in total, error", now.collected_total_kwh - v * 200 * hours / 1000, rig.limits.total_kwh_error,
    { proves = { "EXT-02" } })
  rig.check("consumed in total, error", now.consumed_total_kwh - v * 500 * hours / 1000, rig.limits.total_kwh_error,
    { proves = { "EXT-02" } })
  rig.claim("both totals have counted", now.collected_total_kwh >= 1 and now.consumed_total_kwh >= 2, { proves = { "EXT-02" } })
  bench.app:clear_counters()
  local cleared = read(messages.fresh(bench))
  rig.equal("totals cleared", cleared.collected_total_kwh + cleared.consumed_total_kwh, 0, { proves = { "APP-02" } })
end)

rig.test("frames are never silent: a broken chain, a dead board, power-up", {
  needs = { "cell", "chain", "ext" }, proves = { "EXT-01" },
}, function(bench)
  local function longest_silence(count)
    local before_s, longest_s = bench.ext:next().at_s, 0
    for _, frame in ipairs(bench.ext:frames(count)) do
      longest_s = math.max(longest_s, frame.at_s - before_s - frame_s)
      local now = read(frame)
      rig.claim(("frame at %.1f s: a number within the count"):format(frame.at_s), now.cell >= 1 and now.cell <= now.count,
        { proves = { "EXT-01" } })
      rig.claim(("frame at %.1f s: not all zero"):format(frame.at_s), now.lowest_v > 0 and now.count >= 2,
        { proves = { "EXT-01" } })
      before_s = frame.at_s
    end
    return longest_s
  end
  bench.chain[1]:open()
  rig.check("from the break on", longest_silence(12), rig.limits.ext_longest_silence, { proves = { "EXT-01" } })
  local first_s = bench.ext:next().at_s
  local last_s
  for _ = 1, 10 do last_s = bench.ext:next().at_s end
  rig.check("period under E", (last_s - first_s) / 10, rig.limits.message_period, { proves = { "EXT-01" } })
  bench.chain[1]:close()
  rig.check("when the break is mended", longest_silence(8), rig.limits.ext_longest_silence, { proves = { "EXT-01" } })
  relays.recover(bench)
  bench:power_cycle()
  local restored_s = rig.now_s()
  rig.check("after power-up", bench.ext:next().at_s - restored_s, rig.limits.ext_longest_silence, { proves = { "EXT-01" } })
end)

rig.test("before the chain is heard a frame tells of two cells, and of the last board's alone", {
  needs = { "cell", "temperature", "chain", "ext" }, proves = { "EXT-01" },
}, function(bench)
  local last, cites = bench.count, { proves = { "EXT-01" } }
  bench.cell[last]:set_v(3.42)
  bench.temperature[last]:set_degc(31)
  bench.chain[last - 1]:open()
  bench:power_cycle()
  for n = 1, 4 do
    local what, frame = ("frame %d: "):format(n), read(bench.ext:next())
    rig.equal(what .. "number of cells", frame.count, 2, cites)
    rig.equal(what .. "cell", frame.cell, (n - 1) % 2 + 1, cites)
    local own_v = frame.cell == 2 and 3.42 or 0
    rig.check(what .. "voltage of that cell, error", frame.cell_v - own_v, rig.limits.cell_v_error, cites)
    rig.check(what .. "lowest voltage, error", frame.lowest_v - 3.42, rig.limits.cell_v_error, cites)
    rig.check(what .. "highest voltage, error", frame.highest_v - 3.42, rig.limits.cell_v_error, cites)
    rig.check(what .. "pack voltage, error", frame.pack_v - 3.42, rig.limits.cell_v_error, cites)
    rig.equal(what .. "their cell", frame.lowest_v_cell .. " " .. frame.highest_v_cell, "2 2", cites)
    rig.check(what .. "lowest temperature, error", frame.lowest_degc - 31, rig.limits.cell_degc_error, cites)
    rig.check(what .. "highest temperature, error", frame.highest_degc - 31, rig.limits.cell_degc_error, cites)
    rig.equal(what .. "their board", frame.lowest_degc_cell .. " " .. frame.highest_degc_cell, "2 2", cites)
    rig.equal(what .. "I-1", frame.i1_a, nil, cites)
  end
end)
