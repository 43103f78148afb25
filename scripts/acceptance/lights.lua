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
  needs = { "board.led", "cell[3]", "chain_tap", "chain" }, proves = { "LED-02" },
}, function(bench)
  counts_messages(bench, 2, "LED-02")
end)

rig.test("the last board's LED flashes once per message received", {
  needs = { "board.led", "chain_tap", "chain" }, profiles = { "gen3" }, proves = { "LED-04" },
}, function(bench)
  counts_messages(bench, bench.count, "LED-04")
end)

rig.test("the last board's LED flashes once per message while both relays are off, and not while one is on", {
  needs = { "board.led", "cell", "temperature", "chain_tap", "chain", "relay.charge", "relay.load" }, profiles = { "gen2" },
  proves = { "LED-03" },
}, function(bench)
  local led = bench.board[bench.count].led
  rig.equal("both relays on: flashes in 5 s", led:flashes(5), 0, { proves = { "LED-03" } })
  for _, case in ipairs { { "charge", profile.v_max_v + 0.10 }, { "load", profile.v_min_v - 0.10 } } do
    local name, volts = table.unpack(case)
    relays.moves(bench, name, false, 8, function() bench.cell[2]:set_v(volts) end)
    rig.wait(1)
    rig.equal(("%s relay off, the other on: flashes in 5 s"):format(name), led:flashes(5), 0, { proves = { "LED-03" } })
    bench.cell[2]:set_v(packs.nominal_v)
    relays.recover(bench)
  end
  relays.moves(bench, "load", false, 8, function() bench.temperatures:set_degc(profile.t_min_charge_degc - 8) end)
  rig.wait(1)
  counts_messages(bench, bench.count, "LED-03")
end)

for _, which in ipairs { { "middle", "LED-02", 2, "cell[3]" }, { "last", profile.id.last_led, nil, "cell" } } do
  local name, id, number, cell = table.unpack(which, 1, 4)

  rig.test(("the %s board's LED is on all the time while it balances"):format(name), {
    needs = { "board.led", cell }, proves = { id },
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
    local afterwards = bench.board[k].led:flashes(10)
    if id == "LED-03" then
      rig.equal("flashes in 10 s afterwards", afterwards, 0, { proves = { id } })
    else
      rig.check("flashes in 10 s afterwards", afterwards, rig.limits.flashes_in_10s, { proves = { id } })
    end
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

-- How much of the time it is lit, watched for so long.
local function lit_share(light, for_s)
  local from_s, was_lit, lit_s = rig.now_s(), light:lit(), 0
  local since_s = from_s
  rig.wait(for_s)
  for _, edge in ipairs(light:edges(from_s)) do
    if was_lit then lit_s = lit_s + edge.at_s - since_s end
    was_lit, since_s = edge.active, edge.at_s
  end
  if was_lit then lit_s = lit_s + rig.now_s() - since_s end
  return lit_s / (rig.now_s() - from_s)
end

local relay_led = profile.id.relay_led
local rhythm = profile.gen3 and { relay_led, "DEC-28" } or { relay_led }

rig.test(("CHARGE and LOAD LEDs flash every %s while their relay is active, and only then"):format(
  profile.gen2 and "second" or "5 s"), {
  needs = { "led.charge", "led.load", "cell", "relay.charge", "relay.load" }, proves = rhythm,
}, function(bench)
  rig.check("CHARGE: period", period_s(bench.led.charge, 31), rig.limits.relay_led_period, { proves = rhythm })
  rig.check("LOAD: period", period_s(bench.led.load, 31), rig.limits.relay_led_period, { proves = rhythm })
  rig.claim("flashes, not steady light: CHARGE", bench.led.charge:flashes(12) >= 2, { proves = { relay_led } })
  for name, light in pairs { CHARGE = bench.led.charge, LOAD = bench.led.load } do
    rig.check(("flashes, and is dark between them: %s, share of the time lit"):format(name), lit_share(light, 10), rig.limits.flash_share,
      { proves = { relay_led } })
  end

  for _, case in ipairs { { "charge", "load", profile.v_max_v + 0.10 }, { "load", "charge", profile.v_min_v - 0.10 } } do
    local name, other, volts = table.unpack(case)
    bench.cell[packs.inner(bench)]:set_v(volts)
    relays.moves(bench, name, false, 8)
    rig.wait(1)
    local from_s = rig.now_s()
    rig.wait(11)
    rig.equal(name .. " not allowed: edges of its LED in 11 s", #bench.led[name]:edges(from_s), 0, { proves = { relay_led } })
    rig.claim(name .. " not allowed: its LED is off", not bench.led[name]:lit(), { proves = { relay_led } })
    rig.claim(name .. " not allowed: the other LED flashes on", #bench.led[other]:edges(from_s) >= 2,
      { proves = { relay_led } })
    bench.cell[packs.inner(bench)]:set_v(packs.nominal_v)
    relays.recover(bench)
    rig.wait(6)
  end
end)

rig.test("CHARGE and LOAD LEDs do not flash when no data arrives, though their relays are still on", {
  needs = { "led.charge", "led.load", "chain", "ext", "relay.charge", "relay.load" }, profiles = { "gen2" },
  proves = { "LED-05" },
}, function(bench)
  bench.ext:next()
  bench.chain[1]:open()
  rig.wait(1.1)
  local from_s = rig.now_s()
  rig.wait(2.2)
  for _, name in ipairs { "charge", "load" } do
    rig.claim(("the %s relay is on"):format(name), relays.allows(bench, name))
    rig.equal(("edges of the %s LED in 2.2 s without data"):format(name), #bench.led[name]:edges(from_s), 0,
      { proves = { "LED-05" } })
    rig.claim(("and it is dark: %s"):format(name), not bench.led[name]:lit(), { proves = { "LED-05" } })
  end
  bench.chain[1]:close()
  rig.wait(2)
  rig.claim("they flash again with data", bench.led.charge:flashes(4) >= 3 and bench.led.load:flashes(4) >= 3,
    { proves = { "LED-05" } })
end)
