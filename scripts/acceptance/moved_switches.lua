-- SPDX-License-Identifier: GPL-3.0-or-later
-- Option switches moved at any moment, several at a time, bouncing (DIP-10, DEC-22).

local rig = require("rig")
rig.api(1)

local invariants = require("lib.invariants")
local messages = require("lib.messages")
local profile = require("lib.profile")

-- gen2's switch 8 programs the number of cells and the sensor, which then stay programmed.
local movable = profile.gen2 and 7 or 8

rig.test("switches moved at any moment leave nothing behind", {
  needs = { "switch", "cell", "ext", "relay.charge", "relay.load" }, proves = { "DIP-10", "DEC-22" }, limit_s = 1800,
}, function(bench)
  local positions = bench.switches:pattern()
  for round = 1, 6 do
    -- From contacts that bounce to hands that try this and that.
    local pause_s = 0.004 * 1000 ^ ((round - 1) / 5)
    local what = ("round %d, moved every %.3f s"):format(round, pause_s)
    invariants.hold(bench, what, { "DIP-10" }, function()
      local until_s = rig.now_s() + 20
      while rig.now_s() < until_s do
        bench.switches:set(math.random(movable), math.random(2) == 1)
        rig.wait(pause_s * 2 * math.random())
      end
    end)
    bench.switches:set_pattern(positions)
    invariants.recovers(bench, what .. ", then set back", { "DIP-10", "DEC-22" })
  end
end)

-- Contacts on their way to `pattern`.
local function bounce_to(bench, pattern)
  for _ = 1, 12 do
    bench.switches:set(math.random(8), math.random(2) == 1)
    rig.wait(0.004)
  end
  bench.switches:set_pattern(pattern)
end

rig.test("switches that are moved and back within two of their reads change nothing", {
  needs = { "switch", "ext", "relay.charge", "relay.load" }, proves = { "DEC-22" }, profiles = { "gen3" },
}, function(bench)
  local positions = bench.switches:pattern()
  local before = messages.fresh(bench)
  rig.always("the frame stays as it was", { every_s = 0.5, proves = { "DEC-22" } }, function()
    local frame = bench.ext:latest()
    return frame.balance_v == before.balance_v and frame.count == before.count and frame.status == before.status
  end, function()
    for n = 1, 25 do
      local other = ""
      for at = 1, 8 do other = other .. (at == n % 8 + 1 and "1" or positions:sub(at, at) == "1" and "0" or "1") end
      bounce_to(bench, other)
      rig.wait(1.85)
      bounce_to(bench, positions)
      rig.wait(3.1)
    end
  end)
end)
