-- SPDX-License-Identifier: GPL-3.0-or-later
-- A controller that starts anew while the pack is in use: its watchdog, a supply
-- that dips, a reset line, real power-up (DEC-06, DEC-07). The relays are bistable
-- and stay where they are meanwhile, which is right as long as somebody decides.

local rig = require("rig")
rig.api(1)

local packs = require("lib.packs")
local relays = require("lib.relays")
local resets = require("lib.resets")

for _, deaf in ipairs { false, true } do
  local how = deaf and "interrupts and all" or "interrupted as ever"
  rig.test("a last board in circles, " .. how .. ", is reset, says why and leaves the relays alone", {
    needs = { "probe", "app", "ext", "relay.charge", "relay.load" }, proves = { "DEC-07" },
  }, function(bench)
    relays.keep(bench, "charge", true, "the watchdog resets the last board", function()
      relays.keep(bench, "load", true, "the watchdog resets the last board", function()
        resets.hang_last(bench, deaf)
        rig.wait(12)
      end, { "DEC-07" })
    end, { "DEC-07" })
    rig.equal("cause of the reset", resets.cause(bench), resets.causes.watchdog, { proves = { "DEC-07" } })
    rig.claim("no alarm is left", bench.ext:latest().status & 0x7C == 0, { proves = { "DEC-07" } })
  end)
end

rig.test("a dip of the last board's supply resets it, is told as such and leaves the relays alone", {
  needs = { "cell", "app", "ext", "relay.charge", "relay.load" }, proves = { "DEC-07" },
}, function(bench)
  relays.keep(bench, "charge", true, "the last board's supply dips", function()
    relays.keep(bench, "load", true, "the last board's supply dips", function()
      resets.dip(bench, bench.count)
      rig.wait(12)
    end, { "DEC-07" })
  end, { "DEC-07" })
  rig.equal("cause of the reset", resets.cause(bench), resets.causes.brown_out, { proves = { "DEC-07" } })
end)

rig.test("a relay that was open before a reset by the watchdog is open after it", {
  needs = { "probe", "cell", "ext", "relay.charge", "relay.load" }, proves = { "DEC-07" },
}, function(bench)
  for _, case in ipairs { { "charge", "load", packs.v_max_v + 0.1 }, { "load", "charge", packs.v_min_v - 0.1 } } do
    local opened, kept, volts = table.unpack(case)
    relays.moves(bench, opened, false, 8, function() bench.cell[1]:set_v(volts) end)
    rig.wait(1)
    relays.keep(bench, opened, false, "it was open", function()
      relays.keep(bench, kept, true, "it was allowed", function()
        resets.hang_last(bench, true)
        rig.wait(9)
      end, { "DEC-07" })
    end, { "DEC-07" })
    bench.cell[1]:set_v(packs.nominal_v)
    relays.recover(bench)
  end
end)

rig.test("after a reset by watchdog or brown-out without a chain the relays open within 5 periods", {
  needs = { "probe", "cell", "chain", "ext", "relay.charge", "relay.load" }, proves = { "DEC-07", "CHN-04" },
}, function(bench)
  local link = bench.chain[bench.count - 1]
  for _, case in ipairs {
    { "brown-out", function() resets.dip(bench, bench.count) end, rig.limits.off_after_dip_alone },
    { "watchdog", function() bench.board[bench.count]:hang(true) end, rig.limits.off_after_hang_alone },
  } do
    local what, reset, limit = table.unpack(case)
    bench.ext:next()
    link:open()
    local from_s = rig.now_s()
    reset()
    rig.eventually(what .. ": both relays are open", { within_s = 30, proves = { "DEC-07" } }, function()
      return relays.open(bench, "charge") and relays.open(bench, "load")
    end)
    rig.check(what .. ": from the cut of the chain until both are open", rig.now_s() - from_s, limit,
      { proves = { "DEC-07", "CHN-04" } })
    link:close()
    relays.recover(bench)
  end
end)

rig.test("after a reset by the watchdog the rules hold at once: V-max and V-min open their relay", {
  needs = { "probe", "cell", "ext", "relay.charge", "relay.load" }, proves = { "DEC-07", "RLY-01", "RLY-06" },
}, function(bench)
  for _, case in ipairs {
    { "charge", packs.v_max_v + 0.1, rig.limits.off_after_hang_v_max, "RLY-01" },
    { "load", packs.v_min_v - 0.1, rig.limits.off_after_hang_v_min, "RLY-06" },
  } do
    local name, volts, limit, rule = table.unpack(case)
    bench.ext:next()
    local took_s = relays.moves(bench, name, false, 30, function()
      bench.board[bench.count]:hang(true)
      bench.cell[1]:set_v(volts)
    end)
    rig.check(("from the hang until the %s relay is open"):format(name), took_s, limit, { proves = { "DEC-07", rule } })
    bench.cell[1]:set_v(packs.nominal_v)
    relays.recover(bench)
  end
end)

