-- SPDX-License-Identifier: GPL-3.0-or-later
-- What one board between adds to a message, to the bit: fed with composed messages in place of the first board's
-- (CHN-03), with damaged ones (CHN-05), with none of its own to add (DEC-10) and while it balances (BAL-02).

local rig = require("rig")
rig.api(1)

local hops = require("lib.hops")
local packs = require("lib.packs")
local profile = require("lib.profile")

local needs = { "chain", "chain_tap", "cell", "temperature", "ext" }
local fed, number = 1, 2  -- the link that is fed, the board that it leads to
local balance = math.floor(packs.balance_v / packs.step_v + 0.5)

local function hex(bytes)
  local digits = {}
  for n, byte in ipairs(bytes) do digits[n] = ("%02X"):format(byte) end
  return table.concat(digits, " ")
end

-- Takes the first board off the chain. A board reads its cell shortly before the next message is due: while they
-- follow each other closer than that, it adds the same reading to all of them.
local function take_over(bench)
  bench.chain[fed]:open()
  local feed, sequence = {}, 0

  function feed.compose(fields)
    sequence = sequence % 255 + 1
    fields.sequence, fields.hops = fields.sequence or sequence, fields.hops or number - 1
    return hops.message(fields)
  end

  -- Sends these and returns what leaves the board, a string of bytes each.
  function feed.pass(frames)
    rig.wait(0.1)  -- what goes on is not heard
    bench.chain[number]:listen()
    for _, bytes in ipairs(frames) do
      bench.chain[fed]:noise(string.char(table.unpack(bytes)))
      rig.wait(0.045)
    end
    -- What follows closely is heard in one piece.
    local all, left = {}, {}
    for n, sent in ipairs(bench.chain[number]:heard()) do all[n] = sent.bytes end
    local bytes = table.concat(all)
    for from = 1, #bytes, hops.size do left[#left + 1] = { bytes:byte(from, math.min(from + hops.size - 1, #bytes)) } end
    return left
  end

  -- What the board has to add: an empty message in which it has its turn tells.
  function feed.own()
    feed.pass { feed.compose { turn = number, balance = balance } }
    rig.wait(1.2)
    local told = feed.pass { feed.compose { turn = number, balance = balance } }[1]
    if not told then rig.abort("nothing leaves the board that is fed") end
    local turn_v = hops.get(told, "turn_v")
    return { v = turn_v & 0x7FFF, t = hops.get(told, "turn_t"), balancing = turn_v & 0x8000 ~= 0 }
  end

  -- Claims that each of them leaves as it must.
  function feed.compare(what, frames, own, known, proves)
    local left = feed.pass(frames)
    rig.equal(what .. ": frames that left the board", #left, #frames, { proves = proves })
    for n, bytes in ipairs(frames) do
      local expected = hex(hops.through(bytes, own, known))
      if hex(left[n] or {}) ~= expected then
        rig.equal(("%s: frame %d, which came as %s"):format(what, n, hex(bytes)), hex(left[n] or {}), expected, { proves = proves })
      end
    end
  end

  return feed
end

-- Around what the board itself has, by one count and by one in the higher byte, and no field's bytes alike.
local function around(own)
  local cases = {}
  local function case(fields)
    fields.balance, fields.config, fields.i1, fields.i2 = fields.balance or balance, 0x35, 0x7B12, 0x84ED
    fields.lowest_cell, fields.highest_cell, fields.lowest_t_cell, fields.highest_t_cell = 0x51, 0x62, 0x73, 0x19
    fields.lowest, fields.highest = fields.lowest or 0x02A7, fields.highest or 0x02C9
    fields.lowest_t, fields.highest_t = fields.lowest_t or 0x5A, fields.highest_t or 0xA5
    fields.turn_v, fields.turn_t = 0x81D3, 0x47
    cases[#cases + 1] = fields
  end
  for _, apart in ipairs { -0x100, -1, 0, 1, 0x100, -0x101, -0xFF, 0xFF, 0x101 } do
    case { lowest = math.max(own.v + apart, 0), highest = 0 }
    case { highest = math.max(own.v + apart, 0) }
  end
  for apart = -1, 1 do
    case { lowest_t = own.t + apart, highest_t = own.t - apart }
    case { turn = number + apart }
  end
  for _, sum in ipairs { 0, 0xFF, 0xFFFF, 0x7FFF80, 0x123456 - own.v } do case { sum = sum } end
  for _, count in ipairs { 0, 1, 0x7F } do case { balancing = count } end
  for _, cell in ipairs { 0, 1, 0xFE } do case { faulty = cell } end
  -- What the first board says besides in the byte that the balance voltage begins with.
  for _, flag in ipairs { 0x8000, 0x4000, 0x2000, 0xE000 } do case { balance = balance | flag } end
  -- Of 255 boards the last one hears 254.
  for _, boards in ipairs { 0, 2, 0x7F, 0xFD, 0xFE } do
    case { hops = boards, turn = boards + 1 }
    case { hops = boards, highest = 0, sum = 0x00FF55 }
  end
  case { turn = number }
  return cases
end

local function through_it(bench, feed, what, proves)
  local own, frames = feed.own(), {}
  for n, fields in ipairs(around(own)) do frames[n] = feed.compose(fields) end
  feed.compare(what, frames, own, nil, proves)
  return own
end

rig.test("a board between adds its own reading to any message, and nothing else, to the bit", {
  needs = needs, cells = 4, proves = { "CHN-03" },
}, function(bench)
  local feed = take_over(bench)
  local own = through_it(bench, feed, "at nominal voltage", { "CHN-03" })
  rig.check("what it adds: error", own.v * packs.step_v - packs.nominal_v, rig.limits.cell_v_error, { proves = { "CHN-03" } })
  -- The higher byte of its reading goes from 2 to 3.
  bench.cell[number]:set_v(3.86)
  bench.temperature[number]:set_degc(-20)
  rig.wait(2)
  feed.own()
  own = feed.own()
  local cold = {}
  for n, fields in ipairs(around(own)) do
    fields.balance = 0
    cold[n] = feed.compose(fields)
  end
  feed.compare("cold, at 3.86 V", cold, own, nil, { "CHN-03" })
end)

rig.test("while it balances, a board between counts itself and says so in its turn", {
  needs = needs, cells = 4, proves = { "CHN-03", "BAL-02" },
}, function(bench)
  local feed = take_over(bench)
  bench.cell[number]:set_v(packs.balance_v + 0.1)
  feed.own()
  feed.own()
  local own = through_it(bench, feed, "balancing", { "CHN-03" })
  rig.claim("it balances", own.balancing, { proves = { "BAL-02" } })
end)

rig.test("a board between with a loose lead names its cell unless another one is named, and adds no voltage", {
  needs = needs, cells = 4, proves = { "CHN-03", "DEC-10" },
}, function(bench)
  local feed = take_over(bench)
  bench.cell[number]:set_v(5.18)
  feed.own()
  local own = through_it(bench, feed, "loose", { "CHN-03", "DEC-10" })
  rig.equal("the voltage that it adds", own.v, 0, { proves = { "DEC-10" } })
end)

-- As it came, with one bit of one byte turned.
local function spoilt(bytes, index, mask)
  local damaged = { table.unpack(bytes) }
  damaged[index] = damaged[index] ~ mask
  return damaged
end

rig.test("a damaged frame leaves a board with the same error in its checksum and one mark", {
  needs = { "chain", "chain_tap", "cell", "probe", "board.led", "ext" }, cells = 4, proves = { "CHN-05", "LED-02" },
}, function(bench)
  local feed = take_over(bench)
  local own = feed.own()
  local frames = {}
  for index = 2, hops.size - 1 do
    frames[#frames + 1] = spoilt(feed.compose { turn = index % 3, balance = balance }, index, 1 << index % 8)
  end
  local marked = spoilt(feed.compose { turn = 1, balance = balance }, hops.at.sum, 0x10)
  marked[hops.at.mark] = 0x3C
  frames[#frames + 1] = marked
  local whole_but_marked = feed.compose { turn = 1, balance = balance }
  whole_but_marked[hops.at.mark] = 1
  frames[#frames + 1] = whole_but_marked
  -- A service frame for another board.
  local service = {}
  for n = 1, hops.size do service[n] = n == 1 and hops.service_start or n == hops.size and 0 or 0x5A + n end
  service[2], service[3] = 1, 3
  frames[#frames + 1] = hops.seal(service)
  frames[#frames + 1] = spoilt(service, 9, 0x02)
  frames[#frames + 1] = feed.compose { turn = number, balance = balance }
  feed.compare("damaged", frames, own, number, { "CHN-05" })

  -- Before any good frame came, a board knows its number by the damaged one alone.
  local from_s = rig.now_s()
  bench.board[number]:reset()
  rig.wait(1)
  local first = spoilt(feed.compose { balance = balance }, hops.at.sequence, 0x04)
  local left = feed.pass { first }[1] or {}
  rig.equal("the first frame after a reset, damaged: its mark", left[hops.at.mark], number, { proves = { "CHN-05" } })
  local function flashes()
    local on = 0
    for _, edge in ipairs(bench.board[number].led:edges(from_s)) do on = on + (edge.active and 1 or 0) end
    return on
  end
  rig.equal("flashes of a board that has heard no message yet", flashes(), 0, { proves = { "LED-02", "CHN-05" } })
  feed.pass { feed.compose { sequence = 0, balance = balance } }
  rig.equal("flashes with its first message, whose number is 0", flashes(), 1, { proves = { "LED-02" } })
  feed.pass { feed.compose { sequence = 0, balance = balance } }
  rig.wait(0.2)
  rig.equal("flashes when that is repeated", flashes(), 1, { proves = { "LED-02", "CHN-05" } })
end)

rig.test("the first board's message is an empty one with its own reading added", {
  needs = { "chain_tap", "cell", "temperature", "ext" }, cells = 4, proves = { "CHN-03" },
}, function(bench)
  local proves = { proves = { "CHN-03" } }
  for _, volts in ipairs { packs.nominal_v, packs.balance_v + 0.1, 5.18 } do
    bench.cell[1]:set_v(volts)
    bench.temperature[1]:set_degc(volts > packs.balance_v and 10 or 40)
    rig.wait(3)
    bench.chain[1]:listen()
    rig.wait(5.2)
    local told = 0
    for _, sent in ipairs(bench.chain[1]:heard()) do
      local bytes = { sent.bytes:byte(1, -1) }
      if bytes[1] == hops.message_start and #bytes == hops.size then
        told = told + 1
        local highest = hops.get(bytes, "highest")
        local own = { v = highest, t = hops.get(bytes, "lowest_t"), balancing = volts > packs.balance_v and volts < 5 }
        local fields = { hops = 0 }
        for _, name in ipairs { "sequence", "turn", "config", "balance", "i1", "i2" } do fields[name] = hops.get(bytes, name) end
        rig.equal(("at %.2f V, message %d"):format(volts, told), hex(bytes), hex(hops.through(hops.message(fields), own)), proves)
        if volts < 5 then
          rig.check(("at %.2f V, message %d: voltage, error"):format(volts, told), highest * packs.step_v - volts,
            rig.limits.cell_v_error, proves)
        end
        rig.equal(("at %.2f V, message %d: balance voltage"):format(volts, told), hops.get(bytes, "balance"), balance, proves)
        rig.equal(("at %.2f V, message %d: no current"):format(volts, told), hops.get(bytes, "i1") | hops.get(bytes, "i2"), 0, proves)
      end
    end
    rig.claim(("at %.2f V: messages were heard"):format(volts), told >= 4, proves)
  end
end)
