-- SPDX-License-Identifier: GPL-3.0-or-later
-- The first board's button makes what the current sensors read their zero (CUR-10,
-- BTN-02). A sensor whose zero is off is played by a current that is not there later.

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")
local packs = require("lib.packs")

local looped_1x = 2
-- Beyond the dead band, and what a sensor and its reference can be off by.
local error_a = 0.40

local function inject(bench, amperes)
  bench.sensor[1]:set_a(error_a + amperes)
  bench.sensor[2]:set_a(-error_a + amperes)
end

-- When the LED began to go on faster than any message makes it, evenly.
local function fast_since(bench, since_s)
  local ons = {}
  for _, edge in ipairs(bench.board[1].led:edges(since_s)) do
    if edge.active then ons[#ons + 1] = edge.at_s end
  end
  for i = 1, #ons - 3 do
    local apart_s = ons[i + 1] - ons[i]
    local even = math.abs(ons[i + 2] - ons[i + 1] - apart_s) < 0.02 and math.abs(ons[i + 3] - ons[i + 2] - apart_s) < 0.02
    if apart_s < 0.5 and even then return ons[i] end
  end
  return nil
end

-- From the first to the last of the flashes that follow each other fast.
local function fast_for_s(bench, since_s)
  local first_s = fast_since(bench, since_s)
  local last_s = first_s
  for _, edge in ipairs(bench.board[1].led:edges(since_s)) do
    if edge.active and edge.at_s > last_s and edge.at_s - last_s < 0.3 then last_s = edge.at_s end
  end
  return last_s - first_s
end

-- Holds the button as the manual says: until the LED flashes fast.
local function calibrate(bench)
  local pressed_s = rig.now_s()
  bench.button.first:hold()
  rig.eventually("the LED flashes fast", { within_s = 7, every_s = 0.02, proves = { "BTN-02" } }, function()
    return fast_since(bench, pressed_s + 2) ~= nil
  end)
  bench.button.first:release()
  return fast_since(bench, pressed_s + 2) - pressed_s
end

local function check_zero(bench, when)
  inject(bench, 0)
  local at_rest = packs.reported_a(bench)
  for number = 1, 2 do
    local field = ("i%d_a"):format(number)
    rig.equal(("%s, sensor %d at rest"):format(when, number), at_rest[field], 0, { proves = { "CUR-10" } })
  end
  for _, amperes in ipairs { 10, -10, 200 } do
    inject(bench, amperes)
    local read = packs.reported_a(bench)
    local limit = amperes > 20 and rig.limits.coarse_a_error or rig.limits.fine_a_error
    for number = 1, 2 do
      rig.check(("%s, sensor %d at %+g A: error"):format(when, number, amperes),
        (read[("i%d_a"):format(number)] or 1e9) - amperes, limit, { proves = { "CUR-10" } })
    end
  end
end

rig.test("held until the LED flashes fast, the first board's button sets both sensors' zero for good", {
  needs = { "sensor[1]", "sensor[2]", "button.first", "board.led", "app", "ext", "cell", "service" }, profiles = { "gen3" },
  proves = { "CUR-10", "BTN-02", "DEC-23" },
}, function(bench)
  bench.app:set { sensor_type = looped_1x }
  inject(bench, 0)
  local off = packs.reported_a(bench)
  rig.check("sensor 1 is off by", off.i1_a, rig.limits.zero_error_shown, { proves = { "CUR-10" } })
  rig.check("sensor 2 is off by", -off.i2_a, rig.limits.zero_error_shown, { proves = { "CUR-10" } })

  local from_s = rig.now_s()
  bench.button.first:press(rig.limits.button_hold.min)
  rig.wait(2)
  rig.claim("let go too early, the LED does not flash fast", not fast_since(bench, from_s), { proves = { "DEC-23" } })
  rig.check("and sensor 1 is off still by", packs.reported_a(bench).i1_a, rig.limits.zero_error_shown,
    { proves = { "DEC-23" } })

  local pressed_s = rig.now_s()
  rig.check("held for", calibrate(bench), rig.limits.button_hold, { proves = { "DEC-23" } })
  rig.wait(4)
  rig.check("fast flashes for", fast_for_s(bench, pressed_s + 2), rig.limits.zero_taken_flash, { proves = { "BTN-02" } })
  -- To the count: most of an error hides in the dead band.
  for number, told in ipairs(bench.service[1]:calibration().sensor) do
    local off_a = number == 1 and error_a or -error_a
    rig.check(("sensor %d: fine zero, error in counts"):format(number), told.fine_zero_counts - off_a / 0.05, rig.limits.zero_counts_error,
      { proves = { "CUR-10" } })
    rig.check(("sensor %d: coarse zero, error in counts"):format(number), told.coarse_zero_counts - off_a / 1.25, rig.limits.zero_counts_error,
      { proves = { "CUR-10" } })
    local raw = 0
    for _ = 1, 6 do
      raw = raw + bench.service[1]:raw().sensor[number].coarse / 6
      rig.wait(1)
    end
    rig.check(("sensor %d: coarse zero, less what the output reads"):format(number), told.coarse_zero_counts - (raw - 512),
      rig.limits.zero_average_error, { proves = { "CUR-10" } })
  end
  from_s = rig.now_s()
  rig.wait(3)
  rig.claim("a while later the LED flashes as ever", not fast_since(bench, from_s), { proves = { "BTN-02" } })
  check_zero(bench, "calibrated")
  bench:power_cycle()
  check_zero(bench, "after a power cut")
end)

rig.test("where current flows the first board's button takes no zero", {
  needs = { "sensor[1]", "sensor[2]", "button.first", "board.led", "app", "ext" }, profiles = { "gen3" },
  proves = { "CUR-10" },
}, function(bench)
  bench.app:set { sensor_type = looped_1x }
  for number = 1, 2 do
    local field = ("i%d_a"):format(number)
    for _, amperes in ipairs { 0.65, -0.65, 5, -300 } do
      local when = ("%+g A through sensor %d: "):format(amperes, number)
      local pressed_s = rig.now_s()
      bench.sensor[number]:set_a(amperes)
      bench.button.first:press(6)
      rig.wait(1)
      rig.claim(when .. "the LED does not flash fast", not fast_since(bench, pressed_s), { proves = { "CUR-10" } })
      local limit = math.abs(amperes) > 20 and rig.limits.coarse_a_error or rig.limits.fine_a_error
      rig.check(when .. "still reported, error", (packs.reported_a(bench)[field] or 1e9) - amperes, limit,
        { proves = { "CUR-10" } })
    end
    bench.sensor[number]:set_a(0)
  end
end)

rig.test("a sensor that is unplugged keeps its zero when the other's is set", {
  needs = { "sensor[1]", "sensor[2]", "button.first", "board.led", "app", "ext" }, profiles = { "gen3" },
  proves = { "CUR-10", "BTN-02" },
}, function(bench)
  bench.app:set { sensor_type = looped_1x }
  bench.sensor[2]:unplug()
  inject(bench, 0)
  calibrate(bench)
  local read = packs.reported_a(bench)
  rig.equal("sensor 1 at rest", read.i1_a, 0, { proves = { "CUR-10" } })
  bench.sensor[2]:plug()
  read = packs.reported_a(bench)
  rig.check("sensor 2 is off by", -(read.i2_a or 1e9), rig.limits.zero_error_shown, { proves = { "CUR-10" } })
end)

rig.test("a power cut at any moment of its writing leaves the old zero or the new one", {
  needs = { "sensor[1]", "sensor[2]", "button.first", "board.led", "app", "ext", "cell" }, profiles = { "gen3" },
  proves = { "CUR-10", "BTN-02" }, limit_s = 1800,
}, function(bench)
  bench.app:set { sensor_type = looped_1x }
  inject(bench, 0)
  calibrate(bench)
  rig.wait(4)
  -- Each round makes 0 A or the error the zero, whichever it is not; a cut keeps all of one.
  local zero_a, olds, news = error_a, 0, 0
  for cut_after_ms = 0, 30 do  -- bytes that stay the same are not written: one copy takes some 15 ms
    local next_a = error_a - zero_a
    bench.sensor[1]:set_a(next_a)
    bench.sensor[2]:set_a(-next_a)
    bench.button.first:hold()
    rig.wait(5 + cut_after_ms / 1000)
    bench.cell[1]:off()
    bench.button.first:release()
    rig.wait(1)
    bench.cell[1]:on()
    bench.sensor[1]:set_a(zero_a)
    bench.sensor[2]:set_a(-zero_a)
    local read = packs.reported_a(bench)
    local old = read.i1_a == 0 and read.i2_a == 0
    local new = math.abs(read.i1_a) > 0.3 and math.abs(read.i2_a) > 0.3
    rig.claim(("cut %d ms after the button's 5 s: all old or all new"):format(cut_after_ms), old or new,
      { proves = { "CUR-10" } })
    olds, news = olds + (old and 1 or 0), news + (new and 1 or 0)
    if new then zero_a = next_a end
  end
  rig.claim("some cuts came before the writing and some after", olds > 0 and news > 0)
  rig.equal("early warning", (frames.value_of(bench, 16) or 0) & frames.status2.early_warning, 0,
    { proves = { "CUR-10" } })
end)
