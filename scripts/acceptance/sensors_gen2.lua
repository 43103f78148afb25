-- SPDX-License-Identifier: GPL-3.0-or-later
-- Generation 2's current sensors: eight types, one hidden setting, a blind spot and auto
-- zero (CUR-01, 02, 09, 12; DIP-03, 04, 12). The bench has sensors of 100 A; programmed as
-- another type, the same counts stand for that type's amperes.

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")
local installer = require("lib.installer")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local service = require("lib.service")

-- In the order of switches 1 to 3.
local types = {
  { rated_a = 25, step_a = 0.125 }, { rated_a = 50, step_a = 0.25 }, { rated_a = 100, step_a = 0.5 },
  { rated_a = 250, step_a = 1.25 }, { rated_a = 400, step_a = 2 }, { rated_a = 500, step_a = 2.5 },
  { rated_a = 1000, step_a = 5 }, { rated_a = 2000, step_a = 10 },
}
local type_100_a = 2

local needs = { "sensor[1]", "sensor[2]", "switch", "ext" }

local function blind_spot(bench, on)
  bench.switches:set(3, on)
  rig.wait(5)  -- three reads 1 s apart, and the message that carries it
end

for code, type in ipairs(types) do
  rig.test(("a sensor of %d A resolves %g A"):format(type.rated_a, type.step_a), {
    needs = needs, profiles = { "gen2" }, proves = { "CUR-01", "CUR-12", "DIP-06" },
  }, function(bench)
    blind_spot(bench, false)
    installer.program(bench, code - 1)
    local scale = type.step_a / profile.step_a
    local limit = { min = rig.limits.rated_a_error_steps.min * type.step_a,
      max = rig.limits.rated_a_error_steps.max * type.step_a, unit = "A" }
    for _, amperes in ipairs { 0.5, 1.0, 20.0, 20.5, -21.0, 50.0, 100.0, -100.0 } do
      bench.sensor[1]:set_a(amperes)
      bench.sensor[2]:set_a(-amperes)
      local frame = messages.fresh(bench)
      for _, case in ipairs { { "sensor 1", frame.i1_a, amperes }, { "sensor 2", frame.i2_a, -amperes } } do
        local which, shown_a, fed_a = table.unpack(case)
        rig.check(("%s at %+g A: error"):format(which, fed_a * scale), (shown_a or 1e9) - fed_a * scale, limit,
          { proves = { "CUR-01", "CUR-12", "DIP-06" } })
        rig.equal(("%s at %+g A: a whole number of steps"):format(which, fed_a * scale),
          (shown_a or 0.01) / type.step_a % 1, 0.0, { proves = { "CUR-01" } })
      end
    end
  end)
end

rig.test("the blind spot reads as exactly 0 A with switch 3 on, and shows small currents with it off", {
  needs = needs, profiles = { "gen2" }, proves = { "CUR-02", "DIP-03" },
}, function(bench)
  for number = 1, 2 do
    local field = ("i%d_a"):format(number)
    for _, sign in ipairs { 1, -1 } do
      local which = ("sensor %d, %s"):format(number, sign > 0 and "positive" or "negative")
      local point = rig.trip_point {
        ramp = function(a) bench.sensor[number]:set_a(sign * a) end,
        from_a = 0.3, to_a = 2.0, step_a = 0.05, dwell_s = 2.5,
        moves = function() return bench.ext:next()[field] ~= 0 end,
      }
      rig.check("blind spot, " .. which, point.a, rig.limits.blind_spot, { proves = { "CUR-02" } })
      bench.sensor[number]:set_a(sign * rig.limits.blind_spot.min)
    end
  end
  for _, on in ipairs { false, true } do
    blind_spot(bench, on)
    for number = 1, 2 do
      local shown_a = messages.fresh(bench)[("i%d_a"):format(number)]
      local what = ("switch 3 %s: sensor %d shows its current"):format(on and "on" or "off", number)
      rig.equal(what, shown_a ~= 0, not on, { proves = { "CUR-02", "DIP-03" } })
    end
  end
end)

