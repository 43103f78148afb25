-- SPDX-License-Identifier: GPL-3.0-or-later
-- What supplies read back, and what boards report, held against a reference meter: a bench supply may be off by as
-- much as a board.

local rig = require("rig")
rig.api(1)

local messages = require("lib.messages")

-- Where no board burns anything off, so that nothing is lost on the leads.
local at_rest_v = { 3.00, 3.15, 3.30 }

rig.test("where a meter stands, supply and board say what it says", {
  needs = { "cell", "ext", "meter" }, proves = { "CEL-03" },
}, function(bench)
  for _, volts in ipairs(at_rest_v) do
    bench.cells:set_v(volts)
    messages.fresh(bench)
    local reported = bench.ext:all_cells()
    for k, meter in pairs(bench.meter) do
      local reference_v = meter:voltage_v()
      rig.check(("cell %d at %.2f V: what its supply reads back"):format(k, volts),
        bench.cell[k]:voltage_v() - reference_v, rig.limits.supply_readback_error)
      rig.check(("cell %d at %.2f V: what its board reports"):format(k, volts),
        reported[k].v - reference_v, rig.limits.cell_v_error, { proves = { "CEL-03" } })
    end
  end
end)
