-- SPDX-License-Identifier: GPL-3.0-or-later
-- What makes a controller start anew, and what it says of that.

local rig = require("rig")
local packs = require("lib.packs")

local resets = {}

-- As the controller's own register has them; the last board tells them in `V@`.
resets.causes = { power_up = 1, external = 2, brown_out = 4, watchdog = 8 }

---@param bench rig.Bench
---@return integer? causes  bits; nil when the answer holds none
function resets.cause(bench)
  rig.claim("the PIN lets in", bench.app:unlock())
  local answer = bench.app:ask("V@") or ""
  return tonumber(answer:match("^%x+_(%x%x)_"), 16)
end

---The last board's program goes round in circles until its watchdog bites;
---returns with the first frame that it sends thereafter.
---@param bench rig.Bench
---@param deaf boolean
function resets.hang_last(bench, deaf)
  bench.ext:next()
  local from_s = rig.now_s()
  bench.board[bench.count]:hang(deaf)
  rig.eventually("the last board sends again", { within_s = 9 }, function()
    return bench.ext:latest().at_s > from_s + 0.5
  end)
end

---A cell's supply dips below what the board's rail needs, but not so far that
---its memory forgets.
---@param bench rig.Bench
---@param k integer
function resets.dip(bench, k)
  bench.cell[k]:set_v(0.9)
  rig.wait(0.2)
  bench.cell[k]:set_v(packs.nominal_v)
end

return resets
