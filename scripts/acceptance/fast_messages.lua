-- SPDX-License-Identifier: GPL-3.0-or-later
-- Generation 2 with switch 1 on: a message every 0.5 s (CHN-01, DIP-01). What is counted
-- in messages takes half as long, what is counted in seconds takes as long as before.

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")
local installer = require("lib.installer")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

-- 58 bytes of 10 bits at 9600 baud.
local frame_s = frames.size * 10 / 9600

local function go_fast(bench)
  bench.switches:set(1, true)
  rig.wait(6)
end

local function period_s(bench, n)
  local from_s, at_s = bench.ext:next().at_s, nil
  for _ = 1, n do at_s = bench.ext:next().at_s end
  return (at_s - from_s) / n
end

rig.test("switch 1 chooses a message every 1.0 s or every 0.5 s, while the system runs", {
  needs = { "switch", "ext", "board.led", "led.charge", "cell[3]" }, profiles = { "gen2" },
  proves = { "CHN-01", "DIP-01", "DIP-10", "EXT-01", "LED-05" },
}, function(bench)
  rig.check("switch 1 off: period", period_s(bench, 10), rig.limits.message_period, { proves = { "CHN-01", "DIP-01" } })
  go_fast(bench)
  rig.check("switch 1 on: period", period_s(bench, 20), rig.limits.fast_message_period,
    { proves = { "CHN-01", "DIP-01", "DIP-10" } })
  rig.check("flashes of a middle board in 10 s", bench.board[2].led:flashes(10), rig.limits.fast_flashes_in_10s,
    { proves = { "CHN-01" } })
  local shortest_s, before = math.huge, bench.ext:next()
  for _, frame in ipairs(bench.ext:frames(20)) do
    shortest_s = math.min(shortest_s, frame.at_s - before.at_s - frame_s)
    before = frame
  end
  rig.check("shortest silence between frames", shortest_s, rig.limits.ext_silence, { proves = { "EXT-01" } })
  local lit_s = {}
  local from_s = rig.now_s()
  rig.wait(10.5)
  for _, edge in ipairs(bench.led.charge:edges(from_s)) do
    if edge.active then lit_s[#lit_s + 1] = edge.at_s end
  end
  rig.check("CHARGE flashes still once per second: period", #lit_s > 1 and (lit_s[#lit_s] - lit_s[1]) / (#lit_s - 1) or 1e9,
    rig.limits.relay_led_period, { proves = { "LED-05" } })
  -- The switches are read once a second however fast messages are.
  local quickest_s, slowest_s = math.huge, 0
  for phase, volts in ipairs { 3.5, 3.6, 3.7, 3.4 } do
    bench.ext:next()
    rig.wait(0.23 * phase)
    local from_s = rig.now_s()
    installer.set_balance_switches(bench, phase % 4)
    rig.eventually(("fast: %.1f V is taken"):format(volts), { within_s = 8, every_s = 0.05, proves = { "DIP-10" } }, function()
      return math.abs(bench.ext:latest().balance_v - volts) < 0.001
    end)
    quickest_s, slowest_s = math.min(quickest_s, rig.now_s() - from_s), math.max(slowest_s, rig.now_s() - from_s)
  end
  rig.check("fast: quickest change of the switches", quickest_s, rig.limits.switch_accepted_quickest, { proves = { "DIP-10" } })
  rig.check("fast: slowest change of the switches", slowest_s, rig.limits.switch_accepted, { proves = { "DIP-10" } })
  bench.switches:set(1, false)
  rig.wait(6)
  rig.check("switch 1 off again: period", period_s(bench, 10), rig.limits.message_period,
    { proves = { "CHN-01", "DIP-01", "DIP-10" } })
end)

rig.test("with fast messages the relays open in half the time", {
  needs = { "switch", "cell", "temperature", "ext", "relay.charge", "relay.load" }, profiles = { "gen2" },
  proves = { "DIP-01", "DEC-01", "RLY-01", "RLY-06" },
}, function(bench)
  go_fast(bench)
  for _, case in ipairs {
    { "V-max", "charge", "RLY-01", "fast_off_after_v_max", function() bench.cell[2]:set_v(profile.v_max_v + 0.10) end },
    { "V-min", "load", "RLY-06", "fast_off_after_v_min", function() bench.cell[2]:set_v(profile.v_min_v - 0.10) end },
    { "T-max", "load", "RLY-06", "fast_off_after_temperature", function() bench.temperature[2]:set_degc(95) end },
  } do
    local name, relay, id, limit, beyond = table.unpack(case)
    for _, phase_s in ipairs { 0.05, 0.3 } do
      bench.ext:next()
      rig.wait(phase_s)
      rig.check(("%s, %.2f s after a frame: off after"):format(name, phase_s), relays.moves(bench, relay, false, 8, beyond),
        rig.limits[limit], { proves = { id, "DIP-01", "DEC-01" } })
      bench.cell[2]:set_v(packs.nominal_v)
      bench.temperature[2]:set_degc(25)
      relays.recover(bench)
    end
  end
end)

rig.test("with fast messages E comes after 2.5 s, and a lost bypass ends after 5 s", {
  needs = { "switch", "cell[3]", "chain", "ext", "relay.charge" }, profiles = { "gen2" },
  proves = { "DIP-01", "DEC-04", "DEC-05", "CHN-04", "BAL-07" },
}, function(bench)
  go_fast(bench)
  bench.cell[3]:set_v(packs.balance_v + 0.05)
  rig.wait(3)
  rig.claim("cell 3 balances", packs.conducts(bench, 3), { proves = { "DEC-05" } })
  local message_s = bench.ext:next().at_s
  local from_s = rig.now_s()
  bench.chain[2]:open()
  local _, off_s = relays.moves(bench, "charge", false, 8)
  rig.check("from the last message to the charge relay", off_s - message_s, rig.limits.fast_off_after_last_message,
    { proves = { "CHN-04", "DEC-04", "DIP-01" } })
  rig.eventually("board 3 stops", { within_s = 10, every_s = 0.05, proves = { "BAL-07" } }, function()
    return not packs.conducts(bench, 3)
  end)
  rig.check("from the break to the stop", rig.now_s() - from_s - 0.21, rig.limits.fast_bypass_stops_lost,
    { proves = { "BAL-07", "DEC-05" } })
end)

rig.test("with fast messages seconds stay seconds: rest after an off, full, energy", {
  needs = { "switch", "cell", "app", "sensor[2]", "ext", "relay.charge" }, profiles = { "gen2" },
  proves = { "DIP-01", "DEC-02", "DEC-11", "SOC-01" }, limit_s = 900,
}, function(bench)
  bench.app:set { capacity_kwh = 0.5 }
  go_fast(bench)
  local _, off_s = relays.moves(bench, "charge", false, 5, function() bench.cell[2]:set_v(profile.v_max_v + 0.10) end)
  bench.cell[2]:set_v(packs.nominal_v)
  local _, on_s = relays.moves(bench, "charge", true, 45)
  rig.check("on after off", on_s - off_s, rig.limits.on_after_off, { proves = { "DIP-01", "DEC-02" } })

  local took_s = relays.moves(bench, "charge", false, 45, function() bench.cells:set_v(packs.balance_v + 0.05) end)
  rig.check("full after", took_s, rig.limits.full_after, { proves = { "DIP-01", "DEC-11" } })
  bench.cells:set_v(packs.nominal_v)

  local before = messages.fresh(bench)
  bench.sensor[2]:set_a(75)
  rig.wait(240)
  bench.sensor[2]:set_a(0)
  local after = messages.fresh(bench)
  rig.check("energy taken over what flowed",
    (before.stored_wh - after.stored_wh) / (bench.count * packs.nominal_v * 75 * 240 / 3600), rig.limits.energy_ratio,
    { proves = { "SOC-01", "DIP-01" } })
end)
