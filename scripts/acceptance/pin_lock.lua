-- SPDX-License-Identifier: GPL-3.0-or-later
-- Guessing the PIN, and the button that restores it (APP-01, BTN-01).

local rig = require("rig")
rig.api(1)

local profile = require("lib.profile")

local eeprom = require("lib.eeprom")

local function enter(bench, pin) return bench.app:ask(("PW%s!"):format(pin)) end

local function guess(bench, times)
  for n = 1, times do
    rig.equal(("wrong PIN, %d in a row"):format(n), enter(bench, "9999"), "NA", { proves = { "APP-01" } })
  end
end

-- Waits for the lock to end by trying the right PIN, which does not count; how
-- long that took since `from_s`.
local function locked_s(bench, from_s, within_s)
  rig.eventually("the right PIN is let in again", { within_s = within_s, every_s = 0.5, proves = { "APP-01" } }, function()
    return enter(bench, "1234") == "OK"
  end)
  return rig.now_s() - from_s
end

rig.test("five wrong PINs in a row lock the link for 60 s, four do not", {
  needs = { "app", "ext" }, proves = { "APP-01" },
}, function(bench)
  guess(bench, 4)
  rig.equal("the right PIN after four wrong ones", enter(bench, "1234"), "OK", { proves = { "APP-01" } })
  guess(bench, 4)
  rig.equal("it ended the row", enter(bench, "1234"), "OK", { proves = { "APP-01" } })
  guess(bench, 5)
  local from_s = rig.now_s()
  rig.equal("the right PIN after five wrong ones", enter(bench, "1234"), "NA", { proves = { "APP-01" } })
  rig.equal("a page then", bench.app:ask("S1@"), "NA", { proves = { "APP-01" } })
  rig.check("locked", locked_s(bench, from_s, 70), rig.limits.pin_lock_first, { proves = { "APP-01" } })
end)

rig.test("a lock that is over counts wrong PINs from none again", {
  needs = { "app", "ext" }, proves = { "APP-01" },
}, function(bench)
  guess(bench, 5)
  rig.wait(62)
  guess(bench, 4)
  rig.equal("a lock, then four wrong ones: the right PIN", enter(bench, "1234"), "OK", { proves = { "APP-01" } })
  guess(bench, 1)
  rig.equal("one wrong one: the right PIN", enter(bench, "1234"), "OK", { proves = { "APP-01" } })
  guess(bench, 4)
  rig.equal("which ended the row: the right PIN after four more", enter(bench, "1234"), "OK", { proves = { "APP-01" } })
  guess(bench, 5)
  rig.check("and the next lock is a first one", locked_s(bench, rig.now_s(), 70), rig.limits.pin_lock_first,
    { proves = { "APP-01" } })
  guess(bench, 5)
  rig.check("after the right PIN it is a first one again", locked_s(bench, rig.now_s(), 70), rig.limits.pin_lock_first,
    { proves = { "APP-01" } })
end)

-- Five wrong PINs, and the right one shortly before each lock ends. Were a lock
-- shorter, that would be let in; were it longer, the next row would not count.
local function rows_of_five(bench, locks_s)
  for _, expected_s in ipairs(locks_s) do
    guess(bench, 5)
    local from_s = rig.now_s()
    rig.wait(expected_s - 2)
    rig.equal(("the right PIN before %d s are over"):format(expected_s), enter(bench, "1234"), "NA", { proves = { "APP-01" } })
    rig.wait(from_s + expected_s + 2 - rig.now_s())
  end
  rig.equal("afterwards the right PIN", enter(bench, "1234"), "OK", { proves = { "APP-01" } })
end

rig.test("a further row of five doubles the lock, until the right PIN ends the rows", {
  needs = { "app", "ext" }, proves = { "APP-01" },
}, function(bench)
  rows_of_five(bench, { 60, 120, 240 })
  guess(bench, 5)
  rig.check("the next lock is a first one", locked_s(bench, rig.now_s(), 70), rig.limits.pin_lock_first,
    { proves = { "APP-01" } })
end)

rig.test("the lock doubles up to an hour and no further", {
  needs = { "app", "ext" }, proves = { "APP-01" }, tags = { "long" }, limit_s = 20000,
}, function(bench)
  rows_of_five(bench, { 60, 120, 240, 480, 960, 1920, 3600, 3600 })
end)

rig.test("a row of wrong PINs is neither ended nor made longer by any number of power cuts", {
  needs = { "app", "ext", "cell" }, proves = { "APP-01" },
}, function(bench)
  guess(bench, 3)
  rig.wait(0.5)
  for _ = 1, 3 do
    bench:power_cycle()
    bench.ext:next()
    rig.wait(1)
  end
  guess(bench, 1)
  rig.equal("the right PIN after four wrong ones", enter(bench, "1234"), "OK", { proves = { "APP-01" } })
  rig.wait(0.5)
  bench:power_cycle()
  bench.ext:next()
  guess(bench, 4)
  rig.equal("it ended the row, without power too", enter(bench, "1234"), "OK", { proves = { "APP-01" } })
end)

