-- SPDX-License-Identifier: GPL-3.0-or-later
-- The first board's option switches (DIP), and a cell count that does not fit them.

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")
local packs = require("lib.packs")
local relays = require("lib.relays")

local function pattern_of(n, bits)
  local pattern = ""
  for bit = bits - 1, 0, -1 do
    pattern = pattern .. (n >> bit & 1)
  end
  return pattern
end

rig.test("switches 4 to 8 choose the balance voltage, while the system runs", {
  needs = { "switch", "ext" }, proves = { "DIP-09", "DIP-10" },
}, function(bench)
  local shortest_s, longest_s = math.huge, 0
  -- In an order that moves several switches at a time, ending where it began.
  for step = 1, 32 do
    local n = (16 + 13 * step) % 32
    local expected_v = n == 0 and 0 or 1.8 + n * 0.1
    local before_v = bench.ext:next().balance_v
    rig.wait(0.07 * step % 1)  -- the change meets the board's reads at another moment each time
    local from_s = rig.now_s()
    bench.switches:set_pattern(pattern_of(n, 5), 4)
    rig.eventually(("%s is noticed"):format(pattern_of(n, 5)), { within_s = 8, every_s = 0.05, proves = { "DIP-10" } },
      function() return bench.ext:latest().balance_v ~= before_v end)
    local took_s = rig.now_s() - from_s
    shortest_s, longest_s = math.min(shortest_s, took_s), math.max(longest_s, took_s)
    rig.equal(("%s asks for"):format(pattern_of(n, 5)), ("%.1f V"):format(bench.ext:latest().balance_v),
      ("%.1f V"):format(expected_v), { proves = { "DIP-09" } })
  end
  rig.check("quickest change", shortest_s, rig.limits.switch_accepted, { proves = { "DIP-10" } })
  rig.check("slowest change", longest_s, rig.limits.switch_accepted, { proves = { "DIP-10" } })
end)

rig.test("boards balance at what the switches say: LTO, LiFePO4 and NMC", {
  needs = { "switch", "cell", "ext" }, proves = { "DIP-09", "DIP-10" },
}, function(bench)
  for _, case in ipairs { { "01000", 2.6 }, { "10110", 4.0 }, { "10000", 3.4 } } do
    local pattern, balance_v = case[1], case[2]
    bench.cells:set_v(balance_v - 0.1)
    bench.switches:set_pattern(pattern, 4)
    rig.wait(5)
    for k = 1, bench.count do
      bench.cell[k]:set_v(balance_v - 0.025)
    end
    rig.wait(3)
    for k = 1, bench.count do
      rig.check(("%s: current of cell %d below %.1f V"):format(pattern, k, balance_v), packs.bypass_a(bench, k),
        rig.limits.no_bypass, { proves = { "DIP-09" } })
      bench.cell[k]:set_v(balance_v + 0.035)
    end
    rig.wait(3)
    for k = 1, bench.count do
      rig.claim(("%s: cell %d balances above %.1f V"):format(pattern, k, balance_v), packs.conducts(bench, k),
        { proves = { "DIP-09", "DIP-10" } })
    end
  end
end)

rig.test("a switch must read the same three times before it counts", {
  needs = { "switch", "ext" }, proves = { "DIP-10" },
}, function(bench)
  bench.ext:next()
  rig.always("a switch moved for 1.8 s changes nothing", { proves = { "DIP-10" } }, function()
    return math.abs(bench.ext:latest().balance_v - packs.balance_v) < 0.001 and not bench.ext:latest().alarm.e
  end, function()
    for number = 1, 8 do
      local was_on = bench.switches:pattern():sub(number, number) == "1"
      bench.switches:set(number, not was_on)
      rig.wait(1.8)
      bench.switches:set(number, was_on)
      rig.wait(4 + 0.13 * number)
    end
  end)
end)

rig.test("an order that the switches have broken raises the early warning", {
  needs = { "switch", "ext" }, proves = { "DIP-09", "EXT-01" },
}, function(bench)
  local early = frames.status2.early_warning
  local function warned() return (frames.value_of(bench, 16) or 0) & early ~= 0 end
  rig.claim("3.4 V between V-min 2.90 and V-max 3.70: no warning", not warned(), { proves = { "EXT-01" } })
  for _, case in ipairs { { 2.9, true }, { 3.0, false }, { 3.6, false }, { 3.7, true }, { 3.4, false } } do
    packs.balance_at(bench, case[1])
    rig.equal(("%.1f V: early warning"):format(case[1]), warned(), case[2], { proves = { "DIP-09", "EXT-01" } })
  end
end)

-- How the switches 1 to 3 are read: DIP-08.
local ranges = { { 2, 4 }, { 5, 8 }, { 9, 16 }, { 17, 25 }, { 26, 40 }, { 41, 80 }, { 81, 150 }, { 151, 255 } }

rig.test("a cell count outside the range of switches 1 to 3 raises E and opens both relays", {
  needs = { "switch", "ext", "relay.charge", "relay.load", "board.led" },
  proves = { "DIP-08", "DIP-10", "CHN-07" }, limit_s = 900,
}, function(bench)
  for n = 1, 7 do
    local pattern = pattern_of(n, 3)
    local which = ("%s, %d to %d cells"):format(pattern, ranges[n + 1][1], ranges[n + 1][2])
    local from_s = rig.now_s()
    bench.switches:set_pattern(pattern, 1)
    rig.eventually(which .. ": E with 4", { within_s = 8, proves = { "DIP-08", "CHN-07" } }, function()
      return bench.ext:latest().alarm.e
    end)
    rig.check(which .. ": E after", rig.now_s() - from_s, rig.limits.count_alarm, { proves = { "DIP-10", "CHN-07" } })
    rig.wait(0.5)
    relays.stand(bench, which, false, false, { "CHN-07" })
    rig.claim(which .. ": the chain itself is whole", bench.board[bench.count].led:flashes(3) >= 2,
      { proves = { "CHN-07" } })
    bench.switches:set_pattern("000", 1)
    rig.eventually(which .. ": E clears with 000", { within_s = 12, proves = { "DIP-08", "CHN-07" } }, function()
      return not bench.ext:latest().alarm.e
    end)
  end
  relays.recover(bench)
end)

-- Both ends of each range; the big packs cost time and stay out of the default run.
for n, range in ipairs(ranges) do
  for _, count in ipairs(range) do
    rig.test(("switches 1 to 3: %d cells fit %s and no other"):format(count, pattern_of(n - 1, 3)), {
      needs = { "switch", "ext" }, cells = count, tags = count > 26 and { "long" } or nil,
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
