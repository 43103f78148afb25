-- SPDX-License-Identifier: GPL-3.0-or-later
-- Which numbers of cells each setting allows, to the cell, with packs of up to 255 that a
-- composed chain stands for (DIP-07, DIP-08, CHN-07).

local rig = require("rig")
rig.api(1)

local fed_chain = require("lib.fed_chain")
local installer = require("lib.installer")
local profile = require("lib.profile")

-- In the order of their code in the message: fewest and most cells.
local ranges = {}
if profile.gen2 then
  for place, most in ipairs(installer.cell_counts) do ranges[place] = { 2, most } end
else
  ranges = { { 2, 4 }, { 5, 8 }, { 9, 16 }, { 17, 25 }, { 26, 40 }, { 41, 80 }, { 81, 150 }, { 151, 255 } }
end
local id = profile.gen2 and "DIP-07" or "DIP-08"

rig.test("each number of cells that can be set allows its own packs, to the cell", {
  needs = { "chain", "chain_tap", "ext" }, proves = { id, "CHN-07", "DEC-09" }, limit_s = 2000,
}, function(bench)
  local feed = fed_chain.take_over(bench)
  for place, range in ipairs(ranges) do
    local config = fed_chain.config(place - 1)
    local fewest, most = table.unpack(range)
    for _, case in ipairs { { fewest - 1, false }, { fewest, true }, { most, true }, { most + 1, false } } do
      local cells, fits = table.unpack(case)
      if cells >= 1 and cells <= 255 then
        -- Another setting in between: a count is accepted anew after one was changed.
        feed:send({ boards = 3, config = config ~ 1 }, 1)
        local frame = feed:send({ boards = cells - 1, config = config }, 6)
        rig.equal(("setting %d, %d cells: E"):format(place - 1, cells), frame.alarm.e, not fits,
          { proves = { id, "CHN-07", "DEC-09" } })
        if fits then rig.equal(("setting %d: cells counted"):format(place - 1), frame.count, cells, { proves = { id } }) end
      end
    end
  end
end)
