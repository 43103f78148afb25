-- SPDX-License-Identifier: GPL-3.0-or-later
-- How many messages beyond a threshold it takes to open a relay, and how long
-- that takes: 2 for V-max, 3 for V-min, 5 for temperature, counted leaky.

local rig = require("rig")
rig.api(1)

local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

-- Each threshold: how to go beyond it, and the relay that answers.
local thresholds = {
  {
    name = "V-max", relay = "charge", n = 2, proves = { "RLY-01", "DEC-01" }, limit = "off_after_v_max",
    feed = function(bench, cell)
      return {
        outside = function() bench.cell[cell]:set_v(3.80) end,
        inside = function() bench.cell[cell]:set_v(packs.nominal_v) end,
        is_outside = function(frame) return frame.highest_v >= 3.75 end,
      }
    end,
  },
  {
    name = "V-min", relay = "load", n = 3, proves = { "RLY-06", "DEC-01" }, limit = "off_after_v_min",
    feed = function(bench, cell)
      return {
        outside = function() bench.cell[cell]:set_v(profile.v_min_v - 0.10) end,
        inside = function() bench.cell[cell]:set_v(packs.nominal_v) end,
        is_outside = function(frame) return frame.lowest_v <= profile.v_min_v - 0.05 end,
      }
    end,
  },
  {
    name = "T-max", relay = "load", n = 5, proves = { "RLY-06", "DEC-01" }, limit = "off_after_temperature",
    feed = function(bench, board)
      return {
        outside = function() bench.temperature[board]:set_degc(95) end,
        inside = function() bench.temperature[board]:set_degc(25) end,
        is_outside = function(frame) return frame.highest_degc >= 88 end,
      }
    end,
  },
}

local function t_min(name, relay, id, at_degc)
  thresholds[#thresholds + 1] = {
    name = name, relay = relay, n = 5, proves = { id, "DEC-01" }, limit = "off_after_temperature",
    feed = function(bench, board)
      return {
        outside = function() bench.temperature[board]:set_degc(at_degc - 12) end,
        inside = function() bench.temperature[board]:set_degc(25) end,
        is_outside = function(frame) return frame.lowest_degc <= at_degc - 6 end,
      }
    end,
  }
end
if profile.separate_t_min then
  t_min("T-min charge", "charge", "RLY-04", profile.t_min_charge_degc)
  t_min("T-min discharge", "load", "RLY-06", profile.t_min_discharge_degc)
else
  t_min("T-min", "charge", "RLY-04", profile.t_min_charge_degc)
end

local needs = { "cell", "temperature", "ext", "relay.charge", "relay.load" }

-- Plays a pattern that must open the relay, and counts the messages outside
-- until it did.
local function trips_at(bench, threshold, feed, what, pattern, expected)
  local from_s = rig.now_s()
  local seen = messages.play(bench, feed, pattern)
  local edges = relays.edges(bench, threshold.relay, from_s)
  rig.claim(("%s, %s: the %s relay opens"):format(threshold.name, what, threshold.relay), #edges > 0,
    { proves = threshold.proves })
  rig.equal(("%s, %s: messages outside until then"):format(threshold.name, what),
    #edges > 0 and messages.count(seen, feed.is_outside, edges[1].at_s) or 0, expected, { proves = threshold.proves })
  relays.recover(bench)
end

for _, threshold in ipairs(thresholds) do
  rig.test(("%s acts with message %d in a row, and no sooner"):format(threshold.name, threshold.n), {
    needs = needs, proves = threshold.proves,
  }, function(bench)
    local feed = messages.find_phase(bench, threshold.feed(bench, 2))
    local from_s = rig.now_s()
    local seen
    relays.keep(bench, threshold.relay, true, ("%d in a row beyond %s"):format(threshold.n - 1, threshold.name), function()
      seen = messages.play(bench, feed, ".." .. ("x"):rep(threshold.n - 1) .. ("."):rep(2 * threshold.n + 1))
    end, threshold.proves)
    rig.equal("messages that were outside", messages.count(seen, feed.is_outside), threshold.n - 1)
    rig.equal("edges of the relay", #relays.edges(bench, threshold.relay, from_s), 0, { proves = threshold.proves })
    trips_at(bench, threshold, feed, "in a row", ".." .. ("x"):rep(threshold.n + 2) .. "..", threshold.n)
  end)

  rig.test(("%s: single outliers do nothing, a reading that alternates trips"):format(threshold.name), {
    needs = needs, proves = threshold.proves,
  }, function(bench)
    local feed = messages.find_phase(bench, threshold.feed(bench, bench.count))
    local seen
    relays.keep(bench, threshold.relay, true, ("every third message beyond %s"):format(threshold.name), function()
      seen = messages.play(bench, feed, ("x.."):rep(6) .. "..")
    end, threshold.proves)
    rig.equal("messages that were outside", messages.count(seen, feed.is_outside), 6)
    -- +2 and -1 in turn: the sum before the k-th return is k + 1, and 2n trips.
    trips_at(bench, threshold, feed, "alternating", ("x."):rep(2 * threshold.n + 2) .. "..", 2 * threshold.n - 1)
  end)

  rig.test(("%s acts in time for every cell"):format(threshold.name), {
    needs = needs, proves = threshold.proves, limit_s = 2500,
  }, function(bench)
    for _, k in ipairs(packs.tried(bench)) do
      local feed = threshold.feed(bench, k)
      for _, phase_s in ipairs { 0.1, 0.6 } do
        bench.ext:next()
        rig.wait(phase_s)
        local took_s = relays.moves(bench, threshold.relay, false, 12, feed.outside)
        rig.check(("%s of cell %d, %.1f s after a frame: off after"):format(threshold.name, k, phase_s), took_s,
          rig.limits[threshold.limit], { proves = threshold.proves })
        feed.inside()
        relays.recover(bench)
      end
    end
  end)
end
