-- SPDX-License-Identifier: GPL-3.0-or-later
-- The data chain: its period, its breaks and their mending (CHN). Damaged
-- messages: damage.lua.

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")
local installer = require("lib.installer")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

rig.test("the first board originates one message per second", {
  needs = { "ext", "board.led" }, proves = { profile.id.period },
}, function(bench)
  local from_s = bench.ext:next().at_s
  local last_s
  for _ = 1, 20 do
    last_s = bench.ext:next().at_s
  end
  rig.check("period of messages at the last board", (last_s - from_s) / 20, rig.limits.message_period,
    { proves = { profile.id.period } })
  local on_s = {}
  for _, edge in ipairs(bench.board[1].led:edges(from_s)) do
    if edge.active then on_s[#on_s + 1] = edge.at_s end
  end
  rig.check("period of flashes of the first board", (on_s[#on_s] - on_s[1]) / (#on_s - 1), rig.limits.message_period,
    { proves = { profile.id.period } })
end)

rig.test("every board adds its own contribution, though each stands on another potential", {
  needs = { "cell", "temperature", "ext" }, proves = { "CHN-03", "CHN-08" },
}, function(bench)
  local balance_v = profile.gen2 and 4.3 or 4.9
  installer.balance_at(bench, balance_v)
  for k = 1, bench.count do
    bench.cell[k]:set_v(k % 2 == 1 and balance_v - 0.30 - 0.05 * k or 2.20 + 0.05 * k)
    bench.temperature[k]:set_degc(14 + 6 * k)
  end
  messages.fresh(bench)
  local reported, supplied = bench.ext:all_cells(), bench.cells:voltages_v()
  rig.equal("contributions", #reported, bench.count, { proves = { "CHN-03" } })
  for k = 1, bench.count do
    rig.check(("board %d's voltage: error"):format(k), reported[k].v - supplied[k], rig.limits.cell_v_error,
      { proves = { "CHN-03", "CHN-08" } })
    rig.check(("board %d's temperature: error"):format(k), reported[k].degc - (14 + 6 * k),
      rig.limits.cell_degc_error, { proves = { "CHN-03" } })
  end
  rig.equal("bytes outside of frames at the end of the chain", bench.ext:stray_bytes(), 0, { proves = { "CHN-03" } })
end)

rig.test("a break anywhere raises E, opens both relays and stops the LEDs behind it", {
  needs = { "chain", "ext", "board.led", "relay.charge", "relay.load" }, proves = { "CHN-04", "CHN-06", "ALM-01" },
}, function(bench)
  for link = 1, bench.count - 1 do
    local where = ("link %d broken"):format(link)
    bench.chain[link]:open()
    rig.eventually(where .. ": E", { within_s = 8, proves = { "CHN-04", "ALM-01" } }, function()
      return bench.ext:latest().alarm.e
    end)
    relays.stand(bench, where, false, false, { "CHN-04" })
    local from_s = rig.now_s()
    rig.wait(10)
    for k = 1, bench.count do
      local on = 0
      for _, edge in ipairs(bench.board[k].led:edges(from_s)) do
        if edge.active then on = on + 1 end
      end
      if k <= link then
        rig.check(("%s: flashes of board %d"):format(where, k), on, rig.limits.flashes_in_10s, { proves = { "CHN-04" } })
      else
        rig.equal(("%s: flashes of board %d"):format(where, k), on, 0, { proves = { "CHN-04" } })
      end
    end
    bench.chain[link]:close()
    rig.eventually(("link %d mended: E clears"):format(link), { within_s = 6, proves = { "CHN-06" } }, function()
      return not bench.ext:latest().alarm.e
    end)
    rig.eventually(("link %d mended: both relays allow"):format(link), { within_s = 45, proves = { "CHN-06" } },
      function() return relays.allows(bench, "charge") and relays.allows(bench, "load") end)
  end
end)

rig.test("E comes 5 periods after the last message and clears with the third good one", {
  needs = { "chain_tap", "chain", "ext", "relay.charge", "relay.load" }, proves = { "CHN-04", "CHN-06", "DEC-04" },
}, function(bench)
  local last = bench.count - 1
  local message_s = bench.ext:next().at_s
  bench.chain[last]:flip(3, 0xFF, 8)
  relays.moves(bench, "load", false, 8)
  rig.wait(0.5)
  for _, name in ipairs { "charge", "load" } do
    local edges = relays.edges(bench, name, message_s)
    rig.check(("from the last message to the %s relay"):format(name), #edges > 0 and edges[1].at_s - message_s or 1e9,
      rig.limits.off_after_last_message, { proves = { "CHN-04", "DEC-04" } })
  end
  rig.eventually("the eighth message is damaged", { within_s = 6, every_s = 0.02 }, function()
    return bench.chain[last]:damaged() == 8
  end)
  local damaged_s = rig.now_s()
  rig.eventually("E clears", { within_s = 10, every_s = 0.02, proves = { "CHN-06" } }, function()
    return not bench.ext:latest().alarm.e
  end)
  rig.check("from the last damaged message to E cleared", rig.now_s() - damaged_s,
    rig.limits.e_clears_after_last_bad, { proves = { "CHN-06", "DEC-04" } })
end)

rig.test("fewer lost messages than 5 change nothing", {
  needs = { "chain_tap", "ext", "relay.charge", "relay.load" }, proves = { "CHN-04", "CHN-05", "DEC-04" },
}, function(bench)
  local last = bench.count - 1
  local why = "3 of 4 messages are lost, time and again"
  relays.keep(bench, "charge", true, why, function()
    relays.keep(bench, "load", true, why, function()
      rig.always("no E: " .. why, { proves = { "CHN-04", "DEC-04" } }, function()
        return not bench.ext:latest().alarm.e
      end, function()
        for _ = 1, 5 do
          bench.ext:next()
          bench.chain[last]:flip(5, 0xFF, 3)
          rig.wait(4)
        end
      end)
    end, { "CHN-05" })
  end, { "CHN-05" })
  rig.equal("messages lost", bench.chain[last]:damaged(), 15, { proves = { "CHN-05" } })
end)

rig.test("a dead board breaks the chain, and the chain heals with it", {
  needs = { "cell", "ext", "relay.charge", "relay.load" }, proves = { "CHN-04", "CHN-06", "RLY-04", "RLY-06" },
}, function(bench)
  for _, k in ipairs { 1, math.min(2, bench.count - 1), bench.count - 1 } do
    bench.cell[k]:off()
    rig.eventually(("board %d dead: E"):format(k), { within_s = 8, proves = { "CHN-04" } }, function()
      return bench.ext:latest().alarm.e
    end)
    local frame = bench.ext:latest()
    rig.claim(("board %d dead: no other alarm"):format(k),
      not (frame.alarm.vl or frame.alarm.vh or frame.alarm.tl or frame.alarm.th), { proves = { "CHN-04" } })
    relays.stand(bench, ("board %d dead"):format(k), false, false, { "RLY-04", "RLY-06" })
    bench.cell[k]:on()
    rig.eventually(("board %d back: E clears"):format(k), { within_s = 12, proves = { "CHN-06" } }, function()
      return not bench.ext:latest().alarm.e
    end)
    relays.recover(bench)
  end
end)

rig.test("a reading at the converter's end is a loose lead: E, never V-max", {
  needs = { "cell", "ext", "relay.charge", "relay.load" }, proves = { "CHN-04", "RLY-04", "RLY-06", "CHN-06", "DEC-10" },
}, function(bench)
  for _, k in ipairs(packs.positions(bench)) do
    local from_s, ended_s = rig.now_s(), nil
    bench.cell[k]:set_v(5.18)
    local where = ("cell %d at 5.18 V"):format(k)
    rig.always(where .. ": never Vh, never shown", { proves = { "CHN-04", "DEC-10" } }, function()
      local frame = bench.ext:latest()
      return not frame.alarm.vh and frame.highest_v < 5.0 and frame.cell_v < 5.0
    end, function()
      rig.eventually(where .. ": E", { within_s = 12, proves = { "CHN-04" } }, function()
        return bench.ext:latest().alarm.e
      end)
      ended_s = rig.now_s()
      rig.wait(5)
    end)
    rig.check(where .. ": E after", ended_s - from_s, rig.limits.dead_cell_e, { proves = { "CHN-04", "DEC-10" } })
    relays.stand(bench, where, false, false, { "RLY-04", "RLY-06" })
    rig.equal(where .. ": status", bench.ext:next().status,
      frames.status.e | frames.status.uncalibrated, { proves = { "CHN-04" } })
    bench.cell[k]:set_v(packs.nominal_v)
    rig.eventually(where .. ": E clears afterwards", { within_s = 8, proves = { "CHN-06" } }, function()
      return not bench.ext:latest().alarm.e
    end)
    relays.recover(bench)
  end
end)
