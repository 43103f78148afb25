-- SPDX-License-Identifier: GPL-3.0-or-later
-- Settings in EEPROM: what a power cut, a worn cell or a stray write may leave
-- there, and what boards make of it (DEC-17).

local rig = require("rig")
rig.api(1)

local eeprom = require("lib.eeprom")
local frames = require("lib.frames")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

local default_v, other_v, third_v = packs.v_max_v, 3.85, 4.10
local longest_record = 64
local needs = { "probe", "app", "ext", "relay.charge", "relay.load" }

local function last_memory(bench) return bench.board[bench.count].eeprom end

-- Two copies, written; V-max is `other_v` in both.
local function saved(bench)
  bench.app:set { v_max_v = other_v }
  rig.wait(2)
  local copies = {}
  for n, at in ipairs(eeprom.copies_at) do
    copies[n] = eeprom.record(last_memory(bench), at, longest_record)
    rig.claim(("copy %d of the settings is there, with a checksum that fits"):format(n), copies[n] ~= nil,
      { proves = { "DEC-17" } })
  end
  return copies
end

local function with_v_max(copy, volts)
  local at = eeprom.find_word(copy, math.floor(other_v * 200 + 0.5)) or rig.abort("no V-max in the copy")
  local raw = math.floor(volts * 200 + 0.5)
  local changed = { table.unpack(copy) }
  changed[at], changed[at + 1] = raw >> 8, raw & 0xFF
  return changed
end

local function v_max(bench) return ("%.3f"):format(bench.app:settings().v_max_v) end
local function text(volts) return ("%.3f"):format(volts) end

-- Boots with the two copies as given and tells whether the boards took settings as lost.
local function boot_with(bench, first, second)
  eeprom.put(last_memory(bench), eeprom.copies_at[1], first)
  eeprom.put(last_memory(bench), eeprom.copies_at[2], second)
  bench.board[bench.count]:reset()
  bench.ext:next()
end

-- How a product says that its settings are lost: gen2, which has no early warning, with E.
local warning = profile.gen2 and "E" or "early warning"
local function warned(bench)
  if profile.gen2 then return bench.ext:next().alarm.e end
  return frames.value_of(bench, 16) & frames.status2.early_warning ~= 0
end

local function expect_kept(bench, what, volts)
  rig.equal(what .. ": V-max", v_max(bench), text(volts), { proves = { "DEC-17" } })
  rig.equal(("%s: %s"):format(what, warning), warned(bench), false, { proves = { "DEC-17" } })
  relays.recover(bench, { "DEC-17" })
end

local function expect_lost(bench, what)
  rig.equal(what .. ": V-max is the default", v_max(bench), text(default_v), { proves = { "DEC-17" } })
  relays.keep(bench, "charge", false, what .. ", not confirmed", 45, { "DEC-17" })
  rig.claim(what .. ": the load stays off too", relays.open(bench, "load"), { proves = { "DEC-17" } })
  rig.equal(("%s: %s"):format(what, warning), warned(bench), true, { proves = { "DEC-17" } })
  if profile.gen3 then rig.equal(what .. ": E", bench.ext:next().alarm.e, false, { proves = { "DEC-17" } }) end
  bench.app:set { v_max_v = third_v }
  local messages = 0
  repeat
    messages = messages + 1
  until bench.ext:next().charge_allowed or messages > 20
  rig.check(what .. ", confirmed: messages until the charge relay is allowed", messages, rig.limits.messages_to_allow,
    { proves = { "DEC-17", "DEC-02" } })
  relays.recover(bench, { "DEC-17" })
  rig.equal(("%s, confirmed: %s"):format(what, warning), warned(bench), false, { proves = { "DEC-17" } })
end

-- With the checksum put right, or left as it was.
local function out_of_order(copy) return eeprom.sealed(with_v_max(copy, 2.0)) end
local function out_of_range(copy) return eeprom.sealed(with_v_max(copy, 5.1)) end
local function unsealed(copy) return with_v_max(copy, third_v) end
local function version_unknown(copy)
  local changed = { table.unpack(copy) }
  changed[1] = changed[1] ~ 0x80
  return eeprom.sealed(changed)
