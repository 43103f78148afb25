-- SPDX-License-Identifier: GPL-3.0-or-later
-- What each board takes from its cell (PWR), and what its program leaves of the
-- controller's memory: estimates that need a bench which sees inside.

local rig = require("rig")
rig.api(1)

local profile = require("lib.profile")

local row = profile.gen2 and "PWR-01" or rig.profile == "gen3-hw1" and "PWR-02" or "PWR-03"

-- The rows hold at this voltage, at messages of 1 s, without current.
local cell_v = 3.3
-- Long enough that each LED's flashes and each record of energy come in whole.
local watched_s = 120

local function average_ma(bench, k)
  return bench.board[k]:average_current_a(watched_s) * 1e3
end

rig.test("middle boards take no more from their cell than they may", {
  needs = { "probe", "cell" }, proves = { row }, limit_s = 1200, cells = 4,
}, function(bench)
  bench.cells:set_v(cell_v)
  for k = 2, bench.count - 1 do
    rig.check(("board %d: average current"):format(k), average_ma(bench, k), rig.limits.middle_ma, { proves = { row } })
  end
end)

rig.test("the first board takes no more from its cell than it may, with one sensor and with two", {
  needs = { "probe", "cell", "sensor[1]", "sensor[2]" }, proves = { row },
}, function(bench)
  bench.cells:set_v(cell_v)
  rig.check("two sensors: average current", average_ma(bench, 1), rig.limits.first_two_sensors_ma, { proves = { row } })
  bench.sensor[2]:unplug()
  rig.wait(5)
  rig.check("one sensor: average current", average_ma(bench, 1), rig.limits.first_one_sensor_ma, { proves = { row } })
end)

rig.test("the last board takes no more from its cell than it may, on standby and while an app is connected", {
  needs = { "probe", "cell", "app" }, proves = { row },
}, function(bench)
  bench.cells:set_v(cell_v)
  rig.wait(10)
  rig.check("radio on standby: average current", average_ma(bench, bench.count), rig.limits.last_standby_ma,
    { proves = { row } })

  bench.app:unlock()
  rig.equal("the app streams", bench.app:ask("E!"), "OK")
  local sum = 0
  for _ = 1, watched_s do
    bench.app:send("$")
    sum = sum + bench.board[bench.count]:average_current_a(1) * 1e3
  end
  rig.check("app connected and streaming: average current", sum / watched_s, rig.limits.last_connected_ma,
    { proves = { row } })
end)

-- Everything at once that makes calls go deep.
local function keep_busy(bench, for_s)
  local until_s = rig.now_s() + for_s
  bench.app:unlock()
  bench.app:send("E!\r")
  while rig.now_s() < until_s do
    local k = math.random(bench.count)
    bench.cell[k]:set_v(math.random(4) == 1 and 3.80 or math.random(3) == 1 and 2.80 or 3.45)
    bench.temperature[k]:set_degc(math.random(-30, 90))
    bench.sensor[math.random(2)]:set_a(math.random(-profile.most_a, profile.most_a))
    bench.switches:set(math.random(7), math.random(2) == 1)
    bench.chain[math.random(bench.count - 1)]:flip(math.random(0, 31), math.random(255))
    for _, line in ipairs {
      "$", "V@\r", "S1@\r", "S2@\r", "S3@\r", "R@\r", "I@\r", "B@\r", "Y@\r", "Z@\r", "PW1234!\r",
      ("%02X-%03X!\r"):format(math.random(0, 255), math.random(0x10, 0x10F)), ("x"):rep(math.random(100)),
    } do
      bench.app:send(line)
      rig.wait(0.03)
    end
    if math.random(20) == 1 then
      local button = bench.button[math.random(2) == 1 and "first" or "last"]
      button:press(5.3)
      bench.app:send("PW1234!\r")
    end
  end
end

rig.test("every board's stack leaves at least a quarter of its memory untouched, however busy it is", {
  needs = { "probe", "cell", "temperature", "sensor[1]", "sensor[2]", "switch", "chain_tap", "app", "button" },
  limit_s = 1200, cells = 4,
}, function(bench)
  keep_busy(bench, 180)
  for k = 1, bench.count do
    local untouched, of = bench.board[k]:untouched_ram()
    print(("board %d: %d of %d bytes untouched"):format(k, untouched, of))
    rig.check(("board %d: memory never touched"):format(k), 100 * untouched / of, rig.limits.untouched_ram)
  end
end)
