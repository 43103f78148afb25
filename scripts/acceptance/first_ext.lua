-- SPDX-License-Identifier: GPL-3.0-or-later
-- The first board's extended output: what it sends into the chain, for other equipment
-- (EXT-03). Decoded here from the published table of bytes, and by the rig's codec.

local rig = require("rig")
rig.api(1)

local crc16 = require("lib.crc16")
local frames = require("lib.frames")
local packs = require("lib.packs")
local profile = require("lib.profile")

local needs = { "first_ext", "ext" }
local proves = { "EXT-03" }

rig.test("the first board sends its chain frame at its extended output, once per message", {
  needs = needs, profiles = { "gen2", "gen3-hw1" }, proves = proves,
}, function(bench)
  local before, from_s
  for at = 1, 12 do
    local frame = bench.first_ext:next()
    local bytes = frames.bytes(frame.hex)
    rig.equal(("frame %d: bytes"):format(at), #bytes, 32, { proves = proves })
    rig.equal(("frame %d: start byte"):format(at), bytes[1], 0xB3, { proves = proves })
    rig.equal(("frame %d: CRC"):format(at), bytes[30] << 8 | bytes[31], crc16(bytes, 29), { proves = proves })
    if before then
      rig.equal(("frame %d: sequence"):format(at), frame.sequence, (before.sequence + 1) % 256, { proves = proves })
    end
    before, from_s = frame, from_s or frame.at_s
  end
  rig.check("period", (before.at_s - from_s) / 11, rig.limits.message_period, { proves = proves })
end)

rig.test("the first board's extended output tells of its own cell, the currents and the switches", {
  needs = { "first_ext", "ext", "cell", "temperature", "sensor[1]", "sensor[2]", "switch" },
  profiles = { "gen2", "gen3-hw1" }, proves = proves,
}, function(bench)
  bench.cell[1]:set_v(3.21)
  bench.temperature[1]:set_degc(35)
  bench.sensor[1]:set_a(10)
  bench.sensor[2]:unplug()
  rig.wait(3)
  local frame = bench.first_ext:next()
  rig.equal("hops", frame.hops, 1, { proves = proves })
  rig.check("sum of voltages: error", frame.sum_v - 3.21, rig.limits.cell_v_error, { proves = proves })
  rig.check("lowest voltage: error", frame.lowest_v - 3.21, rig.limits.cell_v_error, { proves = proves })
  rig.check("highest voltage: error", frame.highest_v - 3.21, rig.limits.cell_v_error, { proves = proves })
  rig.check("temperature: error", frame.highest_degc - 35, rig.limits.cell_degc_error, { proves = proves })
  rig.check("sensor 1: error", (frame.i1_counts or 1e9) * profile.step_a - 10, rig.limits.fine_a_error, { proves = proves })
  rig.equal("sensor 2 is absent", frame.i2_counts, nil, { proves = proves })
  rig.equal("balance voltage", ("%.1f"):format(frame.balance_v), ("%.1f"):format(packs.balance_v), { proves = proves })
  rig.equal("boards that balance", frame.balancing, 0, { proves = proves })
end)

rig.test("a broken chain does not silence the first board's extended output", {
  needs = { "first_ext", "ext", "chain" }, profiles = { "gen2", "gen3-hw1" }, proves = proves,
}, function(bench)
  bench.chain[1]:open()
  rig.wait(8)
  rig.claim("E at the last board", bench.ext:latest().alarm.e, { proves = proves })
  for _ = 1, 3 do
    rig.equal("hops", bench.first_ext:next(2).hops, 1, { proves = proves })
  end
end)
