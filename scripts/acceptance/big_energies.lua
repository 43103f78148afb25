-- SPDX-License-Identifier: GPL-3.0-or-later
-- Energies of years, as a record in EEPROM brings them: told whole, and saturated where a frame has no
-- more digits (EXT-01, EXT-02, APP-04, SOC-09).

local rig = require("rig")
rig.api(1)

local eeprom = require("lib.eeprom")
local frames = require("lib.frames")
local messages = require("lib.messages")
local profile = require("lib.profile")

-- Every byte another.
local kept = {
  stored = 0x123456, collected_today = 0xABCDEF, consumed_today = 0xFFFFFD, collected_total = 0x89ABCDEF,
  consumed_total = 0xFEDCBA98, charged = 0x7654321F, discharged = 0xF0E1D2C3,
}
local most = 0xFFFFFF

-- firmware/README.md: a ring of records of 32 bytes, each with a sequence number and its own checksum.
local function record()
  local bytes = { 0, 1, 0x11 }
  local function put(value, width)
    for at = width - 1, 0, -1 do bytes[#bytes + 1] = value >> 8 * at & 0xFF end
  end
  put(kept.stored, 3)
  put(0x1234, 2)
  put(kept.collected_today, 3)
  put(kept.consumed_today, 3)
  put(kept.collected_total, 4)
  put(kept.consumed_total, 4)
  put(kept.charged, 4)
  put(kept.discharged, 4)
  put(0, 2)
  return eeprom.sealed(bytes)
end

local ids = { "APP-04", "EXT-01", "EXT-02", "SOC-09" }

rig.test("energies of many megawatt-hours are told to the last digit, and saturate rather than wrap", {
  needs = { "probe", "sensor[2]", "app", "ext", "cell" }, proves = ids,
}, function(bench)
  local cites = { proves = ids }
  bench.app:set { capacity_kwh = 6553.5 }
  rig.wait(1)
  local memory = bench.board[bench.count].eeprom
  for place = 0, eeprom.ring_places - 1 do
    eeprom.put(memory, eeprom.ring_at + place * eeprom.ring_size, place == 0 and record() or table.pack(("\xFF"):rep(eeprom.ring_size):byte(1, -1)))
  end
  bench.board[bench.count]:reset()
  local function told(when, today_out)
    local read = frames.decode(messages.fresh(bench).hex)
    local expected = {
      stored_wh = kept.stored, collected_today_wh = kept.collected_today, consumed_today_wh = today_out,
      collected_total_kwh = kept.collected_total // 1000, consumed_total_kwh = kept.consumed_total // 1000,
    }
    local streamed = bench.app:stream():next()
    for name, value in pairs(expected) do
      if when == "" or name:find("today") then
        rig.equal(("%s in the frame%s"):format(name, when), read[name], value, cites)
        rig.equal(("%s in the stream%s"):format(name, when), streamed[name], value, cites)
      end
    end
  end
  told("", kept.consumed_today)
  if profile.gen3 then
    local function key(first, bytes)
      local value = 0
      for at = first, first + bytes - 1 do value = value << 8 | (frames.value_of(bench, at) or 0) end
      return value
    end
    rig.equal("keys 8, 9: cycles", key(8, 2), kept.discharged // 6553500, cites)
    rig.equal("keys 10 to 12: charged, kWh", key(10, 3), kept.charged // 1000, cites)
    rig.equal("keys 13 to 15: discharged, kWh", key(13, 3), kept.discharged // 1000, cites)
    bench.app:set { capacity_kwh = 0.1 }
    rig.equal("keys 8, 9: more cycles than they hold", key(8, 2), 0xFFFF, cites)
  end
  bench.sensor[2]:set_a(profile.most_a)
  rig.wait(16)
  told(", after some more was consumed", most)
end)
