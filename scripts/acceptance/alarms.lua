-- SPDX-License-Identifier: GPL-3.0-or-later
-- The five warnings, in the EXT frame and over the app link (ALM).

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

local bits = frames.status

local function cold(degc) return function(bench, k) bench.temperature[k]:set_degc(degc) end end

-- Each warning: how it comes about at one board and goes, and what the whole
-- status byte then says. A new pack's count is uncalibrated throughout.
local warnings = {
  {
    name = "Vh", set = function(bench, k) bench.cell[k]:set_v(profile.v_max_v + 0.10) end,
    clear = function(bench, k) bench.cell[k]:set_v(packs.nominal_v) end,
    status = bits.vh | bits.discharge_allowed, charge = false, load = true,
  },
  {
    name = "Vl", set = function(bench, k) bench.cell[k]:set_v(profile.v_min_v - 0.10) end,
    clear = function(bench, k) bench.cell[k]:set_v(packs.nominal_v) end,
    status = bits.vl | bits.charge_allowed, charge = true, load = false,
  },
  {
    name = "Th", set = function(bench, k) bench.temperature[k]:set_degc(90) end,
    clear = function(bench, k) bench.temperature[k]:set_degc(25) end,
    status = bits.th, charge = false, load = false,
  },
}
local below = frames.status2
local warm = cold(25)
if profile.separate_t_min then
  warnings[#warnings + 1] = {
    name = "Tl for charging", set = cold(-8), clear = warm,
    status = bits.tl | bits.discharge_allowed, charge = false, load = true, status2 = below.below_t_min_charge,
  }
  warnings[#warnings + 1] = {
    name = "Tl for discharging", set = cold(-30), clear = warm, status = bits.tl, charge = false, load = false,
    status2 = below.below_t_min_charge | below.below_t_min_discharge,
  }
else
  warnings[#warnings + 1] = {
    name = "Tl", set = cold(profile.t_min_charge_degc - 8), clear = warm, status = bits.tl, charge = false, load = false,
    status2 = below.below_t_min_charge | below.below_t_min_discharge,
  }
end

local function any(alarm)
  return alarm.e or alarm.vh or alarm.vl or alarm.th or alarm.tl
end

for _, warning in ipairs(warnings) do
  rig.test(("%s comes and goes with its condition, and with its relay"):format(warning.name), {
    needs = { "cell", "temperature", "ext", "app", "relay.charge", "relay.load" },
    proves = { "ALM-01", "ALM-02", "ALM-03" },
  }, function(bench)
    for _, k in ipairs(packs.positions(bench)) do
      rig.claim(("board %d: no warning before"):format(k), not any(bench.ext:next().alarm), { proves = { "ALM-01" } })
      warning.set(bench, k)
      rig.eventually(("board %d: %s"):format(k, warning.name), { within_s = 9, proves = { "ALM-01" } }, function()
        return any(bench.ext:latest().alarm)
      end)
      local frame = bench.ext:next()
      rig.equal(("board %d: status"):format(k), ("%02X"):format(frame.status),
        ("%02X"):format(warning.status | bits.uncalibrated), { proves = { "ALM-01", "ALM-02" } })
      relays.stand(bench, ("board %d, %s"):format(k, warning.name), warning.charge, warning.load, { "ALM-02" })
      rig.equal(("board %d: status over the app link"):format(k), bench.app:settings().status,
        warning.status | bits.uncalibrated, { proves = { "ALM-01" } })
      warning.clear(bench, k)
      local took_s = rig.eventually(("board %d: %s clears"):format(k, warning.name),
        { within_s = 20, proves = { "ALM-03" } }, function() return not any(bench.ext:latest().alarm) end)
      rig.check(("board %d: %s clears after"):format(k, warning.name), took_s, rig.limits.alarm_clears,
        { proves = { "ALM-03" } })
      relays.recover(bench)
    end
  end)
end

