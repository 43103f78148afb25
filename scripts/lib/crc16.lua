-- SPDX-License-Identifier: GPL-3.0-or-later
-- The boards' checksum, in the chain, in services and in EEPROM: CRC-16/MCRF4XX.

---@param bytes integer[]
---@param last integer  how many of them count
---@return integer
return function(bytes, last)
  local crc = 0xFFFF
  for at = 1, last do
    crc = crc ~ bytes[at]
    for _ = 1, 8 do
      crc = crc & 1 == 1 and (crc >> 1) ~ 0x8408 or crc >> 1
    end
  end
  return crc
end
