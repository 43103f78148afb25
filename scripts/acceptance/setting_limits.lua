-- SPDX-License-Identifier: GPL-3.0-or-later
-- The limits of settings that a client may write byte by byte, to the last bit, and
-- what an order that the switches have broken means (DEC-18, DEC-19). The limits of
-- those that bench.app knows by name are in settings.lua.

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")
local installer = require("lib.installer")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

-- A byte or, with `word`, two of them.
local function write(bench, address, value, word)
  if not word then return bench.app:ask(("%02X-%03X!"):format(value, address)) end
  bench.app:ask(("%02X-%03X!"):format(value >> 8, address))
  return bench.app:ask(("%02X-%03X!"):format(value & 0xFF, address + 1))
end

-- What is inside its limits is taken, what is one bit beyond is not.
local range = 1
local bytes = {
  { "sensor type", 0x016, good = { 0, 1, 2 }, bad = { 3, 255 } },
  { "critical mode", 0x017, good = { 1, 0 }, bad = { 2, 255 } },
  { "charge forced off", 0x019, good = { 1, 0 }, bad = { 2 } },
  { "load forced off", 0x01A, good = { 1, 0 }, bad = { 2 } },
  { "chemistry", 0x015, good = { 0, 4, 1 }, bad = { 5, 255 } },
  { "charge restart", 0x080, good = { 100, 95 }, bad = { 101, 255 } },
  { "discharge restart", 0x081, good = { 0, 5 }, bad = { 101, 255 } },
  { "tail current", 0x092, good = { 255, 0 }, bad = {} },
  { "clearing the counters", 0x0B0, good = { 1 }, bad = { 0, 2 } },
}
local words = {
  { "solar peak", 0x010, good = { 0, 0xFFFF }, bad = {} },
  { "inverter peak", 0x020, good = { 0xFFFF, 0 }, bad = {} },
  { "capacity", 0x030, good = { 1, 0xFFFF, 40 }, bad = { 0 } },
  { "V-min", 0x040, good = { 300, 580 }, bad = { 299, 1001 } },
  { "V-low", 0x044, good = { 300, 1000 }, bad = { 299, 1001, 0 } },
  { "V-nominal", 0x046, good = { 1000, 300 }, bad = { 299, 1001 } },
  { "V-max", 0x050, good = { 1000, 740 }, bad = { 1001, 299 } },
  { "V-full", 0x0C0, good = { 300, 1000, 680 }, bad = { 299, 1001 } },
  { "T-max", 0x070, good = { frames.raw_of(85), frames.raw_of(80) }, bad = { frames.raw_of(85) + 1, frames.raw_of(-40) - 1 } },
  { "T-min charge", 0x060, good = { frames.raw_of(-40), frames.raw_of(0) }, bad = { frames.raw_of(-40) - 1, frames.raw_of(85) + 1 } },
  { "PIN", 0x0A0, good = { 0x9999, 0x0000, 0x1234 }, bad = { 0x123A, 0x12A4, 0x1A34, 0xA234 } },
  { "clock", 0x0D0, good = { 0x0000, 0x173B }, bad = { 0x1800, 0x003C } },
}
if profile.separate_t_min then
  words[#words + 1] = { "T-min discharge", 0x062, good = { frames.raw_of(-40), frames.raw_of(-20) },
    bad = { frames.raw_of(-40) - 1, frames.raw_of(85) + 1 } }
end

rig.test("a value inside its setting's limits is taken, one bit beyond is refused for its range and changes nothing", {
  needs = { "app" }, profiles = { "gen3" }, proves = { "DEC-19", "APP-06" }, limit_s = 900,
}, function(bench)
  local both = { proves = { "DEC-19", "APP-06" } }
  rig.claim("unlocked", bench.app:unlock(), both)
  for width, list in ipairs { bytes, words } do
    for _, setting in ipairs(list) do
      local name, address = setting[1], setting[2]
      for _, value in ipairs(setting.good) do
        rig.equal(("%s = %X"):format(name, value), write(bench, address, value, width == 2), "OK", both)
      end
      local before = installer.pages(bench)
      for _, value in ipairs(setting.bad) do
        rig.equal(("%s = %X"):format(name, value), write(bench, address, value, width == 2), "KO", both)
        rig.equal(("%s = %X: why"):format(name, value), (bench.app:ask("R@") or ""):sub(1, 6),
          ("%02X_%03X"):format(range, address), both)
      end
      if #setting.bad > 0 then rig.equal(name .. ": the pages as before", installer.pages(bench), before, both) end
    end
  end
  rig.claim("the PIN is as before", bench.app:unlock("1234"), both)
end)

rig.test("neighbours in order are refused where they would meet, in either direction, and change nothing", {
  needs = { "app", "ext" }, profiles = { "gen3" }, proves = { "DEC-19", "APP-06" }, limit_s = 900,
}, function(bench)
  local both = { proves = { "DEC-19", "APP-06" } }
  bench.app:unlock()
  -- Balance voltage 3.40 V. Each line: setting, its address, the last value that is taken, the first that is not.
  local balance = 680
  local t_max, t_min = 300, 250
  write(bench, 0x070, t_max, true)
  write(bench, 0x060, t_min, true)
  local orders = {
    { "V-min below the balance voltage", 0x040, balance - 20, balance - 19, word = true },
    { "V-max above the balance voltage", 0x050, balance + 10, balance + 9, word = true },
    { "T-min charge below T-max", 0x060, t_max - 1, t_max, word = true },
    { "T-max above T-min charge", 0x070, t_max, t_max - 1, word = true },
    { "discharge restart below charge restart", 0x081, 94, 95 },
    { "charge restart above discharge restart", 0x080, 95, 94 },
  }
  if profile.separate_t_min then
    table.insert(orders, 4, { "T-min discharge below T-max", 0x062, t_max - 1, t_max, word = true })
  end
  for _, order in ipairs(orders) do
    local name, address, last, first = table.unpack(order, 1, 4)
    rig.equal(name .. ": the last one", write(bench, address, last, order.word), "OK", both)
    local before = installer.pages(bench)
    rig.equal(name .. ": the next one", write(bench, address, first, order.word), "KO", both)
    rig.equal(name .. ": why", (bench.app:ask("R@") or ""):sub(1, 6), ("02_%03X"):format(address), both)
    rig.equal(name .. ": the pages as before", installer.pages(bench), before, both)
  end
end)

