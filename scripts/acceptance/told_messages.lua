-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the app link tells of a message, to the count: composed messages carry no noise (APP-04, APP-05).

local rig = require("rig")
rig.api(1)

local fed_chain = require("lib.fed_chain")
local frames = require("lib.frames")
local packs = require("lib.packs")
local profile = require("lib.profile")
local records = require("lib.records")

local needs = { "chain", "chain_tap", "cell", "app", "ext" }
local step_v, absent = packs.step_v, fed_chain.absent

local function burst(bench)
  bench.app:receive()
  bench.app:send("$")
  return records.lines(bench.app:receive(0.35))
end

-- What a count is worth on each grid, by sensor type: of the extended output, of the stream, of page I@.
local grids = {}
if profile.gen3 then
  for type = 0, 2 do grids[type] = { ext = 0.4 / (4 >> type), stream = 1 / (4 >> type), page = 1 << type } end
else
  for type, eighths in ipairs { 1, 2, 4, 10, 16, 20, 40, 80 } do
    grids[type - 1] = { ext = eighths, stream = eighths, page = eighths }
  end
end

-- As it is told, sign and magnitude, of so many counts; nil is an absent one.
local function fits(told, counts, grid)
  local sign, size = told:match("^(.)(%x%x%x%x)$")
  if not counts then return told == "X0000" end
  size = tonumber(size or "", 16) or 1e9
  local exact = math.min(math.abs(counts) * grid, 0xFFFF)
  return math.abs(size - exact) <= 0.5 and sign == (counts < 0 and size ~= 0 and "-" or "+")
end

local function three(i1, i2)
  local function known(counts) return counts ~= absent and counts or nil end
  local battery = (known(i1) or known(i2)) and (known(i1) or 0) - (known(i2) or 0)
  return { known(i1), battery or nil, known(i2) }
end

local currents = {
  { 0, 0 }, { 1, -1 }, { -1, 0 }, { -2, 2 }, { 3, -3 }, { -4, 5 }, { 6, 9 }, { -255, 256 }, { 1000, -1001 }, { -8191, 8192 },
  { 16383, -1 }, { -16384, 16384 }, { 16384, -16384 }, { 32767, -32767 }, { -32767, 32767 }, { 819, -820 }, { 6553, -6554 },
  { absent, 100 }, { -7, absent }, { absent, absent }, { absent, -32767 }, { 300, -300 },
}

