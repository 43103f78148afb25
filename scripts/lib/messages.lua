-- SPDX-License-Identifier: GPL-3.0-or-later
-- Readings fed to the boards message by message. One EXT frame leaves per chain
-- message, so frames are what messages are counted and timed by.

local rig = require("rig")

local messages = {}

messages.period_s = 1.0

---The first frame whose readings were all taken from now on: the one in flight
---and the one after it may have been sampled before.
---@param bench rig.Bench
---@return rig.ExtFrame
function messages.fresh(bench)
  bench.ext:next()
  bench.ext:next()
  return bench.ext:next()
end

function messages.wait_until(at_s)
  local left_s = at_s - rig.now_s()
  if left_s > 0 then
    rig.wait(left_s)
  end
end

---@class messages.Feed
---@field outside fun()                          makes the next reading lie beyond the threshold
---@field inside fun()                           … within it
---@field is_outside fun(frame: rig.ExtFrame): boolean
---@field phase_s? number                        when a step begins, after a frame; `find_phase` knows
---@field lag? integer                           a step's reading travels in this many messages later

---Plays one step per message: "x" a reading outside, "." inside. `taps[i]` runs
---as step i begins and so meets the message of `frames[i]`.
---@param bench rig.Bench
---@param feed messages.Feed
---@param pattern string
---@param taps? table<integer, fun()>
---@return table<integer, rig.ExtFrame|false> frames  by step; false where no frame came
function messages.play(bench, feed, pattern, taps)
  local frames = {}
  local first = bench.ext:next()
  local seen_s, outside = first.at_s, false
  for step = 1, #pattern do
    messages.wait_until(first.at_s + (step - 1) * messages.period_s + feed.phase_s)
    local wanted = pattern:sub(step, step) == "x"
    if wanted ~= outside then
      outside = wanted
      if wanted then feed.outside() else feed.inside() end
    end
    if taps and taps[step] then
      taps[step]()
    end
    messages.wait_until(first.at_s + step * messages.period_s + feed.phase_s - 0.02)
    local frame = bench.ext:latest()
    frames[step] = frame.at_s > seen_s and frame
    seen_s = frame.at_s
  end
  if outside then
    feed.inside()
  end
  return frames
end

---How many of the frames lie outside, up to the message that `until_s` belongs to.
---@param frames table<integer, rig.ExtFrame|false>
---@param is_outside fun(frame: rig.ExtFrame): boolean
---@param until_s? number
function messages.count(frames, is_outside, until_s)
  local outside = 0
  for _, frame in ipairs(frames) do
    -- A message is complete at most 0.1 s before the end of its EXT frame.
    if frame and is_outside(frame) and (not until_s or frame.at_s - 0.1 <= until_s) then
      outside = outside + 1
    end
  end
  return outside
end

---Finds when in the message period to change an input so that a change of one
---period shows in exactly one message. Does so with single readings outside,
---which no debounce may act upon.
---@param bench rig.Bench
---@param feed messages.Feed
---@return messages.Feed feed  with `phase_s` and `lag`
function messages.find_phase(bench, feed)
  for _, phase_s in ipairs { 0.3, 0.6, 0.15, 0.75, 0.45 } do
    feed.phase_s = phase_s
    local frames = messages.play(bench, feed, ".x....")
    if messages.count(frames, feed.is_outside) == 1 then
      for step, frame in ipairs(frames) do
        if frame and feed.is_outside(frame) then
          feed.lag = step - 2
        end
      end
      return feed
    end
  end
  rig.abort("no moment found at which a change of one period shows in exactly one message")
  return feed
end

return messages
