-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the boards stream over the app link, and when (APP-01, APP-04, APP-05, ALM-04).
-- What the app's screens make of it is in dashboard.lua.

local rig = require("rig")
rig.api(1)

local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local records = require("lib.records")

local whole_burst = "UVTCEM"
local burst_s = 0.4  -- six records at 9600 baud, and the rig's own grid

-- Streams, and nothing flushes but the test itself.
local function begin(bench, id)
  bench.app:unlock()
  rig.equal("E!", bench.app:ask("E!"), "OK", { proves = { id or "APP-04" } })
  return rig.now_s()
end

-- What the boards send upon some bytes.
local function upon(bench, bytes)
  bench.app:receive()
  bench.app:send(bytes)
  return bench.app:receive(burst_s)
end

local function kinds_upon(bench, bytes) return records.kinds(records.lines(upon(bench, bytes))) end

rig.test("the stream needs the PIN", {
  needs = { "app", "ext" }, proves = { "APP-01" },
}, function(bench)
  local function silent(when)
    rig.wait(2.5)
    rig.equal(when .. ": what a flush brings", upon(bench, "$"), "", { proves = { "APP-01" } })
  end
  bench:power_cycle()
  bench.ext:next()
  rig.equal("E! before any PIN", bench.app:ask("E!"), "NA", { proves = { "APP-01" } })
  rig.equal("D! before any PIN", bench.app:ask("D!"), "NA", { proves = { "APP-01" } })
  silent("before any PIN")
  rig.claim("with the PIN", bench.app:unlock(), { proves = { "APP-01" } })
  silent("with the PIN, before E!")
  begin(bench, "APP-01")
  rig.wait(2)
  rig.equal("with both: kinds of records", kinds_upon(bench, "$"), whole_burst, { proves = { "APP-01" } })
  rig.equal("a wrong PIN", bench.app:ask("PW4321!"), "NA", { proves = { "APP-01" } })
  silent("after a wrong PIN")
  rig.equal("E! after it", bench.app:ask("E!"), "NA", { proves = { "APP-01" } })
end)

rig.test("records have the letter, the number and the width of fields that clients rely on", {
  needs = { "app", "ext", "sensor[1]", "sensor[2]" }, proves = { "APP-04", "APP-05" },
}, function(bench)
  bench.ext:all_cells()  -- the stream passes over a cell that has not had its turn yet
  bench.sensor[1]:set_a(-12)
  bench.sensor[2]:set_a(60)
  begin(bench)
  for burst = 1, bench.count + 1 do
    rig.wait(1.1)
    local lines = records.lines(upon(bench, "$"))
    rig.equal(("burst %d: kinds of records"):format(burst), records.kinds(lines), whole_burst,
      { proves = { "APP-04", "APP-05" } })
    local cell = records.number(lines[4] or "", 1)
    rig.equal(("burst %d: next cell in turn"):format(burst), cell, (burst - 1) % bench.count + 1,
      { proves = { "APP-05" } })
    rig.equal(("burst %d: number of cells"):format(burst), records.number(lines[4] or "", 2), bench.count,
      { proves = { "APP-05" } })
  end
  rig.equal("D!", bench.app:ask("D!"), "OK", { proves = { "APP-04" } })
  rig.wait(2)
  rig.equal("after D!: what a flush brings", upon(bench, "$"), "", { proves = { "APP-04" } })
end)

