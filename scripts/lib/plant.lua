-- SPDX-License-Identifier: GPL-3.0-or-later
-- A pack of LiFePO4 cells with a solar charger and a household, in numbers: what the cells' supplies and the
-- sensors are to be set to next, and what really flowed.

local plant = {}

-- Charge as a share of capacity, volts at rest: an APR18650M1B cell.
local curve = {
  { 0, 2.0102 }, { 0.0033, 2.4177 }, { 0.0117, 2.7405 }, { 0.0267, 2.9299 }, { 0.0534, 3.0872 }, { 0.0885, 3.1942 },
  { 0.2972, 3.2772 }, { 0.9833, 3.3511 }, { 0.995, 3.418 }, { 1, 3.5981 },
}

-- Beyond its ends the curve goes on as steep as it is there.
local function segment(share)
  local at = 2
  while at < #curve and share > curve[at][1] do at = at + 1 end
  local from, to = curve[at - 1], curve[at]
  local slope = (to[2] - from[2]) / (to[1] - from[1])
  return from[2] + (share - from[1]) * slope, slope
end

-- Volts at rest, averaged over the whole charge.
local function mean_v()
  local sum = 0
  for at = 2, #curve do
    sum = sum + (curve[at][1] - curve[at - 1][1]) * (curve[at][2] + curve[at - 1][2]) / 2
  end
  return sum
end

---@class Plant.Cell
---@field ah number        what it holds
---@field ohm number
---@field share number     of its capacity that it holds now
---@field rest_v number
---@field slope number     volts at rest per share

---@class Plant
---@field cells Plant.Cell[]
---@field capacity_wh number   what the pack gives up from full to empty, at rest
---@field stored_wh number     what it holds now, counted from what flowed through each cell
---@field collected_wh number  what the charger delivered, and
---@field consumed_wh number   what the household took, at the pack's terminals
local Plant = {}
Plant.__index = Plant

-- Parts differ evenly by this much either way.
local tolerance = { ah = 0.01, ohm = 0.10, share = 0.0015 }
local cell_ohm = 0.0005

local function about(value, by) return value * (1 + by * (2 * math.random() - 1)) end

---A pack that holds `capacity_wh` when all its cells are full, its cells charged to about `share` of it.
---@param count integer
---@param capacity_wh number
---@param share number
---@return Plant
function plant.pack(count, capacity_wh, share)
  local pack = setmetatable({ cells = {}, capacity_wh = capacity_wh, collected_wh = 0, consumed_wh = 0 }, Plant)
  local ah = 0
  for k = 1, count do
    pack.cells[k] = { ah = about(1, tolerance.ah), ohm = about(cell_ohm, tolerance.ohm), share = 1 }
    ah = ah + pack.cells[k].ah
  end
  for _, cell in ipairs(pack.cells) do
    cell.ah = cell.ah * capacity_wh / (ah * mean_v())
    cell.rest_v, cell.slope = segment(1)
  end
  pack.stored_wh = capacity_wh
  for _, cell in ipairs(pack.cells) do
    pack:move(cell, (share + tolerance.share * (2 * math.random() - 1) - 1) * cell.ah)
  end
  return pack
end

-- In small steps: the curve has corners.
function Plant:move(cell, ah)
  local steps = math.ceil(math.abs(ah) / cell.ah / 0.002)
  for _ = 1, steps do
    local before_v = cell.rest_v
    cell.share = cell.share + ah / steps / cell.ah
    cell.rest_v, cell.slope = segment(cell.share)
    self.stored_wh = self.stored_wh + ah / steps * (before_v + cell.rest_v) / 2
  end
end

---What the cells hold, in percent of the capacity.
function Plant:soc_pct() return 100 * self.stored_wh / self.capacity_wh end

---What flows into the pack, at its terminals, for the time that the supplies and sensors stood so.
---@param for_s number
---@param charge_a number    from the charger
---@param consumed_a number  to the household
---@param own_a number[]     each cell's board, its bypass included
function Plant:flow(for_s, charge_a, consumed_a, own_a)
  local pack_v = self:volts(charge_a - consumed_a)
  self.collected_wh = self.collected_wh + pack_v * charge_a * for_s / 3600
  self.consumed_wh = self.consumed_wh + pack_v * consumed_a * for_s / 3600
  for k, cell in ipairs(self.cells) do
    self:move(cell, (charge_a - consumed_a - own_a[k]) * for_s / 3600)
  end
end

---@param k integer
---@param battery_a number
---@return number  at the cell's poles
function Plant:cell_v(k, battery_a)
  local cell = self.cells[k]
  return cell.rest_v + cell.ohm * battery_a
end

---@param battery_a number
---@return number  at the pack's terminals
function Plant:volts(battery_a)
  local sum = 0
  for k = 1, #self.cells do sum = sum + self:cell_v(k, battery_a) end
  return sum
end

---The current at which the pack will stand at `bulk_v` in `for_s`, which is what a charger that holds this
---voltage lets into it.
---@param bulk_v number
---@param for_s number
---@return number
function Plant:current_at(bulk_v, for_s)
  local rest_v, ohm = 0, 0
  for _, cell in ipairs(self.cells) do
    rest_v, ohm = rest_v + cell.rest_v, ohm + cell.ohm + cell.slope / cell.ah * for_s / 3600
  end
  return (bulk_v - rest_v) / ohm
end

---What the sun offers, with clouds that differ from day to day.
---@param hour number  since the first midnight
---@return number  0 to 1
function plant.sun(hour)
  local of_day = hour % 24
  if of_day < 7 or of_day > 17 then return 0 end
  local clouds = 0.85 + 0.10 * math.sin(hour * 1.7) + 0.05 * math.sin(hour * 29)
  return math.sin(math.pi * (of_day - 7) / 10) * clouds
end

---What the household takes: something always, more in the morning, most in the evening.
---@param hour number
---@return number  0 to 1
function plant.household(hour)
  local of_day = hour % 24
  local base = 0.22 + 0.05 * math.sin(hour * 3.1) + 0.03 * math.sin(hour * 41)
  if of_day >= 6 and of_day < 8 then return base + 0.25 end
  if of_day >= 17 and of_day < 22 then return base + 0.60 end
  return base
end

return plant
