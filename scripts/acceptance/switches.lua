-- SPDX-License-Identifier: GPL-3.0-or-later
-- The first board's option switches (DIP), and a cell count that does not fit them.

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")
local installer = require("lib.installer")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

local pattern_of = installer.pattern_of

-- Every setting once, in an order that moves several switches at a time and ends
-- where it began.
local function each_setting(body)
  local settings, usual = #installer.balance_voltages_v + 1, profile.gen2 and 0 or 16
  for step = 1, settings do
    body(step, (usual + 13 * step) % settings)
  end
end

rig.test(("switches %s choose the balance voltage, while the system runs"):format(profile.gen2 and "2, 6 and 7" or "4 to 8"), {
  needs = { "switch", "ext" }, proves = { profile.id.balance_switches, "DIP-10", "DEC-22" },
}, function(bench)
  local shortest_s, longest_s = math.huge, 0
  each_setting(function(step, n)
    local expected_v = installer.balance_voltages_v[n]
    local before_v = bench.ext:next().balance_v
    local what = ("setting %s"):format(pattern_of(n, profile.gen2 and 3 or 5))
    rig.wait(0.07 * step % 1)  -- the change meets the board's reads at another moment each time
    local from_s = rig.now_s()
    installer.set_balance_switches(bench, n)
    rig.eventually(what .. " is noticed", { within_s = 8, every_s = 0.05, proves = { "DIP-10" } },
      function() return bench.ext:latest().balance_v ~= before_v end)
    local took_s = rig.now_s() - from_s
    shortest_s, longest_s = math.min(shortest_s, took_s), math.max(longest_s, took_s)
    rig.equal(what .. " asks for", ("%.1f V"):format(bench.ext:latest().balance_v), ("%.1f V"):format(expected_v),
      { proves = { profile.id.balance_switches } })
  end)
  rig.check("quickest change", shortest_s, rig.limits.switch_accepted_quickest, { proves = { "DIP-10", "DEC-22" } })
  rig.check("slowest change", longest_s, rig.limits.switch_accepted, { proves = { "DIP-10", "DEC-22" } })
end)

rig.test("boards balance at what the switches say", {
  needs = { "switch", "cell", "ext" }, proves = { profile.id.balance_switches, "DIP-10" },
}, function(bench)
  for _, balance_v in ipairs(profile.gen2 and { 3.6, 4.2, 3.4 } or { 2.6, 4.0, 3.4 }) do
    bench.cells:set_v(balance_v - 0.1)
    installer.balance_at(bench, balance_v)
    for k = 1, bench.count do
      bench.cell[k]:set_v(balance_v - 0.025)
    end
    rig.wait(3)
    for k = 1, bench.count do
      rig.check(("current of cell %d below %.1f V"):format(k, balance_v), packs.bypass_a(bench, k),
        rig.limits.no_bypass, { proves = { profile.id.balance_switches } })
      bench.cell[k]:set_v(balance_v + 0.035)
    end
    rig.wait(3)
    for k = 1, bench.count do
      rig.claim(("cell %d balances above %.1f V"):format(k, balance_v), packs.conducts(bench, k),
        { proves = { profile.id.balance_switches, "DIP-10" } })
    end
  end
end)

rig.test("as power returns the switches count with the first message", {
  needs = { "switch", "ext", "cell" }, proves = { profile.id.balance_switches, "DEC-22" },
}, function(bench)
  installer.balance_at(bench, 4.0)
  bench:power_cycle()
  local heard = 0
  for _ = 1, 8 do
    local frame = bench.ext:next()
    -- Before the first message a frame tells of the last board's cell alone.
    if frame.pack_v > 1.5 * packs.nominal_v then
      heard = heard + 1
      rig.equal(("message %d: balance voltage"):format(heard), ("%.2f"):format(frame.balance_v), "4.00",
        { proves = { profile.id.balance_switches, "DEC-22" } })
    end
  end
  rig.claim("messages came", heard >= 5)
end)

rig.test("a switch must read the same three times before it counts", {
  needs = { "switch", "ext" }, proves = { "DIP-10", "DEC-22" },
}, function(bench)
  bench.ext:next()
  rig.always("a switch moved for 1.8 s changes nothing", { proves = { "DIP-10", "DEC-22" } }, function()
    return math.abs(bench.ext:latest().balance_v - packs.balance_v) < 0.001 and not bench.ext:latest().alarm.e
  end, function()
    -- gen2's switch 8 is no ordinary one.
    for number = 1, profile.gen2 and 7 or 8 do
      local was_on = bench.switches:pattern():sub(number, number) == "1"
      bench.switches:set(number, not was_on)
      rig.wait(1.8)
      bench.switches:set(number, was_on)
      rig.wait(4 + 0.13 * number)
    end
  end)
end)