rig.test("what is held waits for the client's next byte, and only the newest is held", {
  needs = { "app", "ext", "cell" }, proves = { "APP-04" },
}, function(bench)
  begin(bench)
  rig.equal("3.5 s without a byte: heard", bench.app:receive(3.5), "", { proves = { "APP-04" } })
  bench.cells:set_v(3.20)
  rig.wait(2.5)
  local newest = records.lines(upon(bench, "$"))
  rig.equal("upon a flush", records.kinds(newest), whole_burst, { proves = { "APP-04" } })
  rig.check("it tells of now: lowest voltage, error", (records.number(newest[2] or "", 1) or 0) * packs.step_v - 3.20,
    rig.limits.cell_v_error, { proves = { "APP-04" } })
  -- Within the same second, just after a message.
  bench.ext:next()
  upon(bench, "$")
  rig.equal("flushed twice within a message period", upon(bench, "$"), "", { proves = { "APP-04" } })
  rig.equal("3.5 s without a further byte: heard", bench.app:receive(3.5), "", { proves = { "APP-04" } })
  rig.equal("upon a byte that is no flush", kinds_upon(bench, "V"), whole_burst, { proves = { "APP-04" } })
  rig.wait(2)
  -- With the rest of the command: its echo and answer come together, between records or after them.
  local lines = records.lines(upon(bench, "@\r"))
  local at = 1
  while lines[at] and lines[at] ~= "V@" do at = at + 1 end
  rig.equal("the command is echoed", table.remove(lines, at), "V@", { proves = { "APP-04" } })
  rig.claim("and answered in the next line", (table.remove(lines, at) or ""):match("^0001_") ~= nil, { proves = { "APP-04" } })
  rig.equal("the records round it", records.kinds(lines), whole_burst, { proves = { "APP-04" } })
end)

rig.test("a stream begins with the next message, and neither E! nor the right PIN ends it", {
  needs = { "app", "ext" }, proves = { "APP-04" },
}, function(bench)
  begin(bench)
  rig.wait(1.2)
  rig.equal("D!", bench.app:ask("D!"), "OK", { proves = { "APP-04" } })
  bench.ext:next()
  rig.equal("E! just after a message", bench.app:ask("E!"), "OK", { proves = { "APP-04" } })
  rig.equal("what a flush brings at once", upon(bench, "$"), "", { proves = { "APP-04" } })
  for _, line in ipairs { "PW1234!", "E!" } do
    rig.wait(1.2)
    rig.claim(line .. " is answered", upon(bench, line .. "\r"):find(line .. "\rOK\r", 1, true) ~= nil, { proves = { "APP-04" } })
    rig.wait(1.2)
    rig.equal(line .. ": what a flush brings then", kinds_upon(bench, "$"), whole_burst, { proves = { "APP-04" } })
  end
end)

rig.test("streaming stops 10 s after the last flush", {
  needs = { "app", "ext" }, proves = { "APP-04" },
}, function(bench)
  -- Messages have come meanwhile, so that any byte shows whether a burst is held. It may
  -- be the only one: what comes soon after it finds nothing new.
  local function shows(name, since_s, after_s, expected)
    messages.wait_until(since_s + after_s)
    rig.equal(("%.1f s after %s"):format(after_s, name), kinds_upon(bench, "\n"), expected, { proves = { "APP-04" } })
  end
  local function flush()
    local at_s = rig.now_s()
    bench.app:send("$")
    return at_s
  end
  shows("E!", begin(bench), 9.7, whole_burst)
  shows("E!", begin(bench), 10.3, "")
  rig.wait(2)
  rig.equal("a flush does not begin it again", upon(bench, "$"), "", { proves = { "APP-04" } })

  begin(bench)
  rig.wait(6)
  shows("the last flush", flush(), 9.7, whole_burst)
  shows("the last flush", flush(), 10.3, "")
  begin(bench)
  local flushed_s = flush()
  shows("the last flush", flushed_s, 5, whole_burst)
  shows("the last flush, whatever other byte came,", flushed_s, 10.3, "")
end)

