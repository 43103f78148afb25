-- SPDX-License-Identifier: GPL-3.0-or-later
-- Commands of the boards' services as they travel (firmware/SERVICE.md), for asking what
-- the methods of bench.service[k] would not.

local crc16 = require("lib.crc16")

local service = {}

service.command = {
  look = 0x00, identity = 0x01, raw = 0x02, calibration = 0x03, sensor = 0x04, time = 0x05,
  unlock = 0x10, lock = 0x11, write_voltage = 0x12, write_temperature = 0x13, write_clock_trim = 0x14,
  write_sensor = 0x15, write_serial = 0x16, test_bypass = 0x20, test_lights = 0x21, test_relay = 0x22,
}

service.key = "5AA5C33C9669F00F"

---A whole service frame, as the first board's service input takes it.
---@param target integer
---@param tag integer
---@param command integer
---@param argument? string  pairs of hexadecimal digits
---@return string
function service.frame(target, tag, command, argument)
  local bytes = { 0x4C, 0, target, tag, command }
  for digits in (argument or ""):gmatch("%x%x") do
    bytes[#bytes + 1] = tonumber(digits, 16)
  end
  while #bytes < 29 do bytes[#bytes + 1] = 0 end
  local crc = crc16(bytes, #bytes)
  bytes[30], bytes[31], bytes[32] = crc >> 8, crc & 0xFF, 0
  local hex = {}
  for at, byte in ipairs(bytes) do hex[at] = ("%02X"):format(byte) end
  return table.concat(hex)
end

---What a calibration holds, as one line: equal lines are equal calibrations.
---@param told table  from Service:calibration()
---@return string
function service.line(told)
  local words = { ("%.5f %.5f %.1f %g"):format(told.voltage_gain, told.voltage_offset_v, told.temperature_offset_k,
    told.crystal_ppm) }
  for _, sensor in ipairs(told.sensor) do
    words[#words + 1] = ("%.4f %.5f %.4f %.5f"):format(sensor.fine_zero_counts, sensor.fine_gain,
      sensor.coarse_zero_counts, sensor.coarse_gain)
  end
  return table.concat(words, " ")
end

return service