rig.test("an order that the switches have broken raises the early warning", {
  needs = { "switch", "ext" }, profiles = { "gen3" }, proves = { "DIP-09", "EXT-01", "DEC-18" },
}, function(bench)
  local early = frames.status2.early_warning
  local function warned() return (frames.value_of(bench, 16) or 0) & early ~= 0 end
  rig.claim("3.4 V between V-min 2.90 and V-max 3.70: no warning", not warned(), { proves = { "EXT-01" } })
  for _, case in ipairs { { 2.9, true }, { 3.0, false }, { 3.6, false }, { 3.7, true }, { 3.4, false } } do
    installer.balance_at(bench, case[1])
    rig.equal(("%.1f V: early warning"):format(case[1]), warned(), case[2], { proves = { "DIP-09", "EXT-01", "DEC-18" } })
  end
end)

-- How the switches 1 to 3 are read: DIP-08.
local ranges = { { 2, 4 }, { 5, 8 }, { 9, 16 }, { 17, 25 }, { 26, 40 }, { 41, 80 }, { 81, 150 }, { 151, 255 } }

rig.test("a cell count outside the range of switches 1 to 3 raises E and opens both relays", {
  needs = { "switch", "ext", "relay.charge", "relay.load", "board.led" }, profiles = { "gen3" },
  proves = { "DIP-08", "DIP-10", "CHN-07", "DEC-09" }, limit_s = 900,
}, function(bench)
  local own = 0
  while bench.count > ranges[own + 1][2] do own = own + 1 end
  local others = {}
  for n = 0, 7 do
    if n ~= own then others[#others + 1] = n end
  end
  for _, n in ipairs(others) do
    local pattern = pattern_of(n, 3)
    local which = ("%s, %d to %d cells"):format(pattern, ranges[n + 1][1], ranges[n + 1][2])
    local from_s = rig.now_s()
    bench.switches:set_pattern(pattern, 1)
    rig.eventually(which .. ": E", { within_s = 8, proves = { "DIP-08", "CHN-07" } }, function()
      return bench.ext:latest().alarm.e
    end)
    rig.check(which .. ": E after", rig.now_s() - from_s, rig.limits.count_alarm, { proves = { "DIP-10", "CHN-07", "DEC-09" } })
    rig.wait(0.5)
    relays.stand(bench, which, false, false, { "CHN-07" })
    rig.claim(which .. ": the chain itself is whole", bench.board[bench.count].led:flashes(3) >= 2,
      { proves = { "CHN-07" } })
    bench.switches:set_pattern(pattern_of(own, 3), 1)
    rig.eventually(which .. ": E clears with the pack's own", { within_s = 12, proves = { "DIP-08", "CHN-07" } }, function()
      return not bench.ext:latest().alarm.e
    end)
  end
  relays.recover(bench)
end)

-- Both ends of each range; the big packs cost time and stay out of the default run.
for n, range in ipairs(ranges) do
  for _, count in ipairs(range) do
    rig.test(("switches 1 to 3: %d cells fit %s and no other"):format(count, pattern_of(n - 1, 3)), {
      needs = { "switch", "ext" }, profiles = { "gen3" }, cells = count, tags = count > 26 and { "long" } or nil,
      proves = { "DIP-08", "CHN-07" },
    }, function(bench)
      bench.switches:set_pattern(pattern_of(n - 1, 3), 1)
      rig.wait(5)
      rig.claim(("%s fits %d cells"):format(pattern_of(n - 1, 3), count), not bench.ext:next().alarm.e,
        { proves = { "DIP-08" } })
      rig.equal("cells counted", bench.ext:latest().count, count, { proves = { "DIP-08" } })
      -- The neighbouring range; the first has none below, the last none above.
      local wrong = count == range[1] and math.max(n - 2, n == 1 and 1 or 0) or (n < 8 and n or 6)
      bench.switches:set_pattern(pattern_of(wrong, 3), 1)
      rig.eventually(("%s does not fit %d cells: E"):format(pattern_of(wrong, 3), count),
        { within_s = 8, proves = { "DIP-08", "CHN-07" } }, function() return bench.ext:latest().alarm.e end)
    end)
  end
end
