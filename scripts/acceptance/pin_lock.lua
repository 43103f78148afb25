-- SPDX-License-Identifier: GPL-3.0-or-later
-- Guessing the PIN, and the button that restores it (APP-01, BTN-01).

local rig = require("rig")
rig.api(1)

local profile = require("lib.profile")

local function enter(bench, pin) return bench.app:ask(("PW%s!"):format(pin)) end

local function guess(bench, times)
  for n = 1, times do
    rig.equal(("wrong PIN, %d in a row"):format(n), enter(bench, "9999"), "NA", { proves = { "APP-01" } })
  end
end

-- Waits for the lock to end by trying the right PIN, which does not count; how
-- long that took since `from_s`.
local function locked_s(bench, from_s, within_s)
  rig.eventually("the right PIN is let in again", { within_s = within_s, every_s = 0.5 }, function()
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
