-- SPDX-License-Identifier: GPL-3.0-or-later
-- Links that carry more than messages, boards that start anew in the middle of
-- them, boards taken out and put back (CHN-04 to CHN-07, DEC-09).

local rig = require("rig")
rig.api(1)

local invariants = require("lib.invariants")
local messages = require("lib.messages")
local packs = require("lib.packs")
local relays = require("lib.relays")

local needs = { "cell", "chain_tap", "ext", "relay.charge", "relay.load" }

rig.test("a byte without its stop bit spoils the whole message, whichever byte and whichever link", {
  needs = needs, proves = { "CHN-05", "CHN-04", "CHN-06" },
}, function(bench)
  for _, link in ipairs(bench.count > 2 and { 1, bench.count - 1 } or { 1 }) do
    local tap = bench.chain[link]
    local index = 0
    while true do
      local before = tap:damaged()
      tap:misframe(index)
      local until_s = rig.now_s() + messages.period_s * 1.5
      while tap:damaged() == before and rig.now_s() < until_s do rig.wait(0.005) end
      if tap:damaged() == before then break end  -- a message has no such byte
      index = index + 1
      if index > 6 then
        rig.claim(("link %d: byte %d is misframed, no message was good since: E"):format(link, index - 1),
          bench.ext:latest().alarm.e, { proves = { "CHN-05", "CHN-04" } })
      end
    end
    rig.claim(("link %d: a message has more than 20 bytes"):format(link), index > 20, { proves = { "CHN-05" } })
    relays.recover(bench, { "CHN-06" })
  end
end)

-- Most of it begins like a message does.
local function rubbish()
  local bytes = {}
  for at = 1, math.random(1, 40) do
    bytes[at] = string.char(math.random(3) == 1 and 0xB3 or math.random(0, 255))
  end
  return table.concat(bytes)
end

-- What the last board says of the pack as it stands, within noise.
local function true_to(bench, frame)
  return math.abs(frame.pack_v / bench.count - packs.nominal_v) < 0.02 and frame.count == bench.count
    and frame.lowest_v > packs.nominal_v - 0.03 and frame.highest_v < packs.nominal_v + 0.03
    and frame.lowest_degc > 15 and frame.highest_degc < 35 and frame.balance_v == packs.balance_v
    and frame.soc_pct == 50 and frame.soc_uncalibrated
end

rig.test("noise on the links now and then moves no relay and no value", {
  needs = needs, proves = { "CHN-05" },
}, function(bench)
  messages.fresh(bench)
  local why = "a burst of noise every 4 to 8 s"
  local function body()
    for _ = 1, 30 do
      bench.chain[math.random(bench.count - 1)]:noise(rubbish())
      rig.wait(4 + 4 * math.random())
    end
  end
  relays.keep(bench, "charge", true, why, function()
    relays.keep(bench, "load", true, why, function()
      rig.always("what is shown is true: " .. why, { every_s = 0.5, proves = { "CHN-05" } }, function()
        local frame = bench.ext:latest()
        return true_to(bench, frame) and frame.status & 0x7C == 0
      end, body)
    end, { "CHN-05" })
  end, { "CHN-05" })
end)

rig.test("links full of noise raise E and nothing else, and recover by themselves", {
  needs = needs, proves = { "CHN-04", "CHN-05", "CHN-06" }, limit_s = 1200,
}, function(bench)
  messages.fresh(bench)
  for round = 1, 3 do
    local link = math.random(bench.count - 1)
    local what = ("round %d, noise without a pause on link %d"):format(round, link)
    invariants.hold(bench, what, { "CHN-05" }, function()
      rig.always("no alarm but E, no value changes: " .. what, { every_s = 0.5, proves = { "CHN-05" } }, function()
        local frame = bench.ext:latest()
        return true_to(bench, frame) and frame.status & 0x78 == 0
      end, function()
        local until_s = rig.now_s() + 12
        while rig.now_s() < until_s do
          bench.chain[link]:noise(rubbish())
          rig.wait(0.03 * math.random())
        end
        rig.claim(what .. ": E", bench.ext:latest().alarm.e, { proves = { "CHN-04" } })
        relays.stand(bench, what, false, false, { "CHN-04" })
      end)
    end)
    invariants.recovers(bench, what, { "CHN-06" })
  end
end)

rig.test("noise cannot make the charge relay close above V-max", {
  needs = needs, proves = { "CHN-05", "RLY-01" },
}, function(bench)
  relays.moves(bench, "charge", false, 6, function() bench.cell[1]:set_v(packs.v_max_v + 0.1) end)
  relays.keep(bench, "charge", false, "a cell is above V-max, the links are noisy", function()
    for _ = 1, 120 do
      bench.chain[math.random(bench.count - 1)]:noise(rubbish())
      rig.wait(0.8 * math.random())
    end
  end, { "CHN-05", "RLY-01" })
end)

