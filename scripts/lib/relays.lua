-- SPDX-License-Identifier: GPL-3.0-or-later
-- Moves of the two relays, timed by their contacts' edges.

local rig = require("rig")
local profile = require("lib.profile")

local relays = {}

---The contact stands where it allows. Neither this nor `open` while it is on its way.
---@param bench rig.Bench
---@param name "charge"|"load"
---@return boolean
function relays.allows(bench, name) return bench.relay[name]:stands_allowed() end

---The contact stands where it does not allow.
---@param bench rig.Bench
---@param name "charge"|"load"
---@return boolean
function relays.open(bench, name) return bench.relay[name]:stands_open() end

-- A closing contact bounces: changes closer together than this are one move.
local bounce_s = 0.02

---The relay's moves since `since_s`, each dated by its first edge.
---@param bench rig.Bench
---@param name "charge"|"load"
---@param since_s number
---@return rig.Edge[]
function relays.edges(bench, name, since_s)
  local moves, was_active, first, last = {}, nil, nil, nil
  local function close()
    if first and last.active ~= was_active then
      moves[#moves + 1] = { at_s = first.at_s, active = last.active }
      was_active = last.active
    end
  end
  for _, edge in ipairs(bench.relay[name]:edges(since_s)) do
    if was_active == nil then
      was_active = not edge.active
    end
    if not last or edge.at_s - last.at_s > bounce_s then
      close()
      first = edge
    end
    last = edge
  end
  close()
  return moves
end

---Acts, waits until the relay stands as wanted and returns when it moved.
---@param bench rig.Bench
---@param name "charge"|"load"
---@param allowed boolean
---@param within_s number
---@param act? fun()
---@param look? fun()      what else to look at until then
---@param proves? string[]
---@return number took_s   since `act` began
---@return number at_s
function relays.moves(bench, name, allowed, within_s, act, look, proves)
  local from_s = rig.now_s()
  if act then
    act()
  end
  local limit = { within_s = within_s, proves = proves }
  rig.eventually(("%s relay %s"):format(name, allowed and "allows" or "opens"), limit, function()
    if look then look() end
    return (allowed and relays.allows or relays.open)(bench, name)
  end)
  local moves = relays.edges(bench, name, from_s)
  local at_s = #moves > 0 and moves[#moves].at_s or from_s
  return at_s - from_s, at_s
end

local function opens_at_v(bench, name, cell, from_v, to_v, dwell_s)
  return rig.trip_point {
    ramp = function(v) bench.cell[cell]:set_v(v) end,
    from_v = from_v, to_v = to_v, step_v = 0.005, dwell_s = dwell_s,
    moves = function() return relays.open(bench, name) end,
  }.v
end

---Ramps a cell over V-max; ends the test when the charge relay stays.
---@param bench rig.Bench
---@param cell integer
---@param v_max_v number  as it is set
---@return number volts   where the relay opened
function relays.v_max_trip_v(bench, cell, v_max_v)
  return opens_at_v(bench, "charge", cell, v_max_v - 0.03, v_max_v + 0.03, 4)
end

---Ramps a cell under V-min; ends the test when the load relay stays.
---@param bench rig.Bench
---@param cell integer
---@param v_min_v number  as it is set
---@return number volts   where the relay opened
function relays.v_min_trip_v(bench, cell, v_min_v)
  return opens_at_v(bench, "load", cell, v_min_v + 0.03, v_min_v - 0.03, 5)
end

---Checks where a cell opens the charge relay, with the default V-max.
---@param bench rig.Bench
---@param cell integer
---@param proves string[]
function relays.check_v_max_trip(bench, cell, proves)
  rig.check(("V-max trip, cell %d"):format(cell), relays.v_max_trip_v(bench, cell, profile.v_max_v),
    rig.limits.v_max_trip, { proves = proves })
end

---Checks where a cell opens the load relay, with the default V-min.
---@param bench rig.Bench
---@param cell integer
---@param proves string[]
function relays.check_v_min_trip(bench, cell, proves)
  rig.check(("V-min trip, cell %d"):format(cell), relays.v_min_trip_v(bench, cell, profile.v_min_v),
    rig.limits.v_min_trip, { proves = proves })
end

---Claims how both relays stand, once the coils' pulses are over.
---@param bench rig.Bench
---@param when string
---@param charge boolean
---@param load boolean
---@param proves string[]
function relays.stand(bench, when, charge, load, proves)
  rig.wait(0.5)
  local function word(allowed) return allowed and "allowed" or "not allowed" end
  rig.equal(when .. ": charge is " .. word(charge), bench.relay.charge:allowed(), charge, { proves = proves })
  rig.equal(when .. ": load is " .. word(load), bench.relay.load:allowed(), load, { proves = proves })
end

---Waits until both relays allow again: the state that tests start from.
---@param bench rig.Bench
---@param proves? string[]
function relays.recover(bench, proves)
  rig.eventually("both relays allow again", { within_s = 60, proves = proves }, function()
    return relays.allows(bench, "charge") and relays.allows(bench, "load")
  end)
end

---Claims that a relay keeps its state for a while, or while `body` runs.
---@param bench rig.Bench
---@param name "charge"|"load"
---@param allowed boolean
---@param why string
---@param for_s_or_body number|fun()
---@param proves string[]
function relays.keep(bench, name, allowed, why, for_s_or_body, proves)
  local body = type(for_s_or_body) == "function" and for_s_or_body or nil
  local limit = { proves = proves, for_s = not body and for_s_or_body or nil }
  local claim = ("%s relay stays %s: %s"):format(name, allowed and "allowed" or "not allowed", why)
  rig.always(claim, limit, function()
    return (allowed and relays.allows or relays.open)(bench, name)
  end, body)
end

---The messages from `from_s` to the move at `moved_s`, that one included.
---@param frames rig.ExtFrame[]
---@param moved_s number
---@param counts fun(frame: rig.ExtFrame): boolean
function relays.messages_before(frames, moved_s, counts)
  local n = 0
  for _, frame in ipairs(frames) do
    if frame.at_s - 0.1 <= moved_s and counts(frame) then
      n = n + 1
    end
  end
  return n
end

return relays