end

local damages = {
  { "a wrong checksum over good values", unsealed }, { "a good checksum over V-max below V-min", out_of_order },
  { "a good checksum over V-max of 5.1 V", out_of_range }, { "a layout nobody knows", version_unknown },
}

for _, damage in ipairs(damages) do
  local what, damaged = table.unpack(damage)
  rig.test("settings: " .. what .. " in one copy leaves the other one, in both the defaults and a warning", {
    needs = needs, proves = { "DEC-17", "DEC-02" },
  }, function(bench)
    local copies = saved(bench)
    boot_with(bench, damaged(copies[1]), copies[2])
    expect_kept(bench, "first copy damaged", other_v)
    boot_with(bench, copies[1], damaged(copies[2]))
    expect_kept(bench, "second copy damaged", other_v)
    boot_with(bench, damaged(copies[1]), damaged(copies[2]))
    expect_lost(bench, "both copies damaged")
  end)
end

rig.test("a damaged copy of the settings is mended from the other one", {
  needs = { "probe", "app", "ext" }, proves = { "DEC-17" },
}, function(bench)
  local copies = saved(bench)
  for n = 1, 2 do
    boot_with(bench, n == 1 and unsealed(copies[1]) or copies[1], n == 2 and unsealed(copies[2]) or copies[2])
    rig.wait(2)
    for other = 1, 2 do
      local now = eeprom.record(last_memory(bench), eeprom.copies_at[other], longest_record)
      rig.equal(("copy %d was damaged: copy %d"):format(n, other), now and table.concat(now, " "),
        table.concat(copies[other], " "), { proves = { "DEC-17" } })
    end
  end
  -- A power cut fell between the two: both are whole, the first is the newer.
  local newer = eeprom.sealed(with_v_max(copies[1], third_v))
  boot_with(bench, newer, copies[2])
  rig.equal("the first copy is newer: V-max", v_max(bench), text(third_v), { proves = { "DEC-17" } })
  rig.wait(2)
  rig.equal("the second copy then", table.concat(eeprom.record(last_memory(bench), eeprom.copies_at[2], longest_record) or {}, " "),
    table.concat(newer, " "), { proves = { "DEC-17" } })
end)

rig.test("every single bit that flips in one copy of the settings is noticed", {
  needs = { "probe", "app", "ext" }, proves = { "DEC-17" }, limit_s = 3600,
}, function(bench)
  local copies = saved(bench)
  for index = 1, #copies[1] do
    local flipped = { table.unpack(copies[1]) }
    flipped[index] = flipped[index] ~ 1 << index % 8
    boot_with(bench, flipped, copies[2])
    rig.equal(("byte %d of the first copy: V-max"):format(index), v_max(bench), text(other_v), { proves = { "DEC-17" } })
    rig.wait(1)
    local mended = eeprom.record(last_memory(bench), eeprom.copies_at[1], longest_record)
    rig.equal(("byte %d of the first copy: mended"):format(index), mended and table.concat(mended, " "),
      table.concat(copies[1], " "), { proves = { "DEC-17" } })
  end
end)

rig.test("a blank controller is a new board: the defaults, no warning, half full and not calibrated", {
  needs = needs, proves = { "DEC-17", "DEC-20", "DEC-16" },
}, function(bench)
  saved(bench)
  eeprom.erase(last_memory(bench))
  local written = last_memory(bench):writes()
  bench.board[bench.count]:reset()
  bench.ext:next()
  rig.wait(7)
  rig.equal("bytes written while it boots", last_memory(bench):writes() - written, 0, { proves = { "DEC-16" } })
  rig.equal("V-max", v_max(bench), text(default_v), { proves = { "DEC-20" } })
  local frame = bench.ext:next()
  rig.equal("state of charge", frame.soc_pct, 50, { proves = { "DEC-16" } })
  rig.claim("it is not calibrated", frame.soc_uncalibrated, { proves = { "DEC-16" } })
  expect_kept(bench, "blank", default_v)
end)

