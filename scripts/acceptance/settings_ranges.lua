-- SPDX-License-Identifier: GPL-3.0-or-later
-- Saved settings whose checksum is right and whose values are not: each field at the last value that boards
-- take from EEPROM, and at the first that counts as damage (DEC-17, DEC-19).

local rig = require("rig")
rig.api(1)

local eeprom = require("lib.eeprom")
local frames = require("lib.frames")
local installer = require("lib.installer")
local profile = require("lib.profile")

local kept_kw, lost_kw = "9.870", "0.000"  -- solar peak power: any value of it is good, a new board's is none
local lowest_v, highest_v = profile.lowest_cell_v * 200 // 1 | 0, 1000
local coldest, hottest = frames.raw_of(-40), frames.raw_of(85)
local v_min, v_max, t_max = 560, 770, frames.raw_of(80)

-- Each: what it is, the field, values that are taken, values that are not.
local cases = {
  { "capacity", "capacity", { 1, 0xFFFF }, { 0 } },
  { "V-min, range", "v_min", { lowest_v }, { lowest_v - 1 } },
  { "V-min, 150 mV below V-max", "v_min", { v_max - 30 }, { v_max - 29 } },
  { "V-max, range", "v_max", { highest_v }, { highest_v + 1, 0xFFFF } },
  { "V-max, 150 mV above V-min", "v_max", { v_min + 30 }, { v_min + 29 } },
  { "V-low", "v_low", { lowest_v, highest_v }, { lowest_v - 1, highest_v + 1 } },
  { "V-nominal", "v_nominal", { lowest_v, highest_v }, { lowest_v - 1, highest_v + 1 } },
  { "V-full", "v_full", { lowest_v, highest_v }, { lowest_v - 1, highest_v + 1 } },
  { "T-min charge", "t_min_charge", { coldest, t_max - 1 }, { coldest - 1, t_max } },
  { "T-min discharge", "t_min_discharge", { coldest, t_max - 1 }, { coldest - 1, t_max } },
  { "T-max", "t_max", { hottest }, { hottest + 1, coldest - 1 } },
  { "PIN", "pin", {}, { 0x123A, 0x12A4, 0x1A34, 0xA234 } },
  { "charge restart", "charge_restart", { 100, 6 }, { 101, 5 } },
  { "discharge restart", "discharge_restart", { 0, 94 }, { 95, 101 } },
  { "sensor type", "sensor_type", { 2 }, { 3 } },
  { "critical mode", "critical_mode", { 1 }, { 2 } },
  { "charge forced off", "charge_forced_off", { 1 }, { 2 } },
  { "load forced off", "load_forced_off", { 1 }, { 2 } },
  { "chemistry", "chemistry", { 4 }, { 5 } },
}

-- Neither a new board's nor alike in any two bytes.
local golden = {
  solar_peak = 0x1213, inverter_peak = 0x1415, capacity = 0x0116, v_min = 0x0221, v_max = 0x02FE, v_low = 0x0232, v_nominal = 0x0283,
  v_full = 0x02B4, t_min_charge = 0x0119, t_min_discharge = profile.separate_t_min and 0x011A or 0x0119, t_max = 0x015B, pin = 0x9876, charge_restart = 87,
  discharge_restart = 19, sensor_type = 1, critical_mode = 1, charge_forced_off = 1, load_forced_off = 1, chemistry = 3, tail_current = 0x5D,
}

