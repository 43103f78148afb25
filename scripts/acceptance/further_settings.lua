-- SPDX-License-Identifier: GPL-3.0-or-later
-- Settings that bench.app has no name for, written as any client does: V-low,
-- V-nominal, V-full and the tail current, and where each is read (APP-02, EXT-02).
-- What the sensor's type does to energy (CUR-11), settings when the power fails while
-- they are being saved (APP-06), EXT frames when messages begin in mid-pace (EXT-01).

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")
local messages = require("lib.messages")

-- All in 5 mV, no two alike, so that none can stand in another's place unseen.
local words = {
  { name = "V-low", address = 0x044, raw = 0x0262, page_field = 8, key = 2 },
  { name = "V-nominal", address = 0x046, raw = 0x03AB, page_field = 9, key = 4 },
  { name = "V-full", address = 0x0C0, raw = 0x02B4, key = 17 },
}
local tail_current = { address = 0x092, raw = 0x19 }

local function write(bench, byte, address)
  local line = ("%02X-%03X!"):format(byte, address)
  rig.equal(line, bench.app:ask(line), "OK", { proves = { "APP-02" } })
end

local function fields(bench, command)
  local found = {}
  for field in (bench.app:ask(command) or ""):gmatch("%x+") do found[#found + 1] = tonumber(field, 16) end
  found[#found] = nil  -- the checksum
  return found
end

local function check_all(bench, when, expected)
  local limits, modes = fields(bench, "S2@"), fields(bench, "S3@")
  for _, word in ipairs(words) do
    local want = expected[word.name]
    if word.page_field then
      rig.equal(("%s: %s on S2@"):format(when, word.name), limits[word.page_field], want, { proves = { "APP-02" } })
    end
    local high = frames.value_of(bench, word.key)
    local low = frames.value_of(bench, word.key + 1)
    rig.equal(("%s: %s by EXT keys"):format(when, word.name), high and low and high << 8 | low, want,
      { proves = { "APP-02", "EXT-02" } })
  end
  rig.equal(when .. ": chemistry", modes[#modes - 1], 1, { proves = { "APP-02" } })
  rig.equal(when .. ": tail current", modes[#modes], expected.tail_current, { proves = { "APP-02" } })
end

rig.test("V-low, V-nominal, V-full and the tail current are each written to their own place", {
  needs = { "app", "ext" }, profiles = { "gen3" }, proves = { "APP-02", "EXT-02" }, limit_s = 900,
}, function(bench)
  rig.claim("unlocked", bench.app:unlock(), { proves = { "APP-02" } })
  local expected = { ["V-low"] = 600, ["V-nominal"] = 660, ["V-full"] = 680, tail_current = 0 }
  check_all(bench, "new board", expected)
  for _, word in ipairs(words) do
    write(bench, word.raw >> 8, word.address)
    write(bench, word.raw & 0xFF, word.address + 1)
    expected[word.name] = word.raw
    check_all(bench, word.name .. " written", expected)
  end
  write(bench, tail_current.raw, tail_current.address)
  expected.tail_current = tail_current.raw
  check_all(bench, "tail current written", expected)
end)

rig.test("what is on or off takes 00 and 01 and nothing else", {
  needs = { "app" }, profiles = { "gen3" }, proves = { "APP-03", "APP-06", "DEC-19" },
}, function(bench)
  local cites = { proves = { "APP-06", "DEC-19" } }
  rig.claim("unlocked", bench.app:unlock())
  -- Critical mode, charge forced off, load forced off: addresses, and fields of S3@.
  for field, address in ipairs { 0x017, 0x019, 0x01A } do
    local what = ("address %03X: "):format(address)
    local function at(byte) return bench.app:ask(("%02X-%03X!"):format(byte, address)) end
    for _, byte in ipairs { 2, 0x80, 0xFF } do
      rig.equal(what .. ("%02X"):format(byte), at(byte), "KO", cites)
    end
    rig.equal(what .. "why not", (bench.app:ask("R@") or ""):sub(1, 6), ("01_%03X"):format(address), cites)
    rig.equal(what .. "as before", fields(bench, "S3@")[field + 1], 0, cites)
    rig.equal(what .. "01", at(1), "OK", { proves = { "APP-03" } })
    rig.equal(what .. "is 01", fields(bench, "S3@")[field + 1], 1, { proves = { "APP-03" } })
    rig.equal(what .. "00", at(0), "OK", { proves = { "APP-03" } })
    rig.equal(what .. "is 00", fields(bench, "S3@")[field + 1], 0, { proves = { "APP-03" } })
  end
end)

-- 58 bytes of 10 bits at 9600 baud.
local frame_s = frames.size * 10 / 9600

rig.test("a message in mid-pace does not cut short the silence between EXT frames", {
  needs = { "cell", "ext" }, proves = { "EXT-01" }, limit_s = 600,
}, function(bench)
  local shortest_s = math.huge
  -- While the first board is off, the last one sends at a pace of its own; then
  -- messages begin again, at another moment of that pace each time.
  for tenth = 0, 9 do
    bench.ext:next()
    bench.cell[1]:off()
    rig.wait(3 + tenth / 10)
    bench.cell[1]:on()
    local before = bench.ext:next()
    for _, frame in ipairs(bench.ext:frames(4)) do
      shortest_s = math.min(shortest_s, frame.at_s - before.at_s - frame_s)
      before = frame
    end
  end
  rig.check("shortest silence", shortest_s, rig.limits.ext_silence, { proves = { "EXT-01" } })
end)

rig.test("with the cable looped, energy is that of the cable's current, not of the sensor's", {
  needs = { "sensor[1]", "app", "ext" }, profiles = { "gen3" }, proves = { "CUR-11", "SOC-01" }, limit_s = 900,
}, function(bench)
  local pack_v = bench.ext:next().pack_v
  -- Sensor types: 2, 1, 0 for the cable through the sensor once, twice, four times.
  for _, case in ipairs { { 2, 1 }, { 1, 2 }, { 0, 4 } } do
    local type, loops = table.unpack(case)
    bench.app:set { sensor_type = type }
    local before = messages.fresh(bench)
    bench.sensor[1]:set_a(400)
    rig.wait(180)
    bench.sensor[1]:set_a(0)
    local after = messages.fresh(bench)
    rig.check(("looped %dx: collected over what flowed"):format(loops),
      (after.collected_today_wh - before.collected_today_wh) / (pack_v * 400 / loops * 180 / 3600),
      rig.limits.energy_ratio, { proves = { "CUR-11", "SOC-01" } })
  end
end)

rig.test("a power cut at any moment of a setting's saving leaves the old or the new one, and the others alone", {
  needs = { "cell", "app", "ext", "button.last" }, proves = { "APP-06", "DEC-17" }, limit_s = 1800,
}, function(bench)
  bench.app:set { v_max_v = 3.85 }
  -- The button makes the PIN 1234 again at a moment that is known better than that of
  -- a write by the app, whose answer takes longer than the saving.
  local last, olds, news = bench.cell[bench.count], 0, 0
  for held_ms = 4960, 5060, 2 do
    local what = ("cut after %d ms of the button: "):format(held_ms)
    bench.app:unlock()
    bench.app:ask("47-0A0!")
    rig.equal(what .. "the PIN is 4711", bench.app:ask("11-0A1!"), "OK", { proves = { "APP-06" } })
    rig.wait(0.3)
    bench.button.last:press(held_ms / 1000)
    last:off()
    rig.wait(2)
    last:on()
    bench.ext:next()
    local old = bench.app:ask("PW4711!") == "OK"
    rig.claim(what .. "the PIN is the old or the new one", old or bench.app:ask("PW1234!") == "OK",
      { proves = { "APP-06", "DEC-17" } })
    olds, news = olds + (old and 1 or 0), news + (old and 0 or 1)
    if old then
      bench.app:ask("12-0A0!")
      bench.app:ask("34-0A1!")
    end
    rig.equal(what .. "V-max", ("%.3f"):format(bench.app:settings().v_max_v), "3.850", { proves = { "APP-06", "DEC-17" } })
  end
  rig.claim("some cuts came before the saving and some after", olds > 0 and news > 0)
end)
