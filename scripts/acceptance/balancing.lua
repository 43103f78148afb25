-- SPDX-License-Identifier: GPL-3.0-or-later
-- When and how strongly a board burns off its cell's surplus (BAL).

local rig = require("rig")
rig.api(1)

local installer = require("lib.installer")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")

local surplus_v = packs.balance_v + 0.05

rig.test("a board balances above the balance voltage, by its own cell alone", {
  needs = { "cell" }, proves = { "BAL-01", "BAL-02", "DEC-03" },
}, function(bench)
  for _, k in ipairs(packs.positions(bench)) do
    local point = rig.trip_point {
      ramp = function(v) bench.cell[k]:set_v(v) end,
      from_v = 3.365, to_v = 3.445, step_v = 0.005, dwell_s = 3, back = true,
      moves = function() return packs.conducts(bench, k) end,
    }
    rig.check(("cell %d starts balancing"):format(k), point.v, rig.limits.balance_on, { proves = { "BAL-01", "DEC-03" } })
    rig.check(("cell %d stops balancing"):format(k), point.back_v, rig.limits.balance_off, { proves = { "BAL-01", "DEC-03" } })
    bench.cell[k]:set_v(surplus_v)
    rig.wait(3)
    for other = 1, bench.count do
      if other == k then
        rig.claim(("cell %d balances"):format(k), packs.conducts(bench, k), { proves = { "BAL-02" } })
      else
        rig.check(("cell %d full: current of cell %d"):format(k, other), packs.bypass_a(bench, other),
          rig.limits.no_bypass, { proves = { "BAL-02" } })
      end
    end
    bench.cell[k]:set_v(packs.nominal_v)
  end
end)

rig.test("at the balance voltage itself a board does not balance", {
  needs = { "cell", "ext" }, proves = { "BAL-01", "DEC-03" },
}, function(bench)
  for _, k in ipairs(packs.positions(bench)) do
    local equal_v = packs.settle_v(bench, k, packs.balance_v)
    bench.cell[k]:set_v(equal_v - 2 * packs.step_v)
    rig.wait(3)
    bench.cell[k]:set_v(equal_v)
    rig.equal(("cell %d: as reported"):format(k), ("%.3f"):format(packs.reported_v(bench, k)), "3.400")
    rig.check(("cell %d at the balance voltage: current"):format(k), packs.bypass_a(bench, k),
      rig.limits.no_bypass, { proves = { "BAL-01", "DEC-03" } })
    bench.cell[k]:set_v(equal_v + 3 * packs.step_v)  -- beyond 10 mV of hysteresis
    rig.wait(3)
    rig.claim(("cell %d balances at 3.415 V"):format(k), packs.conducts(bench, k), { proves = { "BAL-01", "DEC-03" } })
    bench.cell[k]:set_v(equal_v - packs.beside_v)
    rig.wait(3)
    rig.check(("cell %d back at 3.395 V: current"):format(k), packs.bypass_a(bench, k),
      rig.limits.no_bypass, { proves = { "BAL-01", "DEC-03" } })
    bench.cell[k]:set_v(packs.nominal_v)
  end
end)

rig.test("the balance current is that of 3.4 Ω at every balance voltage", {
  needs = { "cell", "switch", "ext" }, proves = { "BAL-05", "BAL-01" },
}, function(bench)
  local points = profile.gen2 and { { 3.4, 3.45 }, { 3.7, 3.75 }, { 4.0, 4.05 }, { 4.3, 4.35 } }
    or { { 1.9, 1.95 }, { 2.6, 2.65 }, { 3.3, 3.40 }, { 4.0, 4.05 }, { 4.9, 4.95 } }
  for _, point in ipairs(points) do
    local balance_v, cell_v = point[1], point[2]
    bench.cells:set_v(balance_v - 0.05)
    installer.balance_at(bench, balance_v)
    rig.wait(3)
    for k = 1, bench.count do
      rig.check(("cell %d at %.2f V, below %.1f V: current"):format(k, balance_v - 0.05, balance_v),
        packs.bypass_a(bench, k), rig.limits.no_bypass, { proves = { "BAL-01" } })
    end
    bench.cells:set_v(cell_v)
    rig.wait(3)
    for k = 1, bench.count do
      rig.check(("cell %d at %.2f V: current over V / 3.4 Ω"):format(k, cell_v),
        packs.bypass_a(bench, k) * 3.4 / bench.cell[k]:voltage_v(), rig.limits.bypass_ratio, { proves = { "BAL-05" } })
    end
    bench.cells:set_v(packs.nominal_v)
  end
end)

