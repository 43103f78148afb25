-- SPDX-License-Identifier: GPL-3.0-or-later
-- The boards' self-tests at the end of the line: bypass, lights, relays. What a relay's
-- self-test may do and when: open one that the rules allow, for a second.

local rig = require("rig")
rig.api(1)

local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")
local service = require("lib.service")

local command = service.command
local names = { "charge", "load" }

rig.test("a bypass conducts while it is tested, on the board that is meant, and no longer", {
  needs = { "cell", "service", "service.app", "app", "ext" }, proves = { "DEC-31" }, limit_s = 1800,
}, function(bench)
  for _, k in ipairs(packs.tried(bench)) do
    local board = k == bench.count and bench.service.app or bench.service[k]
    board:unlock()
    board:test_bypass(6)
    for other = 1, bench.count do
      if other ~= k then
        rig.check(("board %d tested: current of cell %d"):format(k, other), bench.cell[other]:current_a(),
          rig.limits.no_bypass, { proves = { "DEC-31" } })
      end
    end
    rig.check(("board %d tested: current over V / 3.4 Ω"):format(k), packs.bypass_a(bench, k) / (profile.nominal_v / 3.4),
      rig.limits.bypass_ratio, { proves = { "DEC-31" } })
    local read_v = packs.reported_v(bench, k)
    rig.check(("board %d tested: its voltage, error"):format(k), read_v - profile.nominal_v, rig.limits.cell_v_error,
      { proves = { "DEC-31" } })
    rig.wait(6)
    rig.check(("board %d, 6 s later: current"):format(k), bench.cell[k]:current_a(), rig.limits.no_bypass,
      { proves = { "DEC-31" } })
    board:unlock()
    board:test_bypass(10)
    board:ask(command.test_bypass, "00")
    rig.wait(0.1)
    rig.check(("board %d, told to end: current"):format(k), bench.cell[k]:current_a(), rig.limits.no_bypass,
      { proves = { "DEC-31" } })
  end
end)

rig.test("a hot board tests no bypass", {
  needs = { "cell", "service", "temperature" }, proves = { "DEC-26" },
}, function(bench)
  local board = bench.service[2]
  bench.temperature[2]:set_degc(88)
  rig.wait(3)
  board:unlock()
  board:test_bypass(10)
  rig.wait(0.3)
  rig.check("current at 88 °C", bench.cell[2]:current_a(), rig.limits.no_bypass, { proves = { "DEC-26" } })
  bench.temperature[2]:set_degc(60)
  rig.wait(3)
  board:test_bypass(10)
  rig.check("current over V / 3.4 Ω at 60 °C", packs.bypass_a(bench, 2) / (profile.nominal_v / 3.4),
    rig.limits.bypass_ratio, { proves = { "DEC-26" } })
end)

