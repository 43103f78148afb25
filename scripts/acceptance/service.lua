-- SPDX-License-Identifier: GPL-3.0-or-later
-- The boards' services at the end of the line: who they are, what they convert, their
-- calibration and where it is kept (firmware/SERVICE.md).

local rig = require("rig")
rig.api(1)

local eeprom = require("lib.eeprom")
local frames = require("lib.frames")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local service = require("lib.service")

local command = service.command
local warned = profile.gen3 and function(bench)
  return (frames.value_of(bench, 16) or 0) & frames.status2.early_warning ~= 0
end

-- Every board tried, and the last one a second time by the other way.
local function each_way(bench)
  local ways = {}
  for _, k in ipairs(packs.tried(bench)) do
    ways[#ways + 1] = { board = k, service = bench.service[k], name = ("board %d"):format(k) }
  end
  ways[#ways + 1] = { board = bench.count, service = bench.service.app, name = "the last board over the app link" }
  return ways
end

local offset_v = 0.02

-- A calibration that makes a cell read higher by `by`, and a board warmer.
local function shift(board, raw, by)
  board:calibrate_voltage({ counts = 300, v = 1.5 * (1 + by) + offset_v }, { counts = 900, v = 4.5 * (1 + by) + offset_v })
  board:calibrate_temperature { counts = raw.temperature, degc = raw.temperature * 0.2 - 50 + 6 }
end

-- Neighbours differ, and none balances.
local function volts(k) return 3.23 + 0.03 * ((k - 1) % 5) end

rig.test("every board says who it is and what it converts", {
  needs = { "cell", "service", "service.app", "sensor[1]", "sensor[2]" }, proves = { "DEC-31" },
}, function(bench)
  for k = 1, bench.count do bench.cell[k]:set_v(volts(k)) end
  bench.sensor[1]:set_a(8 * profile.step_a)
  bench.sensor[2]:set_a(-16 * profile.step_a)
  rig.wait(2.5)
  for _, way in ipairs(each_way(bench)) do
    local told = way.service:identity()
    rig.equal(way.name .. ": where it sits", told.role,
      way.board == 1 and "first" or way.board == bench.count and "last" or "middle", { proves = { "DEC-31" } })
    rig.equal(way.name .. ": calibration", told.calibration, "none", { proves = { "DEC-31" } })
    local raw = way.service:raw()
    rig.check(way.name .. ": raw cell, error", raw.cell * 0.005 - volts(way.board),
      rig.limits.cell_v_error, { proves = { "DEC-31" } })
    rig.check(way.name .. ": raw temperature, error", raw.temperature * 0.2 - 50 - 25, rig.limits.cell_degc_error,
      { proves = { "DEC-31" } })
    if way.board == 1 then
      rig.check("sensor 1: raw counts from zero", raw.sensor[1].fine - 512 - 8, rig.limits.raw_sensor_error,
        { proves = { "DEC-31" } })
      rig.check("sensor 2: raw counts from zero", raw.sensor[2].fine - 512 + 16, rig.limits.raw_sensor_error,
        { proves = { "DEC-31" } })
    end
  end
end)

rig.test("a calibration is in force at once, on the board that is meant, and survives power loss", {
  needs = { "cell", "service", "service.app", "ext", "app" }, proves = { "DEC-30", "DEC-31" }, limit_s = 1200,
}, function(bench)
  messages.fresh(bench)
  local before = bench.ext:all_cells()
  for n, way in ipairs(each_way(bench)) do
    local board, k, by = way.service, way.board, n % 2 == 0 and -0.02 or 0.02
    board:unlock()
    shift(board, board:raw(), by)
    board:trim_clock(-30 - n)
    board:write_serial(0x7A000000 + n)
    local told = board:calibration()
    rig.equal(way.name .. ": gain, offset in V and in K, crystal's error as they were written",
      ("%.3f %.3f %.1f %d"):format(told.voltage_gain, told.voltage_offset_v, told.temperature_offset_k, told.crystal_ppm),
      ("%.3f %.3f %.1f %d"):format(1 + by, offset_v, 6, -30 - n), { proves = { "DEC-31" } })
    local written = service.line(told)
    for _, when in ipairs { "", ", after a power cut" } do
      messages.fresh(bench)
      local now = bench.ext:all_cells()
      for other = 1, bench.count do
        local change = now[other].v / before[other].v - 1
        rig.check(("%s%s: cell %d reads more by"):format(way.name, when, other), change - (other == k and by + offset_v / profile.nominal_v or 0),
          rig.limits.gain_error, { proves = { "DEC-31" } })
        rig.check(("%s%s: board %d reads warmer by"):format(way.name, when, other),
          now[other].degc - before[other].degc - (other == k and 6 or 0), rig.limits.degc_change_error,
          { proves = { "DEC-31" } })
      end
      rig.equal(("%s%s: calibration"):format(way.name, when), service.line(board:calibration()), written,
        { proves = { "DEC-30" } })
      rig.equal(("%s%s: serial number"):format(way.name, when), board:identity().serial, 0x7A000000 + n,
        { proves = { "DEC-30" } })
      if when == "" then
        bench:power_cycle()
        bench.ext:next()
      end
    end
    board:unlock()
    board:calibrate_voltage({ counts = 300, v = 1.5 }, { counts = 900, v = 4.5 })
    board:calibrate_temperature { counts = 375, degc = 25 }
    board:trim_clock(0)
  end
end)

rig.test("both sensors' outputs are calibrated, each by itself", {
  needs = { "sensor[1]", "sensor[2]", "service", "ext", "cell" }, proves = { "DEC-30", "DEC-31" },
}, function(bench)
  local board, amperes = bench.service[1], 0.95 * math.min(profile.fine_to_a, profile.most_a)
  board:unlock()
  local function reads(when, change, limit, proves)
    bench.sensor[1]:set_a(amperes)
    bench.sensor[2]:set_a(amperes)
    local read = packs.reported_a(bench)
    for number = 1, 2 do
      rig.check(("%s: sensor %d, error"):format(when, number), read[("i%d_a"):format(number)] - amperes * change[number],
        limit or rig.limits.fine_a_error, { proves = { proves or "DEC-31" } })
    end
  end
  local function ideal(number, output, per_count_a, by)
    board:calibrate_sensor(number, output, per_count_a, { counts = 412, a = -100 * per_count_a * by },
      { counts = 612, a = 100 * per_count_a * by })
  end
  ideal(1, "fine", profile.step_a, 1.02)
  ideal(2, "fine", profile.step_a, 0.98)
  reads("fine outputs", { 1.02, 0.98 })
  if profile.gen3 then
    ideal(1, "coarse", 1.25, 0.98)
    ideal(2, "coarse", 1.25, 1.02)
    local fine_a = amperes
    amperes = 400
    reads("coarse outputs", { 0.98, 1.02 }, rig.limits.coarse_a_error)
    amperes = fine_a
  end
  bench:power_cycle()
  reads("after a power cut", { 1.02, 0.98 }, nil, "DEC-30")
  -- A zero that is off by 5 counts.
  board:unlock()
  board:calibrate_sensor(1, "fine", profile.step_a, { counts = 407, a = -100 * profile.step_a },
    { counts = 607, a = 100 * profile.step_a })
  amperes = 50 * profile.step_a
  reads("zero at 507 counts", { 1.1, 0.98 })
end)

rig.test("a locked board tells, but takes nothing and tests nothing", {
  needs = { "service", "service.app", "cell", "app" }, proves = { "DEC-31" }, limit_s = 2500,
}, function(bench)
  local forbidden = {
    { command.write_voltage, "00100010" }, { command.write_temperature, "0010" }, { command.write_clock_trim, "0010" },
    { command.write_sensor, "000010001000100010" }, { command.write_serial, "00000010" }, { command.lock, "" },
    { command.test_bypass, "0A" }, { command.test_lights, "0A07" }, { command.test_relay, "00" },
  }
  for _, way in ipairs(each_way(bench)) do
    local board = way.service
    local before = service.line(board:calibration())
    local function refuses(when)
      for _, what in ipairs(forbidden) do
        rig.equal(("%s, %s: command %02X"):format(way.name, when, what[1]), board:ask(what[1], what[2]), "locked",
          { proves = { "DEC-31" } })
      end
    end
    refuses("never unlocked")
    rig.equal(way.name .. ": a wrong key", board:ask(command.unlock, "5AA5C33C9669F00E"), "range",
      { proves = { "DEC-31" } })
    refuses("after a wrong key")
    board:unlock()
    rig.wait(45)
    rig.claim(way.name .. ": unlocked for a while", board:identity().unlocked, { proves = { "DEC-31" } })
    rig.wait(62)
    refuses("a minute later")
    board:unlock()
    board:lock()
    refuses("locked again")
    rig.equal(way.name .. ": calibration", service.line(board:calibration()), before, { proves = { "DEC-31" } })
    rig.equal(way.name .. ": serial number", board:identity().serial, 0, { proves = { "DEC-31" } })
  end
end)

rig.test("a value that no board can need is refused and changes nothing", {
  needs = { "service", "service.app", "app" }, proves = { "DEC-31" },
}, function(bench)
  local gain, offset, kelvin, ppm, zero = "07AF", "00A1", "0051", "00C9", "00A1"  -- one beyond each limit
  for _, way in ipairs(each_way(bench)) do
    local board = way.service
    board:unlock()
    local before = service.line(board:calibration())
    for _, what in ipairs {
      { command.write_voltage, gain .. "0000" }, { command.write_voltage, "F8510000" },
      { command.write_voltage, "0000" .. offset }, { command.write_voltage, "0000FF5F" },
      { command.write_temperature, kelvin }, { command.write_temperature, "FFAF" },
      { command.write_clock_trim, ppm }, { command.write_clock_trim, "FF37" },
      { command.write_sensor, "00" .. zero .. "000000000000" }, { command.write_sensor, "010000" .. gain .. "00000000" },
      { command.write_sensor, "0000000000FF5F0000" }, { command.write_sensor, "020000000000000000" },
      { command.sensor, "02" }, { command.test_bypass, "65" }, { command.test_lights, "6501" },
    } do
      rig.equal(("%s: command %02X %s"):format(way.name, what[1], what[2]), board:ask(what[1], what[2]), "range",
        { proves = { "DEC-31" } })
    end
    rig.equal(way.name .. ": a relay that there is not", board:ask(command.test_relay, "02"), way.board == bench.count and "range" or "unknown",
      { proves = { "DEC-31" } })
    for _, none in ipairs { 0x06, 0x17, 0x1F, 0x23, 0x7F, 0xFF } do
      rig.equal(("%s: command %02X"):format(way.name, none), board:ask(none, "01"), "unknown", { proves = { "DEC-31" } })
    end
    rig.equal(way.name .. ": calibration", service.line(board:calibration()), before, { proves = { "DEC-31" } })
  end
end)

rig.test("a loose lead stays one, whatever the gain", {
  needs = { "cell", "service", "ext", "relay.charge", "relay.load" }, proves = { "DEC-10" },
}, function(bench)
  local board = bench.service[2]
  board:unlock()
  -- 3 % below what it reads: the converter's end would pass for 4.96 V.
  board:calibrate_voltage({ counts = 300, v = 1.4551 }, { counts = 900, v = 4.3652 })
  bench.cell[2]:set_v(5.20)
  rig.eventually("the cell is not heard any more", { within_s = 8, proves = { "DEC-10" } }, function()
    return bench.ext:latest().alarm.e
  end)
  rig.claim("and is no cell above V-max", not bench.ext:latest().alarm.vh, { proves = { "DEC-10" } })
end)

rig.test("the first board's crystal is corrected where messages count time", {
  needs = { "service", "board.led" }, proves = { "DEC-31" }, limit_s = 1200,
}, function(bench)
  local board, light = bench.service[1], bench.board[1].led
  local function period_s()
    local from_s, ons = rig.now_s(), {}
    rig.wait(201.5)
    for _, edge in ipairs(light:edges(from_s)) do
      if edge.active then ons[#ons + 1] = edge.at_s end
    end
    return (ons[201] - ons[1]) / 200
  end
  local untrimmed_s = period_s()
  local ppm = (1 / untrimmed_s - 1) * 1e6
  rig.check("the crystal is fast by", ppm, rig.limits.crystal_error, { proves = { "DEC-31" } })
  board:unlock()
  board:trim_clock(ppm)
  rig.check("trimmed: a period is too long by", (period_s() - 1) * 1e6, rig.limits.trimmed_crystal_error,
    { proves = { "DEC-31" } })
  board:unlock()
  board:trim_clock(ppm + 150)
  rig.check("trimmed 150 ppm further: a period is too long by", (period_s() - 1) * 1e6 - 150,
    rig.limits.trimmed_crystal_error, { proves = { "DEC-31" } })
end)

rig.test("two damaged copies of a calibration leave neutral values and an early warning", {
  needs = { "service", "probe", "ext", "cell", "relay.charge", "relay.load" }, proves = { "DEC-30" }, limit_s = 1200,
}, function(bench)
  local first_at, second_at = 160, 208
  for _, k in ipairs(packs.positions(bench)) do
    local board, eeprom = bench.service[k], bench.board[k].eeprom
    board:unlock()
    shift(board, board:raw(), 0.02)
    for copy, at in ipairs { first_at, second_at } do
      eeprom:write(at + 4, eeprom:read(at + 4) ~ 0x10)
      bench:power_cycle()
      messages.fresh(bench)
      local told, when = board:identity(), ("board %d, copies damaged: %d: "):format(k, copy)
      rig.equal(when .. "calibration", told.calibration, copy == 1 and "good" or "lost", { proves = { "DEC-30" } })
      rig.check(when .. "voltage gain", board:calibration().voltage_gain - (copy == 1 and 1.02 or 1),
        rig.limits.gain_error, { proves = { "DEC-30" } })
      if warned then
        rig.equal(when .. "early warning", warned(bench), copy == 2, { proves = { "DEC-30" } })
      end
      -- The good copy was written over the damaged one: spoil both for the next round.
      if copy == 1 then eeprom:write(first_at + 4, eeprom:read(first_at + 4) ~ 0x10) end
    end
    rig.eventually("both relays allow with neutral values", { within_s = 60, proves = { "DEC-30" } }, function()
      return bench.relay.charge:stands_allowed() and bench.relay.load:stands_allowed()
    end)
    board:unlock()
    board:calibrate_voltage({ counts = 300, v = 1.5 }, { counts = 900, v = 4.5 })
    rig.equal(("board %d, calibrated anew"):format(k), board:identity().calibration, "good", { proves = { "DEC-30" } })
    if warned then
      messages.fresh(bench)
      rig.equal(("board %d, calibrated anew: early warning"):format(k), warned(bench), false, { proves = { "DEC-30" } })
    end
  end
end)

rig.test("a power cut in any byte of a calibration's writing leaves the old one or the new one", {
  needs = { "service", "service.input", "probe", "cell" }, proves = { "DEC-30" }, limit_s = 3600,
}, function(bench)
  local olds, news = 0, 0
  for _, k in ipairs(packs.positions(bench)) do
    local board, serial = bench.service[k], 0x01010101
    board:unlock()
    board:write_serial(serial)
    for n = 1, 12 do
      local next_serial = serial ~ 0x23232323
      board:unlock()
      bench.board[k].eeprom:cut_power_at(n)
      -- Nobody waits for its answer.
      bench.service.input:send(service.frame(k, 0xA0 + n, command.write_serial, ("%08X"):format(next_serial)))
      rig.wait(3)
      local told, when = board:identity(), ("board %d, cut in byte %d: "):format(k, n)
      rig.claim(when .. "the old serial number or the new one",
        told.serial == serial or told.serial == next_serial, { proves = { "DEC-30" } })
      rig.equal(when .. "calibration", told.calibration, "good", { proves = { "DEC-30" } })
      if told.serial == next_serial then news = news + 1 else olds = olds + 1 end
      serial = told.serial
      rig.wait(1)
    end
  end
  rig.claim("some cuts came before a copy was whole and some after", olds > 0 and news > 0)
end)

rig.test("a board says that it is still saving until both copies hold the calibration", {
  needs = { "service", "service.app", "service.input", "app", "probe" }, proves = { "DEC-30", "DEC-31" },
}, function(bench)
  local board, memory = bench.service.app, bench.board[bench.count].eeprom
  local from, to = eeprom.calibration_from, eeprom.calibration_to
  local half = (to - from + 1) // 2
  local function copies_agree()
    local first, second = eeprom.bytes(memory, from, half), eeprom.bytes(memory, from + half, half)
    return table.concat(first, " ") == table.concat(second, " ")
  end
  board:unlock()
  board:write_serial(0x11223344)
  -- A write takes some hundredths of a second, and a question a tenth: one of several meets it.
  local saving, early = 0, 0
  for n = 1, 12 do
    rig.wait(0.011 * n)
    -- Through the chain, where nobody waits for its answer.
    bench.service.input:send(service.frame(bench.count, 0xB0 + n, command.write_serial,
      n % 2 == 0 and "55667788" or "AA998877"))
    local seen = 0
    for _ = 1, 12 do
      local told = board:identity()
      if told.saving then
        seen = seen + 1
      elseif seen > 0 and not copies_agree() then
        early = early + 1
      end
    end
    saving = saving + seen
    rig.claim(("round %d: it was saved"):format(n), not board:identity().saving and copies_agree(), { proves = { "DEC-30" } })
  end
  rig.claim("it said that it was saving", saving > 0, { proves = { "DEC-31" } })
  rig.equal("answers that called it saved too early", early, 0, { proves = { "DEC-30", "DEC-31" } })
end)

rig.test("the unlock sequence holds for a minute and no longer", {
  needs = { "service", "service.app", "app" }, proves = { "DEC-31" },
}, function(bench)
  local board = bench.service.app
  for _, case in ipairs { { 59.3, "done" }, { 60.4, "locked" } } do
    local after_s, expected = table.unpack(case)
    board:unlock()
    rig.wait(after_s)
    rig.equal(("a write %.1f s after it"):format(after_s), board:ask(command.write_serial, "00001234"), expected,
      { proves = { "DEC-31" } })
    if expected == "done" then board:lock() end
  end
end)
