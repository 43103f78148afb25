-- SPDX-License-Identifier: GPL-3.0-or-later
-- What a board makes of the bytes that pass through it, worked out apart from the boards' own code: a message
-- gets its part added, and what is damaged stays damaged (firmware/README.md, firmware/core/chain_frame.hpp).

local crc16 = require("lib.crc16")

local hops = {}

hops.size, hops.message_start, hops.service_start = 32, 0xB3, 0x4C

-- Where each field begins, from 1.
local at = {
  start = 1, sequence = 2, hops = 3, turn = 4, config = 5, balance = 6, i1 = 8, i2 = 10, balancing = 12, faulty = 13,
  sum = 14, lowest = 17, lowest_cell = 19, highest = 20, highest_cell = 22, lowest_t = 23, lowest_t_cell = 24,
  highest_t = 25, highest_t_cell = 26, turn_v = 27, turn_t = 29, crc = 30, mark = 32,
}
hops.at = at
local words = { balance = true, i1 = true, i2 = true, lowest = true, highest = true, turn_v = true, crc = true }

---@param bytes integer[]
---@param name string
---@return integer
function hops.get(bytes, name)
  local first = at[name]
  if name == "sum" then return bytes[first] | bytes[first + 1] << 8 | bytes[first + 2] << 16 end
  return words[name] and bytes[first] << 8 | bytes[first + 1] or bytes[first]
end

function hops.put(bytes, name, value)
  local first = at[name]
  if name == "sum" then
    bytes[first], bytes[first + 1], bytes[first + 2] = value & 0xFF, value >> 8 & 0xFF, value >> 16 & 0xFF
  elseif words[name] then
    bytes[first], bytes[first + 1] = value >> 8 & 0xFF, value & 0xFF
  else
    bytes[first] = value & 0xFF
  end
end

---@param bytes integer[]
---@return integer[] bytes  the same ones
function hops.seal(bytes)
  hops.put(bytes, "crc", crc16(bytes, at.crc - 1))
  return bytes
end

---A message that no board has added to, but for `fields`.
---@param fields table<string, integer>
---@return integer[]
function hops.message(fields)
  local bytes = {}
  for n = 1, hops.size do bytes[n] = 0 end
  bytes[at.start] = hops.message_start
  hops.put(bytes, "lowest", 0xFFFF)
  hops.put(bytes, "lowest_t", 0xFF)
  for name, value in pairs(fields) do hops.put(bytes, name, value) end
  return hops.seal(bytes)
end

---@class hops.Own
---@field v integer          counts; 0 while the board has no plausible reading
---@field t integer          as in the chain
---@field balancing boolean

-- The message's fields with one board's part in them; it is the `number`th.
local function add(bytes, own, number)
  local get, put = hops.get, hops.put
  put(bytes, "hops", number)
  if own.balancing then put(bytes, "balancing", get(bytes, "balancing") + 1) end
  if own.v == 0 and get(bytes, "faulty") == 0 then put(bytes, "faulty", number) end
  put(bytes, "sum", get(bytes, "sum") + own.v)
  local function extreme(name, value, better)
    if better then
      put(bytes, name, value)
      put(bytes, name .. "_cell", number)
    end
  end
  extreme("lowest", own.v, own.v ~= 0 and own.v < get(bytes, "lowest"))
  extreme("highest", own.v, own.v > get(bytes, "highest"))
  extreme("lowest_t", own.t, own.t < get(bytes, "lowest_t"))
  extreme("highest_t", own.t, own.t > get(bytes, "highest_t"))
  if get(bytes, "turn") == number then
    put(bytes, "turn_v", own.v | (own.balancing and 0x8000 or 0))
    put(bytes, "turn_t", own.t)
  end
end

---What leaves a board when these bytes reach it. Of a service frame only what a board that it is not for does.
---@param received integer[]
---@param own hops.Own
---@param known? integer  the board's number by the last good frame; nil: there was none
---@return integer[]
function hops.through(received, own, known)
  local bytes = { table.unpack(received) }
  local expected = crc16(received, at.crc - 1)
  local number
  if received[1] == hops.service_start then
    number = math.min(received[2] + 1, 0xFF)
    bytes[2] = number
  else
    number = math.min(hops.get(received, "hops") + 1, 0xFF)
    add(bytes, own, number)
  end
  -- The error goes on as it is.
  local damage = hops.get(received, "crc") ~ expected
  hops.put(bytes, "crc", crc16(bytes, at.crc - 1) ~ damage)
  if damage ~= 0 and received[at.mark] == 0 then bytes[at.mark] = known or number end
  return bytes
end

return hops
