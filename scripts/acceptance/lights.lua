-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the LEDs say (LED). That a balancing board's LED stays on is in
-- balancing.lua as well (BAL-03).

local rig = require("rig")
rig.api(1)

local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

rig.test("the first board's LED flashes once per second by itself", {
  needs = { "board.led", "cell" }, proves = { "LED-01" },
}, function(bench)
  rig.check("flashes in 10 s", bench.board[1].led:flashes(10), rig.limits.flashes_in_10s, { proves = { "LED-01" } })
  bench.cell[2]:off()
  rig.check("flashes in 10 s, the next board dead", bench.board[1].led:flashes(10), rig.limits.flashes_in_10s,
    { proves = { "LED-01" } })
end)

local function counts_messages(bench, k, id)
  local led = bench.board[k].led
  rig.check("flashes in 10 s", led:flashes(10), rig.limits.flashes_in_10s, { proves = { id } })
  local tap = bench.chain[k - 1]
  tap:flip(4, 0xFF, 4)
  rig.wait(1)
  rig.check("flashes in 10 s, 3 messages damaged", led:flashes(10), rig.limits.flashes_in_10s_3_lost, { proves = { id } })
  tap:open()
  rig.wait(1.5)
  rig.equal("flashes in 5 s without messages", led:flashes(5), 0, { proves = { id } })
  rig.claim("and the LED is off", not led:lit(), { proves = { id } })
end

rig.test("the middle board's LED flashes once per message received", {
  needs = { "board.led", "chain_tap", "chain" }, proves = { "LED-02" },
}, function(bench)
  counts_messages(bench, 2, "LED-02")
end)

rig.test("the last board's LED flashes once per message received", {
  needs = { "board.led", "chain_tap", "chain" }, profiles = { "gen3" }, proves = { "LED-04" },
}, function(bench)
  counts_messages(bench, bench.count, "LED-04")
end)

for _, which in ipairs { { "middle", "LED-02", 2 }, { "last", "LED-04", nil } } do
  local name, id, number = table.unpack(which, 1, 3)

  rig.test(("the %s board's LED is on all the time while it balances"):format(name), {
    needs = { "board.led", "cell" }, profiles = number and { "gen2", "gen3" } or { "gen3" }, proves = { id },
  }, function(bench)
    local k = number or bench.count
    bench.cell[k]:set_v(packs.balance_v + 0.05)
    rig.wait(3)
    local from_s = rig.now_s()
    rig.wait(10)
    rig.claim("on", bench.board[k].led:lit(), { proves = { id } })
    rig.equal("edges in 10 s", #bench.board[k].led:edges(from_s), 0, { proves = { id } })
    bench.cell[k]:set_v(packs.nominal_v)
    rig.wait(3)
    rig.check("flashes in 10 s afterwards", bench.board[k].led:flashes(10), rig.limits.flashes_in_10s, { proves = { id } })
  end)
end

local function period_s(light, for_s)
  local from_s, on_s = rig.now_s(), {}
  rig.wait(for_s)
  for _, edge in ipairs(light:edges(from_s)) do
    if edge.active then on_s[#on_s + 1] = edge.at_s end
  end
  return #on_s >= 2 and (on_s[#on_s] - on_s[1]) / (#on_s - 1) or math.huge
end

local relay_led = "LED-06"

rig.test("CHARGE and LOAD LEDs flash every 5 s while their relay is active, and only then", {
  needs = { "led.charge", "led.load", "cell", "relay.charge", "relay.load" }, profiles = { "gen3" },
  proves = { relay_led, "DEC-28" },
}, function(bench)
  rig.check("CHARGE: period", period_s(bench.led.charge, 31), rig.limits.relay_led_period, { proves = { relay_led, "DEC-28" } })
  rig.check("LOAD: period", period_s(bench.led.load, 31), rig.limits.relay_led_period, { proves = { relay_led, "DEC-28" } })
  rig.claim("flashes, not steady light: CHARGE", bench.led.charge:flashes(12) >= 2, { proves = { relay_led } })

  for _, case in ipairs { { "charge", "load", profile.v_max_v + 0.10 }, { "load", "charge", profile.v_min_v - 0.10 } } do
    local name, other, volts = table.unpack(case)
    bench.cell[3]:set_v(volts)
    relays.moves(bench, name, false, 8)
    rig.wait(1)
    local from_s = rig.now_s()
    rig.wait(11)
    rig.equal(name .. " not allowed: edges of its LED in 11 s", #bench.led[name]:edges(from_s), 0, { proves = { relay_led } })
    rig.claim(name .. " not allowed: its LED is off", not bench.led[name]:lit(), { proves = { relay_led } })
    rig.claim(name .. " not allowed: the other LED flashes on", #bench.led[other]:edges(from_s) >= 2,
      { proves = { relay_led } })
    bench.cell[3]:set_v(packs.nominal_v)
    relays.recover(bench)
    rig.wait(6)
  end
end)
