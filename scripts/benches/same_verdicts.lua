-- SPDX-License-Identifier: GPL-3.0-or-later
-- One test for each kind of wire that a bench has: in less than 240 s of bench time it tells whether a bench that
-- is reached by other links comes to the same verdicts. Each leaves the boards as boards that remember must be
-- left: no state of charge moved, no pack full, no cell below V-min for 15 s.

local rig = require("rig")
rig.api(1)

local installer = require("lib.installer")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")

-- Twice what it takes on a good day: a look at contacts over a slow line, a frame that is lost on the way. How soon
-- it must be is what the acceptance scripts ask.
local soon_s = 15

local function eventually_stands(bench, relay, open, what, within_s, proves)
  rig.eventually(what, { within_s = within_s, proves = proves }, function()
    return open and bench.relay[relay]:stands_open() or not open and bench.relay[relay]:stands_allowed()
  end)
end

rig.test("one cell at V-max opens the charge relay, one at V-min the load relay", {
  needs = { "cell", "relay.charge", "relay.load" }, proves = { "RLY-01", "RLY-06" },
}, function(bench)
  local tried = {
    { "charge", "V-max", at_v = packs.v_max_v, step = 1, limit = rig.limits.v_max_trip, id = "RLY-01" },
    { "load", "V-min", at_v = packs.v_min_v, step = -1, limit = rig.limits.v_min_trip, id = "RLY-06" },
  }
  for _, one in ipairs(tried) do
    local point = rig.trip_point {
      ramp = function(v) bench.cell[2]:set_v(v) end,
      from_v = one.at_v - 0.03 * one.step, to_v = one.at_v + 0.03 * one.step, step_v = 0.01, dwell_s = 5,
      moves = function() return bench.relay[one[1]]:stands_open() end,
    }
    bench.cell[2]:set_v(packs.nominal_v)
    rig.check(one[2] .. " trip, cell 2", point.v, one.limit, { proves = { one.id } })
  end
end)

rig.test("a board above the balance voltage burns off what BAL-05 says, and its neighbours nothing", {
  needs = { "cell" }, proves = { "BAL-01", "BAL-05" },
}, function(bench)
  bench.cell[2]:set_v(packs.balance_v + 0.1)
  rig.wait(3)
  rig.check("balancing current of cell 2, of what its voltage asks for",
    packs.bypass_a(bench, 2) * 3.4 / bench.cell[2]:voltage_v(), rig.limits.bypass_ratio, { proves = { "BAL-05" } })
  for _, other in ipairs { 1, 3 } do
    if bench.cell[other] then
      rig.check(("current of cell %d"):format(other), packs.bypass_a(bench, other), rig.limits.no_bypass,
        { proves = { "BAL-01" } })
    end
  end
end)

rig.test("each relay closes one pair of pins, and opens the other", {
  needs = { "cell", "app", "relay.charge", "relay.load" }, proves = { "RLY-12", profile.id.load_contacts },
}, function(bench)
  local load_turned = rig.profile == "gen2-out2"
  local function contacts(when, relay, with_1_2, id)
    rig.equal(("%s: %s pins 1-2 closed"):format(when, relay), bench.relay[relay]:pins_1_2(), with_1_2, { proves = { id } })
    rig.equal(("%s: %s pins 2-3 closed"):format(when, relay), bench.relay[relay]:pins_2_3(), not with_1_2, { proves = { id } })
  end
  contacts("allowed", "charge", true, "RLY-12")
  contacts("allowed", "load", not load_turned, profile.id.load_contacts)
  -- Too hot is neither cell's nor count's doing, and the app can say what that is.
  bench.app:set { t_min_charge_degc = 10, t_max_degc = 20 }
  eventually_stands(bench, "charge", true, "T-max opens the charge relay", soon_s, { "RLY-12" })
  eventually_stands(bench, "load", true, "T-max opens the load relay", soon_s, { profile.id.load_contacts })
  contacts("not allowed", "charge", false, "RLY-12")
  contacts("not allowed", "load", load_turned, profile.id.load_contacts)
end)

rig.test("a broken chain raises E and opens both relays, a mended one ends it", {
  needs = { "chain", "ext", "relay.charge", "relay.load" }, proves = { "CHN-04", "CHN-06" },
}, function(bench)
  bench.chain[1]:open()
  rig.eventually("E", { within_s = soon_s, proves = { "CHN-04" } }, function() return bench.ext:latest().alarm.e end)
  for _, relay in ipairs { "charge", "load" } do
    eventually_stands(bench, relay, true, ("the %s relay opens"):format(relay), soon_s, { "CHN-04" })
  end
  bench.chain[1]:close()
  rig.eventually("no E", { within_s = soon_s, proves = { "CHN-06" } }, function() return not bench.ext:latest().alarm.e end)
end)

rig.test("a switch moved while the system runs is another balance voltage", {
  needs = { "switch", "ext" }, proves = { profile.id.balance_switches, "DIP-10" },
}, function(bench)
  rig.equal("balance voltage before", ("%.1f V"):format(messages.fresh(bench).balance_v), "3.4 V",
    { proves = { profile.id.balance_switches } })
  installer.balance_at(bench, 3.6)
  rig.equal("balance voltage after", ("%.1f V"):format(messages.fresh(bench).balance_v), "3.6 V",
    { proves = { profile.id.balance_switches, "DIP-10" } })
end)

rig.test("the last board's button held for 5 s makes the PIN 1234 again", {
  needs = { "app", "button.last" }, proves = { "BTN-01" },
}, function(bench)
  rig.claim("the PIN is changed", bench.app:change_pin("1234", "4711"), { proves = { "BTN-01" } })
  bench.button.last:press(4.5)
  rig.wait(0.5)
  rig.claim("held for 4.5 s: 1234 is refused", not bench.app:unlock("1234"), { proves = { "BTN-01" } })
  bench.button.last:press(5.5)
  rig.wait(0.5)
  rig.claim("held for 5.5 s: 1234 is let in", bench.app:unlock("1234"), { proves = { "BTN-01" } })
end)
