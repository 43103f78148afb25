-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the last board keeps in EEPROM, found by its checksums rather than known
-- by its layout: a setting may be added without a change here.

local crc16 = require("lib.crc16")

local eeprom = {}

-- Where the two copies of the settings begin (firmware/README.md).
eeprom.copies_at = { 16, 80 }
eeprom.pin_lock_at = 128
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

---A copy of the settings as the layout says, from values by name.
---@param values table<string, integer>
---@return integer[]
function eeprom.settings_of(values)
  local copy = { 1 }  -- the layout's version
  for _, word in ipairs(setting_words) do
    copy[#copy + 1], copy[#copy + 2] = values[word] >> 8, values[word] & 0xFF
  end
  for _, byte in ipairs(setting_bytes) do copy[#copy + 1] = values[byte] end
  copy[#copy + 1], copy[#copy + 2] = 0, 0
  return eeprom.sealed(copy)
end

-- The fields of a record of energy behind its number and its flags, with their bytes (firmware/core/energy_record.hpp).
local energy_fields = {
  { "stored_wh", 3 }, { "time_of_day", 2 }, { "collected_today", 3 }, { "consumed_today", 3 }, { "collected_total", 4 },
  { "consumed_total", 4 }, { "charged", 4 }, { "discharged", 4 },
}
local layout = 0x10
eeprom.calibrated, eeprom.emptied, eeprom.clock_set = 0x01, 0x02, 0x04

---A record of energy: what is not among the values is 0. `flags` of those above; `time_of_day` in 2 s.
---@param values table<string, integer>
---@return integer[]
function eeprom.energy_of(values)
  local number = values.number or 0
  local bytes = { number >> 8, number & 0xFF, layout | (values.flags or 0) }
  for _, field in ipairs(energy_fields) do
    for place = field[2] - 1, 0, -1 do bytes[#bytes + 1] = (values[field[1]] or 0) >> 8 * place & 0xFF end
  end
  bytes[#bytes + 1], bytes[#bytes + 2] = 0, 0
  return eeprom.sealed(bytes)
end

---The other way.
---@param bytes integer[]
---@return table<string, integer>
function eeprom.energy_in(bytes)
  local values, at = { number = bytes[1] << 8 | bytes[2], flags = bytes[3] ~ layout }, 4
  for _, field in ipairs(energy_fields) do
    local value = 0
    for _ = 1, field[2] do value, at = value << 8 | bytes[at], at + 1 end
    values[field[1]] = value
  end
  return values
end

---Leaves this record of energy alone in its ring.
---@param memory rig.Eeprom
---@param values table<string, integer>
function eeprom.only_energy(memory, values)
  for address = eeprom.ring_at, eeprom.ring_at + eeprom.ring_places * eeprom.ring_size - 1 do memory:write(address, 0xFF) end
  eeprom.put(memory, eeprom.ring_at, eeprom.energy_of(values))
end

---The newest record of energy, when the numbers do not wrap.
---@param memory rig.Eeprom
---@return table<string, integer>?
function eeprom.newest_energy(memory)
  local newest
  for _, record in ipairs(eeprom.ring(memory)) do
    local values = eeprom.energy_in(record.bytes)
    if not newest or values.number > newest.number then newest = values end
  end
  return newest
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
