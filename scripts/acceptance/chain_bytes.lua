-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the boards say to one another, byte by byte: the message as it leaves each of them
-- (CHN-03), and how a damaged one stays damaged and says where it was (CHN-05).

local rig = require("rig")
rig.api(1)

local crc16 = require("lib.crc16")
local packs = require("lib.packs")

-- The message's layout: firmware/core/chain_frame.hpp.
local size, start_byte, byte_s = 32, 0xB3, 10 / 9600
local at = { sequence = 2, hops = 3, turn = 4, balancing = 12, sum = 14, crc = 30, mark = 32 }

local function listen(bench)
  for k = 1, bench.count - 1 do bench.chain[k]:listen() end
end

---The whole messages that left board `k` since `listen`.
---@return { at_s: number, bytes: integer[] }[]
local function messages(bench, k)
  local whole = {}
  for _, sent in ipairs(bench.chain[k]:heard()) do
    if sent.bytes:byte(1) == start_byte and #sent.bytes == size then
      whole[#whole + 1] = { at_s = sent.at_s, bytes = { sent.bytes:byte(1, -1) } }
    end
  end
  return whole
end

local function intact(bytes)
  return crc16(bytes, at.crc - 1) == bytes[at.crc] << 8 | bytes[at.crc + 1]
end

local function sum_v(bytes) return (bytes[at.sum] | bytes[at.sum + 1] << 8 | bytes[at.sum + 2] << 16) * packs.step_v end

rig.test("each board passes the message on within three bytes, with its own part and a checksum that fits", {
  needs = { "chain_tap", "cell", "ext" }, proves = { "CHN-03" }, cells = 4,
}, function(bench)
  for k = 1, bench.count do bench.cell[k]:set_v(packs.nominal_v - 0.1 + 0.02 * k) end
  rig.wait(3)
  listen(bench)
  rig.wait(2 * bench.count + 3)
  local first = messages(bench, 1)
  local total_v = 0
  for k = 1, bench.count - 1 do
    local all = messages(bench, k)
    total_v = total_v + packs.nominal_v - 0.1 + 0.02 * k
    local turns, late, wrong = {}, 0, 0
    for n = 1, math.min(#all, #first) do
      local bytes = all[n].bytes
      if n > 1 and bytes[at.sequence] ~= (all[n - 1].bytes[at.sequence] + 1) & 0xFF then wrong = wrong + 1 end
      if not intact(bytes) or bytes[at.hops] ~= k or bytes[at.mark] ~= 0 then wrong = wrong + 1 end
      if all[n].at_s - first[n].at_s > 3 * (k - 1) * byte_s then late = late + 1 end
      turns[n] = bytes[at.turn]
    end
    rig.claim(("board %d: messages were heard"):format(k), #all >= 2 * bench.count, { proves = { "CHN-03" } })
    rig.equal(("board %d: messages with another number, count, mark or checksum"):format(k), wrong, 0, { proves = { "CHN-03" } })
    rig.equal(("board %d: messages later than three bytes for each board"):format(k), late, 0, { proves = { "CHN-03" } })
    rig.check(("board %d: sum of the voltages up to it, error per cell"):format(k), (sum_v(all[1].bytes) - total_v) / k,
      rig.limits.cell_v_error, { proves = { "CHN-03" } })
    local expected = {}
    for n = 1, #turns do expected[n] = (turns[1] - 1 + n - 1) % bench.count + 1 end
    rig.equal(("board %d: cells in turn"):format(k), table.concat(turns, " "), table.concat(expected, " "),
      { proves = { "CHN-03" } })
  end
end)

rig.test("a damaged message stays damaged, and names the board that saw it first", {
  needs = { "chain_tap", "chain_tap[3]", "ext" }, proves = { "CHN-05" },
}, function(bench)
  -- Byte 3 counts the boards, byte 32 is the mark itself.
  for _, damage in ipairs { { 2, 0x10, "its number" }, { 2 + 2, 0x01, "the switches" }, { 13, 0x80, "the sum" },
    { 29, 0x01, "the checksum" }, { 2, 0x06, "the boards counted" } } do
    local index, mask, what = table.unpack(damage)
    rig.wait(2)
    listen(bench)
    bench.chain[1]:flip(index, mask, 1)
    rig.wait(2.5)
    for k = 2, bench.count - 1 do
      local spoilt, marks = 0, {}
      for _, message in ipairs(messages(bench, k)) do
        if not intact(message.bytes) then
          spoilt = spoilt + 1
          marks[#marks + 1] = message.bytes[at.mark]
        end
      end
      rig.equal(("%s spoilt behind board 1: damaged messages of board %d"):format(what, k), spoilt, 1, { proves = { "CHN-05" } })
      rig.equal(("%s spoilt behind board 1: mark of board %d"):format(what, k), table.concat(marks, " "), "2",
        { proves = { "CHN-05" } })
    end
  end
end)

rig.test("a message that is damaged twice keeps its first mark, and one whose mark alone is damaged is not believed", {
  needs = { "chain_tap", "chain_tap[3]", "app", "ext" }, proves = { "CHN-05" },
}, function(bench)
  listen(bench)
  bench.chain[1]:flip(14, 0x20, 1)
  bench.chain[2]:flip(15, 0x20, 1)
  rig.wait(2.5)
  local marks = {}
  for _, message in ipairs(messages(bench, 3)) do
    if message.bytes[at.mark] ~= 0 then marks[#marks + 1] = message.bytes[at.mark] end
  end
  rig.equal("damaged behind boards 1 and 2: mark of board 3", table.concat(marks, " "), "2", { proves = { "CHN-05" } })

  rig.wait(2)
  listen(bench)
  bench.chain[2]:flip(31, 0x40, 1)
  rig.wait(2.5)
  marks = {}
  for _, message in ipairs(messages(bench, 3)) do
    if message.bytes[at.mark] ~= 0 then marks[#marks + 1] = message.bytes[at.mark] end
  end
  rig.equal("the mark alone damaged: it goes on as it is", table.concat(marks, " "), "64", { proves = { "CHN-05" } })
end)
