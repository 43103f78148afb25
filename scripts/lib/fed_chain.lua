-- SPDX-License-Identifier: GPL-3.0-or-later
-- The last board fed with messages that a script composes, in place of the chain's: any number of
-- cells, and values without an analogue input's noise.

local rig = require("rig")
local crc16 = require("lib.crc16")
local frames = require("lib.frames")
local packs = require("lib.packs")
local profile = require("lib.profile")

local fed_chain = {}

local size = 32
fed_chain.absent = -0x8000  -- in place of a sensor's counts

local function counts(volts) return math.floor(volts / packs.step_v + 0.5) end

---What the first board's switches say, as in the chain: gen2's sensors are of 100 A.
---@param place integer  of the number of cells in its list, from 0
---@return integer
function fed_chain.config(place) return place | (profile.gen2 and 0x20 or 0) end

---@class fed_chain.Message
---@field boards integer        that have added their part, the last one not yet among them
---@field config integer        what the first board's switches say, as in the chain
---@field fast? boolean
---@field balance_v number
---@field i1 integer            counts of the sensor
---@field i2 integer
---@field balancing integer     boards that conduct
---@field sum_v number          of the boards so far
---@field lowest_v number
---@field highest_v number
---@field lowest_degc integer
---@field highest_degc integer
---@field turn integer          the cell whose values are in turn_v and turn_degc
---@field turn_v number
---@field turn_degc integer
---@field turn_balances? boolean
---@field faulty_cell integer

---A message of a pack at rest, but for what `changes` says.
---@param bench rig.Bench
---@param changes? table
---@return fed_chain.Message
function fed_chain.message(bench, changes)
  local message = {
    boards = bench.count - 1, config = fed_chain.config(0), balance_v = packs.balance_v, i1 = 0, i2 = 0, balancing = 0,
    lowest_v = packs.nominal_v, highest_v = packs.nominal_v, lowest_degc = 25, highest_degc = 25, turn = 1,
    turn_v = packs.nominal_v, turn_degc = 25, faulty_cell = 0,
  }
  for name, value in pairs(changes or {}) do message[name] = value end
  message.sum_v = message.sum_v or message.boards * packs.nominal_v
  return message
end

local function temperature(degc) return frames.raw_of(degc) - 200 end

---@param message fed_chain.Message
---@param sequence integer
---@return string
function fed_chain.encode(message, sequence)
  local bytes = { 0xB3, sequence & 0xFF, message.boards, message.turn, message.config }
  local function byte(value) bytes[#bytes + 1] = value & 0xFF end
  local function word(value) byte(value >> 8); byte(value) end
  word(counts(message.balance_v) | (message.fast and 0x8000 or 0))
  word(message.i1)
  word(message.i2)
  byte(message.balancing)
  byte(message.faulty_cell)
  local sum = counts(message.sum_v)
  byte(sum); byte(sum >> 8); byte(sum >> 16)
  word(counts(message.lowest_v)); byte(message.lowest_cell or 1)
  word(counts(message.highest_v)); byte(message.highest_cell or 1)
  byte(temperature(message.lowest_degc)); byte(message.lowest_degc_cell or 1)
  byte(temperature(message.highest_degc)); byte(message.highest_degc_cell or 1)
  word(counts(message.turn_v) | (message.turn_balances and 0x8000 or 0)); byte(temperature(message.turn_degc))
  word(crc16(bytes, #bytes))
  byte(0)
  assert(#bytes == size)
  return string.char(table.unpack(bytes))
end

---@class fed_chain.Feed
local Feed = {}
Feed.__index = Feed

---Takes the chain off the last board and feeds it instead. It goes on until the test ends.
---@param bench rig.Bench
---@return fed_chain.Feed
function fed_chain.take_over(bench)
  local link = bench.chain[bench.count - 1]
  link:open()
  return setmetatable({ bench = bench, link = link, sequence = 0, next_s = rig.now_s() }, Feed)
end

---Sends one message a second, `times` of them (default 1), and waits until the last one counts.
---@param changes? table  as in `fed_chain.message`
---@param times? integer
---@return rig.ExtFrame  what the last board makes of the last one
function Feed:send(changes, times)
  local message, frame = fed_chain.message(self.bench, changes), nil
  for _ = 1, times or 1 do
    if self.next_s > rig.now_s() then rig.wait(self.next_s - rig.now_s()) end
    self.next_s = rig.now_s() + (message.fast and 0.5 or 1.0)
    self.sequence = self.sequence + 1
    self.link:noise(fed_chain.encode(message, self.sequence))
    frame = self.bench.ext:next()
  end
  return frame
end

return fed_chain
