-- SPDX-License-Identifier: GPL-3.0-or-later
-- A relay rests for 30 s after its last off, at whatever moment of that time
-- messages come (DEC-02).

local rig = require("rig")
rig.api(1)

local packs = require("lib.packs")
local relays = require("lib.relays")

for _, side in ipairs {
  { relay = "charge", rule = "RLY-05", off_v = packs.v_max_v + 0.10 },
  { relay = "load", rule = "RLY-07", off_v = packs.v_min_v - 0.10 },
} do
  rig.test(("the %s relay rests for 30 s, not for 29"):format(side.relay), {
    needs = { "cell", "relay.charge", "relay.load" }, proves = { "DEC-02", side.rule },
  }, function(bench)
    local shortest_s = math.huge
    for round = 1, 4 do
      local _, off_s = relays.moves(bench, side.relay, false, 6, function() bench.cell[2]:set_v(side.off_v) end)
      bench.cell[2]:set_v(packs.nominal_v)
      -- The first board begins anew, and its messages at another moment.
      bench.cell[1]:off()
      rig.wait(1.1 + 0.23 * round)
      bench.cell[1]:on()
      local _, on_s = relays.moves(bench, side.relay, true, 45, nil, nil, { "DEC-02", side.rule })
      rig.check(("round %d: on after off"):format(round), on_s - off_s, rig.limits.rest_whenever, { proves = { "DEC-02", side.rule } })
      shortest_s = math.min(shortest_s, on_s - off_s)
    end
    rig.claim("messages did come at another moment", shortest_s < 30.9)
  end)
end