rig.test("what streams is what the extended output says", {
  needs = { "app", "ext", "cell", "temperature", "sensor[1]", "sensor[2]" }, proves = { "APP-04", "APP-05" },
}, function(bench)
  bench.sensor[1]:set_a(18)
  bench.sensor[2]:set_a(6)
  -- Neighbours differ, and none balances or is too hot.
  local function step(k) return (k - 1) % 6 + 1 end
  for k = 1, bench.count do
    bench.cell[k]:set_v(3.10 + 0.03 * step(k))
    bench.temperature[k]:set_degc(16 + 8 * step(k))
  end
  messages.fresh(bench)
  local stream = bench.app:stream()
  local same = { "lowest_v_cell", "highest_v_cell", "lowest_degc_cell", "highest_degc_cell", "count", "status",
    "soc_pct", "collected_total_kwh", "consumed_total_kwh", "balance_v" }
  for burst = 1, 2 * bench.count do
    local said = stream:next()
    local frame = bench.ext:latest()
    local what = ("burst %d: "):format(burst)
    for _, field in ipairs(same) do
      rig.equal(what .. field, said[field], frame[field], { proves = { "APP-04", "APP-05" } })
    end
    rig.equal(what .. "its cell's voltage is the one set", math.floor((said.cell_v - 3.10) / 0.03 + 0.5), step(said.cell),
      { proves = { "APP-05" } })
    rig.check(what .. "cell voltage, error", said.cell_v - (3.10 + 0.03 * step(said.cell)), rig.limits.cell_v_error,
      { proves = { "APP-05" } })
    rig.check(what .. "cell temperature, error", said.cell_degc - (16 + 8 * step(said.cell)), rig.limits.cell_degc_error,
      { proves = { "APP-05" } })
    for _, end_of in ipairs { { "lowest", 1 }, { "highest", math.min(bench.count, 6) } } do
      local which, k = table.unpack(end_of)
      rig.check(("%s%s voltage, error"):format(what, which), said[which .. "_v"] - (3.10 + 0.03 * k),
        rig.limits.cell_v_error, { proves = { "APP-04" } })
      rig.check(("%s%s temperature, error"):format(what, which), said[which .. "_degc"] - (16 + 8 * k),
        rig.limits.cell_degc_error, { proves = { "APP-04" } })
    end
    rig.check(what .. "pack voltage, error per cell", (said.pack_v - frame.pack_v) / bench.count,
      rig.limits.cell_v_error, { proves = { "APP-04" } })
    rig.check(what .. "charge current, error", said.i1_a - 18, rig.limits.streamed_a_error, { proves = { "APP-04" } })
    rig.check(what .. "consumed current, error", said.i2_a - 6, rig.limits.streamed_a_error, { proves = { "APP-04" } })
    rig.check(what .. "battery current, error", said.battery_a - 12, rig.limits.streamed_difference_a_error,
      { proves = { "APP-04" } })
  end
  stream:stop()
  rig.equal("malformed records", table.concat(stream:malformed(), " "), "", { proves = { "APP-04" } })
end)

local resolution = profile.gen3 and { "CUR-03", "APP-04" } or { "APP-04" }

rig.test("streamed currents resolve each step of the sensor", {
  needs = { "app", "ext", "sensor[1]", "sensor[2]" }, proves = resolution,
}, function(bench)
  local stream = bench.app:stream()
  local amperes
  for _, steps in ipairs { 10, 11, 20, 21, -47, 150, -190 } do
    amperes = steps * profile.step_a
    bench.sensor[1]:set_a(amperes)
    bench.sensor[2]:set_a(-amperes)
    messages.fresh(bench)
    local said = stream:next()
    local when = ("%+.2f A: "):format(amperes)
    rig.check(when .. "sensor 1, error", said.i1_a - amperes, rig.limits.streamed_a_error, { proves = resolution })
    rig.check(when .. "sensor 2, error", said.i2_a + amperes, rig.limits.streamed_a_error, { proves = resolution })
  end
  bench.sensor[2]:unplug()
  messages.fresh(bench)
  local said = stream:next()
  rig.equal("sensor 2 unplugged", said.i2_a, nil, { proves = { "APP-04" } })
  rig.check("battery current then, error", said.battery_a - amperes, rig.limits.streamed_a_error, { proves = { "APP-04" } })
end)