rig.test("settings are found where every board so far has put them, and are put there", {
  needs = { "probe", "app", "ext" }, proves = { "APP-06", "DEC-17" },
}, function(bench)
  local cites = { proves = { "APP-06", "DEC-17" } }
  local memory, copy = bench.board[bench.count].eeprom, eeprom.settings_of(golden)
  for _, at in ipairs(eeprom.copies_at) do eeprom.put(memory, at, copy) end
  bench.board[bench.count]:reset()
  bench.ext:next()
  rig.equal("its PIN lets in", bench.app:unlock("9876"), true, cites)
  local function page(command) return (bench.app:ask(command) or ""):gsub("_%x%x$", "") end
  local page_1 = page("S1@")
  rig.equal("S1@", page_1, "1213_1415_0116_XXXXXXXX", cites)
  local second_t_min = profile.separate_t_min and "011A" or "0119"
  rig.equal("S2@", page("S2@"), ("0221_02FE_0119_015B_57_13_%s_0232_0283_00_00"):format(second_t_min), cites)
  if profile.gen3 then rig.equal("S3@", page("S3@"), "01_01_01_01_03_5D", cites) end
  -- One of them written, and both copies are as they were but for that one.
  rig.equal("charge restart", bench.app:ask("58-080!"), "OK", cites)
  rig.wait(2)
  local expected = eeprom.with_setting(copy, "charge_restart", 0x58)
  for n, at in ipairs(eeprom.copies_at) do
    rig.equal(("copy %d"):format(n), table.concat(eeprom.bytes(memory, at, #copy), " "), table.concat(expected, " "), cites)
  end
end)

rig.test("saved settings with one that no app can have written count as lost, up to that one's limit they do not", {
  needs = { "probe", "app", "ext" }, proves = { "DEC-17", "DEC-19" }, limit_s = 900,
}, function(bench)
  bench.app:set { solar_peak_kw = 9.87, v_min_v = v_min / 200, v_max_v = v_max / 200, t_max_degc = 80,
    charge_restart_pct = 95, discharge_restart_pct = 5 }
  rig.wait(2)
  local memory = bench.board[bench.count].eeprom
  local whole = eeprom.settings(memory) or rig.abort("no copy of the settings was found")
  local function boot_with(field, value)
    for _, at in ipairs(eeprom.copies_at) do eeprom.put(memory, at, eeprom.with_setting(whole, field, value)) end
    bench.board[bench.count]:reset()
    bench.ext:next()
    return ("%.3f"):format(bench.app:settings().solar_peak_kw)
  end
  for _, case in ipairs(cases) do
    local name, field, good, bad = table.unpack(case)
    for _, value in ipairs(good) do
      rig.equal(("%s = %X: solar peak power as saved"):format(name, value), boot_with(field, value), kept_kw,
        { proves = { "DEC-17", "DEC-19" } })
    end
    for _, value in ipairs(bad) do
      rig.equal(("%s = %X: solar peak power of a new board"):format(name, value), boot_with(field, value), lost_kw,
        { proves = { "DEC-17", "DEC-19" } })
    end
  end
end)

rig.test("every setting comes through a power cut, and boards that find both copies whole write nothing", {
  needs = { "probe", "cell", "app" }, proves = { "APP-06", "DEC-17" },
}, function(bench)
  -- Nothing as a new board has it, and then each at an end of what it may be; addresses and widths as
  -- firmware/README.md lists them.
  local sets = {
    { "others", { [0x010] = 0x0102, [0x020] = 0x0304, [0x030] = 0x0035, [0x040] = 0x0260, [0x050] = 0x02F8, [0x060] = 0x0120,
      [0x070] = 0x0160, [0x0A0] = 0x4321 }, { [0x080] = 88, [0x081] = 11 },
      { [0x044] = 0x0250, [0x046] = 0x0290, [0x0C0] = 0x02B0 }, { [0x015] = 3, [0x016] = 1, [0x017] = 1, [0x092] = 0x5A } },
    { "the highest", { [0x010] = 0xFFFF, [0x020] = 0xFFFF, [0x030] = 0xFFFF, [0x050] = 1000, [0x070] = frames.raw_of(85),
      [0x060] = frames.raw_of(85) - 1, [0x0A0] = 0x9999 }, { [0x080] = 100, [0x081] = 99 },
      { [0x044] = 1000, [0x046] = 1000, [0x0C0] = 1000 }, { [0x015] = 4, [0x016] = 2, [0x017] = 1, [0x092] = 255 } },
    { "the lowest", { [0x010] = 0, [0x020] = 0, [0x030] = 1, [0x040] = profile.lowest_cell_v * 200 // 1 | 0,
      [0x060] = frames.raw_of(-40), [0x070] = frames.raw_of(-40) + 1, [0x0A0] = 0x0000 }, { [0x081] = 0, [0x080] = 1 },
      { [0x044] = 300, [0x046] = 300, [0x0C0] = 300 }, { [0x015] = 0, [0x016] = 0, [0x017] = 0, [0x092] = 0 } },
  }
  local refused = {}
  local function write(address, value)
    if bench.app:ask(("%02X-%03X!"):format(value, address)) ~= "OK" then refused[#refused + 1] = ("%03X"):format(address) end
  end
  local pin = "1234"
  for _, set in ipairs(sets) do
    local what, words, bytes, gen3_words, gen3_bytes = table.unpack(set)
    local function write_all(list, wide)
      local addresses = {}
      for address in pairs(list) do addresses[#addresses + 1] = address end
      table.sort(addresses)
      for _, address in ipairs(addresses) do
        if wide then write(address, list[address] >> 8) end
        write(wide and address + 1 or address, list[address] & 0xFF)
      end
    end
    bench.app:unlock(pin)
    pin = ("%04X"):format(words[0x0A0])
    -- Twice: what is out of order at first is in order once the others are there.
    for _ = 1, 2 do
      refused = {}
      write_all(words, true)
      write_all(bytes)
      if profile.gen3 then
        write_all(gen3_words, true)
        write_all(gen3_bytes)
      end
      if profile.separate_t_min then write_all({ [0x062] = words[0x060] }, true) end
    end
    rig.equal(what .. ": refused", table.concat(refused, " "), "", { proves = { "APP-06" } })
    bench.app:unlock(pin)
    local before = installer.pages(bench)
    rig.wait(3)
    local writes = bench.board[bench.count].eeprom:writes()
    bench:power_cycle()
    rig.wait(4)
    rig.equal(what .. ": bytes written since the power cut", bench.board[bench.count].eeprom:writes() - writes, 0, { proves = { "DEC-17" } })
    bench.app:unlock(pin)
    rig.equal(what .. ": the settings after it", installer.pages(bench), before, { proves = { "APP-06", "DEC-17" } })
  end
end)