rig.test("every board goes by the balance voltage that the chain carries now", {
  needs = { "cell", "switch", "ext" }, proves = { "BAL-02" },
}, function(bench)
  -- Between two settings of the switches, and above the one that boards start with.
  for _, case in ipairs { { 3.5, 3.45, false }, { 3.5, 3.60, true }, { 3.7, 3.60, false }, { 3.5, 3.60, true } } do
    local balance_v, cell_v, conducts = table.unpack(case)
    installer.balance_at(bench, balance_v)
    bench.cells:set_v(cell_v)
    rig.wait(3)
    for _, k in ipairs(packs.tried(bench)) do
      rig.equal(("cell %d at %.2f V, balance voltage %.1f V: its board balances"):format(k, cell_v, balance_v),
        packs.conducts(bench, k), conducts, { proves = { "BAL-02" } })
    end
  end
end)

rig.test("a board's LED is on all the time while it balances", {
  needs = { "cell", "board.led" }, proves = { "BAL-03" },
}, function(bench)
  for _, k in ipairs(packs.positions(bench)) do
    bench.cell[k]:set_v(surplus_v)
    rig.wait(3)
    local from_s = rig.now_s()
    rig.always(("LED %d is on"):format(k), { for_s = 8, proves = { "BAL-03" } }, function()
      return bench.board[k].led:lit()
    end)
    rig.equal(("LED %d: edges while balancing"):format(k), #bench.board[k].led:edges(from_s), 0,
      { proves = { "BAL-03" } })
    bench.cell[k]:set_v(packs.nominal_v)
    rig.eventually(("LED %d goes off when balancing ends"):format(k), { within_s = 3, proves = { "BAL-03" } },
      function() return not bench.board[k].led:lit() end)
  end
end)

rig.test("the setting \"no balancing\" stops all balancing", {
  needs = { "cell", "switch", "ext" }, profiles = { "gen3" }, proves = { "BAL-04" },
}, function(bench)
  bench.cells:set_v(3.60)
  rig.wait(3)
  for k = 1, bench.count do
    rig.claim(("cell %d balances before"):format(k), packs.conducts(bench, k), { proves = { "BAL-04" } })
  end
  installer.balance_at(bench, 0)
  bench.cells:set_v(4.20)
  rig.wait(3)
  for k = 1, bench.count do
    rig.check(("cell %d at 4.20 V: current"):format(k), packs.bypass_a(bench, k), rig.limits.no_bypass,
      { proves = { "BAL-04" } })
  end
end)

rig.test("lead resistance makes balancing neither chatter nor misread", {
  needs = { "cell", "ext" }, proves = { "BAL-06", "CEL-03", "DEC-03" },
}, function(bench)
  for _, k in ipairs(packs.positions(bench)) do
    bench.cell[k]:set_v(3.43)  -- less above 3.40 V than what 1 A drops in the two leads, and CEL-03
    rig.eventually(("cell %d balances"):format(k), { within_s = 4, proves = { "BAL-06" } }, function()
      return packs.conducts(bench, k)
    end)
    rig.equal(("cell %d goes on balancing: transitions"):format(k), packs.watch_bypass(bench, k, 20), 0,
      { proves = { "BAL-06" } })
    local worst = 0
    for _ = 1, 10 do
      local error_v = bench.ext:next().highest_v - bench.cell[k]:voltage_v()
      if math.abs(error_v) > math.abs(worst) then worst = error_v end
    end
    rig.check(("cell %d while balancing: worst error"):format(k), worst, rig.limits.cell_v_error,
      { proves = { "BAL-06", "CEL-03", "DEC-03" } })

    packs.settle_v(bench, k, packs.balance_v + packs.step_v)  -- at the switch-point
    rig.check(("cell %d at the switch-point: transitions"):format(k), packs.watch_bypass(bench, k, 20),
      rig.limits.bypass_transitions, { proves = { "BAL-06" } })
    bench.cell[k]:set_v(packs.nominal_v)
  end
end)

