-- SPDX-License-Identifier: GPL-3.0-or-later
-- States that a pack is brought into, and what its supplies and frames tell of it.

local rig = require("rig")
local frames = require("lib.frames")
local messages = require("lib.messages")

local packs = {}

-- The profile's defaults, as stimuli refer to them.
packs.nominal_v = 3.30
packs.balance_v = 3.40
packs.v_max_v = 3.70
packs.v_min_v = 2.90
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

local function value_in(bench, frame, of, number)
  for _ = 1, bench.count do
    local value = of(frame, number)
    if value then
      return value
    end
    frame = bench.ext:next()
  end
  rig.abort(("no frame tells of cell %d"):format(number))
end

local function read_fresh(bench, of, number)
  return value_in(bench, messages.fresh(bench), of, number)
end

---@param bench rig.Bench
---@param cell integer
---@return number volts  as the boards report it now
function packs.reported_v(bench, cell)
  return read_fresh(bench, volts_of, cell)
end

---@param bench rig.Bench
---@param board integer
---@return integer raw
function packs.reported_raw(bench, board)
  return read_fresh(bench, raw_of, board)
end

-- Finds the middle of the span of inputs that read as `target`, by trying: half
-- of the readings at either end of it are the target. `set` returns how to read;
-- `readings` is how many one try takes, `per_count` what one count is of the input.
local function settle(set, read_next, target, start, per_count, readings, what)
  local function share(x)
    local first = set(x)
    local hits = first == target and 1 or 0
    for _ = 2, readings do
      hits = hits + (read_next() == target and 1 or 0)
    end
    return hits / readings, first
  end
  local x = start
  local hit, read = share(x)
  for _ = 1, 8 do
    if hit >= 0.5 then break end
    x = x + (read == target and 0.2 or target - read) * per_count
    hit, read = share(x)
  end
  if hit < 0.5 then
    rig.abort(("%s never reads %d counts"):format(what, target))
  end
  local function edge(step)
    local at, before = x, hit
    for _ = 1, 8 do
      local now = share(at + step)
      if now < 0.5 then
        return at + step * (before - 0.5) / (before - now)
      end
      at, before = at + step, now
    end
    rig.abort(("%s reads %d counts whatever it is fed"):format(what, target))
  end
  local middle = (edge(-per_count / 5) + edge(per_count / 5)) / 2
  set(middle)
  return middle
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
    return counts(packs.reported_v(bench, cell))
  end, function()
    return counts(value_in(bench, bench.ext:next(), volts_of, cell))
  end, counts(target_v), target_v, packs.step_v, 4, ("cell %d"):format(cell))
end

---As `settle_v`, for the reading of a board's temperature.
---@param bench rig.Bench
---@param board integer
---@param target_degc integer
---@return number degc
function packs.settle_degc(bench, board, target_degc)
  return settle(function(degc)
    bench.temperature[board]:set_degc(degc)
    return packs.reported_raw(bench, board)
  end, function()
    return value_in(bench, bench.ext:next(), raw_of, board)
  end, frames.raw_of(target_degc), target_degc, 6 / 7, 1, ("board %d"):format(board))
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

---Sets the switches for the balance voltage, 0 for none, and waits until they count.
---@param bench rig.Bench
---@param volts number
function packs.balance_at(bench, volts)
  local n = volts == 0 and 0 or math.floor((volts - 1.8) / 0.1 + 0.5)
  local pattern = ""
  for bit = 4, 0, -1 do
    pattern = pattern .. (n >> bit & 1)
  end
  bench.switches:set_pattern(pattern, 4)
  rig.eventually(("the switches ask for %.1f V"):format(volts), { within_s = 8 }, function()
    return math.abs(bench.ext:latest().balance_v - volts) < 0.001
  end)
end

-- Small enough that state of charge moves within a test.
packs.small_kwh = 0.1

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
  local function near(by)
    return function() return math.abs(bench.ext:latest().soc_pct - pct) <= by end
  end
  if math.abs(pct - from) > 4 then
    sensor:set_a(400)
    rig.eventually(("state of charge near %d %%"):format(pct), { within_s = 120 }, near(4))
  end
  sensor:set_a(60)
  rig.eventually(("state of charge at %d %%"):format(pct), { within_s = 60 }, near(0))
  sensor:set_a(0)
end

return packs
