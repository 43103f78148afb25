-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the last board keeps in EEPROM, found by its checksums rather than known
-- by its layout: a setting may be added without a change here.

local crc16 = require("lib.crc16")

local eeprom = {}

-- Where the two copies of the settings begin (firmware/README.md).
eeprom.copies_at = { 16, 80 }
eeprom.calibration_from, eeprom.calibration_to = 160, 255

-- Where the records of energy lie, in a ring.
eeprom.ring_at, eeprom.ring_places, eeprom.ring_size = 256, 32, 32

---@param memory rig.Eeprom
---@param at integer
---@param count integer
---@return integer[]
function eeprom.bytes(memory, at, count)
  local bytes = {}
  for offset = 0, count - 1 do
    bytes[offset + 1] = memory:read(at + offset)
  end
  return bytes
end

---@param memory rig.Eeprom
---@param at integer
---@param bytes integer[]
function eeprom.put(memory, at, bytes)
  for offset, byte in ipairs(bytes) do
    memory:write(at + offset - 1, byte)
  end
end

---A record that ends with its own checksum, most significant byte first.
---@param memory rig.Eeprom
---@param at integer
---@param most integer  bytes it may have
---@return integer[]? bytes
function eeprom.record(memory, at, most)
  local bytes = eeprom.bytes(memory, at, most)
  for size = 8, most do
    if crc16(bytes, size - 2) == bytes[size - 1] << 8 | bytes[size] then
      return { table.unpack(bytes, 1, size) }
    end
  end
  return nil
end

---The same bytes with a checksum that fits.
---@param bytes integer[]
---@return integer[]
function eeprom.sealed(bytes)
  local sealed = { table.unpack(bytes) }
  local crc = crc16(sealed, #sealed - 2)
  sealed[#sealed - 1], sealed[#sealed] = crc >> 8, crc & 0xFF
  return sealed
end

---Where two adjacent bytes stand that say `value`.
---@param bytes integer[]
---@param value integer
---@return integer? index
function eeprom.find_word(bytes, value)
  for at = 1, #bytes - 1 do
    if bytes[at] << 8 | bytes[at + 1] == value then
      return at
    end
  end
  return nil
end

-- The fields of a copy of the settings behind its layout version: words, then bytes (firmware/README.md).
local setting_words = {
  "solar_peak", "inverter_peak", "capacity", "v_min", "v_max", "v_low", "v_nominal", "v_full", "t_min_charge",
  "t_min_discharge", "t_max", "pin",
}
local setting_bytes = {
  "charge_restart", "discharge_restart", "sensor_type", "critical_mode", "charge_forced_off", "load_forced_off",
  "chemistry", "tail_current",
}
local settings_size = 1 + 2 * #setting_words + #setting_bytes + 2

---The first copy of the settings; nil where none was saved.
---@param memory rig.Eeprom
---@return integer[]?
function eeprom.settings(memory)
  return eeprom.record(memory, eeprom.copies_at[1], settings_size)
end

---A copy of the settings with one of them changed, and a checksum that fits.
---@param copy integer[]
---@param name string
---@param value integer
---@return integer[]
function eeprom.with_setting(copy, name, value)
  local changed = { table.unpack(copy) }
  for at, word in ipairs(setting_words) do
    if word == name then changed[2 * at], changed[2 * at + 1] = value >> 8, value & 0xFF end
  end
  for at, byte in ipairs(setting_bytes) do
    if byte == name then changed[1 + 2 * #setting_words + at] = value end
  end
  return eeprom.sealed(changed)
end

---As a new controller's.
---@param memory rig.Eeprom
function eeprom.erase(memory)
  for address = 0, memory:size() - 1 do
    memory:write(address, 0xFF)
  end
end

---The whole records of the ring, in the order of their places.
---@param memory rig.Eeprom
---@return { at: integer, bytes: integer[] }[]
function eeprom.ring(memory)
  local size, whole = eeprom.ring_size, {}
  for place = 0, eeprom.ring_places - 1 do
    local at = eeprom.ring_at + place * size
    local bytes = eeprom.bytes(memory, at, size)
    if crc16(bytes, size - 2) == bytes[size - 1] << 8 | bytes[size] then
      whole[#whole + 1] = { at = at, bytes = bytes }
    end
  end
  return whole
end

return eeprom
