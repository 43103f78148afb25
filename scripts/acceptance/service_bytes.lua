-- SPDX-License-Identifier: GPL-3.0-or-later
-- The services' answers byte by byte, calibrations at their limits, and how they lie in EEPROM (firmware/SERVICE.md).

local rig = require("rig")
rig.api(1)

local eeprom = require("lib.eeprom")
local packs = require("lib.packs")
local profile = require("lib.profile")
local service = require("lib.service")

local command = service.command

-- Words, negative ones too, as the bytes of an answer or an argument.
local function hex(words)
  local digits = {}
  for at, word in ipairs(words) do digits[at] = ("%04X"):format(word & 0xFFFF) end
  return table.concat(digits)
end

local function padded(digits) return digits .. ("0"):rep(24 - #digits) end

-- In the order of the layout: voltage gain, offset, temperature offset, crystal; zero, gain, zero, gain of each sensor.
-- Each limit is reached by one of the two on either side, and no two words beside each other are alike.
local at_limits = {
  { 1966, -160, 80, -200, 160, -1966, -160, 1966, -159, 0x123, 17, -1965 },
  { -1966, 160, -80, 200, -160, 1966, 160, -1966, 0x55, -2, -1, 0x4AA },
}
local serials = { 0x89ABCDEF, 0x7654F210 }

local function write(board, words, serial, ids)
  local function done(what, argument)
    rig.equal(("command %02X %s"):format(what, argument), board:ask(what, argument), "done", ids)
  end
  done(command.write_voltage, hex { words[1], words[2] })
  done(command.write_temperature, hex { words[3] })
  done(command.write_clock_trim, hex { words[4] })
  done(command.write_sensor, "00" .. hex { table.unpack(words, 5, 8) })
  done(command.write_sensor, "01" .. hex { table.unpack(words, 9, 12) })
  done(command.write_serial, ("%08X"):format(serial))
end

local function tells(board, name, words, serial, role, ids)
  local function data(what, argument, expected)
    local result, told = board:ask(what, argument)
    rig.equal(("%s: command %02X"):format(name, what), result .. " " .. told:upper(), "done " .. padded(expected), ids)
  end
  data(command.calibration, "", hex { table.unpack(words, 1, 4) })
  data(command.sensor, "00", hex { table.unpack(words, 5, 8) })
  data(command.sensor, "01", hex { table.unpack(words, 9, 12) })
  data(command.identity, "", ("%08X%02X000100"):format(serial, role))
  data(command.unlock, service.key, "")
end

-- A copy as it lies in EEPROM, of a calibration's words and the serial number.
local function copy_of(words, serial)
  local bytes = { 1 }
  local function word(value) bytes[#bytes + 1] = value >> 8 & 0xFF; bytes[#bytes + 1] = value & 0xFF end
  for _, value in ipairs(words) do word(value) end
  word(serial >> 16)
  word(serial)
  word(0)
  return eeprom.sealed(bytes)
end

local copies_at = { 160, 208 }

rig.test("a calibration at its limits is taken, told to the bit, and lies in EEPROM as it is written down", {
  needs = { "service", "service.app", "app", "probe", "cell", "ext" }, proves = { "DEC-30", "DEC-31" }, limit_s = 900,
}, function(bench)
  local ids = { proves = { "DEC-30", "DEC-31" } }
  local ways = { { 1, bench.service[1], 1 }, { bench.count, bench.service.app, 3 } }
  if bench.count > 2 then table.insert(ways, 2, { 2, bench.service[2], 2 }) end
  for round, words in ipairs(at_limits) do
    for _, way in ipairs(ways) do
      local k, board, role = table.unpack(way)
      board:unlock()
      write(board, words, serials[round], ids)
      tells(board, ("board %d, round %d"):format(k, round), words, serials[round], role, ids)
    end
    rig.wait(1)
    bench:power_cycle()
    bench.ext:next()
    for _, way in ipairs(ways) do
      local k, board, role = table.unpack(way)
      local name = ("board %d, round %d, after a power cut"):format(k, round)
      tells(board, name, words, serials[round], role, ids)
      local expected = table.concat(copy_of(words, serials[round]), " ")
      for n, at in ipairs(copies_at) do
        rig.equal(("%s: copy %d"):format(name, n), table.concat(eeprom.bytes(bench.board[k].eeprom, at, 32), " "), expected .. " 255", ids)
      end
    end
  end
end)

rig.test("a calibration that no parts can need is none, whatever its checksum says", {
  needs = { "service.app", "app", "probe", "cell", "ext" }, proves = { "DEC-30" }, limit_s = 900,
}, function(bench)
  local board, memory, ids = bench.service.app, bench.board[bench.count].eeprom, { proves = { "DEC-30" } }
  local function boots_with(bytes)
    for _, at in ipairs(copies_at) do eeprom.put(memory, at, bytes) end
    bench:power_cycle(0.5)
    bench.ext:next()
    return board:identity()
  end
  for place, limit in ipairs { 1966, 160, 80, 200, 160, 1966, 160, 1966, 160, 1966, 160, 1966 } do
    for sign = -1, 1, 2 do
      local words = {}
      for at = 1, 12 do words[at] = at end
      for beyond = 0, 1 do
        words[place] = sign * (limit + beyond)
        local told, name = boots_with(copy_of(words, 77 + place)), ("word %d is %d: "):format(place, words[place])
        rig.equal(name .. "calibration", told.calibration, beyond == 0 and "good" or "lost", ids)
        rig.equal(name .. "serial number", told.serial, beyond == 0 and 77 + place or 0, ids)
      end
    end
  end
  local good = copy_of({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, 13)
  local newer = { table.unpack(good) }
  newer[1] = 2
  rig.equal("of another layout: calibration", boots_with(eeprom.sealed(newer)).calibration, "lost", ids)
  tells(board, "of another layout", { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, 0, 3, ids)
  rig.equal("of this one: calibration", boots_with(good).calibration, "good", ids)
end)

rig.test("raw counts are those of the board's own inputs, each at its place", {
  needs = { "service", "service.app", "app", "sensor[1]", "sensor[2]", "cell" }, proves = { "DEC-31" },
}, function(bench)
  local cites = { proves = { "DEC-31" } }
  local steps = { 60, -100 }
  for number, step in ipairs(steps) do bench.sensor[number]:set_a(step * (profile.gen3 and 1.25 or profile.step_a)) end
  rig.wait(2.5)
  local raw = bench.service[1]:raw()
  for number, step in ipairs(steps) do
    local told = raw.sensor[number]
    if profile.gen3 then
      rig.check(("sensor %d: coarse counts from zero, error"):format(number), told.coarse - 512 - step, rig.limits.raw_sensor_error, cites)
    else
      rig.check(("sensor %d: counts from zero, error"):format(number), told.fine - 512 - step, rig.limits.raw_sensor_error, cites)
      rig.equal(("sensor %d has no second output"):format(number), told.coarse, 0.0, cites)
    end
  end
  for k = 2, bench.count do
    local board = k == bench.count and bench.service.app or bench.service[k]
    local _, data = board:ask(command.raw)
    rig.equal(("board %d, which has no sensors"):format(k), data:sub(9), ("0"):rep(16), cites)
  end
end)

rig.test("a board's time is that of its running, in ticks", {
  needs = { "service", "service.app", "app", "cell" }, proves = { "DEC-31" },
}, function(bench)
  local ways = { first = bench.service[1], last = bench.service.app }
  bench:power_cycle()
  local from_s = rig.now_s()
  for _, after_s in ipairs { 10, 90 } do
    rig.wait(from_s + after_s - rig.now_s())
    for name, board in pairs(ways) do
      local asked_s = rig.now_s()
      local _, data = board:ask(command.time)
      local ran_s = tonumber(data:sub(1, 8), 16) / 1800
      rig.check(("%s board: running since, after power returned"):format(name), ran_s - (asked_s - from_s), rig.limits.board_time_error,
        { proves = { "DEC-31" } })
      rig.equal(("%s board: nothing else"):format(name), data:sub(9), ("0"):rep(16), { proves = { "DEC-31" } })
    end
  end
end)
