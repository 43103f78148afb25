-- SPDX-License-Identifier: GPL-3.0-or-later
-- The app's screens, filled from boards: dashboard (APP-04), battery details
-- (APP-05), settings (APP-02, APP-03). All of them without any board but the
-- virtual ones: that is the app's simulator (APP-07).

local rig = require("rig")
rig.api(1)

local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")

rig.test("the dashboard shows currents, powers and the pack as they are", {
  needs = { "app", "ext", "cell", "sensor[1]", "sensor[2]" }, proves = { "APP-04" },
}, function(bench)
  bench.app:set { capacity_kwh = 4.0 }
  bench.cells:set_v(3.35)
  for _, case in ipairs { { 18, 2 }, { 3, 15 }, { 0, 0 } } do
    local charge_a, consumed_a = table.unpack(case)
    bench.sensor[1]:set_a(charge_a)
    bench.sensor[2]:set_a(consumed_a)
    messages.fresh(bench)
    local shown = bench.app:dashboard()
    local when = ("%d A in, %d A out: "):format(charge_a, consumed_a)
    rig.check(when .. "pack voltage, error per cell", shown.pack_v / bench.count - 3.35, rig.limits.cell_v_error, { proves = { "APP-04" } })
    rig.check(when .. "charge current, error", shown.charge_a - charge_a, rig.limits.streamed_a_error, { proves = { "APP-04" } })
    rig.check(when .. "consumed current, error", shown.consumed_a - consumed_a, rig.limits.streamed_a_error, { proves = { "APP-04" } })
    rig.check(when .. "battery current, error", shown.battery_a - (charge_a - consumed_a),
      rig.limits.streamed_difference_a_error, { proves = { "APP-04" } })
    for _, name in ipairs { "charge", "battery", "consumed" } do
      rig.check(("%s%s power, error"):format(when, name), shown[name .. "_w"] - shown.pack_v * shown[name .. "_a"],
        rig.limits.shown_w_error, { proves = { "APP-04" } })
    end
  end
  bench.sensor[2]:unplug()
  messages.fresh(bench)
  local shown = bench.app:dashboard()
  rig.claim("without sensor 2 no consumption is shown", shown.consumed_a == nil and shown.consumed_w == nil,
    { proves = { "APP-04" } })
end)

