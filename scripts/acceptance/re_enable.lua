-- SPDX-License-Identifier: GPL-3.0-or-later
-- When a relay closes again: after 10 messages in a row inside, and not within
-- 30 s of its last off; and when it first closes after power-up.

local rig = require("rig")
rig.api(1)

local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

local sides = {
  {
    relay = "charge", rule = { "RLY-05", "DEC-02" }, off = function(bench) bench.cell[2]:set_v(3.80) end,
    outside_v = 3.50, is_inside = function(frame) return frame.highest_v < packs.balance_v end,
  },
  {
    relay = "load", rule = { "RLY-07", "DEC-02" }, off = function(bench) bench.cell[2]:set_v(profile.v_min_v - 0.10) end,
    outside_v = profile.v_min_v - 0.10, is_inside = function(frame) return frame.lowest_v > packs.v_min_v end,
  },
}

for _, side in ipairs(sides) do
  local relay = side.relay

  rig.test(("the %s relay closes 30 s after it opened, when all is well since"):format(relay), {
    needs = { "cell", "relay.charge", "relay.load" }, proves = side.rule,
  }, function(bench)
    for round = 1, 2 do
      local _, off_s = relays.moves(bench, relay, false, 6, function() side.off(bench) end)
      bench.cell[2]:set_v(packs.nominal_v)
      local _, on_s = relays.moves(bench, relay, true, 45)
      rig.check(("round %d: on after off"):format(round), on_s - off_s, rig.limits.on_after_off, { proves = side.rule })
    end
  end)

  rig.test(("the %s relay opens at once, however shortly it has been closed"):format(relay), {
    needs = { "cell", "relay.charge", "relay.load" }, proves = side.rule,
  }, function(bench)
    relays.moves(bench, relay, false, 6, function() side.off(bench) end)
    bench.cell[2]:set_v(packs.nominal_v)
    relays.moves(bench, relay, true, 45)
    local took_s = relays.moves(bench, relay, false, 10, function() side.off(bench) end)
    rig.check("off again after", took_s, relay == "charge" and rig.limits.off_after_v_max or rig.limits.off_after_v_min,
      { proves = side.rule })
  end)

  rig.test(("the %s relay closes with message 10 in a row inside"):format(relay), {
    needs = { "cell", "app", "ext", "relay.charge", "relay.load" }, proves = side.rule,
  }, function(bench)
    -- A temperature keeps the relay open meanwhile: below V-min the count of
    -- charge would empty.
    bench.app:set { [packs.t_min_discharge] = -1 }
    bench.temperature[packs.inner(bench)]:set_degc(-20)
    relays.moves(bench, relay, false, 10)
    rig.wait(40)
    local feed = messages.find_phase(bench, {
      outside = function() bench.cell[2]:set_v(side.outside_v) end,
      inside = function() bench.cell[2]:set_v(packs.nominal_v) end,
      is_outside = function(frame) return not side.is_inside(frame) end,
    })
    local function is_inside(frame) return frame.lowest_degc > 5 and side.is_inside(frame) end

    -- As the first step begins, so that every message inside is among the frames.
    local warm = { [1] = function() bench.temperature[packs.inner(bench)]:set_degc(25) end }

    local from_s = rig.now_s()
    local seen = messages.play(bench, feed, ("."):rep(16), warm)
    local edges = relays.edges(bench, relay, from_s)
    rig.claim("the relay closes", #edges == 1 and edges[1].active, { proves = side.rule })
    rig.equal("messages inside until then", edges[1] and messages.count(seen, is_inside, edges[1].at_s) or 0, 10,
      { proves = side.rule })

    bench.temperature[packs.inner(bench)]:set_degc(-20)
    relays.moves(bench, relay, false, 10)
    rig.wait(40)
    from_s = rig.now_s()
    -- One message outside among them: the count begins anew.
    seen = messages.play(bench, feed, ("."):rep(7) .. "x" .. ("."):rep(16), warm)
    edges = relays.edges(bench, relay, from_s)
    rig.claim("after an outlier, the relay closes", #edges == 1 and edges[1].active, { proves = side.rule })
    local since = 0
    for _, frame in ipairs(seen) do
      if frame and edges[1] and frame.at_s - 0.1 <= edges[1].at_s then
        since = is_inside(frame) and since + 1 or 0
      end
    end
    rig.equal("messages inside since the outlier", since, 10, { proves = side.rule })
  end)
end

rig.test("after power-up both relays are driven to not allowed within 500 ms", {
  needs = { "cell", "relay.charge", "relay.load" }, proves = { "RLY-12", profile.id.load_contacts, "DEC-06" },
}, function(bench)
  local last = bench.cell[bench.count]
  last:off()
  rig.wait(3)
  rig.claim("bistable relays keep their position without power",
    relays.allows(bench, "charge") and relays.allows(bench, "load"), { proves = { "RLY-12", profile.id.load_contacts } })
  local from_s = rig.now_s()
  last:on()
  rig.wait(1)
  for _, case in ipairs { { "charge", "RLY-12" }, { "load", profile.id.load_contacts } } do
    local name, id = table.unpack(case)
    local edges = relays.edges(bench, name, from_s)
    rig.claim(("the %s relay opens"):format(name), #edges == 1 and not edges[1].active, { proves = { id } })
    rig.check(("from supply to the %s relay open"):format(name), edges[1] and edges[1].at_s - from_s or 1e9,
      rig.limits.power_up_off, { proves = { id, "DEC-06" } })
  end
end)

rig.test("after power-up a relay closes after 10 good messages, not after 30 s", {
  needs = { "cell", "ext", "relay.charge", "relay.load" }, proves = { "RLY-05", "RLY-07", "DEC-02", "DEC-06" },
}, function(bench)
  bench:power_cycle()
  local restored_s = rig.now_s()
  local seen = bench.ext:frames(16)
  for _, case in ipairs { { "charge", "RLY-05" }, { "load", "RLY-07" } } do
    local name, id = table.unpack(case)
    local edges = relays.edges(bench, name, restored_s - 0.5)
    rig.claim(("the %s relay opens, then closes"):format(name),
      #edges == 2 and not edges[1].active and edges[2].active, { proves = { id } })
    rig.check(("messages until the %s relay closes"):format(name),
      relays.messages_before(seen, edges[2] and edges[2].at_s or 0, function(frame)
        return frame.count == bench.count
      end), rig.limits.power_up_messages, { proves = { id, "DEC-02", "DEC-06" } })
  end
end)

rig.test("after power-up without a chain, E comes after 10 periods and not before", {
  needs = { "cell", "chain", "ext", "relay.charge", "relay.load" }, proves = { "CHN-04", "EXT-01", "ALM-01", "DEC-06" },
}, function(bench)
  local count = bench.count
  bench.chain[count - 1]:open()
  bench.cell[count]:off()
  rig.wait(3)
  local from_s = rig.now_s()
  bench.cell[count]:on()
  local own_v, others_v = 0, 0
  local frame = bench.ext:next()
  rig.check("first frame after", frame.at_s - from_s, rig.limits.ext_longest_silence, { proves = { "EXT-01" } })
  while not frame.alarm.e and frame.at_s < from_s + 20 do
    rig.equal(("count shown %d s after power-up"):format(math.floor(frame.at_s - from_s)), frame.count, 2,
      { proves = { "EXT-01" } })
    if frame.cell == 2 then own_v = frame.cell_v elseif frame.cell == 1 then others_v = frame.cell_v end
    frame = bench.ext:next()
  end
  rig.check("E after power-up", frame.at_s - from_s, rig.limits.power_up_e, { proves = { "CHN-04", "ALM-01", "DEC-06" } })
  rig.claim("only the board's own cell has a voltage",
    math.abs(math.max(own_v, others_v) - packs.nominal_v) <= 0.02 and math.min(own_v, others_v) == 0,
    { proves = { "EXT-01" } })
  relays.stand(bench, "no chain", false, false, { "CHN-04" })
  bench.chain[count - 1]:close()
  relays.recover(bench)
end)