rig.test("the blind spot of other types of sensor is as many of their steps", {
  needs = needs, profiles = { "gen2" }, proves = { "CUR-02" },
}, function(bench)
  for _, code in ipairs { 0, 7 } do
    installer.program(bench, code)
    local type = types[code + 1]
    for _, case in ipairs { { 0.7, true }, { -0.7, true }, { 1.5, false }, { -1.5, false } } do
      local counts, blind = case[1] / profile.step_a, case[2]
      bench.sensor[1]:set_a(case[1])
      rig.equal(("%d A: %+.2f A reads as 0"):format(type.rated_a, counts * type.step_a),
        messages.fresh(bench).i1_a == 0, blind, { proves = { "CUR-02" } })
    end
  end
end)

-- What sensors at rest are off by: beyond the blind spot, and what a sensor can be off by.
local zero_a = 3.0

local function inject(bench, amperes)
  bench.sensor[1]:set_a(zero_a + amperes)
  bench.sensor[2]:set_a(-zero_a + amperes)
end

local function check_zero(bench, when)
  for _, amperes in ipairs { 0, 10, -50 } do
    inject(bench, amperes)
    local read = packs.reported_a(bench)
    for number = 1, 2 do
      local shown_a = read[("i%d_a"):format(number)] or 1e9
      if amperes == 0 then
        rig.equal(("%s: sensor %d at rest"):format(when, number), shown_a, 0.0, { proves = { "CUR-09" } })
      else
        rig.check(("%s: sensor %d at %+d A, error"):format(when, number, amperes), shown_a - amperes,
          rig.limits.fine_a_error, { proves = { "CUR-09" } })
      end
    end
  end
  inject(bench, 0)
end

rig.test("while switch 4 is on, sensors at rest become 0 A within seconds, and stay so", {
  needs = { "sensor[1]", "sensor[2]", "switch", "ext", "cell" }, profiles = { "gen2" }, proves = { "CUR-09", "DIP-04" },
}, function(bench)
  inject(bench, 0)
  local before = packs.reported_a(bench)
  rig.check("sensor 1 is off by", before.i1_a - zero_a, rig.limits.fine_a_error, { proves = { "CUR-09" } })
  rig.check("sensor 2 is off by", before.i2_a + zero_a, rig.limits.fine_a_error, { proves = { "CUR-09" } })
  local from_s = rig.now_s()
  bench.switches:set(4, true)
  rig.eventually("both read 0 A", { within_s = 20, proves = { "CUR-09", "DIP-04" } }, function()
    local frame = bench.ext:latest()
    return frame.i1_a == 0 and frame.i2_a == 0
  end)
  rig.check("0 A after", rig.now_s() - from_s, rig.limits.auto_zero, { proves = { "CUR-09" } })
  rig.wait(10)
  bench.switches:set(4, false)
  rig.wait(5)
  check_zero(bench, "switched off")
  bench:power_cycle()
  bench.ext:next()
  check_zero(bench, "after a power cut")
end)

rig.test("while switch 4 is on, the zero follows sensors that drift, to the count", {
  needs = { "sensor[1]", "sensor[2]", "switch", "ext", "service" }, profiles = { "gen2" }, proves = { "CUR-09", "DIP-04" },
}, function(bench)
  blind_spot(bench, false)
  bench.switches:set(4, true)
  -- Two by two, so that neither sensor's can stand for the other's.
  for _, off in ipairs { { 4.5, -3.0 }, { -4.5, 1.5 }, { 0, 4.0 } } do
    bench.sensor[1]:set_a(off[1])
    bench.sensor[2]:set_a(off[2])
    rig.wait(20)
    local read = packs.reported_a(bench)
    for number = 1, 2 do
      rig.equal(("sensor %d, off by %+.1f A: at rest"):format(number, off[number]), read[("i%d_a"):format(number)], 0.0, { proves = { "CUR-09", "DIP-04" } })
    end
  end
  bench.switches:set(4, false)
  rig.wait(5)
  bench.sensor[1]:set_a(20)
  bench.sensor[2]:set_a(-16)
  local read = packs.reported_a(bench)
  rig.check("switched off: sensor 1 at 20 A, error", read.i1_a - 20, rig.limits.fine_a_error, { proves = { "CUR-09", "DIP-04" } })
  rig.check("switched off: sensor 2 at -20 A, error", read.i2_a + 20, rig.limits.fine_a_error, { proves = { "CUR-09", "DIP-04" } })
  -- A zero that is calibrated later counts.
  bench.service[1]:unlock()
  rig.equal("neutral zeros are written", bench.service[1]:ask(service.command.write_sensor, "010000000000000000"), "done", { proves = { "DIP-04" } })
  rig.wait(5)
  rig.check("written later: sensor 2, error", packs.reported_a(bench).i2_a + 16, rig.limits.fine_a_error, { proves = { "DIP-04" } })
end)

