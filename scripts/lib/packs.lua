-- SPDX-License-Identifier: GPL-3.0-or-later
-- States that a pack is brought into, and what its supplies and frames tell of it.

local rig = require("rig")
local frames = require("lib.frames")
local installer = require("lib.installer")
local messages = require("lib.messages")
local profile = require("lib.profile")

local packs = {}

packs.nominal_v = profile.nominal_v
packs.balance_v = profile.balance_v
packs.v_max_v = profile.v_max_v
packs.v_min_v = profile.v_min_v
-- The setting that ends discharging in the cold.
packs.t_min_discharge = profile.separate_t_min and "t_min_discharge_degc" or "t_min_charge_degc"
packs.step_v = 0.005   -- what one count of a board's reading is worth
-- From the middle of one count into the next, clear of the noise at its edge.
packs.beside_v = 0.0055

---Where "any one cell" is tried: first, middle, last.
---@param bench rig.Bench
---@return integer[]
function packs.positions(bench)
  if bench.count < 3 then
    return { 1, bench.count }
  end
  return { 1, (bench.count + 1) // 2, bench.count }
end

---A board between the first and the last, where there is one.
---@param bench rig.Bench
---@return integer
function packs.inner(bench) return math.min(3, bench.count) end

---Which cells are tried where each is meant: all, but of a pack of more than 16 as many as its positions.
---@param bench rig.Bench
---@return integer[]
function packs.tried(bench)
  if bench.count > 16 then return packs.positions(bench) end
  local all = {}
  for k = 1, bench.count do all[k] = k end
  return all
end

---What a frame says of one cell; nil if this frame says nothing of it.
local function volts_of(frame, cell)
  -- The extremes are of this very message; a cell's own turn may be a round old.
  if frame.highest_v_cell == cell then return frame.highest_v end
  if frame.lowest_v_cell == cell then return frame.lowest_v end
  if frame.cell == cell then return frame.cell_v end
  return nil
end

local function raw_of(frame, board)
  local read = frames.decode(frame.hex) or {}
  if read.highest_degc_cell == board then return read.highest_raw end
  if read.lowest_degc_cell == board then return read.lowest_raw end
  if read.cell == board then return read.cell_raw end
  return nil
end

-- The next `n` frames that tell of it, from messages read from now on.
local function read_fresh(bench, of, number, n)
  local values, frame = {}, messages.fresh(bench)
  for _ = 1, n * bench.count do
    values[#values + 1] = of(frame, number)
    if #values == n then
      return values
    end
    frame = bench.ext:next()
  end
  rig.abort(("frames tell of cell %d less than once per round"):format(number))
end

-- Even in the middle of a count one reading in a thousand is a neighbour.
local function most_of(values)
  local times, most = {}, values[1]
  for _, value in ipairs(values) do
    times[value] = (times[value] or 0) + 1
    if times[value] > times[most] then most = value end
  end
  return most
end

local readings = 5

---@param bench rig.Bench
---@param cell integer
---@return number volts  what most of 5 messages from now on report
function packs.reported_v(bench, cell)
  return most_of(read_fresh(bench, volts_of, cell, readings))
end

---@param bench rig.Bench
---@param board integer
---@return integer raw  what most of 5 messages from now on report
function packs.reported_raw(bench, board)
  return most_of(read_fresh(bench, raw_of, board, readings))
end

-- Finds the middle of the span of inputs that read as `target`: where the readings
-- that are the target have their centre of mass, tried every eighth of a count.
-- `read` sets an input and returns some readings; `per_count` is a count's worth of it.
local function settle(read, target, start, per_count, what)
  local x = start
  local function try(at)
    local hits, sum, values = 0, 0, read(at)
    for _, value in ipairs(values) do
      hits = hits + (value == target and 1 or 0)
      sum = sum + value
    end
    return hits, sum / #values, #values
  end
  local hits, mean, all = try(x)
  for _ = 1, 12 do
    if hits == all then break end
    -- Not the whole way: a whole count leads from one edge to the other.
    x = x + 0.9 * (target - mean) * per_count
    hits, mean = try(x)
  end
  if hits < all then
    rig.abort(("%s never reads %d counts"):format(what, target))
  end
  local mass, moment = hits, hits * x
  for _, step in ipairs { -per_count / 8, per_count / 8 } do
    local at, tries = x, 0
    repeat
      at, tries = at + step, tries + 1
      hits = try(at)
      mass, moment = mass + hits, moment + hits * at
    until hits == 0 or tries == 16
    if hits > 0 then
      rig.abort(("%s reads %d counts whatever it is fed"):format(what, target))
    end
  end
  read(moment / mass)
  return moment / mass
end

---Finds the supply voltage in the middle of those that the board reports as
---`target_v`, and leaves it there. The cell must be the lowest or highest on the way.
---@param bench rig.Bench
---@param cell integer
---@param target_v number  a multiple of 5 mV
---@return number volts
function packs.settle_v(bench, cell, target_v)
  local function counts(volts) return math.floor(volts / packs.step_v + 0.5) end
  return settle(function(volts)
    bench.cell[cell]:set_v(volts)
    local values = read_fresh(bench, volts_of, cell, 4)
    for at, value in ipairs(values) do values[at] = counts(value) end
    return values
  end, counts(target_v), target_v, packs.step_v, ("cell %d"):format(cell))
end

---As `settle_v`, for the reading of a board's temperature.
---@param bench rig.Bench
---@param board integer
---@param target_degc integer
---@return number degc
function packs.settle_degc(bench, board, target_degc)
  return settle(function(degc)
    bench.temperature[board]:set_degc(degc)
    return read_fresh(bench, raw_of, board, 2)
  end, frames.raw_of(target_degc), target_degc, 6 / 7, ("board %d"):format(board))
end

---The currents as 5 messages from now on report them, on average: accuracy is
---asked of them here, noise is not. One that a message lacks is nil.
---@param bench rig.Bench
---@param decode? fun(frame: rig.ExtFrame): table
---@return { i1_a: number?, i2_a: number?, battery_a: number? }
function packs.reported_a(bench, decode)
  local frame, mean = messages.fresh(bench), {}
  for _, field in ipairs { "i1_a", "i2_a", "battery_a" } do mean[field] = 0 end
  for at = 1, readings do
    local now = decode and decode(frame) or frame
    for field, sum in pairs(mean) do
      mean[field] = now[field] and sum + now[field] / readings
    end
    if at < readings then frame = bench.ext:next() end
  end
  return mean
end

---The current that a cell's supply delivers while its board conducts. The
---bypass pauses while its board measures: the largest of a few samples counts.
---@param bench rig.Bench
---@param cell integer
---@return number
function packs.bypass_a(bench, cell)
  local largest = bench.cell[cell]:current_a()
  for _ = 1, 3 do
    rig.wait(0.07)
    largest = math.max(largest, bench.cell[cell]:current_a())
  end
  return largest
end

---More than half of the least bypass current that BAL-05 allows.
---@param bench rig.Bench
---@param cell integer
---@return boolean
function packs.conducts(bench, cell)
  return packs.bypass_a(bench, cell) > 0.25
end

---Watches for a while. For `rig.always` see `draws`, which does not let time pass.
---@param bench rig.Bench
---@param cell integer
---@param for_s number
---@return integer transitions  how often conducting changed
---@return boolean conducts     at the end
function packs.watch_bypass(bench, cell, for_s)
  local conducted, transitions = packs.conducts(bench, cell), 0
  local until_s = rig.now_s() + for_s
  while rig.now_s() < until_s do
    rig.wait(0.2)
    local conducts = packs.conducts(bench, cell)
    if conducts ~= conducted then
      transitions = transitions + 1
    end
    conducted = conducts
  end
  return transitions, conducted
end

---One look at the supply's current; false also while a conducting board measures.
---@param bench rig.Bench
---@param cell integer
---@return boolean
function packs.draws(bench, cell)
  return bench.cell[cell]:current_a() > 0.25
end

-- Currents of some hundred amperes are written as for sensors of 500 A; smaller ones
-- carry this share of them, and the same charge takes that much longer.
packs.flow = profile.most_a / 500

---Has gen2's sensors of 100 A stand for ones of 500 A: what they are fed, boards take for
---five times as much, and energy flows as fast as with gen3's.
---@param bench rig.Bench
function packs.stand_for_500_a(bench)
  if profile.gen2 then installer.program(bench, 5) end
end

---What is `of_four_kwh` for a pack of 4 cells, for this one: the same currents fill it as fast. No pack's is less.
---@param bench rig.Bench
---@param of_four_kwh number
---@return number
function packs.kwh(bench, of_four_kwh) return of_four_kwh * math.max(1, (bench.count + 2) // 4) end

---How much longer currents take than with a pack of 4: a smaller one has no smaller capacity.
---@param bench rig.Bench
---@return number
function packs.slowness(bench) return math.max(1, 4 / bench.count) end

---Small enough that state of charge moves within a test.
---@param bench rig.Bench
---@return number
function packs.small_kwh(bench) return packs.kwh(bench, 0.1) end

---Charges the pack until it counts as full, which calibrates its state of
---charge, and leaves it at nominal voltage. Sensors read 0 A.
---@param bench rig.Bench
function packs.fill(bench)
  bench.cells:set_v(packs.balance_v + 0.05)
  rig.eventually("the pack counts as full", { within_s = 45 }, function()
    local frame = bench.ext:latest()
    return frame.soc_pct == 100 and not frame.soc_uncalibrated
  end)
  rig.wait(0.5)  -- the relay's pulse
  bench.cells:set_v(packs.nominal_v)
end

---Moves the state of charge by current, slowly near the end so that no percent is
---skipped: down through sensor 2, up through sensor 1.
---@param bench rig.Bench
---@param pct integer
function packs.move_soc_to(bench, pct)
  local from = bench.ext:latest().soc_pct
  local sensor = bench.sensor[pct < from and 2 or 1]
  local slow = packs.slowness(bench)
  local function near(by)
    return function() return math.abs(bench.ext:latest().soc_pct - pct) <= by end
  end
  if math.abs(pct - from) > 4 then
    sensor:set_a(400 * packs.flow)
    rig.eventually(("state of charge near %d %%"):format(pct), { within_s = slow * 120 / packs.flow }, near(4))
  end
  sensor:set_a(60)
  rig.eventually(("state of charge at %d %%"):format(pct), { within_s = slow * 60 }, near(0))
  sensor:set_a(0)
end

return packs