-- What lies in EEPROM and its complement: the level, from bit 4; bit 3 while locked; wrong PINs in a row, of which
-- the last number here is how many it then counts; without one it locks.
local kept = {
  { "blank", 0xFF, 0xFF, 0 }, { "nothing yet", 0x00, 0xFF, 0 }, { "one wrong one", 0x01, 0xFE, 1 },
  { "two wrong ones", 0x02, 0xFD, 2 }, { "three wrong ones", 0x03, 0xFC, 3 }, { "four wrong ones", 0x04, 0xFB, 4 },
  { "four wrong ones after a lock", 0x14, 0xEB, 4 }, { "a lock that is over", 0x30, 0xCF, 0 }, { "a lock of no time", 0x08, 0xF7, 0 },
  { "locked", 0x18, 0xE7 }, { "locked for an hour", 0x78, 0x87 },
  { "blank, its complement written", 0xFF, 0x00 }, { "written, its complement blank", 0x00, 0xFE },
  { "first byte blank", 0xFF, 0xFB }, { "second byte blank", 0x01, 0xFF },
  { "both zero", 0x00, 0x00 }, { "one bit apart", 0x04, 0xFA },
  { "five wrong ones", 0x05, 0xFA }, { "a level beyond the longest", 0x80, 0x7F },
}

rig.test("a count of wrong PINs is taken up as it was kept, and one that makes no sense locks for 60 s", {
  needs = { "app", "ext", "probe" }, proves = { "APP-01" }, limit_s = 900,
}, function(bench)
  local cites, memory = { proves = { "APP-01" } }, bench.board[bench.count].eeprom
  local function boot_with(value, complement)
    eeprom.put(memory, eeprom.pin_lock_at, { value, complement })
    bench.board[bench.count]:reset()
    bench.ext:next()
  end
  for _, case in ipairs(kept) do
    local what, value, complement, row = table.unpack(case)
    boot_with(value, complement)
    if row then
      guess(bench, 5 - row)
      rig.equal(what .. ": the right PIN once the row is full", enter(bench, "1234"), "NA", cites)
      boot_with(value, complement)
      guess(bench, 4 - row)
    end
    rig.equal(what .. ": the right PIN", enter(bench, "1234"), row and "OK" or "NA", cites)
  end
  boot_with(0x12, 0xFF)
  rig.wait(57)
  rig.equal("half written, 2 s before 60 s are over: the right PIN", enter(bench, "1234"), "NA", cites)
  rig.wait(4)
  -- What made no sense counts as a first lock: the next is the second.
  guess(bench, 5)
  rig.wait(118)
  rig.equal("the lock after that, 2 s before its 120 s are over: the right PIN", enter(bench, "1234"), "NA", cites)
  rig.wait(4)
  rig.equal("and 2 s after", enter(bench, "1234"), "OK", cites)
end)

rig.test("neither the lock nor the row of wrong PINs ends with the power", {
  needs = { "app", "ext", "cell" }, proves = { "APP-01" },
}, function(bench)
  guess(bench, 4)
  rig.wait(0.5)
  bench:power_cycle()
  bench.ext:next()
  guess(bench, 1)
  rig.equal("the right PIN after four and one wrong ones", enter(bench, "1234"), "NA", { proves = { "APP-01" } })
  rig.wait(20)
  bench:power_cycle()
  local from_s = rig.now_s()
  bench.ext:next()
  rig.equal("the right PIN after a power cut", enter(bench, "1234"), "NA", { proves = { "APP-01" } })
  rig.check("locked after a power cut", locked_s(bench, from_s, 70), rig.limits.pin_lock_first, { proves = { "APP-01" } })
  bench:power_cycle()
  bench.ext:next()
  rig.equal("a lock that is over stays over", enter(bench, "1234"), "OK", { proves = { "APP-01" } })
end)

rig.test("the last board's button held for 5 s makes the PIN 1234 again and ends a lock", {
  needs = { "app", "ext", "cell", "button.last" }, proves = { "BTN-01", "APP-01", "DEC-23" },
}, function(bench)
  rig.claim("the PIN is changed", bench.app:change_pin("1234", "4711"), { proves = { "APP-01" } })
  guess(bench, 5)
  for _, short_s in ipairs { 0.1, 1.0, 4.8 } do
    bench.button.last:press(short_s)
    rig.wait(0.2)
  end
  rig.equal("held for less than 5 s: still locked", enter(bench, "4711"), "NA", { proves = { "BTN-01", "DEC-23" } })
  rig.wait(62)
  rig.equal("and the PIN is the changed one", enter(bench, "4711"), "OK", { proves = { "BTN-01" } })
  guess(bench, 5)
  bench.button.last:press(5.2)
  rig.equal("held for 5.2 s: PIN 1234", enter(bench, "1234"), "OK", { proves = { "BTN-01", "DEC-23" } })
  rig.equal("the changed PIN is wrong", enter(bench, "4711"), "NA", { proves = { "BTN-01" } })
  rig.wait(1)
  bench:power_cycle()
  bench.ext:next()
  rig.equal("PIN 1234 after a power cut", enter(bench, "1234"), "OK", { proves = { "BTN-01" } })
  rig.equal("V-max is as it was", ("%.3f"):format(bench.app:settings().v_max_v),
    ("%.3f"):format(profile.v_max_v), { proves = { "BTN-01" } })
end)
