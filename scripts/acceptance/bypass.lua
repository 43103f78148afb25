-- SPDX-License-Identifier: GPL-3.0-or-later
-- The edges of a board's decision to balance, to the count: its voltage's and its
-- temperature's, and the rest that the bypass takes before each reading (DEC-03, DEC-26).

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")
local packs = require("lib.packs")

rig.test("a board balances 12 mV above the balance voltage, and stops at the balance voltage itself", {
  needs = { "cell", "ext" }, proves = { "DEC-03", "BAL-01" },
}, function(bench)
  local both = { proves = { "DEC-03", "BAL-01" } }
  for _, k in ipairs(packs.positions(bench)) do
    local equal_v = packs.settle_v(bench, k, packs.balance_v)
    bench.cell[k]:set_v(equal_v + 0.0125)
    rig.wait(3)
    rig.claim(("cell %d balances 12.5 mV above"):format(k), packs.conducts(bench, k), both)
    bench.cell[k]:set_v(equal_v)
    rig.wait(3)
    rig.equal(("cell %d at the balance voltage, as reported"):format(k), ("%.3f"):format(packs.reported_v(bench, k)),
      ("%.3f"):format(packs.balance_v))
    rig.check(("cell %d at the balance voltage: current"):format(k), packs.bypass_a(bench, k), rig.limits.no_bypass, both)
    bench.cell[k]:set_v(packs.nominal_v)
  end
end)

rig.test("a board that starts warm has not been hot: it balances", {
  needs = { "cell", "temperature", "probe", "ext" }, proves = { "DEC-26", "BAL-01" },
}, function(bench)
  local k = packs.positions(bench)[2]
  bench.temperature[k]:set_degc(78)
  bench.cell[k]:set_v(packs.balance_v + 0.1)
  bench.board[k]:reset()
  rig.eventually("it balances", { within_s = 3, proves = { "DEC-26", "BAL-01" } }, function() return packs.draws(bench, k) end)
end)

rig.test("the bypass rests for 10 ms before its cell is read", {
  needs = { "cell", "probe" }, proves = { "DEC-03" },
}, function(bench)
  bench.cells:set_v(packs.balance_v + 0.05)
  rig.wait(40)
  for k = 1, bench.count do
    rig.check(("board %d: shortest rest"):format(k), bench.board[k]:bypass_rest_s() or 0, rig.limits.bypass_rest,
      { proves = { "DEC-03" } })
  end
end)

-- A raw step is 6/7 of a degree; the reading itself is finer.
local step_degc = 6 / 7

-- Warms a board until it reports `raw`; the forced temperature then lies at that step's lower edge.
local function creep_to(bench, board, from_degc, raw)
  local degc = from_degc
  repeat
    degc = degc + 0.1
    bench.temperature[board]:set_degc(degc)
  until packs.reported_raw(bench, board) >= raw
  return degc
end

rig.test("a board stops balancing between 84.2 and 85.3 °C, and resumes between 75.5 and 74.8 °C", {
  needs = { "cell", "temperature", "ext" }, proves = { "DEC-26", "CEL-10" }, limit_s = 3000,
}, function(bench)
  local both = { proves = { "DEC-26", "CEL-10" } }
  local k = packs.positions(bench)[2]
  -- Without heat of its own: the middle of the step from 74.3 to 75.1 °C.
  local cool_degc = packs.settle_degc(bench, k, 75)
  bench.temperature[k]:set_degc(25)
  bench.cell[k]:set_v(packs.balance_v + 0.05)
  rig.wait(400)  -- its heat has settled
  local rise_k = frames.degc_of(packs.reported_raw(bench, k)) - 25
  local edge_degc = creep_to(bench, k, 82.5 - rise_k, frames.raw_of(84))
  -- That edge is 83.7 °C.
  bench.temperature[k]:set_degc(edge_degc + 0.4)
  rig.equal("at 84.1 °C: transitions in 20 s", (packs.watch_bypass(bench, k, 20)), 0, both)
  rig.claim("at 84.1 °C it balances", packs.conducts(bench, k), both)
  bench.temperature[k]:set_degc(edge_degc + 1.6)
  rig.eventually("at 85.3 °C it stops", { within_s = 4, proves = both.proves }, function()
    return not packs.conducts(bench, k)
  end)

  bench.temperature[k]:set_degc(90)
  rig.wait(400)  -- its heat is gone
  bench.temperature[k]:set_degc(cool_degc + step_degc)
  rig.wait(3)
  rig.equal("cooled to 75.6 °C: transitions in 20 s", (packs.watch_bypass(bench, k, 20)), 0, both)
  rig.claim("at 75.6 °C it does not balance", not packs.conducts(bench, k), both)
  bench.temperature[k]:set_degc(cool_degc)
  rig.eventually("at 74.7 °C it balances again", { within_s = 4, proves = both.proves }, function()
    return packs.conducts(bench, k)
  end)
end)
