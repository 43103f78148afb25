-- SPDX-License-Identifier: GPL-3.0-or-later
-- When a pack counts as full and when as empty, to the message, and what its count
-- forbids while nobody knows it (DEC-11 to DEC-14).

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

local full_v = packs.balance_v + 0.03
local full_ids = { "DEC-11" }

---How many messages there were from the first that `counts` to the one at `until_s`.
local function messages_between(seen, counts, until_s)
  local n = 0
  for _, frame in ipairs(seen) do
    if frame and frame.at_s - 0.1 <= until_s and (n > 0 or counts(frame)) then n = n + 1 end
  end
  return n
end

rig.test("a message below the balance voltage takes back half of what one above it counts towards full", {
  needs = { "cell", "ext", "relay.charge" }, proves = full_ids,
}, function(bench)
  -- The phase is found with one cell up, which makes no pack full.
  local feed = messages.find_phase(bench, {
    outside = function() bench.cell[2]:set_v(packs.nominal_v) end,
    inside = function() bench.cell[2]:set_v(full_v) end,
    is_outside = function(frame) return frame.highest_v < packs.balance_v end,
  })
  bench.cell[2]:set_v(packs.nominal_v)
  messages.fresh(bench)
  for k = 1, bench.count do
    if k ~= 2 then bench.cell[k]:set_v(full_v) end
  end
  rig.wait(3)
  feed.is_outside = function(frame) return frame.lowest_v < packs.balance_v end
  local from_s = rig.now_s()
  local seen = messages.play(bench, feed, "x" .. ("..x"):rep(24))
  local edges = relays.edges(bench, "charge", from_s)
  rig.equal("moves of the charge relay", #edges, 1, { proves = full_ids })
  -- Of three messages two count +2 and one -1; 60 are needed for 30 s. The 59th message is the
  -- second above after 19 rounds: 57 and 4.
  rig.equal("messages until the pack is full", messages_between(seen, function(frame) return not feed.is_outside(frame) end,
    edges[1] and edges[1].at_s or 0), 59, { proves = full_ids })
end)

rig.test("without a current sensor a pack is full by its voltage, and its count stays uncalibrated", {
  needs = { "cell", "sensor[1]", "sensor[2]", "ext", "relay.charge" },
  proves = { "DEC-11", "DEC-24" },
}, function(bench)
  -- Far more than a full pack takes: the boards do not know.
  bench.sensor[1]:set_a(0.9 * profile.most_a)
  bench.sensor[1]:unplug()
  bench.sensor[2]:unplug()
  messages.fresh(bench)
  local took_s = relays.moves(bench, "charge", false, 45, function() bench.cells:set_v(full_v) end, nil, full_ids)
  rig.check("full after", took_s, rig.limits.full_after, { proves = full_ids })
  local frame = bench.ext:next()
  rig.equal("state of charge", frame.soc_pct, 100, { proves = { "DEC-11" } })
  rig.claim("not calibrated", frame.soc_uncalibrated, { proves = { "DEC-24" } })
end)

-- Takes the load off by a cell below V-min, as few messages as that takes.
local function load_off(bench, cell)
  return select(2, relays.moves(bench, "load", false, 6, function() bench.cell[cell]:set_v(packs.v_min_v - 0.05) end))
end

rig.test("a message above V-min takes back half of what one below it counts towards empty, which is once", {
  needs = { "cell", "sensor[1]", "app", "ext", "relay.load" }, profiles = { "gen3" }, proves = { "DEC-12", "SOC-06" },
}, function(bench)
  bench.app:set { capacity_kwh = packs.small_kwh(bench) }
  local feed = messages.find_phase(bench, {
    outside = function() bench.cell[2]:set_v(packs.v_min_v - 0.05) end,
    inside = function() bench.cell[2]:set_v(packs.nominal_v) end,
    is_outside = function(frame) return frame.lowest_v <= packs.v_min_v end,
  })
  rig.wait(8)
  -- A cold board holds the load off meanwhile, so that every message counts.
  bench.temperature[packs.inner(bench)]:set_degc(profile.t_min_discharge_degc - 12)
  relays.moves(bench, "load", false, 10)
  local seen = messages.play(bench, feed, ("x."):rep(32))
  -- +2 and -1 in turn: the sum before the k-th return is k + 1, and 30 empties.
  local empty_s
  for _, frame in ipairs(seen) do
    if frame and frame.soc_pct == 0 then empty_s = empty_s or frame.at_s end
  end
  rig.claim("the count is empty", empty_s ~= nil, { proves = { "DEC-12", "SOC-06" } })
  rig.equal("messages below V-min until then", messages.count(seen, feed.is_outside, empty_s or 0), 29,
    { proves = { "DEC-12", "SOC-06" } })
  bench.cell[2]:set_v(packs.v_min_v - 0.05)
  bench.sensor[1]:set_a(0.4 * profile.most_a)
  rig.wait(40 * packs.slowness(bench) / packs.flow)
  rig.claim("charged with a cell still below V-min, the count rises", messages.fresh(bench).soc_pct > 20,
    { proves = { "DEC-12" } })
end)

rig.test("once the count was emptied, discharge restart holds back the load, calibrated or not", {
  needs = { "cell", "sensor[1]", "sensor[2]", "app", "ext", "relay.load" }, profiles = { "gen3" },
  proves = { "DEC-13", "RLY-07" }, limit_s = 900,
}, function(bench)
  bench.app:set { capacity_kwh = packs.small_kwh(bench), discharge_restart_pct = 12 }
  load_off(bench, 2)
  rig.wait(20)
  rig.equal("15 s below V-min: state of charge", bench.ext:next().soc_pct, 0, { proves = { "DEC-13" } })
  bench.cell[2]:set_v(packs.nominal_v)
  relays.keep(bench, "load", false, "empty", 50, { "DEC-13", "RLY-07" })
  packs.move_soc_to(bench, 11)
  relays.keep(bench, "load", false, "below the restart setting", 15, { "DEC-13", "RLY-07" })
  packs.move_soc_to(bench, 12)
  rig.eventually("the load is allowed at the restart setting", { within_s = 14, proves = { "DEC-13", "RLY-07" } }, function()
    return relays.allows(bench, "load")
  end)
  rig.claim("the count is not calibrated", bench.ext:next().soc_uncalibrated, { proves = { "DEC-13" } })
end)

rig.test("charging waits for no restart once a cell has been at V-min for 15 s", {
  needs = { "cell", "ext", "app", "relay.charge", "relay.load" }, proves = { "DEC-14", "RLY-05" },
}, function(bench)
  packs.fill(bench)
  rig.wait(40)
  rig.claim("full: charging is held back by the count", relays.open(bench, "charge"), { proves = { "DEC-14" } })
  local off_s = load_off(bench, 2)
  local _, on_s = relays.moves(bench, "charge", true, 40, nil, nil, { "DEC-14", "RLY-05" })
  rig.check("from the load's off to charging", on_s - off_s, rig.limits.charge_after_starved, { proves = { "DEC-14" } })
  rig.claim("the load stays off", relays.open(bench, "load"), { proves = { "DEC-14" } })
  rig.claim("no warning but Vl is up", bench.ext:latest().status & ~frames.status.charge_allowed & 0x7F == frames.status.vl,
    { proves = { "DEC-14" } })
end)
