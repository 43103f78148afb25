-- SPDX-License-Identifier: GPL-3.0-or-later
-- What bytes 48 and 49 of the extended data output carry: gen3's pairs of key and
-- value, gen2's clock (EXT-01, EXT-02).

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")
local packs = require("lib.packs")
local profile = require("lib.profile")

rig.test("keys cycle from 0 to 18", {
  needs = { "ext" }, profiles = { "gen3" }, proves = { "EXT-01" },
}, function(bench)
  local before
  for at, frame in ipairs(bench.ext:frames(45)) do
    local now = frames.decode(frame.hex) or {}
    if before then
      rig.equal(("frame %d: key"):format(at), now.key, ((before.key or -100) + 1) % 19, { proves = { "EXT-01" } })
    end
    before = now
  end
end)

rig.test("keys start at 0 after power-up", {
  needs = { "ext", "cell" }, profiles = { "gen3" }, proves = { "EXT-01" },
}, function(bench)
  bench:power_cycle()
  rig.equal("key of the first frame", bench.ext:next().key, 0, { proves = { "EXT-01" } })
  rig.equal("key of the second frame", bench.ext:next().key, 1, { proves = { "EXT-01" } })
end)

rig.test("readers decode the pairs of keys", {
  needs = { "app", "ext", "relay.charge" }, profiles = { "gen3" }, proves = { "EXT-02" },
}, function(bench)
  bench.app:unlock()
  -- V-low 2.5 V, V-nominal 3.25 V: of what goes out one after the other no two have a byte in common.
  for _, line in ipairs { "01-044!", "F4-045!", "02-046!", "8A-047!" } do
    rig.equal(line, bench.app:ask(line), "OK", { proves = { "EXT-02" } })
  end
  local function equal(name, got, expected)
    rig.equal(name, ("%.3f"):format(got), ("%.3f"):format(expected), { proves = { "EXT-02" } })
  end
  local values = {}
  for _, frame in ipairs(bench.ext:frames(38)) do
    local pair = frames.decode(frame.hex) or {}
    if pair.key == 0 or values[0] then values[pair.key] = values[pair.key] or pair.value end
  end
  local function word(key) return (values[key] or -1) << 8 | (values[key + 1] or -1) end
  equal("key 2/3: V-low", word(2) * 0.005, 2.5)
  equal("key 4/5: nominal voltage", word(4) * 0.005, 3.25)
  equal("key 17/18: V-full", word(17) * 0.005, packs.balance_v)
  rig.equal("key 0: state of health, as the count assumes it", values[0], 100, { proves = { "EXT-02" } })
  rig.equal("key 1: charge efficiency, as the count assumes it", values[1], 100, { proves = { "EXT-02" } })
  rig.equal("key 16: both relays active", values[16], frames.status2.charge_relay | frames.status2.load_relay,
    { proves = { "EXT-02" } })
  local major, minor, patch = (bench.app:ask("V@") or ""):match("^(%x%x)(%x%x)_%x+_(%x+)_")
  rig.equal("key 6: firmware version, as V@ says it", values[6],
    (tonumber(major or "", 16) or 0) << 4 | (tonumber(minor or "", 16) or 0), { proves = { "EXT-02" } })
  rig.equal("key 7: firmware patch, as V@ says it", values[7], tonumber(patch or "", 16), { proves = { "EXT-02" } })
  for key = 0, 18 do
    rig.claim(("key %d came"):format(key), values[key] ~= nil, { proves = { "EXT-02" } })
  end
end)

-- Hour and minute as a reader takes them from bytes 48 and 49.
local function clock_of(frame)
  local bytes = frames.bytes(frame.hex)
  return bytes[48] * 60 + bytes[49]
end

rig.test("without keys, the frame carries the clock that the app has set", {
  needs = { "app", "ext" }, profiles = { "gen2" }, proves = { "EXT-01", "EXT-02" },
}, function(bench)
  for _, time in ipairs { { 7, 3 }, { 19, 58 } } do
    local hour, minute = table.unpack(time)
    bench.app:unlock()
    bench.app:ask(("%02X-0D0!"):format(hour))
    rig.equal("the clock is set", bench.app:ask(("%02X-0D1!"):format(minute)), "OK", { proves = { "EXT-01" } })
    local set_s = rig.now_s()
    bench.ext:next()
    for _, after_s in ipairs { 5, 55, 65, 115, 125, 185 } do
      rig.wait(set_s + after_s - rig.now_s())
      local frame = bench.ext:latest()
      rig.equal(("%02d:%02d, %d s later"):format(hour, minute, after_s), clock_of(frame),
        (hour * 60 + minute + after_s // 60) % 1440, { proves = { "EXT-01", "EXT-02" } })
      rig.equal("readers see no pair of key and value", frame.key, nil, { proves = { "EXT-02" } })
    end
  end
end)
