-- SPDX-License-Identifier: GPL-3.0-or-later
-- The two current sensors as the EXT frame shows them (CUR).

local rig = require("rig")
rig.api(1)

local messages = require("lib.messages")
local packs = require("lib.packs")

-- Codes of the sensor type: how often the cable is looped through.
local looped_4x, looped_2x, looped_1x = 0, 1, 2

local dead_band_id = rig.profile == "gen3-hw1" and "CUR-06" or "CUR-05"

local fine_a = { 0.5, 1.0, 5.0, 12.5, 19.0 }
local coarse_a = { 25, 50, 100, 250, 400, 500 }

-- Both sensors at once, each at a value of its own.
local function compare(bench, list, limit, change)
  for at, amperes in ipairs(list) do
    local first, second = amperes, list[at % #list + 1]
    for _, sign in ipairs { 1, -1 } do
      bench.sensor[1]:set_a(sign * first)
      bench.sensor[2]:set_a(-sign * second)
      local frame = packs.reported_a(bench)
      rig.check(("sensor 1 at %+.1f A: error"):format(sign * first), (frame.i1_a or 1e9) - sign * first, limit,
        { proves = { "CUR-03" } })
      rig.check(("sensor 2 at %+.1f A: error"):format(-sign * second), (frame.i2_a or 1e9) + sign * second, limit,
        { proves = { "CUR-03" } })
      if change then
        rig.check(("battery with %+.1f A and %+.1f A: error"):format(sign * first, -sign * second),
          (frame.battery_a or 1e9) - sign * (first + second), change, { proves = { "CUR-07" } })
      end
    end
  end
end

rig.test("currents below 20 A are accurate to 50 mA, both ways", {
  needs = { "sensor[1]", "sensor[2]", "app", "ext" }, profiles = { "gen3" }, proves = { "CUR-03", "CUR-07" },
}, function(bench)
  bench.app:set { sensor_type = looped_1x }
  compare(bench, fine_a, rig.limits.fine_a_error, rig.limits.difference_a_error)
end)

rig.test("currents up to 500 A are accurate to 1.25 A, both ways", {
  needs = { "sensor[1]", "sensor[2]", "app", "ext" }, profiles = { "gen3" }, proves = { "CUR-03" },
}, function(bench)
  bench.app:set { sensor_type = looped_1x }
  compare(bench, coarse_a, rig.limits.coarse_a_error)
end)

local function dead_band(bench, type, limit, to_a)
  bench.app:set { sensor_type = type }
  local loops = type == looped_2x and 2 or 1
  for number = 1, 2 do
    local field, sum_a = ("i%d_a"):format(number), 0
    for _, sign in ipairs { 1, -1 } do
      local which = ("sensor %d, %s"):format(number, sign > 0 and "positive" or "negative")
      local point = rig.trip_point {
        ramp = function(a) bench.sensor[number]:set_a(sign * a) end,
        from_a = 0.02, to_a = to_a, step_a = 0.01, dwell_s = 2.5,
        moves = function() return bench.ext:next()[field] ~= 0 end,
      }
      sum_a = sum_a + point.a / loops
      rig.check("dead band, " .. which, point.a / loops, limit, { proves = { dead_band_id } })
      bench.sensor[number]:set_a(0)
      rig.equal("at 0 A, " .. which, messages.fresh(bench)[field], 0, { proves = { dead_band_id } })
    end
    -- Both ways together: a zero that is off makes it no wider.
    rig.check(("dead band of sensor %d, half its width by 1x"):format(number), sum_a / 2 * loops, rig.limits.dead_band_half_width,
      { proves = { dead_band_id } })
  end
end

rig.test("currents inside the dead band read exactly zero", {
  needs = { "sensor[1]", "sensor[2]", "app", "ext" }, profiles = { "gen3" }, proves = { dead_band_id },
}, function(bench)
  dead_band(bench, looped_1x, rig.limits.dead_band_1x, 0.40)
end)

rig.test("with the cable looped twice the dead band is half as wide", {
  needs = { "sensor[1]", "sensor[2]", "app", "ext" }, profiles = { "gen3" }, proves = { dead_band_id },
}, function(bench)
  dead_band(bench, looped_2x, rig.limits.dead_band_2x, 0.40)
end)

rig.test("battery current is what the charger gives less what consumers take", {
  needs = { "sensor[1]", "sensor[2]", "ext" }, proves = { "CUR-07" },
}, function(bench)
  for _, case in ipairs { { 12, 5 }, { 5, 12 }, { 15, 0 }, { 0, 15 }, { -3, 8 }, { 8, -3 }, { 7.5, 7.5 } } do
    local charge_a, consumed_a = case[1], case[2]
    local when = ("%g A in, %g A out"):format(charge_a, consumed_a)
    bench.sensor[1]:set_a(charge_a)
    bench.sensor[2]:set_a(consumed_a)
    local frame = packs.reported_a(bench)
    rig.check(when .. ": charge current, error", (frame.i1_a or 1e9) - charge_a, rig.limits.fine_a_error,
      { proves = { "CUR-07" } })
    rig.check(when .. ": consumed current, error", (frame.i2_a or 1e9) - consumed_a, rig.limits.fine_a_error,
      { proves = { "CUR-07" } })
    rig.check(when .. ": battery current, error", (frame.battery_a or 1e9) - (charge_a - consumed_a),
      rig.limits.difference_a_error, { proves = { "CUR-07" } })
  end
end)

rig.test("with sensor 1 alone, battery current is its reading and consumption is absent", {
  needs = { "sensor[1]", "sensor[2]", "ext" }, proves = { "CUR-08", "DEC-24" },
}, function(bench)
  bench.sensor[2]:unplug()
  for _, amperes in ipairs { 10, -10, 0 } do
    bench.sensor[1]:set_a(amperes)
    local frame = packs.reported_a(bench)
    local when = ("%+d A"):format(amperes)
    rig.check(when .. ": battery current, error", (frame.battery_a or 1e9) - amperes, rig.limits.fine_a_error,
      { proves = { "CUR-08" } })
    rig.check(when .. ": sensor 1, error", (frame.i1_a or 1e9) - amperes, rig.limits.fine_a_error,
      { proves = { "CUR-08" } })
    rig.claim(when .. ": consumption is absent, not zero", bench.ext:latest().i2_a == nil, { proves = { "CUR-08", "DEC-24" } })
  end
  bench.sensor[2]:plug()
  bench.sensor[2]:set_a(4)
  local frame = packs.reported_a(bench)
  rig.check("plugged again: consumed current, error", (frame.i2_a or 1e9) - 4, rig.limits.fine_a_error,
    { proves = { "CUR-08" } })
end)

rig.test("without any sensor no current is shown and nothing is counted", {
  needs = { "sensor[1]", "sensor[2]", "ext", "app" }, proves = { "CUR-08", "SOC-07", "DEC-24" },
}, function(bench)
  bench.app:set { capacity_kwh = 0.1 }
  bench.sensor[1]:set_a(100)
  bench.sensor[1]:unplug()
  bench.sensor[2]:unplug()
  local before = messages.fresh(bench)
  rig.claim("sensor 1 is absent", before.i1_a == nil, { proves = { "CUR-08" } })
  rig.claim("sensor 2 is absent", before.i2_a == nil, { proves = { "CUR-08" } })
  rig.claim("battery current is absent", before.battery_a == nil, { proves = { "CUR-08", "DEC-24" } })
  rig.wait(30)
  local after = messages.fresh(bench)
  rig.equal("state of charge stands still", after.soc_pct, before.soc_pct, { proves = { "SOC-07", "DEC-24" } })
  rig.claim("and is not calibrated", after.soc_uncalibrated, { proves = { "SOC-07", "DEC-24" } })
end)

rig.test("the type of current sensor is a setting of the app", {
  needs = { "sensor[1]", "sensor[2]", "app", "ext" }, profiles = { "gen3" }, proves = { "CUR-11", "APP-03" },
}, function(bench)
  for _, case in ipairs { { looped_4x, 4 }, { looped_2x, 2 }, { looped_1x, 1 } } do
    local type, loops = case[1], case[2]
    bench.app:set { sensor_type = type }
    rig.equal(("type %d as read back"):format(type), bench.app:settings().sensor_type, type, { proves = { "APP-03" } })
    for _, amperes in ipairs { 16, -16 } do
      bench.sensor[1]:set_a(amperes)
      bench.sensor[2]:set_a(amperes / 2)
      local frame = packs.reported_a(bench)
      rig.check(("looped %dx, %+d A through sensor 1: error"):format(loops, amperes),
        (frame.i1_a or 1e9) - amperes / loops, rig.limits.fine_a_error, { proves = { "CUR-11" } })
      rig.check(("looped %dx, %+d A through sensor 2: error"):format(loops, amperes // 2),
        (frame.i2_a or 1e9) - amperes / 2 / loops, rig.limits.fine_a_error, { proves = { "CUR-11" } })
    end
  end
  local taken = bench.app:try_set("sensor_type", 3)
  rig.claim("a type that does not exist is refused", not taken, { proves = { "CUR-11" } })
  rig.equal("and changes nothing", bench.app:settings().sensor_type, looped_1x, { proves = { "CUR-11" } })
end)