rig.test("under E no cell is told of, and no current", {
  needs = { "app", "ext", "chain", "sensor[1]", "sensor[2]" }, proves = { "ALM-04" },
}, function(bench)
  bench.sensor[1]:set_a(10)
  local stream = bench.app:stream()
  rig.equal("before", records.kinds(stream:next().lines), whole_burst, { proves = { "ALM-04" } })
  bench.chain[bench.count - 1]:open()
  rig.eventually("E", { within_s = 8 }, function() return bench.ext:latest().alarm.e end)
  stream:next()
  for burst = 1, 2 * bench.count do
    local said = stream:next()
    rig.equal(("burst %d under E"):format(burst), records.kinds(said.lines), "UEM", { proves = { "ALM-04" } })
    rig.claim(("burst %d under E: no current"):format(burst),
      said.i1_a == nil and said.i2_a == nil and said.battery_a == nil, { proves = { "ALM-04" } })
  end
  rig.equal("cells in the battery details", #bench.app:battery().cells, 0, { proves = { "ALM-04" } })
  rig.equal("cells that balance", bench.app:ask("B@"), "00_00_C0", { proves = { "ALM-04" } })
  bench.chain[bench.count - 1]:close()
  rig.eventually("E clears", { within_s = 6 }, function() return not bench.ext:latest().alarm.e end)
  stream:next()
  rig.equal("after E", records.kinds(stream:next().lines), whole_burst, { proves = { "ALM-04" } })
end)

rig.test("answers never come inside a record, however much is asked", {
  needs = { "app", "ext" }, proves = { "APP-04", "APP-02" },
}, function(bench)
  local stream = bench.app:stream(0.3)
  local expected = {}
  bench.app:ask("65-080!")  -- what R@ tells of
  for _, page in ipairs { "S1@", "S2@", profile.gen3 and "S3@" or "V@", "B@", "R@" } do expected[page] = bench.app:ask(page) end
  for round = 1, 12 do
    for page, answer in pairs(expected) do
      rig.equal(("round %d: %s"):format(round, page), bench.app:ask(page), answer, { proves = { "APP-02" } })
    end
    rig.equal(("round %d: a refused write"):format(round), bench.app:ask("65-080!"), "KO", { proves = { "APP-02" } })
    bench.app:send(("$"):rep(20))
    rig.wait(0.05 * round)
  end
  rig.equal("malformed records", table.concat(stream:malformed(), " "), "", { proves = { "APP-04" } })
  rig.claim("and records came", stream:bursts() > 5, { proves = { "APP-04" } })
end)

rig.test("the stream carries the boards' clock", {
  needs = { "app" }, proves = { "APP-04" },
}, function(bench)
  bench.app:unlock()
  bench.app:ask("17-0D0!")
  rig.equal("the clock is set to 23:58", bench.app:ask("3A-0D1!"), "OK", { proves = { "APP-04" } })
  local stream = bench.app:stream()
  rig.equal("at once", stream:next().clock, "23:58", { proves = { "APP-04" } })
  rig.wait(61)
  rig.equal("a minute later", stream:next().clock, "23:59", { proves = { "APP-04" } })
  rig.wait(60)
  rig.equal("two minutes later", stream:next().clock, "00:00", { proves = { "APP-04" } })
end)

rig.test("beyond 327.675 V the pack's voltage is told in six digits", {
  needs = { "app", "ext" }, proves = { "APP-04" }, cells = 100, profiles = { "gen3" },
}, function(bench)
  begin(bench)
  for _, volts in ipairs { 3.25, 3.30 } do
    bench.cells:set_v(volts)
    rig.wait(4)
    local line = records.lines(upon(bench, "$"))[1] or ""
    rig.equal(("%.2f V per cell: digits"):format(volts), #(line:match("^U_(%x+)_") or ""), volts < 3.27 and 4 or 6,
      { proves = { "APP-04" } })
    rig.check(("%.2f V per cell: told over set"):format(volts), (records.number(line, 1) or 0) * packs.step_v / bench.count / volts,
      rig.limits.pack_v_ratio, { proves = { "APP-04" } })
  end
end)
