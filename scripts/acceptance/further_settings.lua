-- SPDX-License-Identifier: GPL-3.0-or-later
-- Settings that bench.app has no name for, written as any client does: V-low,
-- V-nominal, V-full and the tail current, and where each is read (APP-02, EXT-02).

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")

-- All in 5 mV, no two alike, so that none can stand in another's place unseen.
local words = {
  { name = "V-low", address = 0x044, raw = 0x0262, page_field = 8, key = 2 },
  { name = "V-nominal", address = 0x046, raw = 0x028B, page_field = 9, key = 4 },
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
  needs = { "app", "ext" }, proves = { "APP-02", "EXT-02" }, limit_s = 900,
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

-- 58 bytes of 10 bits at 9600 baud.
local frame_s = frames.size * 10 / 9600

rig.test("the first message after power-up does not cut short the silence between EXT frames", {
  needs = { "cell", "ext" }, proves = { "EXT-01" },
}, function(bench)
  local last = bench.cell[bench.count]
  local shortest_s = math.huge
  -- The last board begins at its own pace and goes over to that of the messages,
  -- which come at every moment of that pace in turn.
  for tenth = 0, 9 do
    bench.ext:next()
    last:off()
    rig.wait(2 + tenth / 10)
    last:on()
    local before = bench.ext:next()
    for _, frame in ipairs(bench.ext:frames(3)) do
      shortest_s = math.min(shortest_s, frame.at_s - before.at_s - frame_s)
      before = frame
    end
  end
  rig.check("shortest silence", shortest_s, rig.limits.ext_silence, { proves = { "EXT-01" } })
end)
