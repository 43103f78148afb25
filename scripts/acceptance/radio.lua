-- SPDX-License-Identifier: GPL-3.0-or-later
-- The last board's button and the radio module behind the app link: its reset line restarts
-- it, its configure line, high meanwhile, has it set up anew (BTN-01, BTN-03, BTN-04).

local rig = require("rig")
rig.api(1)

local needs = { "radio", "button.last", "app", "ext" }

-- How often a line went active since then.
local function times(light, since_s)
  local n = 0
  for _, edge in ipairs(light:edges(since_s)) do
    if edge.active then n = n + 1 end
  end
  return n
end

-- Waits for the radio to be set up anew and checks how it went.
local function reconfigures(bench, since_s, id)
  rig.eventually("the configure line goes active", { within_s = 3, every_s = 0.02, proves = { id } }, function()
    return bench.radio.configure:lit()
  end)
  rig.wait(15)
  local edges = bench.radio.configure:edges(since_s)
  rig.equal("edges of the configure line", #edges, 2, { proves = { id } })
  rig.check("it stays active for", #edges == 2 and edges[2].at_s - edges[1].at_s or 1e9, rig.limits.radio_configuring,
    { proves = { id } })
  local resets = bench.radio.reset:edges(since_s)
  rig.claim("the module is restarted while it is active", #resets >= 2 and resets[1].active
    and resets[1].at_s >= edges[1].at_s - 0.001 and resets[2].at_s < edges[2].at_s, { proves = { id } })
  rig.claim("and once more afterwards", #resets == 4 and resets[3].at_s >= edges[2].at_s - 0.001, { proves = { id } })
  for at = 1, #resets - 1, 2 do
    rig.check(("length of reset %d"):format((at + 1) // 2), resets[at + 1].at_s - resets[at].at_s, rig.limits.radio_reset,
      { proves = { id } })
  end
end

local function quiet(bench, since_s, what, id)
  rig.equal(what .. ": the radio is not restarted", times(bench.radio.reset, since_s), 0, { proves = { id } })
  rig.equal(what .. ": nor set up anew", times(bench.radio.configure, since_s), 0, { proves = { id } })
end

rig.test("the button held for 5 s has the radio set up anew, besides the PIN", {
  needs = needs, profiles = { "gen3" }, proves = { "BTN-01" },
}, function(bench)
  local from_s = rig.now_s()
  bench.button.last:press(4.8)
  rig.wait(1)
  quiet(bench, from_s, "held for 4.8 s", "BTN-01")
  rig.claim("the PIN is changed", bench.app:change_pin("1234", "4711"))
  from_s = rig.now_s()
  bench.button.last:press(5.2)
  reconfigures(bench, from_s, "BTN-01")
  rig.claim("PIN 1234", bench.app:unlock("1234"), { proves = { "BTN-01" } })
end)

rig.test("the button held while power returns has the radio set up anew and leaves the PIN", {
  needs = { "cell", "radio", "button.last", "app", "ext" }, profiles = { "gen2" }, proves = { "BTN-03" },
}, function(bench)
  rig.claim("the PIN is changed", bench.app:change_pin("1234", "4711"))
  rig.wait(1)
  local from_s = rig.now_s()
  bench:power_cycle()
  rig.wait(3)
  quiet(bench, from_s, "power returns without the button", "BTN-03")
  from_s = rig.now_s()
  bench.button.last:hold()
  bench:power_cycle()
  rig.wait(7)  -- longer than what makes the PIN 1234 while a board runs
  bench.button.last:release()
  reconfigures(bench, from_s, "BTN-03")
  rig.claim("the old PIN stays", bench.app:unlock("4711"), { proves = { "BTN-03" } })
end)

rig.test("the button held for 5 s in running restores the PIN alone", {
  needs = needs, profiles = { "gen2" }, proves = { "BTN-01" },
}, function(bench)
  rig.claim("the PIN is changed", bench.app:change_pin("1234", "4711"))
  local from_s = rig.now_s()
  bench.button.last:press(5.2)
  rig.wait(1)
  rig.claim("PIN 1234", bench.app:unlock("1234"), { proves = { "BTN-01" } })
  quiet(bench, from_s, "held for 5.2 s", "BTN-01")
end)

rig.test("a short press restarts the radio, and nothing else", {
  needs = needs, profiles = { "gen2-out1" }, proves = { "BTN-04", "DEC-23" },
}, function(bench)
  rig.claim("the PIN is changed", bench.app:change_pin("1234", "4711"))
  local bounced_s = rig.now_s()
  bench.button.last:press(0.02)
  rig.wait(1)
  quiet(bench, bounced_s, "contacts that bounce", "BTN-04")
  for _, for_s in ipairs { 0.07, 0.2, 1.0, 4.7 } do
    local from_s = rig.now_s()
    bench.button.last:press(for_s)
    rig.wait(1)
    rig.equal(("pressed for %.2f s: restarts"):format(for_s), times(bench.radio.reset, from_s), 1,
      { proves = { "BTN-04", "DEC-23" } })
    rig.equal(("pressed for %.1f s: set up anew"):format(for_s), times(bench.radio.configure, from_s), 0,
      { proves = { "BTN-04" } })
  end
  rig.claim("the PIN stays", bench.app:unlock("4711"), { proves = { "BTN-04" } })
end)

rig.test("a short press does nothing", {
  needs = needs, profiles = { "gen2-out2", "gen3" }, proves = { "DEC-23" },
}, function(bench)
  rig.claim("the PIN is changed", bench.app:change_pin("1234", "4711"))
  local from_s = rig.now_s()
  for _, for_s in ipairs { 0.2, 1.0, 4.7 } do
    bench.button.last:press(for_s)
    rig.wait(1)
  end
  quiet(bench, from_s, "pressed shortly", "DEC-23")
  rig.claim("the PIN stays", bench.app:unlock("4711"), { proves = { "DEC-23" } })
end)
