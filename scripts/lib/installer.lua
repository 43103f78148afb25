-- SPDX-License-Identifier: GPL-3.0-or-later
-- What an installer does at the first board's switches and in the app.

local rig = require("rig")
local profile = require("lib.profile")

local installer = {}

---@param n integer
---@param bits integer
---@return string  "0101", most significant first
function installer.pattern_of(n, bits)
  local pattern = ""
  for bit = bits - 1, 0, -1 do
    pattern = pattern .. (n >> bit & 1)
  end
  return pattern
end

---The balance voltages that the switches know, in the order of their setting; gen3's
---setting 0 is none.
---@type number[]
installer.balance_voltages_v = {}
if profile.gen2 then
  installer.balance_voltages_v = { [0] = 3.4, 3.5, 3.6, 3.7, 4.0, 4.1, 4.2, 4.3 }
else
  installer.balance_voltages_v[0] = 0
  for n = 1, 31 do installer.balance_voltages_v[n] = 1.8 + n * 0.1 end
end

---Sets the switches of the balance voltage as they are printed in the manual: gen2's 2, 6
---and 7, gen3's 4 to 8.
---@param bench rig.Bench
---@param setting integer
function installer.set_balance_switches(bench, setting)
  if profile.gen2 then
    bench.switches:set(2, setting & 4 ~= 0)
    bench.switches:set_pattern(installer.pattern_of(setting & 3, 2), 6)
  else
    bench.switches:set_pattern(installer.pattern_of(setting, 5), 4)
  end
end

---Sets the switches for the balance voltage, 0 for none, and waits until they count.
---@param bench rig.Bench
---@param volts number
function installer.balance_at(bench, volts)
  for setting, known_v in pairs(installer.balance_voltages_v) do
    if math.abs(known_v - volts) < 0.001 then
      installer.set_balance_switches(bench, setting)
      rig.eventually(("the switches ask for %.1f V"):format(volts), { within_s = 8 }, function()
        return math.abs(bench.ext:latest().balance_v - volts) < 0.001
      end)
      return
    end
  end
  rig.abort(("no switch setting of %s asks for %.2f V"):format(rig.profile, volts))
end

---Chooses critical or normal mode: gen2 with switch 5, gen3 in the app.
---@param bench rig.Bench
---@param on boolean
function installer.critical_mode(bench, on)
  if profile.gen2 then
    bench.switches:set(5, on)
    rig.wait(5)  -- three reads 1 s apart, and the message that carries it
  else
    bench.app:set { critical = on }
  end
end

-- Numbers of cells that gen2 can be told, by their place; other packs take the next higher.
installer.cell_counts = { 4, 8, 12, 16, 20, 24, 28, 32, 48, 64, 80, 96, 128, 156, 204, 255 }

---The lowest place in that list, from 0, that so many cells fit.
---@param count integer
---@return integer
function installer.place_of(count)
  local place = 0
  while installer.cell_counts[place + 1] < count do place = place + 1 end
  return place
end

---Stores gen2's hidden settings: sensor type and number of cells by their place in the
---manual's lists, from 0. The switches are as before afterwards.
---@param bench rig.Bench
---@param sensor integer  0 to 7
---@param cells? integer  0 to 15; the pack's own unless given
function installer.program(bench, sensor, cells)
  cells = cells or installer.place_of(bench.count)
  local ordinary = bench.switches:pattern()
  bench.switches:set(8, true)
  bench.switches:set_pattern(installer.pattern_of(sensor, 3), 1)
  bench.switches:set_pattern(installer.pattern_of(cells, 4), 4)
  rig.wait(0.2)
  bench.switches:set(8, false)
  rig.wait(0.2)
  bench.switches:set_pattern(ordinary)
end

---All that the app's pages of settings say, as one text: equal texts are equal settings.
---@param bench rig.Bench
---@return string
function installer.pages(bench)
  local said = {}
  for _, page in ipairs { "S1@", "S2@", "S3@" } do said[#said + 1] = bench.app:ask(page) or "" end
  return table.concat(said, " ")
end

---Sets switches and app to a preset, in an order that the boards' own checks allow.
---@param bench rig.Bench
---@param preset Preset
function installer.apply_preset(bench, preset)
  installer.balance_at(bench, preset.balance_v)
  bench.app:set { v_min_v = preset.v_min_v, v_max_v = preset.v_max_v, chemistry = preset.chemistry }
  if preset.v_nominal_v then
    local raw = math.floor(preset.v_nominal_v / 0.005 + 0.5)
    bench.app:ask(("%02X-046!"):format(raw >> 8))
    bench.app:ask(("%02X-047!"):format(raw & 0xFF))
  end
end

---INS-01: what the charger's bulk voltage is to be.
---@param cells integer
---@param balance_v number
---@return number least_v, number most_v
function installer.bulk_voltage_v(cells, balance_v)
  return cells * (balance_v + 0.025), cells * (balance_v + 0.04)
end

---INS-04: the capacity to set, of what the cells are sold as; a part of it is a reserve.
---@param cells integer
---@param rated_ah number
---@param cell_v number
---@return number kwh  to the 0.1 kWh that the app takes
function installer.advised_capacity_kwh(cells, rated_ah, cell_v)
  local share = profile.gen2 and 0.75 or 0.80
  return math.floor(cells * rated_ah * cell_v * share / 100) / 10
end

---INS-02: looks along the chain for where the LEDs stop flashing.
---@param bench rig.Bench
---@return integer? board  where the fault is; nil: all boards are reached
function installer.find_break(bench)
  local from_s = rig.now_s()
  rig.wait(3)
  for k = 1, bench.count do
    -- gen2's last board shows messages while both its relays are off, as they are when the chain is broken.
    local shows_messages = k < bench.count or profile.gen3 or bench.ext:latest().alarm.e
    if shows_messages and not bench.board[k].led:lit() and #bench.board[k].led:edges(from_s) == 0 then
      return k
    end
  end
  return nil
end

---INS-03: which current sensors are the wrong way round, while a charger charges and
---consumers consume.
---@param bench rig.Bench
---@return string  "", "1", "2" or "1 2"
function installer.reversed_sensors(bench)
  local frame, reversed = bench.ext:next(), {}
  for number = 1, 2 do
    if (frame[("i%d_a"):format(number)] or 0) < 0 then reversed[#reversed + 1] = number end
  end
  return table.concat(reversed, " ")
end

return installer
