-- SPDX-License-Identifier: GPL-3.0-or-later
-- Which pins are closed when a relay allows and when it does not (RLY-12 to 14).

local rig = require("rig")
rig.api(1)

local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

local load_id = profile.id.load_contacts
-- RLY-13: the load relay of gen2-out2 is wired the other way round.
local load_allows_with = rig.profile == "gen2-out2" and "2-3" or "1-2"

local function contacts(bench, when, name, allowed, id)
  local with_1_2 = name == "charge" or load_allows_with == "1-2"
  rig.equal(("%s: %s pins 1-2 closed"):format(when, name), bench.relay[name]:pins_1_2(), allowed == with_1_2,
    { proves = { id } })
  rig.equal(("%s: %s pins 2-3 closed"):format(when, name), bench.relay[name]:pins_2_3(), allowed ~= with_1_2,
    { proves = { id } })
end

rig.test("charge relay: allowed is pins 1-2, not allowed is pins 2-3", {
  needs = { "cell", "relay.charge", "relay.load", "ext" }, proves = { "RLY-12", load_id },
}, function(bench)
  contacts(bench, "at nominal voltage", "charge", true, "RLY-12")
  bench.cell[1]:set_v(packs.v_max_v + 0.05)
  rig.wait(5)
  contacts(bench, "over V-max", "charge", false, "RLY-12")
  contacts(bench, "over V-max", "load", true, load_id)
  local frame = bench.ext:next()
  rig.claim("the frame says so", not frame.charge_allowed and frame.discharge_allowed, { proves = { "RLY-12", load_id } })
  bench.cell[1]:set_v(packs.nominal_v)
  relays.recover(bench)
  contacts(bench, "back at nominal voltage", "charge", true, "RLY-12")
end)

rig.test(("load relay: allowed is pins %s, not allowed is the other pair"):format(load_allows_with), {
  needs = { "cell", "relay.charge", "relay.load", "ext" }, proves = { "RLY-12", load_id },
}, function(bench)
  contacts(bench, "at nominal voltage", "load", true, load_id)
  bench.cell[1]:set_v(packs.v_min_v - 0.05)
  rig.wait(6)
  contacts(bench, "under V-min", "load", false, load_id)
  contacts(bench, "under V-min", "charge", true, "RLY-12")
  local frame = bench.ext:next()
  rig.claim("the frame says so", frame.charge_allowed and not frame.discharge_allowed, { proves = { "RLY-12", load_id } })
  bench.cell[1]:set_v(packs.nominal_v)
  relays.recover(bench)
  contacts(bench, "back at nominal voltage", "load", true, load_id)
end)

rig.test("a fault on one side never moves the other side's relay", {
  needs = { "cell", "relay.charge", "relay.load" }, proves = { "RLY-11" },
}, function(bench)
  local from_s = rig.now_s()
  bench.cell[1]:set_v(packs.v_max_v + 0.05)
  rig.wait(15)
  bench.cell[1]:set_v(packs.nominal_v)
  relays.recover(bench)
  rig.equal("edges of the load relay over V-max and back", #relays.edges(bench, "load", from_s), 0, { proves = { "RLY-11" } })
  from_s = rig.now_s()
  bench.cell[2]:set_v(packs.v_min_v - 0.05)
  rig.wait(12)
  bench.cell[2]:set_v(packs.nominal_v)
  relays.recover(bench)
  rig.equal("edges of the charge relay under V-min and back", #relays.edges(bench, "charge", from_s), 0, { proves = { "RLY-11" } })
  if not profile.separate_t_min then return end
  from_s = rig.now_s()
  bench.temperature[1]:set_degc(-8)
  rig.wait(12)
  bench.temperature[1]:set_degc(25)
  relays.recover(bench)
  rig.equal("edges of the load relay below T-min charge and back", #relays.edges(bench, "load", from_s), 0, { proves = { "RLY-11" } })
end)
