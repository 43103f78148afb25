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

---Stores gen2's hidden settings: sensor type and number of cells by their place in the
---manual's lists, from 0. The switches are as before afterwards.
---@param bench rig.Bench
---@param sensor integer  0 to 7
---@param cells integer   0 to 15
function installer.program(bench, sensor, cells)
  local ordinary = bench.switches:pattern()
  bench.switches:set(8, true)
  bench.switches:set_pattern(installer.pattern_of(sensor, 3), 1)
  bench.switches:set_pattern(installer.pattern_of(cells, 4), 4)
  rig.wait(0.2)
  bench.switches:set(8, false)
  rig.wait(0.2)
  bench.switches:set_pattern(ordinary)
end

return installer
