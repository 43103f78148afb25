-- SPDX-License-Identifier: GPL-3.0-or-later
-- Counting charge, and what makes a pack full (SOC-01, 02, 03, 07; RLY-02, 03).

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

local full_v = packs.balance_v + 0.03
local says_full, opens_full = profile.id.full_normal, profile.id.full_opens

rig.test("state of charge follows the measured current against the capacity", {
  needs = { "sensor[1]", "sensor[2]", "app", "ext", "cell" }, proves = { "SOC-01" }, limit_s = 900,
}, function(bench)
  packs.stand_for_500_a(bench)
  local capacity_kwh = packs.kwh(bench, 0.5)
  bench.app:set { capacity_kwh = capacity_kwh }
  packs.fill(bench)
  local v = bench.count * packs.nominal_v
  for _, case in ipairs {
    { "discharged through sensor 2", 0, 300, 180 }, { "charged through sensor 1", 300, 0, 120 },
    { "discharged through sensor 1", -300, 0, 120 }, { "both at once", 100, 400, 60 },
  } do
    local what, charge_a, consumed_a, for_s = table.unpack(case)
    local before = messages.fresh(bench)
    bench.sensor[1]:set_a(charge_a * packs.flow)
    bench.sensor[2]:set_a(consumed_a * packs.flow)
    rig.wait(for_s)
    bench.sensor[1]:set_a(0)
    bench.sensor[2]:set_a(0)
    local after = messages.fresh(bench)
    local expected_wh = v * (charge_a - consumed_a) * for_s / 3600
    rig.check(what .. ": change of stored energy over what flowed",
      (after.stored_wh - before.stored_wh) / expected_wh, rig.limits.energy_ratio, { proves = { "SOC-01" } })
    rig.check(what .. ": change of state of charge, error", after.soc_pct - before.soc_pct - expected_wh / capacity_kwh / 10,
      rig.limits.soc_change_error, { proves = { "SOC-01" } })
  end
end)

rig.test("what is counted is the exact sum of what the messages said", {
  needs = { "sensor[1]", "sensor[2]", "app", "ext" }, proves = { "DEC-27", "SOC-01" }, limit_s = 2000,
}, function(bench)
  packs.stand_for_500_a(bench)
  bench.app:set { capacity_kwh = packs.kwh(bench, 10) }
  -- Where a count of the sensor is a whole number of the frame's steps.
  bench.sensor[1]:set_a(100 * packs.flow)
  bench.sensor[2]:set_a(400 * packs.flow)
  local first = messages.fresh(bench)
  local last, in_wh, out_wh = first, 0, 0
  for _ = 1, 1200 do
    last = bench.ext:next()
    in_wh = in_wh + last.pack_v * last.i1_a / 3600
    out_wh = out_wh + last.pack_v * last.i2_a / 3600
  end
  for _, case in ipairs {
    { "collected today", last.collected_today_wh - first.collected_today_wh, in_wh },
    { "consumed today", last.consumed_today_wh - first.consumed_today_wh, out_wh },
    { "stored", last.stored_wh - first.stored_wh, in_wh - out_wh },
  } do
    local what, counted_wh, sum_wh = table.unpack(case)
    rig.check(("%s: counted less the sum over 1200 messages"):format(what), counted_wh - sum_wh,
      rig.limits.counted_sum_error, { proves = { "DEC-27", "SOC-01" } })
  end
end)

rig.test("state of charge stays within 0 and 100 %", {
  needs = { "sensor[1]", "sensor[2]", "app", "ext" }, proves = { "SOC-01", "EXT-01" },
}, function(bench)
  packs.stand_for_500_a(bench)
  bench.app:set { capacity_kwh = packs.small_kwh(bench) }
  bench.sensor[1]:set_a(profile.most_a)
  rig.wait(90)
  local high = messages.fresh(bench)
  rig.equal("overcharged", high.soc_pct, 100, { proves = { "SOC-01", "EXT-01" } })
  rig.equal("energy stored then", high.stored_wh, packs.small_kwh(bench) * 1000, { proves = { "SOC-01", "EXT-01" } })
  bench.sensor[1]:set_a(0)
  bench.sensor[2]:set_a(profile.most_a)
  rig.wait(120)
  local low = messages.fresh(bench)
  rig.equal("discharged below empty", low.soc_pct, 0, { proves = { "SOC-01", "EXT-01" } })
  rig.equal("energy stored then", low.stored_wh, 0, { proves = { "EXT-01" } })
  rig.claim("current alone calibrates nothing", low.soc_uncalibrated and high.soc_uncalibrated, { proves = { "SOC-01" } })
end)

rig.test("a new pack's state of charge is not calibrated until the first full charge", {
  needs = { "cell", "ext", "app", "relay.charge" }, proves = { "SOC-07", says_full },
}, function(bench)
  local new = bench.ext:next()
  rig.equal("state of charge of a new pack", new.soc_pct, 50, { proves = { "SOC-07" } })
  rig.claim("it is not calibrated", new.soc_uncalibrated, { proves = { "SOC-07" } })
  rig.claim("the app is told", bench.app:settings().status & frames.status.uncalibrated ~= 0, { proves = { "SOC-07" } })
  bench.cells:set_v(full_v)
  local before
  rig.eventually("full", { within_s = 45, proves = { says_full, "SOC-07" } }, function()
    local frame = bench.ext:latest()
    if not frame.soc_uncalibrated then return true end
    before = frame
    return false
  end)
  rig.equal("state of charge until then", before.soc_pct, 50, { proves = { "SOC-07" } })
  rig.equal("state of charge when full", bench.ext:next().soc_pct, 100, { proves = { says_full } })
  bench.cells:set_v(packs.nominal_v)
  rig.wait(20)
  rig.claim("calibrated from then on", not bench.ext:next().soc_uncalibrated, { proves = { "SOC-07" } })
  rig.claim("the app is told that too", bench.app:settings().status & frames.status.uncalibrated == 0, { proves = { "SOC-07" } })
end)