rig.test("every light is lit while it is tested, the others are dark, and then all go on as before", {
  needs = { "service", "board.led", "led", "ext" }, proves = { "DEC-31" },
}, function(bench)
  local function steady(what, light, lit)
    local from_s = rig.now_s()
    rig.equal(what .. ": lit", light:lit(), lit, { proves = { "DEC-31" } })
    rig.wait(2.2)
    rig.equal(what .. ": changes in 2.2 s", #light:edges(from_s), 0, { proves = { "DEC-31" } })
    rig.equal(what .. ": lit still", light:lit(), lit, { proves = { "DEC-31" } })
  end
  for k = 1, bench.count do
    local board, last = bench.service[k], k == bench.count
    board:unlock()
    local lights = last and { info = bench.board[k].led, charge = bench.led.charge, load = bench.led.load }
      or { info = bench.board[k].led }
    for tested in pairs(lights) do
      board:test_lights(10, { tested })
      for name, light in pairs(lights) do
        steady(("board %d, testing %s: %s"):format(k, tested, name), light, name == tested)
      end
    end
    rig.wait(10)
    if not last or profile.gen3 then  -- gen2's last board is dark while its relays allow
      rig.check(("board %d, later: flashes in 10 s"):format(k), bench.board[k].led:flashes(10), rig.limits.flashes_in_10s,
        { proves = { "DEC-31" } })
    end
  end
end)

-- The longest time that a light was lit without a break since then.
local function lit_s(light, from_s)
  local longest_s, on_s = 0, nil
  for _, edge in ipairs(light:edges(from_s)) do
    if edge.active then on_s = edge.at_s elseif on_s then longest_s = math.max(longest_s, edge.at_s - on_s) end
  end
  return longest_s
end

rig.test("lights are tested for as many tenths of a second as they are told", {
  needs = { "service.app", "app", "led" }, proves = { "DEC-31" },
}, function(bench)
  local board = bench.service.app
  board:unlock()
  for _, tenths in ipairs { 1, 7, 30, 100 } do
    local from_s = rig.now_s()
    rig.equal(("%d tenths"):format(tenths), board:ask(command.test_lights, ("%02X02"):format(tenths)), "done", { proves = { "DEC-31" } })
    rig.wait(tenths / 10 + 0.5)
    rig.check(("%d tenths: lit for too long by"):format(tenths), lit_s(bench.led.charge, from_s) - tenths / 10, rig.limits.light_test_error,
      { proves = { "DEC-31" } })
  end
  local from_s = rig.now_s()
  board:ask(command.test_lights, "6402")
  rig.wait(1)
  board:ask(command.test_lights, "0002")
  rig.wait(0.1)
  rig.check("told to end after a second: lit for", lit_s(bench.led.charge, from_s), rig.limits.light_test_ended, { proves = { "DEC-31" } })
end)

rig.test("a relay that the rules allow opens for a second while it is tested, and closes again by itself", {
  needs = { "service", "service.app", "app", "relay.charge", "relay.load", "ext" }, proves = { "DEC-32" },
}, function(bench)
  for _, board in ipairs { bench.service[bench.count], bench.service.app } do
    board:unlock()
    for at, name in ipairs(names) do
      local other = names[3 - at]
      local from_s = rig.now_s()
      board:test_relay(name)
      rig.wait(2)
      local moves = relays.edges(bench, name, from_s)
      rig.equal(name .. " relay: moves", #moves, 2, { proves = { "DEC-32" } })
      if #moves == 2 then
        rig.claim(name .. " relay: opens first", not moves[1].active and moves[2].active, { proves = { "DEC-32" } })
        rig.check(name .. " relay: open for", moves[2].at_s - moves[1].at_s, rig.limits.relay_test_opens,
          { proves = { "DEC-32" } })
      end
      rig.equal(other .. " relay meanwhile: moves", #relays.edges(bench, other, from_s), 0, { proves = { "DEC-32" } })
      rig.claim(name .. " relay: allows again", relays.allows(bench, name), { proves = { "DEC-32" } })
      -- The rules allowed all the while.
      local status = bench.ext:latest()
      rig.claim("both permissions stand", status.charge_allowed and status.discharge_allowed, { proves = { "DEC-32" } })
    end
  end
end)

rig.test("no self-test closes a relay that the rules do not allow", {
  needs = { "service", "service.app", "app", "cell", "relay.charge", "relay.load", "ext", "chain" },
  proves = { "DEC-32" }, limit_s = 1200,
}, function(bench)
  local board = bench.service.app
  local function refused(when, allowed)
    board:unlock()
    for at, name in ipairs(names) do
      if not allowed[name] then
        local from_s = rig.now_s()
        rig.always(("%s: %s relay stays open"):format(when, name), { proves = { "DEC-32" } }, function()
          return relays.open(bench, name)
        end, function()
          rig.equal(("%s: %s relay's test"):format(when, name), board:ask(command.test_relay, ("%02X"):format(at - 1)),
            "not now", { proves = { "DEC-32" } })
          rig.wait(3)
        end)
        rig.equal(("%s: %s relay's moves"):format(when, name), #relays.edges(bench, name, from_s), 0,
          { proves = { "DEC-32" } })
      end
    end
  end
  bench.cell[1]:set_v(profile.v_max_v + 0.05)
  rig.eventually("V-max opens the charge relay", { within_s = 8 }, function() return relays.open(bench, "charge") end)
  refused("above V-max", { load = true })
  bench.cell[1]:set_v(profile.v_min_v - 0.05)
  rig.eventually("V-min opens the load relay", { within_s = 8 }, function() return relays.open(bench, "load") end)
  refused("below V-min", {})
  bench.cell[1]:set_v(profile.nominal_v)
  rig.eventually("both allow again", { within_s = 60 }, function()
    return relays.allows(bench, "charge") and relays.allows(bench, "load")
  end)
  bench.chain[1]:open()
  rig.eventually("a broken chain opens both", { within_s = 10 }, function()
    return relays.open(bench, "charge") and relays.open(bench, "load")
  end)
  refused("under E", {})
end)

rig.test("a relay under test stays open when the rules open it meanwhile", {
  needs = { "service.app", "app", "cell", "relay.charge", "ext" }, proves = { "DEC-32" },
}, function(bench)
  local board = bench.service.app
  board:unlock()
  -- The verdict on V-max falls within the second of the test: try it at moments of the period.
  local fell_within = 0
  for phase = 0, 9 do
    rig.eventually("charging is allowed", { within_s = 90 }, function() return relays.allows(bench, "charge") end)
    messages.fresh(bench)
    rig.wait(phase * 0.1)
    local from_s = rig.now_s()
    bench.cell[1]:set_v(profile.v_max_v + 0.05)
    rig.wait(1.6)
    local result = board:ask(command.test_relay, "00")
    rig.wait(3)
    local moves = relays.edges(bench, "charge", from_s)
    local when = ("test %.1f s after a message: "):format(phase * 0.1)
    rig.claim(when .. "open in the end", relays.open(bench, "charge"), { proves = { "DEC-32" } })
    for n = 2, #moves do
      if moves[n].active then  -- the test was over before the verdict
        rig.check(when .. "open for", moves[n].at_s - moves[n - 1].at_s, rig.limits.relay_test_opens,
          { proves = { "DEC-32" } })
      end
    end
    if result == "done" and #moves == 1 then fell_within = fell_within + 1 end
    bench.cell[1]:set_v(profile.nominal_v)
    board:unlock()
  end
  rig.claim("some verdicts fell within a test", fell_within > 0)
end)