local function warned(bench) return (frames.value_of(bench, 16) or 0) & frames.status2.early_warning ~= 0 end

rig.test("a balance voltage nearer than 100 mV to V-min or 50 mV to V-max raises the early warning", {
  needs = { "app", "switch", "ext" }, profiles = { "gen3" }, proves = { "DEC-18" }, limit_s = 900,
}, function(bench)
  for _, case in ipairs {
    { 3.0, "v_min_v", 2.900, false }, { 3.0, "v_min_v", 2.905, true },
    { 3.6, "v_max_v", 3.650, false }, { 3.6, "v_max_v", 3.645, true },
  } do
    local balance_v, name, value, expected = table.unpack(case, 1, 4)
    -- The app is refused what would break the order: the switches break it afterwards.
    installer.balance_at(bench, packs.balance_v)
    bench.app:set { v_min_v = packs.v_min_v, v_max_v = packs.v_max_v }
    bench.app:set { [name] = value }
    installer.balance_at(bench, balance_v)
    rig.equal(("balance voltage %.1f V, %s = %.3f: early warning"):format(balance_v, name, value), warned(bench), expected,
      { proves = { "DEC-18" } })
  end
  installer.balance_at(bench, packs.balance_v)
  rig.equal("in order again: early warning", warned(bench), false, { proves = { "DEC-18" } })
end)

rig.test("with the order broken, the rules apply as they stand", {
  needs = { "app", "switch", "cell", "ext", "relay.charge", "relay.load" }, profiles = { "gen3" }, proves = { "DEC-18", "RLY-01", "RLY-06" },
}, function(bench)
  installer.balance_at(bench, 4.0)
  rig.claim("the early warning is up", warned(bench), { proves = { "DEC-18" } })
  relays.stand(bench, "balance voltage above V-max", true, true, { "DEC-18" })
  bench.cell[2]:set_v(packs.v_max_v + 0.05)
  relays.moves(bench, "charge", false, 5, nil, nil, { "DEC-18", "RLY-01" })
  bench.cell[2]:set_v(packs.nominal_v)
  relays.recover(bench, { "DEC-18" })
  bench.cell[2]:set_v(packs.v_min_v - 0.05)
  relays.moves(bench, "load", false, 6, nil, nil, { "DEC-18", "RLY-06" })
  rig.equal("the app may bring the order back", (bench.app:try_set("v_max_v", 4.10)), true, { proves = { "DEC-18" } })
  rig.claim("and the early warning ends", not warned(bench), { proves = { "DEC-18" } })
end)

rig.test("before the first message V-min and V-max keep their distance from the default of V-full", {
  needs = { "app", "chain", "ext" }, proves = { "DEC-19", "DEC-20" },
}, function(bench)
  bench.chain[bench.count - 1]:open()
  bench:power_cycle()
  bench.ext:next()
  for _, attempt in ipairs {
    { "v_min_v", 3.305, false }, { "v_min_v", 3.300, true }, { "v_max_v", 3.445, false }, { "v_max_v", 3.450, true },
  } do
    local name, volts, taken = table.unpack(attempt)
    rig.equal(("%s = %.3f is taken"):format(name, volts), (bench.app:try_set(name, volts)), taken,
      { proves = { "DEC-19", "DEC-20" } })
  end
end)

rig.test("a write where there is nothing to write is refused, and its address is told", {
  needs = { "app" }, proves = { "APP-06" },
}, function(bench)
  bench.app:unlock()
  -- What gen2's switches say, and gen3's app sets.
  local modes = { [0x015] = true, [0x016] = true, [0x017] = true, [0x019] = true, [0x01A] = true, [0x092] = true,
    [0x044] = true, [0x046] = true, [0x0C0] = true }
  local settable = {}
  for _, list in ipairs { bytes, words } do
    for _, setting in ipairs(list) do settable[setting[2]] = profile.gen3 or not modes[setting[2]] end
  end
  for address = 0x100, 0x109 do settable[address] = true end  -- services: service.lua
  settable[0x10F] = true
  local wrong = {}
  for address = 0, 0x12F do
    if not settable[address] then
      -- A write that is taken comes before, so that nothing is left of an earlier one.
      local before = bench.app:ask("5F-080!")
      local answer, why = bench.app:ask(("5F-%03X!"):format(address)), bench.app:ask("R@") or ""
      if before ~= "OK" or answer ~= "KO" or why:sub(1, 6) ~= ("03_%03X"):format(address) then
        wrong[#wrong + 1] = ("%03X: %s %s"):format(address, answer, why)
      end
    end
  end
  rig.equal("addresses that answered otherwise", table.concat(wrong, ", "), "", { proves = { "APP-06" } })
end)