rig.test("a last board that the watchdog resets over and over opens the relays", {
  needs = { "probe", "ext", "relay.charge", "relay.load" }, proves = { "DEC-07" },
}, function(bench)
  resets.hang_last(bench, true)
  local from_s = rig.now_s()
  bench.board[bench.count]:hang(true)
  rig.eventually("both relays are open", { within_s = 30, proves = { "DEC-07" } }, function()
    return relays.open(bench, "charge") and relays.open(bench, "load")
  end)
  rig.check("from the second hang until both are open", rig.now_s() - from_s, rig.limits.off_after_second_hang,
    { proves = { "DEC-07" } })
  relays.keep(bench, "charge", false, "the board is reset over and over", function()
    relays.keep(bench, "load", false, "the board is reset over and over", function()
      for _ = 1, 4 do
        resets.hang_last(bench, true)
      end
    end, { "DEC-07" })
  end, { "DEC-07" })
  relays.recover(bench, { "DEC-07" })
end)

rig.test("a pulled reset line counts as power-up: both relays open within 500 ms and the cause is told", {
  needs = { "probe", "app", "ext", "relay.charge", "relay.load" }, proves = { "DEC-06", "DEC-07" },
}, function(bench)
  local from_s = rig.now_s()
  bench.board[bench.count]:reset()
  rig.wait(1)
  for _, name in ipairs { "charge", "load" } do
    local edges = relays.edges(bench, name, from_s)
    rig.claim(("the %s relay opens"):format(name), #edges == 1 and not edges[1].active, { proves = { "DEC-06" } })
    rig.check(("from the reset until the %s relay is open"):format(name), edges[1] and edges[1].at_s - from_s or 1e9,
      rig.limits.power_up_off, { proves = { "DEC-06" } })
  end
  rig.equal("cause of the reset", resets.cause(bench), resets.causes.external, { proves = { "DEC-07" } })
  relays.recover(bench, { "DEC-06" })
end)

rig.test("power-up is told as the cause of a reset", {
  needs = { "app", "ext", "cell" }, proves = { "DEC-07" },
}, function(bench)
  bench:power_cycle()
  bench.ext:next()
  rig.equal("cause of the reset", resets.cause(bench) & resets.causes.power_up, resets.causes.power_up,
    { proves = { "DEC-07" } })
end)

rig.test("a board in circles lets go of its bypass within the watchdog's time, and balances again", {
  needs = { "probe", "cell", "ext" }, proves = { "BAL-01", "BAL-07" }, limit_s = 1200,
}, function(bench)
  for _, k in ipairs(packs.positions(bench)) do
    local where = ("board %d"):format(k)
    bench.cell[k]:set_v(packs.balance_v + 0.05)
    rig.eventually(where .. " balances", { within_s = 5 }, function() return packs.draws(bench, k) end)
    rig.wait(0.3)
    bench.board[k]:hang(true)
    bench.cell[k]:set_v(packs.nominal_v)
    local from_s = rig.now_s()
    rig.eventually(where .. " stops", { within_s = 20, proves = { "BAL-01", "BAL-07" } }, function()
      return not packs.draws(bench, k)
    end)
    rig.check(where .. ": bypass off after", rig.now_s() - from_s, rig.limits.bypass_off_after_hang,
      { proves = { "BAL-01", "BAL-07" } })
    bench.cell[k]:set_v(packs.balance_v + 0.05)
    rig.eventually(where .. " balances again", { within_s = 12, proves = { "BAL-01" } }, function()
      return packs.draws(bench, k)
    end)
    bench.cell[k]:set_v(packs.nominal_v)
    rig.wait(10)
  end
end)

rig.test("a board whose converter stalls resets itself and reads its cell again", {
  needs = { "probe", "cell", "ext" }, proves = { "DEC-07", "CEL-03" },
}, function(bench)
  for _, number in ipairs { 1, 2, bench.count } do
    local what = "board " .. number
    bench.cells:set_v(packs.nominal_v)
    rig.eventually(what .. ": nominal voltage is read", { within_s = 5, proves = { "CEL-03" } }, function()
      return bench.ext:next().lowest_v > packs.nominal_v - 0.02
    end)
    bench.board[number]:stall_converter()
    bench.cell[number]:set_v(packs.nominal_v - 0.1)
    rig.eventually(what .. ": reads again", { within_s = 8, proves = { "DEC-07", "CEL-03" } }, function()
      local frame = bench.ext:next()
      return frame.lowest_v_cell == number and frame.lowest_v < packs.nominal_v - 0.08
    end)
  end
end)
