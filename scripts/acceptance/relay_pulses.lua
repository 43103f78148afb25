-- SPDX-License-Identifier: GPL-3.0-or-later
-- What drives the bistable relays: short pulses, one coil at a time, and when (DEC-08).

local rig = require("rig")
rig.api(1)

local eeprom = require("lib.eeprom")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

local coils = { "charge_set", "charge_reset", "load_set", "load_reset" }

---The pulses of all coils since `from_s`, oldest first.
---@return { coil: string, at_s: number, for_s: number }[]
local function pulses(bench, from_s)
  local found = {}
  for _, coil in ipairs(coils) do
    local began_s
    for _, edge in ipairs(bench.coil[coil]:edges(from_s)) do
      if edge.active then
        began_s = edge.at_s
      elseif began_s then
        found[#found + 1] = { coil = coil, at_s = began_s, for_s = edge.at_s - began_s }
        began_s = nil
      end
    end
  end
  table.sort(found, function(a, b) return a.at_s < b.at_s end)
  return found
end

local function names(found)
  local list = {}
  for _, pulse in ipairs(found) do list[#list + 1] = pulse.coil end
  return table.concat(list, " ")
end

local function check_shape(found)
  for at, pulse in ipairs(found) do
    rig.check(("%s: length of a pulse"):format(pulse.coil), pulse.for_s, rig.limits.coil_pulse, { proves = { "DEC-08" } })
    local before = found[at - 1]
    if before then
      rig.check(("%s after %s: rest between pulses"):format(pulse.coil, before.coil),
        pulse.at_s - before.at_s - before.for_s, rig.limits.coil_rest, { proves = { "DEC-08" } })
    end
  end
end

rig.test("each move of a relay is one pulse on one coil, off before on, with a rest between pulses", {
  needs = { "cell", "temperature", "coil", "relay.charge", "relay.load" }, proves = { "DEC-08" },
}, function(bench)
  local from_s = rig.now_s()
  bench.temperature[2]:set_degc(profile.t_max_degc + 8)
  rig.eventually("both open", { within_s = 15 }, function()
    return relays.open(bench, "charge") and relays.open(bench, "load")
  end)
  rig.wait(1)
  bench.temperature[2]:set_degc(25)
  relays.recover(bench)
  rig.wait(1)
  local found = pulses(bench, from_s)
  rig.equal("pulses, too hot and back", names(found), "charge_reset load_reset charge_set load_set", { proves = { "DEC-08" } })
  check_shape(found)

  -- One side allowed and the other not, moved the other way about: off goes first.
  bench.cell[1]:set_v(packs.v_max_v + 0.1)
  relays.moves(bench, "charge", false, 15)
  rig.wait(35)
  from_s = rig.now_s()
  bench.cell[1]:set_v(packs.v_min_v - 0.1)
  relays.moves(bench, "load", false, 15)
  relays.moves(bench, "charge", true, 45)
  rig.wait(1)
  found = pulses(bench, from_s)
  check_shape(found)
  rig.equal("pulses, from too high to too low", #found, 2, { proves = { "DEC-08" } })
end)

rig.test("a relay opens down to the working limit, and closes only while the last cell has 2.2 V", {
  needs = { "cell", "temperature", "coil", "relay.charge", "relay.load" }, proves = { "DEC-08" },
}, function(bench)
  local last = bench.cell[bench.count]
  last:set_v(profile.lowest_cell_v + 0.05)
  relays.moves(bench, "load", false, 15, nil, nil, { "DEC-08" })
  rig.wait(1)
  local from_s = rig.now_s()
  bench.temperature[1]:set_degc(profile.t_max_degc + 8)
  rig.eventually("the charge relay opens", { within_s = 15, proves = { "DEC-08" } }, function()
    return relays.open(bench, "charge")
  end)
  bench.temperature[1]:set_degc(25)
  last:set_v(2.17)
  rig.wait(60)
  rig.equal("pulses at 2.17 V, with charging in order again", names(pulses(bench, from_s)), "charge_reset",
    { proves = { "DEC-08" } })
  from_s = rig.now_s()
  last:set_v(2.23)
  rig.eventually("the charge relay allows at 2.23 V", { within_s = 5, proves = { "DEC-08" } }, function()
    return relays.allows(bench, "charge")
  end)
  rig.wait(1)
  rig.equal("pulses at 2.23 V", names(pulses(bench, from_s)), "charge_set", { proves = { "DEC-08" } })
end)

rig.test("the last cell lets a relay close from 2.200 V as its board reads it, and not a count below", {
  needs = { "cell", "app", "temperature", "coil", "ext", "relay.charge", "relay.load" }, proves = { "DEC-08" },
}, function(bench)
  bench.app:set { v_min_v = profile.lowest_cell_v }
  local last = bench.cell[bench.count]
  local at_v = packs.settle_v(bench, bench.count, 2.200)
  bench.temperature[1]:set_degc(profile.t_max_degc + 8)
  rig.eventually("both open", { within_s = 15 }, function() return relays.open(bench, "charge") and relays.open(bench, "load") end)
  last:set_v(at_v - packs.beside_v)
  bench.temperature[1]:set_degc(25)
  local from_s = rig.now_s()
  rig.wait(45)
  rig.equal("pulses at 2.195 V, with all in order again", names(pulses(bench, from_s)), "", { proves = { "DEC-08" } })
  last:set_v(at_v)
  rig.eventually("both relays allow at 2.200 V", { within_s = 5, proves = { "DEC-08" } }, function()
    return relays.allows(bench, "charge") and relays.allows(bench, "load")
  end)
end)

-- The longest lock of the app link runs in the same hour.
rig.test("after boot and once an hour the position that stands is pulsed again, and the link is locked for no longer", {
  needs = { "cell", "coil", "app", "probe", "relay.charge", "relay.load" }, proves = { "DEC-08", "APP-01" }, cells = 2, limit_s = 4000,
}, function(bench)
  eeprom.put(bench.board[bench.count].eeprom, eeprom.pin_lock_at, { 0x78, 0x87 })
  bench.cell[1]:set_v(packs.v_max_v + 0.1)
  relays.moves(bench, "charge", false, 15)
  local from_s = rig.now_s()
  bench:power_cycle()
  local on_s = rig.now_s()
  rig.wait(45)
  local found = pulses(bench, from_s)
  if #found == 0 then rig.abort("no pulse after boot") end
  rig.equal("pulses after boot", names(found), "charge_reset load_reset load_set", { proves = { "DEC-08" } })
  check_shape(found)
  rig.check("first pulse after power-up", found[1].at_s - on_s, rig.limits.coil_after_boot, { proves = { "DEC-08" } })

  from_s = rig.now_s()
  local boot_s = found[1].at_s
  rig.wait(boot_s + 3595 - rig.now_s())
  rig.equal("the PIN 5 s before the hour is over", bench.app:ask("PW1234!"), "NA", { proves = { "APP-01" } })
  rig.wait(boot_s + rig.limits.coil_refresh.max + 1 - rig.now_s())
  rig.equal("the PIN after it", bench.app:ask("PW1234!"), "OK", { proves = { "APP-01" } })
  found = pulses(bench, from_s)
  rig.equal("pulses in the hour after", names(found), "charge_reset load_set", { proves = { "DEC-08" } })
  check_shape(found)
  rig.check("from boot to the pulse", found[1] and found[1].at_s - boot_s or math.huge, rig.limits.coil_refresh, { proves = { "DEC-08" } })
end)
