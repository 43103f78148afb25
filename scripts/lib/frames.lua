-- SPDX-License-Identifier: GPL-3.0-or-later
-- The extended data output as a third-party reader decodes it: written from the
-- published table of bytes, apart from the boards' and the rig's own codec, so
-- that a mistake there does not cancel out here (EXT-02).

local frames = {}

frames.size = 58

---@param hex string  the bytes as hex digits, any separators
---@return integer[]
function frames.bytes(hex)
  local bytes = {}
  for pair in hex:gsub("%X", ""):gmatch("%x%x") do
    bytes[#bytes + 1] = tonumber(pair, 16)
  end
  return bytes
end

-- Byte numbers count from 1, as in the published table.
local function number(bytes, first, last)
  local value = 0
  for at = first, last do
    value = value << 8 | bytes[at]
  end
  return value
end

local function amperes(bytes, sign)
  local magnitude = number(bytes, sign + 1, sign + 2) * 0.125
  local of = { ["+"] = magnitude, ["-"] = -magnitude }
  return of[string.char(bytes[sign])]
end

---Readers' formula. Ours for the other direction is `raw_of`.
function frames.degc_of(raw)
  return 0.857 * raw - 232.1
end

---The raw value of a whole degree: floor((T + 1625/7) * 7/6 + 1/2), in integers.
---@param degc integer
function frames.raw_of(degc)
  return (7 * degc + 1628) // 6
end

---@param hex string
---@return table? frame, string? reason
function frames.decode(hex)
  local bytes = frames.bytes(hex)
  if #bytes ~= frames.size then
    return nil, ("%d bytes"):format(#bytes)
  end
  local sum = 0
  for at = 1, 57 do
    sum = (sum + bytes[at]) & 0xFF
  end
  if sum ~= bytes[58] then
    return nil, "checksum"
  end
  return {
    pack_v = number(bytes, 1, 3) * 0.005,
    i1_sign = string.char(bytes[4]), i1_a = amperes(bytes, 4),
    i2_sign = string.char(bytes[7]), i2_a = amperes(bytes, 7),
    battery_sign = string.char(bytes[10]), battery_a = amperes(bytes, 10),
    lowest_v = number(bytes, 13, 14) * 0.005, lowest_v_cell = bytes[15],
    highest_v = number(bytes, 16, 17) * 0.005, highest_v_cell = bytes[18],
    lowest_raw = number(bytes, 19, 20), lowest_degc_cell = bytes[21],
    highest_raw = number(bytes, 22, 23), highest_degc_cell = bytes[24],
    lowest_degc = frames.degc_of(number(bytes, 19, 20)),
    highest_degc = frames.degc_of(number(bytes, 22, 23)),
    cell = bytes[25], count = bytes[26],
    cell_v = number(bytes, 27, 28) * 0.005,
    cell_raw = number(bytes, 29, 30),
    cell_degc = frames.degc_of(number(bytes, 29, 30)),
    status = bytes[31],
    collected_today_wh = number(bytes, 32, 34),
    stored_wh = number(bytes, 35, 37),
    consumed_today_wh = number(bytes, 38, 40),
    soc_pct = bytes[41],
    collected_total_kwh = number(bytes, 42, 44),
    consumed_total_kwh = number(bytes, 45, 47),
    key = bytes[48] >= 25 and bytes[48] - 25 or nil, value = bytes[49],
    capacity_kwh = number(bytes, 50, 51) * 0.1,
    v_min_v = number(bytes, 52, 53) * 0.005,
    v_max_v = number(bytes, 54, 55) * 0.005,
    balance_v = number(bytes, 56, 57) * 0.005,
  }
end

-- Bits of status byte 1.
frames.status = {
  charge_allowed = 0x01, discharge_allowed = 0x02, e = 0x04, vl = 0x08, vh = 0x10,
  tl = 0x20, th = 0x40, uncalibrated = 0x80,
}

-- Bits of status byte 2, which travels as key 16.
frames.status2 = {
  early_warning = 0x02, below_t_min_charge = 0x04, below_t_min_discharge = 0x08,
  charge_relay = 0x10, load_relay = 0x20,
}

---Waits for the pair of `key` and returns its value.
---@param bench rig.Bench
---@param key integer  0 to 18
---@return integer? value  nil: did not come within two rounds
function frames.value_of(bench, key)
  for _ = 1, 40 do
    local frame = bench.ext:next()
    if frame.key == key then
      return frame.value
    end
  end
  return nil
end

return frames
