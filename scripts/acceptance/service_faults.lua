-- SPDX-License-Identifier: GPL-3.0-or-later
-- Service frames that are lost, damaged, repeated or none at all: nothing of it may reach
-- another board, cost a message or move a relay.

local rig = require("rig")
rig.api(1)

local messages = require("lib.messages")
local packs = require("lib.packs")
local relays = require("lib.relays")
local service = require("lib.service")

local command = service.command

-- What must not change while something goes wrong on the line.
local function nothing_moves(bench, when, body)
  local from_s = rig.now_s()
  body()
  for _, name in ipairs { "charge", "load" } do
    rig.equal(("%s: moves of the %s relay"):format(when, name), #relays.edges(bench, name, from_s), 0,
      { proves = { "DEC-32" } })
  end
  rig.claim(when .. ": no communication error", not bench.ext:latest().alarm.e, { proves = { "DEC-32" } })
end

-- Messages come once per period, to the tick, as EXT frames tell.
local function messages_go_on(bench, when, body)
  local first = bench.ext:next()
  body()
  local last = bench.ext:next()
  local missed = (last.at_s - first.at_s) % messages.period_s
  rig.check(when .. ": the last message is off its second by", math.min(missed, messages.period_s - missed),
    rig.limits.message_jitter, { proves = { "DEC-32" } })
  return last.at_s - first.at_s
end

-- Nothing was written where nothing should have been.
local function serials(bench, when, expected)
  for k = 1, bench.count do
    rig.equal(("%s: serial number of board %d"):format(when, k), bench.service[k]:identity().serial, expected[k] or 0,
      { proves = { "DEC-31" } })
  end
end

rig.test("a service frame that is damaged on its way reaches nobody", {
  needs = { "service", "service.input", "chain_tap", "ext", "relay.charge", "relay.load" }, proves = { "DEC-31", "DEC-32" },
  limit_s = 1200,
}, function(bench)
  local target = packs.inner(bench)
  bench.service[target]:unlock()
  nothing_moves(bench, "damaged frames", function()
    for index = 0, 31 do
      bench.ext:next()
      rig.wait(0.3)  -- in the silence between two messages
      bench.chain[1]:flip(index, 1 << index % 8, 1)
      bench.service.input:send(service.frame(target, 0x80 + index, command.write_serial, ("%08X"):format(0xBAD00 + index)))
      rig.wait(0.4)
    end
  end)
  rig.equal("frames damaged", bench.chain[1]:damaged(), 32, { proves = { "DEC-32" } })
  serials(bench, "damaged frames", {})
  -- One that waits for its turn is not pushed out by a damaged one behind it.
  for phase = 0, 9 do
    bench.ext:next()
    rig.wait(phase * 0.1)
    local frame = service.frame(target, 0xC0 + phase, command.write_serial, ("%08X"):format(0x600D00 + phase))
    bench.service.input:send(frame)
    rig.wait(0.045)
    bench.service.input:send(frame:sub(1, -7) .. "000000")
    rig.wait(0.3)
    rig.equal(("a damaged frame behind, %.1f s after a message: serial number"):format(phase * 0.1),
      bench.service[target]:identity().serial, 0x600D00 + phase, { proves = { "DEC-31" } })
  end
  -- What asks until it is answered comes through.
  bench.chain[1]:flip(20, 0x04, 3)
  bench.service[target]:unlock()
  bench.service[target]:write_serial(4711)
  serials(bench, "after damage", { [target] = 4711 })
end)

rig.test("a service frame that comes again is not carried out again", {
  needs = { "service", "service.input", "cell", "ext", "relay.charge", "relay.load" },
  proves = { "DEC-31", "DEC-32" },
}, function(bench)
  local function ask(tag, what, argument)
    bench.service.input:send(service.frame(2, tag, what, argument))
    rig.wait(0.3)
  end
  ask(1, command.unlock, service.key)
  ask(2, command.test_bypass, "14")
  rig.claim("the bypass is tested for 2 s", packs.conducts(bench, 2), { proves = { "DEC-31" } })
  rig.wait(2.2)
  nothing_moves(bench, "repeated", function()
    for _ = 1, 5 do
      ask(2, command.test_bypass, "14")
      rig.check("the same request again: current", bench.cell[2]:current_a(), rig.limits.no_bypass,
        { proves = { "DEC-31" } })
    end
  end)
  ask(3, command.test_bypass, "14")
  rig.claim("another request: the bypass is tested", packs.conducts(bench, 2), { proves = { "DEC-31" } })
  rig.wait(3)
  -- In place of messages: the chain repeats what it last carried.
  ask(4, command.test_bypass, "0A")
  rig.wait(1.5)
  bench.chain[1]:replay(3)
  for _ = 1, 30 do
    rig.wait(0.1)
    rig.check("in place of messages: current", bench.cell[2]:current_a(), rig.limits.no_bypass, { proves = { "DEC-31" } })
  end
end)