rig.test("currents are told to the count on every grid, with their sign, and none for an absent sensor", {
  needs = needs, cells = 4, proves = { "APP-04", "CUR-07", "CUR-08", "EXT-01" }, limit_s = 900,
}, function(bench)
  bench.app:unlock()
  local feed = fed_chain.take_over(bench)
  feed:send({}, 3)
  local wrong = 0
  local function told(name, case, list, grid)
    for at, counts in ipairs { 1, 2, 3 } do
      local expected = three(case[1], case[2])[at]
      if not fits(list[counts] or "", expected, grid) then
        wrong = wrong + 1
        rig.equal(("%s, current %d of %d and %d counts"):format(name, at, case[1], case[2]), list[counts] or "",
          tostring(expected and expected * grid or "X0000"), { proves = { "APP-04" } })
      end
    end
  end
  for type, grid in pairs(grids) do
    if profile.gen3 then bench.app:set { sensor_type = type } end
    bench.app:ask("E!")
    for _, case in ipairs(currents) do
      local frame = feed:send { i1 = case[1], i2 = case[2], config = profile.gen2 and type << 4 or nil }
      local bytes = frames.bytes(frame.hex)
      local function ext(at) return ("%s%02X%02X"):format(string.char(bytes[at]), bytes[at + 1], bytes[at + 2]) end
      told(("EXT, type %d"):format(type), case, { ext(4), ext(10), ext(7) }, grid.ext)
      local u = records.parse(burst(bench)[1] or "") or { fields = {} }
      told(("stream, type %d"):format(type), case, { u.fields[2], u.fields[3], u.fields[4] }, grid.stream)
      local page = {}
      for field in (bench.app:ask("I@") or ""):gmatch("([^_]+)_") do page[#page + 1] = field end
      told(("I@, type %d"):format(type), case, page, grid.page)
      if #page ~= 3 then rig.equal(("type %d: fields of I@"):format(type), #page, 3, { proves = { "APP-04" } }) end
    end
  end
  rig.equal("currents that were told wrong", wrong, 0, { proves = { "APP-04", "CUR-07", "CUR-08", "EXT-01" } })
end)

rig.test("while no message counts, no current is told and no cell balances", {
  needs = { "chain", "chain_tap", "cell", "app", "ext", "probe" }, cells = 4, proves = { "ALM-04", "APP-05" },
}, function(bench)
  local feed, last = fed_chain.take_over(bench), bench.count
  local balancing = { turn = 2, turn_balances = true, balancing = 1, i1 = 500, i2 = 20 }
  local function nothing(when)
    rig.equal(when .. ": I@", (bench.app:ask("I@") or ""):sub(1, 17), "X0000_X0000_X0000", { proves = { "ALM-04" } })
    rig.equal(when .. ": B@", (bench.app:ask("B@") or ""):sub(1, 6), "00_00_", { proves = { "ALM-04", "APP-05" } })
    bench.app:ask("E!")
    rig.wait(1.2)
    local lines = burst(bench)
    rig.equal(when .. ": records", records.kinds(lines), "UEM", { proves = { "ALM-04" } })
    rig.equal(when .. ": currents", (lines[1] or ""):match("^U_%x+_(.*)$"), "X0000_X0000_X0000", { proves = { "ALM-04" } })
  end
  feed:send(balancing, 3)
  bench.app:unlock()
  rig.equal("cell 2 balances: B@", (bench.app:ask("B@") or ""):sub(1, 11), "04_01_0002_", { proves = { "APP-05" } })
  bench.board[last]:reset()
  bench.ext:next()
  bench.app:unlock()
  nothing("not heard yet")
  feed:send(balancing, 3)
  rig.equal("heard: B@", (bench.app:ask("B@") or ""):sub(1, 11), "04_01_0002_", { proves = { "APP-05" } })
  rig.wait(7)
  rig.claim("E", bench.ext:latest().alarm.e, { proves = { "ALM-04" } })
  nothing("under E")
end)

local cells, forty = 40, fed_chain.config(profile.gen2 and 8 or 4)
local function volts(least, most) return least + step_v * math.random(0, math.floor((most - least) / step_v + 0.5)) end

-- Of values that no board's own cell hides, over all that a message can carry.
local function random_message(turn)
  local balances = math.random(2) == 1
  return {
    boards = cells - 1, config = forty, turn = turn, turn_v = volts(0.5, 5.1), turn_degc = math.random(-40, 120),
    turn_balances = balances, balancing = math.random(1, 39), sum_v = volts(100, 650),
    i1 = math.random(-20000, 20000), i2 = math.random(-20000, 20000),
    lowest_v = volts(0.5, 3.2), lowest_cell = math.random(1, 19), highest_v = volts(3.4, 5.1), highest_cell = math.random(20, 39),
    lowest_degc = math.random(-40, 15), lowest_degc_cell = math.random(1, 19),
    highest_degc = math.random(40, 120), highest_degc_cell = math.random(20, 39), balance_v = volts(3.5, 5.0),
  }
end

rig.test("each record tells what the frame tells, and each cell as it was heard last", {
  needs = needs, cells = 4, proves = { "APP-04", "APP-05" },
}, function(bench)
  bench.app:unlock()
  bench.app:ask("E!")
  local feed, heard, balances = fed_chain.take_over(bench), { v = {}, degc = {} }, {}
  feed:send({ boards = cells - 1, config = forty, balancing = 1 }, 5)
  local wrong = 0
  for n = 1, cells + 30 do
    local m = random_message((n - 1) % (cells - 1) + 1)
    heard.v[m.turn], heard.degc[m.turn], balances[m.turn] = m.turn_v, m.turn_degc, m.turn_balances
    heard.v[m.lowest_cell], heard.v[m.highest_cell] = m.lowest_v, m.highest_v
    heard.degc[m.lowest_degc_cell], heard.degc[m.highest_degc_cell] = m.lowest_degc, m.highest_degc
    local b = frames.bytes(feed:send(m).hex)
    local lines = burst(bench)
    local function number(first, last)
      local value = 0
      for at = first, last do value = value << 8 | b[at] end
      return value
    end
    local sum = number(1, 3)
    local cell = records.parse(lines[4] or "") or { fields = { "00" } }
    local k = tonumber(cell.fields[1], 16)
    local expected = {
      (sum > 0xFFFF and "U_%06X_" or "U_%04X_"):format(sum),
      ("V_%04X_%02X_%04X_%02X_%04X"):format(number(13, 14), b[15], number(16, 17), b[18], number(56, 57)),
      ("T_%04X_%02X_%04X_%02X"):format(number(19, 20), b[21], number(22, 23), b[24]),
      ("C_%02X_%02X_"):format(k, b[26]),
      ("E_%06X_%06X_%06X_%02X"):format(number(32, 34), number(35, 37), number(38, 40), b[41]),
      ("M_%06X_%06X_"):format(number(42, 44), number(45, 47)),
    }
    if k ~= cells then
      expected[4] = expected[4] .. ("%04X_%04X_%02X"):format(math.floor((heard.v[k] or 0) / step_v + 0.5), frames.raw_of(heard.degc[k] or -50), b[31])
    end
    for at, text in ipairs(expected) do
      if (lines[at] or ""):sub(1, #text) ~= text then
        wrong = wrong + 1
        rig.equal(("message %d"):format(n), lines[at] or "", text, { proves = { "APP-04", "APP-05" } })
      end
    end
    if n > cells then
      local words = { ("%02X_%02X"):format(cells, m.balancing) }
      for first = 1, cells, 16 do
        local word = 0
        for bit = 0, 15 do word = word | (balances[first + bit] and 1 << bit or 0) end
        words[#words + 1] = ("%04X"):format(word)
      end
      rig.equal(("message %d: B@"):format(n), (bench.app:ask("B@") or ""):sub(1, -4), table.concat(words, "_"), { proves = { "APP-05" } })
    end
  end
  rig.equal("records that told something else", wrong, 0, { proves = { "APP-04", "APP-05" } })
  -- A smaller pack, as its switches say: none of the others' cells is told any more.
  feed:send({ boards = 3 }, 8)
  local told = {}
  for _ = 1, 9 do
    feed:send { boards = 3 }
    told[#told + 1] = records.number(burst(bench)[4] or "", 1) or "none"
  end
  local from = told[1]
  for n, k in ipairs(told) do
    rig.equal(("4 cells, burst %d: the cell in turn"):format(n), k, ((tonumber(from) or 1) + n - 2) % 4 + 1, { proves = { "APP-05" } })
  end
end)
