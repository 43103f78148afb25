-- SPDX-License-Identifier: GPL-3.0-or-later
-- What a relay's "on" takes, condition by condition: one message that fails any of them begins the ten anew, and E
-- its three (DEC-02, DEC-04). Messages are composed, so that each fails one condition alone.

local rig = require("rig")
rig.api(1)

local eeprom = require("lib.eeprom")
local fed_chain = require("lib.fed_chain")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

local needs = { "chain", "chain_tap", "cell", "probe", "app", "ext", "relay.charge", "relay.load" }
local step_v = packs.step_v

local function restart(bench, feed)
  bench.board[bench.count]:reset()
  feed.next_s = rig.now_s() + 0.3
end

-- A message that fails it, for which relays, and the rows that have it.
local conditions = {
  { "a temperature above T-max", { highest_degc = profile.t_max_degc + 1 }, { charge = "RLY-05", load = "RLY-07" } },
  { "a cell at the balance voltage", { highest_v = packs.balance_v }, { charge = "RLY-05" } },
  { "a cell at V-min", { lowest_v = packs.v_min_v }, { load = "RLY-07" } },
  { "a cell at V-max", { highest_v = packs.v_max_v }, { charge = "RLY-08" }, critical = true },
  { "a cell at V-min", { lowest_v = packs.v_min_v }, { load = "RLY-09" }, critical = true },
  { "a temperature above T-max", { highest_degc = profile.t_max_degc + 1 }, { charge = "RLY-08", load = "RLY-09" }, critical = true },
}
if profile.separate_t_min then
  conditions[#conditions + 1] = { "a temperature below T-min charge", { lowest_degc = profile.t_min_charge_degc - 1 }, { charge = "RLY-05" } }
  conditions[#conditions + 1] = { "a temperature below T-min discharge", { lowest_degc = profile.t_min_discharge_degc - 1 },
    { charge = "RLY-05", load = "RLY-07" } }
else
  conditions[#conditions + 1] = { "a temperature below T-min", { lowest_degc = profile.t_min_charge_degc - 1 },
    { charge = "RLY-05", load = "RLY-07" } }
end

rig.test("one message that fails any one condition begins the ten anew, and with the tenth the relay closes", {
  needs = needs, cells = 4, proves = { "DEC-02", "RLY-05", "RLY-07", "RLY-08", "RLY-09" }, limit_s = 900,
}, function(bench)
  local feed = fed_chain.take_over(bench)
  for _, condition in ipairs(conditions) do
    local what, bad, rows = table.unpack(condition)
    if condition.critical then what = "critical mode, " .. what end
    if profile.gen3 then
      bench.app:set { critical = condition.critical or false }
      rig.wait(1.5)  -- until it is saved
    end
    local config = profile.gen2 and condition.critical and fed_chain.config(0) | 0x80 or fed_chain.config(0)
    local function send(changes, times)
      local message = { config = config }
      for name, value in pairs(changes or {}) do message[name] = value end
      return feed:send(message, times)
    end
    restart(bench, feed)
    send(nil, 4)
    for round = 1, 2 do
      send(bad, 1)
      send(nil, 9)
      rig.wait(0.3)
      for name, row in pairs(rows) do
        rig.claim(("%s, round %d, 9 messages later: the %s relay is open"):format(what, round, name), relays.open(bench, name),
          { proves = { "DEC-02", row } })
      end
    end
    send(nil, 1)
    rig.wait(0.3)
    for name, row in pairs(rows) do
      rig.claim(("%s, 10 messages later: the %s relay allows"):format(what, name), relays.allows(bench, name),
        { proves = { "DEC-02", row } })
    end
  end
end)

rig.test("a relay that the app has held open takes ten messages from when it is let go", {
  needs = { "app", "relay.charge", "relay.load" }, profiles = { "gen3" }, proves = { "APP-03", "DEC-02" },
}, function(bench)
  for _, name in ipairs { "charge", "load" } do
    relays.moves(bench, name, false, 5, function() bench.app:set { [name .. "_forced_off"] = true } end)
    rig.wait(45)
    local took_s = relays.moves(bench, name, true, 20, function() bench.app:set { [name .. "_forced_off"] = false } end)
    rig.check(("the %s relay allows after"):format(name), took_s, rig.limits.on_after_inside, { proves = { "APP-03", "DEC-02" } })
  end
end)

rig.test("settings that were lost and are confirmed take ten messages from then", {
  needs = needs, cells = 4, proves = { "DEC-17", "DEC-02" },
}, function(bench)
  local feed, cites = fed_chain.take_over(bench), { proves = { "DEC-17", "DEC-02" } }
  for _, at in ipairs(eeprom.copies_at) do eeprom.put(bench.board[bench.count].eeprom, at, { 0, 0, 0 }) end
  restart(bench, feed)
  feed:send(nil, 15)
  bench.app:set { t_max_degc = 70 }
  feed.next_s = rig.now_s()
  feed:send(nil, 9)
  rig.wait(0.3)
  rig.claim("9 messages later both are open", relays.open(bench, "charge") and relays.open(bench, "load"), cites)
  feed:send(nil, 1)
  rig.wait(0.3)
  rig.claim("10 messages later both allow", relays.allows(bench, "charge") and relays.allows(bench, "load"), cites)
end)

rig.test("E clears with the third good message in a row, however many came before a pause or a wrong number of cells", {
  needs = { "chain", "chain_tap", "cell", "ext" }, cells = 4, proves = { "DEC-04", "DEC-09", "CHN-06" },
}, function(bench)
  local feed, cites = fed_chain.take_over(bench), { proves = { "DEC-04", "DEC-09", "CHN-06" } }
  local function three(what)
    for n = 1, 3 do
      rig.equal(("%s, good message %d: E"):format(what, n), feed:send().alarm.e, n < 3, cites)
    end
  end
  feed:send(nil, 3)
  rig.wait(7)
  rig.claim("nothing for 7 s: E", bench.ext:latest().alarm.e, cites)
  feed:send(nil, 2)
  rig.wait(7)
  three("two good ones and nothing for 7 s")
  rig.claim("3 cells of 4: E", feed:send { boards = 2 }.alarm.e, cites)
  feed:send(nil, 2)
  rig.claim("two good ones and 3 cells again: E", feed:send { boards = 2 }.alarm.e, cites)
  three("then")
end)

rig.test("of what the first board's switches say, switch 5 alone makes critical mode", {
  needs = needs, cells = 4, profiles = { "gen2" }, proves = { "DIP-05", "SOC-02", "RLY-02", "RLY-08" },
}, function(bench)
  local feed, high_v = fed_chain.take_over(bench), packs.balance_v + 0.05
  bench.cell[bench.count]:set_v(high_v)
  for _, case in ipairs { { 0x7F, false }, { 0x80, true } } do
    local config, critical = table.unpack(case)
    restart(bench, feed)
    feed:send({ config = config }, 14)
    feed:send({ config = config, lowest_v = high_v, highest_v = high_v, sum_v = 3 * high_v }, 35)
    rig.wait(0.3)
    rig.equal(("config %02X: the full pack's charge relay allows"):format(config), relays.allows(bench, "charge"), critical,
      { proves = { "DIP-05", "SOC-02", "RLY-02", "RLY-08" } })
  end
end)

rig.test("another number of cells in the list, which the pack fits as well, moves no relay", {
  needs = needs, cells = 4, profiles = { "gen2" }, proves = { "DEC-09", "DIP-07" },
}, function(bench)
  local feed = fed_chain.take_over(bench)
  feed:send(nil, 3)
  for _, name in ipairs { "charge", "load" } do
    relays.keep(bench, name, true, "the number of cells is set anew", function()
      for place = 1, 4 do feed:send({ config = fed_chain.config(place) }, 5) end
    end, { "DEC-09", "DIP-07" })
  end
end)
