-- SPDX-License-Identifier: GPL-3.0-or-later
-- The app link's stream as another client reads it: written from the published
-- table of records, apart from the rig's own parser, so that a mistake there does
-- not pass unseen.

local records = {}

-- Fields per record: v4 a pack's voltage, c a cell's, n a number, t a temperature,
-- i a current, e an energy, p a percentage or a status, h the clock.
local layout = {
  U = { "pack", "current", "current", "current" },
  V = { "cell", "number", "cell", "number", "cell" },
  T = { "cell", "number", "cell", "number" },
  C = { "number", "number", "cell", "cell", "number" },
  E = { "energy", "energy", "energy", "number" },
  M = { "energy", "energy", "clock" },
}

local digit = "[0-9A-F]"
local shapes = {
  pack = { digit:rep(4), digit:rep(6) },
  cell = { digit:rep(3), digit:rep(4) },
  number = { digit:rep(2) },
  energy = { digit:rep(6) },
  current = { "[+-]" .. digit:rep(4), "X0000" },
  clock = { "[0-2][0-9]:[0-5][0-9]" },
}

local function fits(field, kind)
  for _, shape in ipairs(shapes[kind]) do
    if field:match("^" .. shape .. "$") then return true end
  end
  return false
end

---@param line string  without CR
---@return { kind: string, fields: string[] }? record  nil: not as the table says
function records.parse(line)
  local kind, rest = line:match("^([UVTCEM])(_.*)$")
  if not kind then return nil end
  local fields = {}
  for field in rest:gmatch("_([^_]*)") do
    fields[#fields + 1] = field
    local shape = layout[kind][#fields]
    if not shape or not fits(field, shape) then return nil end
  end
  if #fields ~= #layout[kind] then return nil end
  return { kind = kind, fields = fields }
end

---The lines of what was received, whole ones only.
---@param bytes string
---@return string[]
function records.lines(bytes)
  local lines = {}
  for line in bytes:gmatch("([^\r]*)\r") do lines[#lines + 1] = line end
  return lines
end

---The kinds of the records, in their order, "UVTCEM"; "?" for what is none.
---@param lines string[]
---@return string
function records.kinds(lines)
  local kinds = {}
  for _, line in ipairs(lines) do
    local record = records.parse(line)
    kinds[#kinds + 1] = record and record.kind or "?"
  end
  return table.concat(kinds)
end

---A number of a record, as it counts.
---@param line string
---@param at integer  which field, from 1
---@return integer?
function records.number(line, at)
  local record = records.parse(line)
  return record and tonumber(record.fields[at], 16)
end

return records