rig.test("a warning compares as its relay does: at V-max and at V-min it is up", {
  needs = { "cell", "app", "ext", "relay.charge", "relay.load" }, proves = { "ALM-01", "ALM-02", "DEC-21" },
}, function(bench)
  bench.app:set { v_max_v = 4.00, v_min_v = 2.50 }
  local at_max_v = packs.settle_v(bench, 2, packs.v_max_v)
  bench.cell[2]:set_v(packs.nominal_v)
  local at_min_v = packs.settle_v(bench, 2, packs.v_min_v)
  bench.cell[2]:set_v(packs.nominal_v)
  rig.wait(3)
  bench.app:set { v_max_v = packs.v_max_v, v_min_v = packs.v_min_v }
  for _, case in ipairs {
    { "one count below V-max", at_max_v - packs.beside_v, false, false }, { "V-max", at_max_v, true, false },
    { "one count above V-min", at_min_v + packs.beside_v, false, false }, { "V-min", at_min_v, false, true },
  } do
    local where, volts, vh, vl = table.unpack(case)
    bench.cell[2]:set_v(volts)
    rig.wait(7)
    local alarm = bench.ext:next().alarm
    rig.equal(where .. ": Vh", alarm.vh, vh, { proves = { "ALM-01", "DEC-21" } })
    rig.equal(where .. ": Vl", alarm.vl, vl, { proves = { "ALM-01", "DEC-21" } })
    relays.stand(bench, where, not vh, not vl, { "ALM-02" })
    bench.cell[2]:set_v(packs.nominal_v)
    relays.recover(bench)
  end
end)

rig.test("status byte 2 tells the direction of Tl and where the relays stand", {
  needs = { "temperature", "ext", "relay.charge", "relay.load" }, profiles = { "gen3" },
  proves = { "ALM-02", "EXT-01" },
}, function(bench)
  local allowed = frames.status2.charge_relay | frames.status2.load_relay
  rig.equal("all is well", frames.value_of(bench, 16), allowed, { proves = { "EXT-01" } })
  for _, warning in ipairs(warnings) do
    if warning.status2 then
      warning.set(bench, 2)
      rig.wait(8)
      rig.equal(warning.name, frames.value_of(bench, 16),
        warning.status2 | (warning.load and frames.status2.load_relay or 0), { proves = { "ALM-02", "EXT-01" } })
      warning.clear(bench, 2)
      relays.recover(bench)
    end
  end
end)

rig.test("under E nothing of the battery is shown as live", {
  needs = { "cell", "chain", "sensor[1]", "sensor[2]", "ext", "app" }, proves = { "ALM-01", "ALM-02", "ALM-04", "ALM-03" },
}, function(bench)
  bench.sensor[1]:set_a(10)
  bench.sensor[2]:set_a(4)
  bench.ext:all_cells()  -- each has had its turn
  local before = messages.fresh(bench)
  bench.chain[packs.inner(bench) - 1]:open()
  rig.eventually("E", { within_s = 8, proves = { "ALM-01" } }, function() return bench.ext:latest().alarm.e end)
  bench.cells:set_v(3.10)
  bench.sensor[1]:set_a(90)
  for _, frame in ipairs(bench.ext:frames(2 * bench.count)) do
    rig.equal(("frame of cell %d at %.1f s: status"):format(frame.cell, frame.at_s), ("%02X"):format(frame.status),
      ("%02X"):format(bits.e | bits.uncalibrated), { proves = { "ALM-01", "ALM-02" } })
    rig.claim(("frame of cell %d at %.1f s: no currents"):format(frame.cell, frame.at_s),
      frame.i1_a == nil and frame.i2_a == nil and frame.battery_a == nil, { proves = { "ALM-04" } })
    rig.check(("frame of cell %d at %.1f s: last good voltage, error"):format(frame.cell, frame.at_s),
      frame.cell_v - packs.nominal_v, rig.limits.cell_v_error, { proves = { "ALM-04" } })
    rig.check(("frame of cell %d at %.1f s: last good pack voltage, error per cell"):format(frame.cell, frame.at_s),
      (frame.pack_v - before.pack_v) / bench.count, rig.limits.cell_v_error, { proves = { "ALM-04" } })
  end
  rig.equal("the app is told E and nothing else", bench.app:settings().status, bits.e | bits.uncalibrated,
    { proves = { "ALM-04" } })
  bench.chain[packs.inner(bench) - 1]:close()
  rig.eventually("E clears", { within_s = 6, proves = { "ALM-03" } }, function()
    return not bench.ext:latest().alarm.e
  end)
  local frame = messages.fresh(bench)
  rig.check("live again: pack voltage, error per cell", frame.pack_v / bench.count - 3.10, rig.limits.cell_v_error,
    { proves = { "ALM-04" } })
end)