rig.test("the dashboard shows the energies that flowed, the state of charge and what is stored", {
  needs = { "app", "ext", "sensor[1]", "sensor[2]" }, proves = { "APP-04" }, limit_s = 2000,
}, function(bench)
  bench.app:set { capacity_kwh = 10.0 }
  local before = bench.app:dashboard()
  rig.equal("before: state of charge", before.soc_pct, 50, { proves = { "APP-04" } })
  rig.claim("before: not calibrated", before.soc_uncalibrated, { proves = { "APP-04" } })
  -- 2.1 kWh in and 1.3 kWh out with four cells.
  packs.stand_for_500_a(bench)
  local in_a, out_a, span_s = 480, 300, 1200
  local pack_v = before.pack_v
  bench.sensor[1]:set_a(in_a * packs.flow)
  bench.sensor[2]:set_a(out_a * packs.flow)
  rig.wait(span_s)
  bench.sensor[1]:set_a(0)
  bench.sensor[2]:set_a(0)
  messages.fresh(bench)
  local after = bench.app:dashboard()
  local in_wh, out_wh = pack_v * in_a * span_s / 3600, pack_v * out_a * span_s / 3600
  rig.check("collected today over what flowed", after.collected_today_wh / in_wh, rig.limits.energy_ratio, { proves = { "APP-04" } })
  rig.check("consumed today over what flowed", after.consumed_today_wh / out_wh, rig.limits.energy_ratio, { proves = { "APP-04" } })
  rig.equal("collected in total, kWh", after.collected_total_kwh, after.collected_today_wh // 1000, { proves = { "APP-04" } })
  rig.equal("consumed in total, kWh", after.consumed_total_kwh, after.consumed_today_wh // 1000, { proves = { "APP-04" } })
  rig.check("stored, change over what flowed", (after.stored_wh - before.stored_wh) / (in_wh - out_wh), rig.limits.energy_ratio,
    { proves = { "APP-04" } })
  rig.equal("state of charge is what is stored of the capacity", after.soc_pct, after.stored_wh * 100 // 10000, { proves = { "APP-04" } })
  local frame = bench.ext:next()
  for _, field in ipairs { "collected_today_wh", "consumed_today_wh", "stored_wh", "soc_pct", "collected_total_kwh", "consumed_total_kwh" } do
    rig.equal(field .. " as in the extended output", after[field], frame[field], { proves = { "APP-04" } })
  end
  bench.app:clear_counters()
  local cleared = bench.app:dashboard()
  rig.equal("totals cleared: collected", cleared.collected_total_kwh, 0, { proves = { "APP-04" } })
  rig.equal("totals cleared: consumed", cleared.consumed_total_kwh, 0, { proves = { "APP-04" } })
  rig.equal("totals cleared: today's collected stays", cleared.collected_today_wh, after.collected_today_wh, { proves = { "APP-04" } })
end)

rig.test("battery details show every cell's voltage and temperature", {
  needs = { "app", "ext", "cell", "temperature" }, proves = { "APP-05" },
}, function(bench)
  local function volts(k) return 3.05 + 0.02 * (k * 3 % math.min(bench.count, 8)) end
  local function degc(k) return 20 + 5 * (k * 5 % math.min(bench.count, 8)) end
  for k = 1, bench.count do
    bench.cell[k]:set_v(volts(k))
    bench.temperature[k]:set_degc(degc(k))
  end
  messages.fresh(bench)
  for _ = 1, bench.count do bench.ext:next() end
  local details = bench.app:battery()
  rig.equal("cells", #details.cells, bench.count, { proves = { "APP-05" } })
  for k, cell in ipairs(details.cells) do
    rig.check(("cell %d: voltage, error"):format(k), cell.v - volts(k), rig.limits.cell_v_error, { proves = { "APP-05" } })
    rig.check(("cell %d: temperature, error"):format(k), cell.degc - degc(k), rig.limits.cell_degc_error, { proves = { "APP-05" } })
    rig.equal(("cell %d: balances"):format(k), cell.balancing, false, { proves = { "APP-05" } })
    rig.equal(("cell %d: colour"):format(k), cell.colour, "green", { proves = { "APP-05" } })
  end
  rig.claim("no warning is up", (details.status & 0x7C) == 0, { proves = { "APP-05" } })
end)

-- What a cell shows once every board has had its turn.
local function settled(bench)
  rig.wait(6)
  for _ = 1, bench.count do bench.ext:next() end
  return bench.app:battery()
end

rig.test("which cells balance is shown cell by cell, and their colour is yellow", {
  needs = { "app", "ext", "cell" }, proves = { "APP-05" }, limit_s = 1200,
}, function(bench)
  for _, k in ipairs(packs.tried(bench)) do
    bench.cells:set_v(packs.nominal_v)
    bench.cell[k]:set_v(packs.balance_v + 0.05)
    for j, cell in ipairs(settled(bench).cells) do
      local which = ("cell %d above the balance voltage, cell %d: "):format(k, j)
      rig.equal(which .. "balances", cell.balancing, j == k, { proves = { "APP-05" } })
      rig.equal(which .. "its supply says so", packs.conducts(bench, j), j == k, { proves = { "APP-05" } })
      rig.equal(which .. "colour", cell.colour, j == k and "yellow" or "green", { proves = { "APP-05" } })
    end
  end
  bench.cells:set_v(packs.nominal_v)
  for j, cell in ipairs(settled(bench).cells) do
    rig.equal(("at nominal voltage again, cell %d: balances"):format(j), cell.balancing, false, { proves = { "APP-05" } })
  end
end)

rig.test("a cell outside its limits is red, with its warning", {
  needs = { "app", "ext", "cell", "temperature" }, proves = { "APP-05" },
}, function(bench)
  local k = packs.positions(bench)[2]
  for _, case in ipairs {
    { "vh", profile.v_max_v + 0.1, 25 }, { "vl", profile.v_min_v - 0.1, 25 }, { "th", packs.nominal_v, 90 }, { "tl", packs.nominal_v, -10 },
    { nil, packs.nominal_v, 25 },
  } do
    local warning, volts, degc = table.unpack(case, 1, 3)
    bench.cell[k]:set_v(volts)
    bench.temperature[k]:set_degc(degc)
    local details = settled(bench)
    local when = warning or "all is well again"
    for j, cell in ipairs(details.cells) do
      rig.equal(("%s: colour of cell %d"):format(when, j), cell.colour, j == k and warning and "red" or "green",
        { proves = { "APP-05" } })
    end
    for _, name in ipairs { "e", "vh", "vl", "th", "tl" } do
      rig.equal(("%s: warning %s"):format(when, name), details.alarm[name], name == warning, { proves = { "APP-05" } })
    end
  end
end)

rig.test("every screen of the app can be filled from the virtual boards", {
  needs = { "app" }, proves = { "APP-07" },
}, function(bench)
  local function filled(screen, shown, fields)
    for _, field in ipairs(fields) do
      rig.claim(("%s: %s"):format(screen, field), shown[field] ~= nil, { proves = { "APP-07" } })
    end
  end
  filled("dashboard", bench.app:dashboard(), {
    "charge_a", "charge_w", "collected_today_wh", "collected_total_kwh", "soc_pct", "battery_a", "stored_wh", "battery_w",
    "pack_v", "consumed_a", "consumed_w", "consumed_today_wh", "consumed_total_kwh",
  })
  local details = bench.app:battery()
  filled("battery details", details.alarm, { "e", "vh", "vl", "th", "tl" })
  rig.equal("battery details: cells", #details.cells, bench.count, { proves = { "APP-07" } })
  for k, cell in ipairs(details.cells) do
    filled(("battery details, cell %d"):format(k), cell, { "v", "degc", "balancing", "colour" })
  end
  local settings = bench.app:settings()
  filled("settings", settings, {
    "solar_peak_kw", "inverter_peak_kw", "capacity_kwh", "v_min_v", "v_max_v", "t_min_charge_degc",
    "t_max_degc", "charge_restart_pct", "discharge_restart_pct", "balance_v",
  })
  if profile.gen3 then filled("further settings", settings, { "sensor_type", "critical" }) end
  if profile.separate_t_min then filled("further settings", settings, { "t_min_discharge_degc" }) end
  rig.claim("settings: a PIN can be entered and changed", bench.app:change_pin("1234", "4321"), { proves = { "APP-07" } })
  bench.app:clear_counters()
end)
