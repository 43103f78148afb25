-- SPDX-License-Identifier: GPL-3.0-or-later
-- The end of the line: boards as they were soldered, measured against the bench's
-- instruments, calibrated, numbered, tested, and found good over their whole range.

local rig = require("rig")
rig.api(1)

local installer = require("lib.installer")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")
local service = require("lib.service")

local first_serial = 100001
local readings = 6             -- averaged for each point
local low_v, high_v = 2.10, 4.80
local calibrated_at_degc = 25
local coarse_per_count_a = 1.25

-- What every board converts with the instruments as they stand, averaged: each message
-- brings another reading.
local function raw_of_all(bench, boards)
  local sums = {}
  rig.wait(2.5)
  for n = 1, readings do
    for _, k in ipairs(boards) do
      local raw = bench.service[k]:raw()
      local sum = sums[k] or { cell = 0, temperature = 0, sensor = { { fine = 0, coarse = 0 }, { fine = 0, coarse = 0 } } }
      sum.cell, sum.temperature = sum.cell + raw.cell / readings, sum.temperature + raw.temperature / readings
      for s = 1, 2 do
        sum.sensor[s].fine = sum.sensor[s].fine + raw.sensor[s].fine / readings
        sum.sensor[s].coarse = sum.sensor[s].coarse + raw.sensor[s].coarse / readings
      end
      sums[k] = sum
    end
    if n < readings then rig.wait(1.1) end
  end
  return sums
end

local function all_boards(bench)
  local boards = {}
  for k = 1, bench.count do boards[k] = k end
  return boards
end

-- The average of what the supplies measure, as the boards' readings are one.
local function supplied_v(bench)
  local sums = {}
  for _ = 1, readings do
    for k, volts in ipairs(bench.cells:voltages_v()) do
      sums[k] = (sums[k] or 0) + volts / readings
    end
  end
  return sums
end

local function calibrate_temperatures(bench)
  bench.temperatures:set_degc(calibrated_at_degc)
  for k, raw in ipairs(raw_of_all(bench, all_boards(bench))) do
    bench.service[k]:unlock()
    bench.service[k]:calibrate_temperature { counts = raw.temperature, degc = calibrated_at_degc }
  end
end

local function calibrate_voltages(bench)
  local points = {}
  for _, volts in ipairs { low_v, high_v } do
    bench.cells:set_v(volts)
    local counts, supplied = raw_of_all(bench, all_boards(bench)), supplied_v(bench)
    for k = 1, bench.count do
      points[k] = points[k] or {}
      table.insert(points[k], { counts = counts[k].cell, v = supplied[k] })
    end
  end
  bench.cells:set_v(profile.nominal_v)
  for k = 1, bench.count do
    bench.service[k]:unlock()
    bench.service[k]:calibrate_voltage(points[k][1], points[k][2])
  end
end

local function calibrate_sensors(bench)
  local board = bench.service[1]
  local function output(name, per_count_a, span_a)
    local points = { {}, {} }
    for _, amperes in ipairs { -span_a, span_a } do
      for s = 1, 2 do bench.sensor[s]:set_a(amperes) end
      local raw = raw_of_all(bench, { 1 })[1]
      for s = 1, 2 do
        table.insert(points[s], { counts = raw.sensor[s][name], a = bench.sensor[s]:current_a() })
      end
    end
    board:unlock()
    for s = 1, 2 do
      bench.sensor[s]:set_a(0)
      board:calibrate_sensor(s, name, per_count_a, points[s][1], points[s][2])
    end
  end
  output("fine", profile.step_a, 0.9 * math.min(profile.fine_to_a, profile.most_a))
  if profile.gen3 then
    output("coarse", coarse_per_count_a, 0.9 * profile.most_a)
  end
end