rig.test("a zero is the average of what disturbed sensors read", {
  needs = needs, profiles = { "gen2" }, proves = { "CUR-09" },
}, function(bench)
  blind_spot(bench, false)
  local swing_a = 1.5
  local function disturb(messages_heard)
    for n = 1, messages_heard do
      swing_a = -swing_a
      bench.sensor[1]:set_a(2.0 + swing_a)
      bench.sensor[2]:set_a(-2.0 - swing_a)
      bench.ext:next()
    end
  end
  bench.switches:set(4, true)
  disturb(20)
  bench.switches:set(4, false)
  disturb(6)
  bench.sensor[1]:set_a(2.0)
  bench.sensor[2]:set_a(-2.0)
  local read = packs.reported_a(bench)
  for number = 1, 2 do
    rig.check(("sensor %d undisturbed at rest"):format(number), read[("i%d_a"):format(number)], rig.limits.fine_a_error, { proves = { "CUR-09" } })
  end
end)

rig.test("with switch 4 off no current is taken for a zero, and with it on no large one", {
  needs = needs, profiles = { "gen2" }, proves = { "CUR-09", "DIP-04" },
}, function(bench)
  bench.sensor[1]:set_a(zero_a)
  rig.wait(30)
  rig.check("switch 4 off: sensor 1, error", packs.reported_a(bench).i1_a - zero_a, rig.limits.fine_a_error,
    { proves = { "DIP-04" } })
  bench.sensor[1]:set_a(40)
  bench.switches:set(4, true)
  rig.wait(15)
  rig.check("40 A flow, switch 4 on: sensor 1, error", packs.reported_a(bench).i1_a - 40, rig.limits.fine_a_error,
    { proves = { "CUR-09" } })
  bench.switches:set(4, false)
  rig.wait(5)
  rig.check("40 A flowed meanwhile: sensor 1, error", packs.reported_a(bench).i1_a - 40, rig.limits.fine_a_error,
    { proves = { "CUR-09" } })
end)

-- DIP-12: the installer's last step. True when both sensors at rest read 0 A.
local function zero_is_right(bench)
  blind_spot(bench, false)
  local read = packs.reported_a(bench)
  blind_spot(bench, true)
  return math.abs(read.i1_a) < profile.step_a and math.abs(read.i2_a) < profile.step_a
end

rig.test("after the sensor type was stored, its zero is checked again, and set where it is wrong", {
  needs = needs, profiles = { "gen2" }, proves = { "DIP-12", "CUR-09" },
}, function(bench)
  installer.program(bench, type_100_a)
  rig.claim("a good zero is found good", zero_is_right(bench), { proves = { "DIP-12" } })
  inject(bench, 0)
  installer.program(bench, type_100_a)
  rig.claim("a wrong zero is found wrong", not zero_is_right(bench), { proves = { "DIP-12" } })
  bench.switches:set(4, true)
  rig.wait(8)
  bench.switches:set(4, false)
  rig.wait(5)
  rig.claim("auto zero puts it right", zero_is_right(bench), { proves = { "DIP-12", "CUR-09" } })
  rig.claim("the boards show no alarm", bench.ext:latest().status & frames.status.e == 0, { proves = { "DIP-12" } })
end)

rig.test("the app cannot change the sensor type", {
  needs = { "sensor[1]", "app", "ext" }, profiles = { "gen2" }, proves = { "CUR-12" },
}, function(bench)
  bench.app:unlock()
  rig.equal("written over the app link", bench.app:ask("00-016!"), "KO", { proves = { "CUR-12" } })
  bench.sensor[1]:set_a(50)
  rig.check("still of 100 A: error at 50 A", packs.reported_a(bench).i1_a - 50, rig.limits.fine_a_error,
    { proves = { "CUR-12" } })
end)