rig.test("a board that starts anew, in the middle of a message or not, moves no relay", {
  needs = { "probe", "cell", "ext", "relay.charge", "relay.load" }, proves = { "CHN-05", "CHN-06" }, limit_s = 1200,
}, function(bench)
  for round = 1, 40 do
    local k = math.random(bench.count - 1)
    local after_s = math.random() * (round % 2 == 0 and 1 or 0.05)
    bench.ext:next()
    -- A message leaves the first board 0.9 s after the frame of the one before at the earliest.
    rig.wait(0.85 + after_s)
    local what = ("round %d, board %d"):format(round, k)
    bench.board[k]:reset()
    rig.always(what .. ": no alarm, no wrong value", { for_s = 4, every_s = 0.5, proves = { "CHN-05", "CHN-06" } }, function()
      local frame = bench.ext:latest()
      return frame.status & 0x7C == 0 and true_to(bench, frame)
        and relays.allows(bench, "charge") and relays.allows(bench, "load")
    end)
  end
end)

rig.test("a board without power for a while opens the relays at most, and the chain recovers by itself", {
  needs = { "cell", "ext", "relay.charge", "relay.load" }, proves = { "CHN-04", "CHN-06" }, limit_s = 2400,
}, function(bench)
  for round = 1, 8 do
    local k = math.random(bench.count - 1)
    local off_s = 0.02 * 500 ^ math.random()
    local what = ("round %d, board %d off for %.2f s"):format(round, k, off_s)
    rig.wait(math.random())
    invariants.hold(bench, what, { "CHN-04" }, function()
      bench.cell[k]:off()
      rig.wait(off_s)
      bench.cell[k]:on()
      rig.wait(5)
    end)
    invariants.recovers(bench, what, { "CHN-06" })
  end
end)

-- The cells that are left still fit the switches.
rig.test("a board taken out while the system runs raises E until it is back", {
  needs = { "cell", "chain_bridge", "ext", "relay.charge", "relay.load" }, proves = { "DEC-09", "CHN-07" }, cells = 4,
}, function(bench)
  for link = 1, bench.count - 2 do
    local what = ("board %d taken out"):format(link + 1)
    bench.ext:next()
    bench.chain[link]:bridge()
    local from_s = rig.now_s()
    rig.eventually(what .. ": E", { within_s = 10, proves = { "DEC-09", "CHN-07" } }, function()
      return bench.ext:latest().alarm.e
    end)
    rig.check(what .. ": E after", rig.now_s() - from_s, rig.limits.count_changed, { proves = { "DEC-09" } })
    relays.stand(bench, what, false, false, { "DEC-09" })
    rig.always(what .. ": E stays", { for_s = 60, every_s = 0.5, proves = { "DEC-09" } }, function()
      return bench.ext:latest().alarm.e and relays.open(bench, "charge") and relays.open(bench, "load")
    end)
    bench.chain[link]:unbridge()
    rig.eventually(what .. " and put back: E clears", { within_s = 5, proves = { "DEC-09" } }, function()
      return not bench.ext:latest().alarm.e
    end)
    invariants.recovers(bench, what .. " and put back", { "DEC-09" })
  end
end)

rig.test("a changed number of cells is accepted after power-up, and after a change of the switches", {
  needs = { "cell", "chain_bridge", "switch", "ext", "relay.charge", "relay.load" }, proves = { "DEC-09" }, cells = 4,
  profiles = { "gen3" },
}, function(bench)
  bench.chain[2]:bridge()
  rig.eventually("3 cells of 4: E", { within_s = 5 }, function() return bench.ext:latest().alarm.e end)
  bench.cell[bench.count]:off()
  rig.wait(2)
  bench.cell[bench.count]:on()
  rig.eventually("after power-up both relays allow", { within_s = 45, proves = { "DEC-09" } }, function()
    return relays.allows(bench, "charge") and relays.allows(bench, "load")
  end)
  rig.equal("cells", bench.ext:next().count, 3, { proves = { "DEC-09" } })

  bench.chain[2]:unbridge()
  rig.eventually("4 cells of 3: E", { within_s = 5, proves = { "DEC-09" } }, function() return bench.ext:latest().alarm.e end)
  bench.switches:set_pattern("001")
  rig.wait(6)
  bench.switches:set_pattern("000")
  invariants.recovers(bench, "the switches were changed and set back", { "DEC-09" })
end)