rig.test("a controller full of rubbish starts with the defaults, warns, and is put right by the app", {
  needs = needs, proves = { "DEC-17", "DEC-16", "DEC-02" }, limit_s = 1800,
}, function(bench)
  local memory = last_memory(bench)
  for round = 1, 3 do
    for address = 0, memory:size() - 1 do
      -- Calibration lies there, whose loss is told as well, and outlives what the app writes.
      if address < eeprom.calibration_from or address > eeprom.calibration_to then
        memory:write(address, math.random(0, 255))
      end
    end
    bench.board[bench.count]:reset()
    local frame = bench.ext:next()
    local what = ("rubbish, round %d"):format(round)
    -- Nothing is lost less for starting once more.
    rig.wait(2)
    bench.board[bench.count]:reset()
    rig.equal(what .. ": state of charge", frame.soc_pct, 50, { proves = { "DEC-16" } })
    rig.claim(what .. ": it is not calibrated", frame.soc_uncalibrated, { proves = { "DEC-16" } })
    -- A PIN lock that does not make sense locks for a minute.
    rig.wait(62)
    expect_lost(bench, what)
  end
end)

-- Sends the lines that write V-max without waiting for answers: the board dies on the way.
local function write_blindly(bench, volts)
  local raw = math.floor(volts * 200 + 0.5)
  for _, line in ipairs { "PW1234!\r", ("%02X-050!\r"):format(raw >> 8), ("%02X-051!\r"):format(raw & 0xFF) } do
    bench.app:send(line)
    rig.wait(0.1)
  end
end

---Cuts the power in the middle of every byte that saving V-max writes, one after
---the other; `prepare` returns the V-max that stands before.
local function cut_everywhere(bench, prepare)
  local memory = last_memory(bench)
  local olds, news, cuts = 0, 0, 0
  for n = 1, 2 * longest_record do
    local before_v = prepare()
    local after_v = before_v == third_v and other_v or third_v
    memory:cut_power_at(n)
    local written = memory:writes()
    write_blindly(bench, after_v)
    rig.wait(2)
    if memory:writes() - written < n then break end
    cuts = cuts + 1
    local what = ("cut in write %d: "):format(n)
    bench.ext:next()
    local settings = bench.app:settings()
    local v = text(settings.v_max_v)
    rig.claim(what .. "V-max is the old or the new one", v == text(before_v) or v == text(after_v), { proves = { "DEC-17", "APP-06" } })
    rig.equal(what .. "V-min", text(settings.v_min_v), text(packs.v_min_v), { proves = { "DEC-17" } })
    olds, news = olds + (v == text(before_v) and 1 or 0), news + (v == text(after_v) and 1 or 0)
    rig.eventually(what .. "both relays come back unasked", { within_s = 20, proves = { "DEC-17" } }, function()
      return relays.allows(bench, "charge") and relays.allows(bench, "load")
    end)
  end
  rig.claim("some cuts left the old and some the new settings", olds > 0 and news > 0, { proves = { "DEC-17" } })
  return cuts
end

rig.test("a power cut in any byte of saving a setting leaves the old or the new one", {
  needs = needs, proves = { "DEC-17", "APP-06" }, limit_s = 3600,
}, function(bench)
  bench.app:set { v_max_v = other_v }
  rig.wait(2)
  local cuts = cut_everywhere(bench, function()
    rig.wait(1)  -- for the copies to be mended
    return tonumber(v_max(bench))
  end)
  rig.claim("more than two bytes of each copy were cut", cuts > 4, { proves = { "DEC-17" } })
end)

rig.test("a power cut in any byte of a new board's first saving leaves the defaults or the new setting", {
  needs = needs, proves = { "DEC-17", "APP-06" }, limit_s = 3600,
}, function(bench)
  local cuts = cut_everywhere(bench, function()
    eeprom.erase(last_memory(bench))
    bench.board[bench.count]:reset()
    bench.ext:next()
    return default_v
  end)
  rig.claim("every byte of both copies was cut", cuts > 2 * 16, { proves = { "DEC-17" } })
end)
