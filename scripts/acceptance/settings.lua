-- SPDX-License-Identifier: GPL-3.0-or-later
-- Settings: defaults, limits, refusals with a reason, power loss (APP-02, 03, 06).
-- What each does to the relays is in charge_relay.lua and load_relay.lua.

local rig = require("rig")
rig.api(1)

local installer = require("lib.installer")
local messages = require("lib.messages")
local packs = require("lib.packs")
local profile = require("lib.profile")
local relays = require("lib.relays")

local names = {
  "solar_peak_kw", "inverter_peak_kw", "capacity_kwh", "v_min_v", "v_max_v", "t_min_charge_degc",
  "t_max_degc", "charge_restart_pct", "discharge_restart_pct",
}
if profile.separate_t_min then names[#names + 1] = "t_min_discharge_degc" end
if profile.gen3 then
  for _, name in ipairs { "sensor_type", "critical", "charge_forced_off", "load_forced_off", "chemistry" } do
    names[#names + 1] = name
  end
end

-- As text, rounded to what the link can carry.
local function shown(value)
  return type(value) == "number" and ("%.3f"):format(value + 0.0) or tostring(value)
end

local function compare(bench, when, expected, ids)
  local settings = bench.app:settings()
  for _, name in ipairs(names) do
    if expected[name] ~= nil then
      local value = settings[name]
      if name:find("_degc") then value = math.floor(value + 0.5) end
      rig.equal(("%s: %s"):format(when, name), shown(value), shown(expected[name]), { proves = ids })
    end
  end
end

local defaults = {
  solar_peak_kw = 0.0, inverter_peak_kw = 0.0,  -- nobody has told
  capacity_kwh = 4.0, v_min_v = profile.v_min_v, v_max_v = profile.v_max_v,
  t_min_charge_degc = profile.t_min_charge_degc, t_min_discharge_degc = profile.t_min_discharge_degc, t_max_degc = 80, charge_restart_pct = 95, discharge_restart_pct = 5, critical = false,
  charge_forced_off = false, load_forced_off = false,
}

local others = {
  solar_peak_kw = 2.5, inverter_peak_kw = 5.0, capacity_kwh = 12.3, v_min_v = 2.65, v_max_v = 3.85,
  t_min_charge_degc = 5, t_min_discharge_degc = -12, t_max_degc = 62, charge_restart_pct = 88,
  discharge_restart_pct = 17, sensor_type = 1, critical = true, charge_forced_off = true,
  load_forced_off = true, chemistry = 2,
}

local app_ids = profile.gen3 and { "APP-02", "APP-03" } or { "APP-02" }

local function own(settings)
  local chosen = {}
  for _, name in ipairs(names) do chosen[name] = settings[name] end
  return chosen
end

-- Names of the settings that are not as expected.
local function wrong_ones(settings, expected)
  local wrong = {}
  for _, name in ipairs(names) do
    local got, want = settings[name], expected[name]
    if name:find("_degc") then got, want = math.floor(got + 0.5), math.floor(want + 0.5) end
    if shown(got) ~= shown(want) then wrong[#wrong + 1] = name end
  end
  return table.concat(wrong, " ")
end

rig.test("a new board has the profile's defaults", {
  needs = { "app", "ext" }, proves = { "DEC-20", table.unpack(app_ids) },
}, function(bench)
  compare(bench, "default", defaults, { "DEC-20", table.unpack(app_ids) })
  rig.equal("balance voltage as the switches say", shown(bench.app:settings().balance_v), shown(packs.balance_v),
    { proves = { "APP-02" } })
end)

rig.test("each setting is written by itself and leaves the others alone", {
  needs = { "app" }, proves = app_ids,
}, function(bench)
  local expected = bench.app:settings()
  for _, name in ipairs(names) do
    rig.claim(name .. " is taken", (bench.app:try_set(name, others[name])), { proves = { "APP-02" } })
    expected[name] = others[name]
    rig.equal(name .. " written: settings that are not as they should be",
      wrong_ones(bench.app:settings(), expected), "", { proves = app_ids })
  end
end)

rig.test("settings survive power loss", {
  needs = { "app", "ext", "cell" }, proves = { "APP-06", table.unpack(app_ids) },
}, function(bench)
  bench.app:set(own(others))
  rig.wait(5)
  for round = 1, 2 do
    bench:power_cycle()
    local frame = bench.ext:next()
    compare(bench, ("after power cut %d"):format(round), others, { "APP-06", table.unpack(app_ids) })
    rig.equal(("after power cut %d, in the frame: capacity"):format(round), shown(frame.capacity_kwh), "12.300", { proves = { "APP-06" } })
    rig.equal(("after power cut %d, in the frame: V-min"):format(round), shown(frame.v_min_v), "2.650", { proves = { "APP-06" } })
    rig.equal(("after power cut %d, in the frame: V-max"):format(round), shown(frame.v_max_v), "3.850", { proves = { "APP-06" } })
  end
end)

-- Each line: setting, value, whether it is taken, and why not. Balance voltage 3.40 V.
local attempts = {
  { "v_min_v", profile.lowest_cell_v, true }, { "v_min_v", profile.lowest_cell_v - 0.005, false, "range" },
  { "v_min_v", 3.300, true }, { "v_min_v", 3.305, false, "order" },
  { "v_max_v", 5.000, true }, { "v_max_v", 5.005, false, "range" },
  { "v_max_v", 3.450, true }, { "v_max_v", 3.445, false, "order" },
  { "t_min_charge_degc", -40, true }, { "t_min_charge_degc", -41, false, "range" },
  { "t_min_charge_degc", 79, true }, { "t_min_charge_degc", 80, false, "order" },
  { "t_min_charge_degc", 0, true },
  { "t_max_degc", 85, true }, { "t_max_degc", 86, false, "range" },
  { "t_max_degc", 1, true }, { "t_max_degc", 0, false, "order" }, { "t_max_degc", -30, false, "order" },
  { "charge_restart_pct", 100, true }, { "charge_restart_pct", 101, false, "range" },
  { "charge_restart_pct", 6, true }, { "charge_restart_pct", 5, false, "order" },
  { "discharge_restart_pct", 0, true }, { "discharge_restart_pct", 6, false, "order" },
  { "discharge_restart_pct", 5, true }, { "discharge_restart_pct", 101, false, "range" },
}
local further_attempts = {
  { "sensor_type", 0, true }, { "sensor_type", 2, true }, { "sensor_type", 3, false, "range" },
  { "chemistry", 4, true }, { "chemistry", 5, false, "range" },
}
-- T-max stands at 1 °C by now.
local second_t_min_attempts = {
  { "t_max_degc", 80, true }, { "t_min_discharge_degc", -40, true }, { "t_min_discharge_degc", -41, false, "range" },
  { "t_min_discharge_degc", 79, true }, { "t_min_discharge_degc", 80, false, "order" },
}

local function append(list, more)
  table.move(more, 1, #more, #list + 1, list)
end
if profile.gen3 then append(attempts, further_attempts) end
if profile.separate_t_min then append(attempts, second_t_min_attempts) end

rig.test("a setting outside its limits or out of order is refused with a reason and changes nothing", {
  needs = { "app" }, proves = { "APP-06", "DEC-19" },
}, function(bench)
  local held = bench.app:settings()
  for at, attempt in ipairs(attempts) do
    local name, value, expected, why = table.unpack(attempt, 1, 4)
    local what = ("%d: %s = %g"):format(at, name, value)
    local taken, reason = bench.app:try_set(name, value)
    rig.equal(what .. (expected and " is taken" or " is refused"), taken, expected, { proves = { "APP-06", "DEC-19" } })
    if not expected then
      rig.equal(what .. ": reason", reason, why, { proves = { "APP-06", "DEC-19" } })
    else
      held[name] = value
    end
    rig.equal(what .. ": settings that are not as they should be",
      wrong_ones(bench.app:settings(), held), "", { proves = { "APP-06", "DEC-19" } })
  end
end)

rig.test("with the link locked a setting is refused as locked", {
  needs = { "app" }, proves = { "APP-01", "APP-06" },
}, function(bench)
  rig.claim("a wrong PIN", not bench.app:unlock("0001"), { proves = { "APP-01" } })
  local taken, reason = bench.app:try_set("v_max_v", 3.80)
  rig.equal("V-max is not taken", taken, false, { proves = { "APP-01" } })
  rig.equal("reason", reason, "locked", { proves = { "APP-06" } })
  rig.claim("the right PIN", bench.app:unlock("1234"), { proves = { "APP-01" } })
  rig.equal("V-max", shown(bench.app:settings().v_max_v), shown(profile.v_max_v), { proves = { "APP-06" } })
end)

rig.test("with \"no balancing\" the V-full setting is the limit of V-min and V-max, and of full", {
  needs = { "app", "cell", "switch", "ext", "relay.charge" }, profiles = { "gen3" },
  proves = { "APP-06", profile.id.full_opens, "BAL-04", "DEC-15" },
}, function(bench)
  installer.balance_at(bench, 0)
  rig.equal("the app shows no balance voltage", bench.app:settings().balance_v, 0.0, { proves = { "BAL-04", "DEC-15" } })
  for _, attempt in ipairs { { "v_min_v", 3.305, false }, { "v_min_v", 3.300, true }, { "v_max_v", 3.445, false } } do
    rig.equal(("%s = %.3f against V-full"):format(attempt[1], attempt[2]), (bench.app:try_set(attempt[1], attempt[2])),
      attempt[3], { proves = { "APP-06", "DEC-15" } })
  end
  bench.app:set { v_min_v = packs.v_min_v }
  bench.cells:set_v(3.45)
  bench.cell[packs.inner(bench)]:set_v(3.375)
  relays.keep(bench, "charge", true, "one cell is below V-full", 40, { profile.id.full_opens, "DEC-15" })
  bench.cell[packs.inner(bench)]:set_v(3.425)
  local took_s = relays.moves(bench, "charge", false, 45)
  rig.check("all cells at V-full: full after", took_s, rig.limits.full_after, { proves = { profile.id.full_opens, "DEC-15" } })
end)

rig.test("the app can hold either relay open", {
  needs = { "app", "relay.charge", "relay.load" }, profiles = { "gen3" }, proves = { "APP-02", "RLY-11" },
}, function(bench)
  for _, case in ipairs { { "charge_forced_off", "charge", "load" }, { "load_forced_off", "load", "charge" } } do
    local setting, forced, other = table.unpack(case)
    relays.keep(bench, other, true, setting, function()
      bench.app:set { [setting] = true }
      relays.moves(bench, forced, false, 5)
      relays.keep(bench, forced, false, setting, 45, { "APP-02" })
      bench.app:set { [setting] = false }
      rig.eventually(("%s relay is allowed again"):format(forced), { within_s = 45, proves = { "APP-02" } }, function()
        return relays.allows(bench, forced)
      end)
    end, { "RLY-11" })
  end
  messages.fresh(bench)
end)
