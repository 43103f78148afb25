-- SPDX-License-Identifier: GPL-3.0-or-later
-- The screenshot in gen2's manual, reproduced with a pack of 16 cells (APP-09): all its
-- numbers are cut off, not rounded.

local rig = require("rig")
rig.api(1)

local messages = require("lib.messages")
local packs = require("lib.packs")

local id = { proves = { "APP-09" } }

-- Feeds all cells so that the boards' sum is this, to one count.
local function settle_pack_v(bench, target_v)
  local cell_v = target_v / bench.count
  for _ = 1, 12 do
    bench.cells:set_v(cell_v)
    local off_v = target_v - messages.fresh(bench).pack_v
    if math.abs(off_v) < packs.step_v / 2 then return end
    if math.abs(off_v) < 5 * packs.step_v then
      -- Single counts, by single cells.
      for k = 1, math.floor(math.abs(off_v) / packs.step_v + 0.5) do
        bench.cell[k]:set_v(cell_v + (off_v > 0 and packs.step_v or -packs.step_v))
      end
      if math.abs(target_v - messages.fresh(bench).pack_v) < packs.step_v / 2 then return end
    end
    cell_v = cell_v + off_v / bench.count
  end
end

local function cut_off(number, digits)
  local scale = 10 ^ digits
  return ("%%.%df"):format(digits):format(math.floor(number * scale + 1e-6) / scale)
end

rig.test("the manual's screenshot comes out of the boards' data, every number cut off", {
  needs = { "cell", "sensor[1]", "sensor[2]", "app", "ext" }, profiles = { "gen2" }, cells = 16, proves = { "APP-09" },
  limit_s = 2000,
}, function(bench)
  packs.fill(bench)
  -- 90 Wh out of a full pack of 4.0 kWh.
  bench.sensor[2]:set_a(50)
  rig.eventually("3.92 kWh are stored", { within_s = 300, every_s = 0.5, proves = { "APP-09" } }, function()
    return bench.ext:latest().stored_wh <= 3922
  end)
  bench.sensor[2]:set_a(0)
  settle_pack_v(bench, 53.5)
  bench.sensor[2]:set_a(10)
  rig.eventually("3.91 kWh are stored", { within_s = 300, every_s = 0.2, proves = { "APP-09" } }, function()
    return bench.ext:latest().stored_wh <= 3912
  end)
  bench.sensor[1]:set_a(18.5)
  bench.sensor[2]:set_a(2.0)
  messages.fresh(bench)

  local shown, settings
  for _ = 1, 10 do  -- one reading in a thousand is a count off
    shown = bench.app:dashboard()
    if cut_off(shown.pack_v, 2) == "53.50" then break end
  end
  settings = bench.app:settings()
  for _, line in ipairs {
    { "pack voltage", cut_off(shown.pack_v, 1), "53.5" },
    { "charge current", cut_off(shown.charge_a, 1), "18.5" }, { "charge power", cut_off(shown.charge_w, 0), "989" },
    { "consumed current", cut_off(shown.consumed_a, 1), "2.0" }, { "consumed power", cut_off(shown.consumed_w, 0), "107" },
    { "battery current", cut_off(shown.battery_a, 1), "16.5" }, { "battery power", cut_off(shown.battery_w, 0), "882" },
    { "stored energy", cut_off(shown.stored_wh / 1000, 2), "3.91" }, { "state of charge", shown.soc_pct, 97 },
    { "capacity", cut_off(settings.capacity_kwh, 1), "4.0" }, { "V-min", cut_off(settings.v_min_v, 2), "2.70" },
    { "V-max", cut_off(settings.v_max_v, 2), "3.60" }, { "V-bypass", cut_off(settings.balance_v, 2), "3.40" },
    { "T-min", math.floor(settings.t_min_charge_degc + 0.5), 10 }, { "T-max", math.floor(settings.t_max_degc + 0.5), 80 },
    { "charge restart", settings.charge_restart_pct, 95 }, { "discharge restart", settings.discharge_restart_pct, 5 },
  } do
    rig.equal(line[1], line[2], line[3], id)
  end
  -- Rounding would show other numbers.
  rig.claim("the powers and the percentage are cut off, not rounded",
    shown.charge_w % 1 > 0.5 and shown.battery_w % 1 > 0.5 and shown.stored_wh / 40 % 1 > 0.5, id)
end)