rig.test("a board that has lost the chain stops balancing after 10 periods", {
  needs = { "cell", "chain", "ext" }, proves = { "BAL-07", "BAL-02", "DEC-05" },
}, function(bench)
  for _, k in ipairs { 2, packs.inner(bench), bench.count } do
    bench.cell[k]:set_v(surplus_v)
    rig.wait(4)
    bench.ext:next()
    local from_s = rig.now_s()
    bench.chain[k - 1]:open()
    rig.eventually(("board %d stops"):format(k), { within_s = 15, every_s = 0.05, proves = { "BAL-07" } }, function()
      return not packs.conducts(bench, k)
    end)
    rig.check(("board %d: from the break to the stop"):format(k), rig.now_s() - from_s - 0.21,
      rig.limits.bypass_stops_lost, { proves = { "BAL-07", "DEC-05" } })
    rig.always(("board %d stays off"):format(k), { for_s = 3, every_s = 0.2, proves = { "BAL-07" } }, function()
      return not packs.draws(bench, k)
    end)
    bench.chain[k - 1]:close()
    rig.eventually(("board %d resumes"):format(k), { within_s = 5, proves = { "BAL-02" } }, function()
      return packs.conducts(bench, k)
    end)
    bench.cell[k]:set_v(packs.nominal_v)
  end
end)

rig.test("a board that has just booted balances only once a message told it to", {
  needs = { "cell", "chain" }, proves = { "BAL-07", "DEC-05" },
}, function(bench)
  local k = packs.inner(bench)
  bench.chain[k - 1]:open()
  bench.cell[k]:off()
  rig.wait(2)
  bench.cell[k]:set_v(surplus_v)
  bench.cell[k]:on()
  rig.always("no balancing without a message", { for_s = 8, every_s = 0.2, proves = { "BAL-07", "DEC-05" } }, function()
    return not packs.draws(bench, k)
  end)
  bench.chain[k - 1]:close()
  rig.eventually("balancing with the first messages", { within_s = 4, proves = { "BAL-07" } }, function()
    return packs.conducts(bench, k)
  end)
end)

rig.test("a board that reads 85 °C stops balancing until it reads below 75 °C", {
  needs = { "cell", "temperature", "ext", "board.led" }, proves = { "CEL-10", "BAL-01", "DEC-26" }, limit_s = 900,
}, function(bench)
  for _, k in ipairs(packs.positions(bench)) do
    bench.temperatures:set_degc(25)
    bench.temperature[k]:set_degc(55)  -- the bypass adds up to 40 K
    bench.cell[k]:set_v(surplus_v)
    rig.eventually(("board %d balances"):format(k), { within_s = 4 }, function() return packs.conducts(bench, k) end)
    rig.eventually(("board %d stops when hot"):format(k), { within_s = 180, every_s = 0.2, proves = { "CEL-10" } },
      function() return not packs.conducts(bench, k) end)
    rig.check(("board %d stops at"):format(k), bench.ext:next().highest_degc, rig.limits.bypass_stops_hot,
      { proves = { "CEL-10", "DEC-26" } })
    rig.eventually(("board %d resumes when cool"):format(k), { within_s = 180, every_s = 0.2, proves = { "BAL-01" } },
      function() return packs.conducts(bench, k) end)
    rig.check(("board %d resumes at"):format(k), bench.ext:next().highest_degc, rig.limits.bypass_resumes_cool,
      { proves = { "CEL-10", "DEC-26" } })
    bench.cell[k]:set_v(packs.nominal_v)
    bench.temperature[k]:set_degc(25)
    messages.fresh(bench)
  end
end)