-- A light that goes on by the board's own clock shows its crystal: by how much is it fast?
local function crystal_ppm(light)
  local from_s, ons = rig.now_s(), {}
  rig.wait(151)
  for _, edge in ipairs(light:edges(from_s)) do
    if edge.active then ons[#ons + 1] = edge.at_s end
  end
  local period_s = (ons[#ons] - ons[1]) / (#ons - 1)
  return (math.floor(period_s + 0.5) / period_s - 1) * 1e6
end

local function trim_clocks(bench)
  for _, clock in ipairs { { 1, bench.board[1].led }, { bench.count, bench.led.charge } } do
    local board, light = bench.service[clock[1]], clock[2]
    local ppm = crystal_ppm(light)
    rig.check(("crystal of board %d is fast by"):format(clock[1]), ppm, rig.limits.crystal_error)
    board:unlock()
    board:trim_clock(ppm)
  end
end

local function number_boards(bench)
  for k = 1, bench.count do
    bench.service[k]:unlock()
    bench.service[k]:write_serial(first_serial + k - 1)
  end
end

local function check_voltages(bench, when)
  for _, volts in ipairs { profile.lowest_cell_v, 2.5, 3.3, 4.2, 5.0 } do
    bench.cells:set_v(volts)
    messages.fresh(bench)
    local reported, supplied = bench.ext:all_cells(), bench.cells:voltages_v()
    for k = 1, bench.count do
      rig.check(("%s: cell %d at %.1f V, error"):format(when, k, volts), reported[k].v - supplied[k],
        rig.limits.cell_v_error, { proves = { "CEL-03" } })
    end
  end
  bench.cells:set_v(profile.nominal_v)
end

-- Boards warm themselves by balancing: gen3 can be told not to, gen2 must cool down.
local function without_balancing(bench)
  if profile.gen3 then installer.balance_at(bench, 0) end
end
local function cool_down()
  if profile.gen2 then rig.wait(400) end
end

local function check_temperatures(bench, when)
  for _, degc in ipairs { -40, 0, 25, 60, 80 } do
    bench.temperatures:set_degc(degc)
    messages.fresh(bench)
    for k, cell in ipairs(bench.ext:all_cells()) do
      rig.check(("%s: board %d at %d °C, error"):format(when, k, degc), cell.degc - degc, rig.limits.cell_degc_error,
        { proves = { profile.gen2 and "CEL-04" or rig.profile == "gen3-hw1" and "CEL-06" or "CEL-05" } })
    end
  end
  bench.temperatures:set_degc(calibrated_at_degc)
end

local function check_currents(bench, when)
  local proves = { profile.gen2 and "CUR-01" or "CUR-03" }
  for _, share in ipairs { 0, 0.05, 0.5, 1 } do
    for _, sign in ipairs { 1, -1 } do
      for _, range in ipairs(profile.gen3 and { { profile.fine_to_a - 1, rig.limits.fine_a_error },
        { profile.most_a, rig.limits.coarse_a_error } } or { { 0.95 * profile.most_a, rig.limits.fine_a_error } }) do
        local amperes = sign * share * range[1]
        for s = 1, 2 do bench.sensor[s]:set_a(amperes) end
        local read = packs.reported_a(bench)
        local limit = math.abs(amperes) <= profile.fine_to_a and rig.limits.fine_a_error or range[2]
        for s = 1, 2 do
          local error = (read[("i%d_a"):format(s)] or 1e9) - amperes
          rig.check(("%s: sensor %d at %+.1f A, error"):format(when, s, amperes), error, limit, { proves = proves })
        end
      end
    end
  end
  for s = 1, 2 do bench.sensor[s]:set_a(0) end
  rig.equal(when .. ": sensor 1 at rest", packs.reported_a(bench).i1_a, 0, { proves = proves })
end

local function test_parts(bench)
  for k = 1, bench.count do
    local board, last = bench.service[k], k == bench.count
    board:unlock()
    board:test_bypass(2)
    rig.check(("board %d: bypass current over V / 3.4 Ω"):format(k),
      packs.bypass_a(bench, k) / (profile.nominal_v / 3.4), rig.limits.bypass_ratio, { proves = { "BAL-05" } })
    local lights = last and { info = bench.board[k].led, charge = bench.led.charge, load = bench.led.load }
      or { info = bench.board[k].led }
    for name, light in pairs(lights) do
      board:test_lights(0.5, { name })
      rig.claim(("board %d: the %s light is lit"):format(k, name), light:lit())
      rig.wait(0.6)
    end
  end
  local last = bench.service[bench.count]
  last:unlock()
  for _, name in ipairs { "charge", "load" } do
    rig.eventually(name .. " relay allows", { within_s = 90 }, function() return relays.allows(bench, name) end)
    last:unlock()
    last:test_relay(name)
    rig.eventually(name .. " relay opens", { within_s = 0.8, every_s = 0.05 }, function()
      return relays.open(bench, name)
    end)
    rig.eventually(name .. " relay closes again", { within_s = 2 }, function() return relays.allows(bench, name) end)
  end
end

rig.test("boards as they were soldered are calibrated, numbered and tested, and keep it without power", {
  needs = { "cell", "sensor[1]", "sensor[2]", "temperature", "service", "relay", "led", "board.led", "app", "ext" },
  proves = { profile.gen2 and "CEL-04" or rig.profile == "gen3-hw1" and "CEL-06" or "CEL-05", "CEL-03", "BAL-05",
    profile.gen2 and "CUR-01" or "CUR-03", "DEC-30" },
  uncalibrated = true, limit_s = 3600,
}, function(bench)
  for k = 1, bench.count do
    rig.equal(("board %d: calibration before"):format(k), bench.service[k]:identity().calibration, "none")
  end
  without_balancing(bench)
  calibrate_temperatures(bench)
  calibrate_voltages(bench)
  calibrate_sensors(bench)
  trim_clocks(bench)
  number_boards(bench)
  test_parts(bench)
  check_voltages(bench, "calibrated")
  check_currents(bench, "calibrated")

  local written = {}
  for k = 1, bench.count do written[k] = service.line(bench.service[k]:calibration()) end
  bench:power_cycle()
  for k = 1, bench.count do
    local told = bench.service[k]:identity()
    rig.equal(("board %d after a power cut: serial number"):format(k), told.serial, first_serial + k - 1,
      { proves = { "DEC-30" } })
    rig.equal(("board %d after a power cut: calibration"):format(k), service.line(bench.service[k]:calibration()),
      written[k], { proves = { "DEC-30" } })
  end
  cool_down()
  check_temperatures(bench, "after a power cut")
  check_voltages(bench, "after a power cut")
  check_currents(bench, "after a power cut")
end)
