-- SPDX-License-Identifier: GPL-3.0-or-later
-- What looping the cable through a current sensor gains (CUR-04). The EXT frame's
-- grid of 0.125 A hides it; the app link's page I@ does not.

local rig = require("rig")
rig.api(1)

local messages = require("lib.messages")
local profile = require("lib.profile")

-- Below this the dead band takes all, in amperes of the sensor.
local dead_a = profile.dead_band_a + profile.step_a

-- I-1, battery, I-2 in amperes; an absent one is missing.
local function currents(bench)
  messages.fresh(bench)
  bench.app:unlock()
  local answer = bench.app:ask("I@") or ""
  local amperes = {}
  for sign, digits in answer:gmatch("([+X-])(%x%x%x%x)_") do
    amperes[#amperes + 1] = sign ~= "X" and tonumber(digits, 16) * 0.0125 * (sign == "-" and -1 or 1) or nil
  end
  return amperes
end

-- To the microampere: multiples of 12.5 mA are no binary fractions.
local function error_a(got, expected)
  return math.floor(((got or 1e9) - expected) * 1e6 + 0.5) / 1e6
end

local function compare(bench, loops, type, list_a, limit)
  bench.app:set { sensor_type = type }
  local shown_a = {}
  for _, amperes in ipairs(list_a) do
    if amperes * loops >= dead_a - 1e-9 then shown_a[#shown_a + 1] = amperes end
  end
  for at, amperes in ipairs(shown_a) do
    local other = shown_a[at % #shown_a + 1]
    for _, sign in ipairs { 1, -1 } do
      bench.sensor[1]:set_a(sign * amperes * loops)
      bench.sensor[2]:set_a(-sign * other * loops)
      local got = currents(bench)
      rig.check(("looped %dx, %+.4f A through sensor 1: error"):format(loops, sign * amperes),
        error_a(got[1], sign * amperes), limit, { proves = { "CUR-04" } })
      rig.check(("looped %dx, %+.4f A through sensor 2: error"):format(loops, -sign * other),
        error_a(got[3], -sign * other), limit, { proves = { "CUR-04" } })
    end
  end
end

rig.test("the cable looped twice resolves 25 mA below 10 A and 625 mA up to 250 A", {
  needs = { "sensor[1]", "sensor[2]", "app", "ext" }, profiles = { "gen3" }, proves = { "CUR-04" },
}, function(bench)
  compare(bench, 2, 1, { 0.1, 0.125, 0.15, 0.175, 0.2, 1.0, 1.025, 5.0, 9.5 }, rig.limits.fine_a_error_2x)
  compare(bench, 2, 1, { 12.5, 50, 125, 250 }, rig.limits.coarse_a_error_2x)
end)

rig.test("the cable looped four times resolves 12.5 mA below 5 A and 313 mA up to 125 A", {
  needs = { "sensor[1]", "sensor[2]", "app", "ext" }, profiles = { "gen3" }, proves = { "CUR-04" },
}, function(bench)
  compare(bench, 4, 0, { 0.05, 0.0625, 0.075, 0.0875, 0.1, 0.5, 0.5125, 2.5, 4.75 }, rig.limits.fine_a_error_4x)
  compare(bench, 4, 0, { 6.25, 25, 62.5, 125 }, rig.limits.coarse_a_error_4x)
end)
