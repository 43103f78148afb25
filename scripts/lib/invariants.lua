-- SPDX-License-Identifier: GPL-3.0-or-later
-- What holds whatever is done to a pack: relays obey, no bypass is stuck on.

local rig = require("rig")
local packs = require("lib.packs")
local relays = require("lib.relays")

local invariants = {}

-- Two relays' pulses one after the other, and the way of the contacts.
local relay_moves_s = 0.6
-- A board that lost the chain stops after 10 periods, one in circles after the watchdog's 4.4 s.
local bypass_ends_s = 16

---Holds while `body` runs, at cells of nominal voltage: a relay that the last
---board says is not allowed stands open, E goes with both, and no board that
---need not balance does so for longer than it takes to notice.
---@param bench rig.Bench
---@param what string
---@param proves string[]
---@param body fun()
function invariants.hold(bench, what, proves, body)
  local refused_s = {}
  local function relays_obey()
    local frame = bench.ext:latest()
    if frame.alarm.e and (frame.charge_allowed or frame.discharge_allowed) then
      return false
    end
    for name, allowed in pairs { charge = frame.charge_allowed, load = frame.discharge_allowed } do
      refused_s[name] = not allowed and (refused_s[name] or frame.at_s) or nil
      local due = refused_s[name] and rig.now_s() - refused_s[name] > relay_moves_s
      if due and relays.allows(bench, name) then
        return false
      end
    end
    return true
  end
  local drawn_s = {}
  local function no_bypass_is_stuck()
    local balance_v = bench.ext:latest().balance_v
    if balance_v ~= 0 and balance_v < packs.nominal_v + 0.05 then
      drawn_s = {}
      return true
    end
    for k, amperes in ipairs(bench.cells:currents_a()) do
      drawn_s[k] = amperes > 0.25 and (drawn_s[k] or rig.now_s()) or nil
      if drawn_s[k] and rig.now_s() - drawn_s[k] > bypass_ends_s then
        return false
      end
    end
    return true
  end
  rig.always("relays obey the last board: " .. what, { every_s = 0.25, proves = proves }, relays_obey, function()
    rig.always("no bypass is stuck on: " .. what, { every_s = 1, proves = proves }, no_bypass_is_stuck, body)
  end)
end

---Afterwards nothing but time is needed: no alarm, both relays allowed, the
---pack as it stands.
---@param bench rig.Bench
---@param what string
---@param proves string[]
function invariants.recovers(bench, what, proves)
  rig.eventually(what .. ": without a power cycle both relays allow again", { within_s = 75, proves = proves }, function()
    return relays.allows(bench, "charge") and relays.allows(bench, "load")
  end)
  local frame = bench.ext:next()
  rig.equal(what .. ": alarms left", frame.status & 0x7C, 0, { proves = proves })
  rig.equal(what .. ": cells", frame.count, bench.count, { proves = proves })
  rig.check(what .. ": volts per cell, error", frame.pack_v / bench.count - packs.nominal_v, rig.limits.cell_v_error,
    { proves = proves })
end

return invariants
