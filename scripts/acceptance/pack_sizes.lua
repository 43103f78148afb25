-- SPDX-License-Identifier: GPL-3.0-or-later
-- What must hold for 2 cells as for 255 (CEL-08): everything that depends on how many
-- boards a message passes. That each number of cells fits its switches: switches.lua,
-- factory_settings.lua.

local rig = require("rig")
rig.api(1)

local installer = require("lib.installer")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

local sizes = { 2, 4, 16, 25, 64, 255 }

-- One test for each size. Those of big packs cost time and stay out of the default run, except that the biggest
-- is counted there.
local counting = "all are counted and numbered from pack minus"

local function at_every_size(name, needs, proves, body)
  for _, cells in ipairs(sizes) do
    local long = cells > 25 and not (name == counting and cells == 255)
    rig.test(("%d cells: %s"):format(cells, name), {
      needs = needs, proves = proves, cells = cells, tags = long and { "long" } or nil,
    }, body)
  end
end

at_every_size(counting, { "cell", "temperature", "ext", "relay" },
  { "CEL-08", "CEL-03", "CHN-03" }, function(bench)
  local counted = { proves = { "CEL-08" } }
  rig.claim("the count fits the switches", not bench.ext:next().alarm.e, counted)
  rig.claim("both relays allow", relays.allows(bench, "charge") and relays.allows(bench, "load"), counted)
  local positions = packs.positions(bench)
  for at, low in ipairs(positions) do
    local high = positions[at % #positions + 1]
    bench.cells:set_v(3.30)
    bench.cell[low]:set_v(3.20)
    bench.cell[high]:set_v(3.38)
    bench.temperature[low]:set_degc(45)
    bench.temperature[high]:set_degc(12)
    local frame = messages.fresh(bench)
    local where = ("cell %d low, cell %d high: "):format(low, high)
    rig.equal(where .. "cells counted", frame.count, bench.count, counted)
    rig.equal(where .. "the lowest", frame.lowest_v_cell, low, counted)
    rig.equal(where .. "the highest", frame.highest_v_cell, high, counted)
    rig.equal(where .. "the hottest", frame.highest_degc_cell, low, counted)
    rig.equal(where .. "the coldest", frame.lowest_degc_cell, high, counted)
    rig.check(where .. "lowest, error", frame.lowest_v - 3.20, rig.limits.cell_v_error, { proves = { "CEL-03" } })
    rig.check(where .. "highest, error", frame.highest_v - 3.38, rig.limits.cell_v_error, { proves = { "CEL-03" } })
    local supplied_v = (bench.count - 2) * 3.30 + 3.20 + 3.38
    rig.check(where .. "sum, of what is supplied", frame.pack_v / supplied_v, rig.limits.pack_v_ratio,
      { proves = { "CHN-03" } })
    bench.temperature[low]:set_degc(25)
    bench.temperature[high]:set_degc(25)
  end
end)

at_every_size("the first cell and the last open either relay in time", { "cell", "ext", "relay" },
  { "RLY-01", "RLY-06", "RLY-11", "ALM-01", "DEC-01" }, function(bench)
  local sides = {
    { name = "charge", beyond_v = packs.v_max_v + 0.05, limit = rig.limits.off_after_v_max_any_size, alarm = "vh",
      id = "RLY-01" },
    { name = "load", beyond_v = packs.v_min_v - 0.05, limit = rig.limits.off_after_v_min_any_size, alarm = "vl",
      id = "RLY-06" },
  }
  for _, ends in ipairs { { 1, bench.count }, { bench.count, 1 } } do
    for at, side in ipairs(sides) do
      local k = ends[at]
      local took_s = relays.moves(bench, side.name, false, 8, function() bench.cell[k]:set_v(side.beyond_v) end)
      rig.check(("cell %d opens the %s relay after"):format(k, side.name), took_s, side.limit,
        { proves = { side.id, "DEC-01" } })
      local frame = bench.ext:next()
      rig.claim(("cell %d: %s alone is raised"):format(k, side.alarm),
        frame.alarm[side.alarm] and not frame.alarm[side.alarm == "vh" and "vl" or "vh"] and not frame.alarm.e,
        { proves = { "ALM-01" } })
      rig.equal(("cell %d is the one"):format(k), side.name == "charge" and frame.highest_v_cell or frame.lowest_v_cell, k,
        { proves = { side.id } })
      bench.cell[k]:set_v(packs.nominal_v)
      rig.eventually("the alarm clears", { within_s = 8 }, function() return not bench.ext:latest().alarm[side.alarm] end)
    end
    relays.recover(bench, { "RLY-11" })
  end
end)

at_every_size("either end balances, and no other cell", { "cell", "ext" }, { "BAL-01", "BAL-02", "BAL-05" }, function(bench)
  local surplus_v = packs.balance_v + 0.05
  local function bypass_is(k, when, conducts)
    if conducts then
      rig.check(("%s: cell %d's bypass, of what it shall draw"):format(when, k), packs.bypass_a(bench, k) / (surplus_v / 3.4),
        rig.limits.bypass_ratio, { proves = { "BAL-01", "BAL-05" } })
    else
      rig.check(("%s: cell %d's bypass"):format(when, k), packs.bypass_a(bench, k), rig.limits.no_bypass,
        { proves = { "BAL-02" } })
    end
  end
  for _, full in ipairs { 1, bench.count } do
    bench.cell[full]:set_v(surplus_v)
    messages.fresh(bench)
    local when = ("cell %d full"):format(full)
    local looked_at = {}
    for _, k in ipairs { 1, 2, bench.count - 1, bench.count } do
      if not looked_at[k] then bypass_is(k, when, k == full) end
      looked_at[k] = true
    end
    bench.cell[full]:set_v(packs.balance_v - 0.05)
    messages.fresh(bench)
    bypass_is(full, "no longer full", false)
    bench.cell[full]:set_v(packs.nominal_v)
  end
end)

at_every_size("a break is noticed and found wherever it is", { "chain", "board.led", "ext", "relay" },
  { "CHN-04", "CHN-06", "INS-02" }, function(bench)
  local breaks = { 1, bench.count // 2, bench.count - 1 }
  for at, link in ipairs(breaks) do
    if link ~= breaks[at - 1] then
      local where = ("link %d broken"):format(link)
      bench.chain[link]:open()
      rig.eventually(where .. ": both relays open", { within_s = 8, proves = { "CHN-04" } }, function()
        return relays.open(bench, "charge") and relays.open(bench, "load")
      end)
      rig.claim(where .. ": E", bench.ext:next().alarm.e, { proves = { "CHN-04" } })
      rig.equal(where .. ": fault at board", installer.find_break(bench), link + 1, { proves = { "INS-02" } })
      bench.chain[link]:close()
      rig.eventually(where .. ", then closed: E clears", { within_s = 6, proves = { "CHN-06" } }, function()
        return not bench.ext:latest().alarm.e
      end)
      rig.equal(where .. ", then closed: cells counted", bench.ext:next().count, bench.count, { proves = { "CHN-06" } })
      relays.recover(bench, { "CHN-06" })
    end
  end
end)

-- When a board's light went on for each message since `from_s`.
local function shown_s(bench, k, from_s)
  local at_s = {}
  for _, edge in ipairs(bench.board[k].led:edges(from_s)) do
    if edge.active then at_s[#at_s + 1] = edge.at_s end
  end
  return at_s
end

local byte_s = 10 / 9600

at_every_size("messages come every second, and a board passes them on while it receives them", { "ext", "board.led" },
  { profile.id.period, "CHN-03" }, function(bench)
  local from_s = bench.ext:next().at_s + 0.3
  rig.wait(0.3)
  local first_s = bench.ext:next().at_s
  local last_s
  for _ = 1, 10 do last_s = bench.ext:next().at_s end
  rig.check("period at the end of the chain", (last_s - first_s) / 10, rig.limits.message_period,
    { proves = { profile.id.period } })
  rig.equal("bytes there that belong to no message", bench.ext:stray_bytes(), 0, { proves = { "CHN-03" } })

  -- Between boards that do the same: the last has more to do before it shows a message.
  local far = bench.count - 1
  if far < 3 then return end
  local near_s, far_s = shown_s(bench, 2, from_s), shown_s(bench, far, from_s)
  while #far_s > 0 and far_s[1] < near_s[1] do table.remove(far_s, 1) end
  local latency_s = 0
  for at = 1, 8 do latency_s = latency_s + (far_s[at] - near_s[at]) / 8 end
  rig.check("how much later the next board has it, in bytes", latency_s / byte_s / (far - 2), rig.limits.bytes_per_board,
    { proves = { "CHN-03" } })
end)