rig.test("rubbish on the service input costs no message and writes nothing", {
  needs = { "service", "service.input", "ext", "relay.charge", "relay.load" },
  proves = { "DEC-31", "DEC-32" }, limit_s = 1200,
}, function(bench)
  -- A generator of our own: the same rubbish every time.
  local state = 12345
  local function rubbish(count, first)
    local digits = { first }
    for _ = #digits + 1, count do
      state = (state * 1103515245 + 12345) & 0x7FFFFFFF
      digits[#digits + 1] = ("%02X"):format(state >> 16 & 0xFF)
    end
    return table.concat(digits)
  end
  local input = bench.service.input
  nothing_moves(bench, "rubbish", function()
    messages_go_on(bench, "a flood for 10 s", function()
      for _ = 1, 10 do
        input:send(rubbish(960))
        rig.wait(1.0)
      end
    end)
    messages_go_on(bench, "frames of rubbish", function()
      for at = 1, 60 do
        input:send(rubbish(at % 3 == 0 and 31 or at % 3 == 1 and 32 or 33, "4C"))
        rig.wait(0.09)
      end
    end)
    messages_go_on(bench, "messages", function()
      for _ = 1, 20 do
        input:send(rubbish(32, "B3"))
        rig.wait(0.09)
      end
    end)
    -- Frames whose check is right but for one bit, at every place.
    bench.service[1]:unlock()
    messages_go_on(bench, "one bit wrong", function()
      local frame = service.frame(1, 0x55, command.write_serial, "0BADF00D")
      for at = 0, 30 do
        local byte = tonumber(frame:sub(2 * at + 1, 2 * at + 2), 16)
        input:send(("%s%02X%s"):format(frame:sub(1, 2 * at), byte ~ 1 << at % 8, frame:sub(2 * at + 3)))
        rig.wait(0.15)
      end
    end)
  end)
  serials(bench, "after rubbish", {})
end)

rig.test("messages keep their time while service frames pass without a pause", {
  needs = { "service", "service.input", "ext", "relay.charge", "relay.load", "cell" }, proves = { "DEC-32", "DEC-31" },
}, function(bench)
  local frame = service.frame(3, 0x10, command.raw)
  nothing_moves(bench, "a stream of service frames", function()
    local span_s = messages_go_on(bench, "a stream of service frames", function()
      local seen, count = bench.ext:latest().at_s, 0
      for _ = 1, 300 do
        bench.service.input:send(frame)
        rig.wait(0.05)
        local at_s = bench.ext:latest().at_s
        if at_s > seen then
          rig.check("between two messages", at_s - seen, rig.limits.message_period, { proves = { "DEC-32" } })
          seen, count = at_s, count + 1
        end
      end
      rig.claim("messages came all the while", count >= 14, { proves = { "DEC-32" } })
    end)
    rig.claim("that took a while", span_s > 10)
  end)
  rig.equal("one more request is answered", bench.service[packs.inner(bench)]:identity().role, bench.count > 2 and "middle" or "last", { proves = { "DEC-31" } })
  local stray = bench.ext:stray_bytes()
  rig.equal("bytes on EXT that belong to no frame", stray, 0, { proves = { "DEC-32" } })
end)

rig.test("services are reached wherever the chain still leads", {
  needs = { "service", "service.app", "app", "chain", "ext" }, proves = { "DEC-31" },
}, function(bench)
  bench.service[1]:unlock()
  bench.chain[packs.inner(bench) - 1]:open()
  rig.eventually("the chain is broken", { within_s = 8 }, function() return bench.ext:latest().alarm.e end)
  rig.equal("the last board's, over the app link", bench.service.app:identity().role, "last", { proves = { "DEC-31" } })
  bench.service.input:send(service.frame(1, 0x31, command.write_serial, "00000011"))
  bench.service.input:send(service.frame(1, 0x31, command.write_serial, "00000011"))
  rig.wait(1)
  bench.chain[packs.inner(bench) - 1]:close()
  rig.eventually("the chain is mended", { within_s = 10 }, function() return not bench.ext:latest().alarm.e end)
  rig.equal("what was written before the break", bench.service[1]:identity().serial, 0x11, { proves = { "DEC-31" } })
end)

rig.test("services over the app link need the PIN", {
  needs = { "service.app", "app" }, proves = { "DEC-31", "APP-01" },
}, function(bench)
  rig.claim("locked by a wrong PIN", not bench.app:unlock("0000"), { proves = { "APP-01" } })
  for _, line in ipairs { "01-10F!", "5A-100!", "Y@", "Z@" } do
    rig.equal(line, bench.app:ask(line), "NA", { proves = { "DEC-31" } })
  end
  bench.app:unlock()
  rig.equal("with the right PIN", bench.service.app:identity().role, "last", { proves = { "DEC-31" } })
end)
