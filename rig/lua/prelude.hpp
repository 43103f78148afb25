// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace rig::lua {

/// In every script's state, given `unless_over`: no pcall catches the end of a test, tables go in the
/// order of their keys.
constexpr const char* prelude = R"lua(
local unless_over = ...
local next_of, sort, meta_of, kind, raw = next, table.sort, getmetatable, type, rawget
local pcall_, resume, close = pcall, coroutine.resume, coroutine.close

function pcall(...) return unless_over(pcall_(...)) end
-- Lua's own runs the handler where no hook does: a loop in it could not be ended.
local function handled(handler, ok, ...)
  if ok then return true, ... end
  return false, handler(...)
end
function xpcall(f, handler, ...) return handled(handler, unless_over(pcall_(f, ...))) end
function coroutine.resume(...) return unless_over(resume(...)) end
function coroutine.close(...) return unless_over(close(...)) end

local rank = { number = 1, string = 2, boolean = 3 }
local function before(a, b)
  local ra, rb = rank[kind(a)] or 4, rank[kind(b)] or 4
  if ra ~= rb then return ra < rb end
  if ra <= 2 then return a < b end
  return ra == 3 and not a and b
end

function next(t, key)
  local least
  for k in next_of, t do
    if not rank[kind(k)] then return next_of(t, key) end  -- objects have no order
    if (key == nil or before(key, k)) and (least == nil or before(k, least)) then least = k end
  end
  if least == nil then return nil end
  return least, raw(t, least)
end

function pairs(t)
  local meta = meta_of(t)
  if kind(meta) == "table" and meta.__pairs then return meta.__pairs(t) end
  local keys, n, i = {}, 0, 0
  for k in next_of, t do n = n + 1; keys[n] = k end
  sort(keys, before)
  return function()
    while i < n do
      i = i + 1
      local value = raw(t, keys[i])
      if value ~= nil then return keys[i], value end
    end
  end, t, nil
end
)lua";

/// Without what Lua could not be stopped in.
constexpr const char* confinement = R"lua(
local set_meta, kind, raw, open = setmetatable, type, rawget, io.open

-- Lua runs a finalizer where no hook does, whenever it likes.
function setmetatable(t, meta)
  if kind(meta) == "table" and raw(meta, "__gc") ~= nil then
    error("setmetatable: there is no __gc here; __close is for what must be put back", 2)
  end
  return set_meta(t, meta)
end

function io.lines(name, ...)
  local file, why = open(name)
  if not file then error(why, 2) end
  local next_line = file:lines(...)
  local function pass(first, ...)
    if first == nil then file:close() end
    return first, ...
  end
  return function() return pass(next_line()) end, nil, nil, file
end
)lua";

}  // namespace rig::lua