rig.test("while not calibrated, the count forbids neither charging nor use", {
  needs = { "cell", "sensor[1]", "sensor[2]", "app", "ext", "relay.charge", "relay.load" },
  proves = { "SOC-07", "RLY-05", "RLY-07", "DEC-13" }, limit_s = 1500,
}, function(bench)
  bench.app:set { capacity_kwh = packs.small_kwh(bench) }
  packs.move_soc_to(bench, 100)
  relays.moves(bench, "charge", false, 5, function() bench.cell[2]:set_v(packs.v_max_v + 0.05) end)
  bench.cell[2]:set_v(packs.nominal_v)
  rig.eventually("charging is allowed at a count of 100 %", { within_s = 45, proves = { "SOC-07", "RLY-05", "DEC-13" } }, function()
    return relays.allows(bench, "charge")
  end)
  packs.move_soc_to(bench, 0)
  relays.moves(bench, "load", false, 6, function() bench.cell[2]:set_v(packs.v_min_v - 0.05) end)
  bench.cell[2]:set_v(packs.nominal_v)
  rig.eventually("the load is allowed at a count of 0 %", { within_s = 45, proves = { "SOC-07", "RLY-07", "DEC-13" } }, function()
    return relays.allows(bench, "load")
  end)
  rig.claim("it never was calibrated", bench.ext:next().soc_uncalibrated, { proves = { "SOC-07" } })
end)

rig.test("full takes 30 s of all cells at the balance voltage, counted leaky", {
  needs = { "cell", "ext", "relay.charge" }, proves = { says_full, opens_full, "DEC-11" },
}, function(bench)
  local from_s = rig.now_s()
  bench.cells:set_v(full_v)
  rig.wait(20 - (rig.now_s() - from_s))
  bench.cell[2]:set_v(packs.nominal_v)
  rig.wait(2)
  local took_s = relays.moves(bench, "charge", false, 60, function() bench.cell[2]:set_v(full_v) end)
  rig.check("full after 20 s, a dip of 2 s, and", took_s, rig.limits.full_after_dip, { proves = { says_full, opens_full, "DEC-11" } })
  rig.equal("state of charge", bench.ext:next().soc_pct, 100, { proves = { says_full } })
end)

-- Charging power less what the bypasses burn: a capacity of 1 kWh a cell makes 5 % of it 50 W,
-- and each bypass burns 3.5 W.
local limit_a = (50 + full_v * full_v / 3.4) / full_v

rig.test("a pack is full only when it takes at most 5 % of its capacity", {
  needs = { "cell", "sensor[1]", "sensor[2]", "app", "ext", "relay.charge" }, profiles = { "gen3-hw2" },
  proves = { says_full, opens_full, "DEC-11" },
}, function(bench)
  bench.app:set { capacity_kwh = bench.count }
  bench.sensor[1]:set_a(limit_a * 1.04)
  bench.cells:set_v(full_v)
  relays.keep(bench, "charge", true, "the pack takes 5.2 % of its capacity", 60, { opens_full })
  rig.claim("and is not calibrated", bench.ext:next().soc_uncalibrated, { proves = { says_full } })
  bench.sensor[1]:set_a(limit_a * 0.96)
  local took_s = relays.moves(bench, "charge", false, 45, nil, nil, { opens_full, says_full })
  rig.check("at 4.8 % of its capacity: full after", took_s, rig.limits.full_after, { proves = { opens_full, says_full, "DEC-11" } })
  rig.equal("state of charge", bench.ext:next().soc_pct, 100, { proves = { says_full } })
end)

rig.test("a pack is full however much current it takes", {
  needs = { "cell", "app", "sensor[1]", "ext", "relay.charge" }, profiles = { "gen2", "gen3-hw1" },
  proves = { says_full, opens_full, "DEC-11" },
}, function(bench)
  -- Far more than 5 % an hour of so small a pack, in whatever unit a board counts it.
  bench.app:set { capacity_kwh = 1 }
  bench.sensor[1]:set_a(profile.most_a * 0.9)
  local took_s = relays.moves(bench, "charge", false, 45, function() bench.cells:set_v(full_v) end, nil,
    { says_full, opens_full, "DEC-11" })
  rig.check("full after", took_s, rig.limits.full_after, { proves = { says_full, opens_full, "DEC-11" } })
  rig.equal("state of charge", bench.ext:next().soc_pct, 100, { proves = { says_full } })
end)

rig.test("without a current sensor the cells alone say full", {
  needs = { "cell", "sensor[1]", "sensor[2]", "ext", "relay.charge" }, proves = { says_full, opens_full, "DEC-11" },
}, function(bench)
  bench.sensor[1]:set_a(100)
  bench.sensor[1]:unplug()
  bench.sensor[2]:unplug()
  messages.fresh(bench)
  local took_s = relays.moves(bench, "charge", false, 45, function() bench.cells:set_v(full_v) end)
  rig.check("full after", took_s, rig.limits.full_after, { proves = { opens_full, says_full, "DEC-11" } })
  rig.equal("state of charge", bench.ext:next().soc_pct, 100, { proves = { says_full } })
end)
