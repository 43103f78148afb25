-- SPDX-License-Identifier: GPL-3.0-or-later
-- Where one cell opens each relay: a short script to start from.

local rig = require("rig")
rig.api(1)

rig.test("the relays open where the app's thresholds say", {
  needs = { "cell", "app", "relay.charge", "relay.load" }, profiles = { "gen3" }, proves = { "RLY-01", "RLY-06" },
}, function(bench)
  bench.app:set { v_max_v = 3.70, v_min_v = 2.90 }

  local high = rig.trip_point {
    ramp = function(v) bench.cell[2]:set_v(v) end,
    from_v = 3.65, to_v = 3.75, step_v = 0.005, dwell_s = 4,
    moves = function() return bench.relay.charge:stands_open() end,
  }
  rig.check("V-max trip, cell 2", high.v, rig.limits.v_max_trip, { proves = { "RLY-01" } })

  bench.cell[2]:set_v(3.30)
  rig.eventually("charging is allowed again", { within_s = 60 }, function()
    return bench.relay.charge:stands_allowed()
  end)

  local low = rig.trip_point {
    ramp = function(v) bench.cell[2]:set_v(v) end,
    from_v = 2.95, to_v = 2.85, step_v = 0.005, dwell_s = 5,
    moves = function() return bench.relay.load:stands_open() end,
  }
  rig.check("V-min trip, cell 2", low.v, rig.limits.v_min_trip, { proves = { "RLY-06" } })
end)
