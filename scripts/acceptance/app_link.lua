-- SPDX-License-Identifier: GPL-3.0-or-later
-- The app link's own words: PIN, pages, checksums, writes (APP-01, 02, 03).

local rig = require("rig")
rig.api(1)

local frames = require("lib.frames")
local packs = require("lib.packs")
local profile = require("lib.profile")

-- The fields of a page, its checksum verified and taken off.
local function page(bench, command, id)
  local answer = bench.app:ask(command) or ""
  local body, sum = answer:match("^(.*)_(%x%x)$")
  rig.claim(command .. " is answered with fields and a checksum", body ~= nil, { proves = { id } })
  body = body or ""
  local expected = 0
  for character in body:gsub("_", ""):gmatch(".") do
    expected = expected + character:byte()
  end
  rig.equal(command .. ": checksum", sum, ("%02X"):format(expected & 0xFF), { proves = { id } })
  local fields = {}
  for field in body:gmatch("[^_]+") do fields[#fields + 1] = field end
  return fields
end

local function hex(field) return tonumber(field or "", 16) end
local v_max_default = ("%.3f"):format(profile.v_max_v)

rig.test("nothing is read or written without the PIN", {
  needs = { "app", "ext" }, proves = { "APP-01" },
}, function(bench)
  -- A board that has just booted knows nobody yet.
  bench:power_cycle()
  bench.ext:next()
  local attempts = { "V@", "S1@", "S2@", "S3@", "02-050!", "F8-051!", "01-017!", "32-080!", "47-0A0!", "11-0A1!" }
  for _, line in ipairs(attempts) do
    rig.equal("before any PIN, " .. line, bench.app:ask(line), "NA", { proves = { "APP-01" } })
  end
  for _, pin in ipairs { "0000", "1235", "4321", "2234" } do
    rig.equal("wrong PIN " .. pin, bench.app:ask("PW" .. pin .. "!"), "NA", { proves = { "APP-01" } })
    for _, line in ipairs(attempts) do
      rig.equal(("after PIN %s, %s"):format(pin, line), bench.app:ask(line), "NA", { proves = { "APP-01" } })
    end
    if pin == "1235" then
      rig.equal("the default PIN", bench.app:ask("PW1234!"), "OK", { proves = { "APP-01" } })
      rig.claim("with it, a page is read", (bench.app:ask("S2@") or "NA") ~= "NA", { proves = { "APP-01" } })
    end
  end
  rig.claim("the default PIN again", bench.app:unlock("1234"), { proves = { "APP-01" } })
  local settings = bench.app:settings()
  rig.equal("V-max is untouched", ("%.3f"):format(settings.v_max_v), v_max_default, { proves = { "APP-01" } })
  if profile.gen3 then
    rig.equal("critical mode is untouched", settings.critical, false, { proves = { "APP-01" } })
  end
  rig.equal("charge restart is untouched", settings.charge_restart_pct, 95, { proves = { "APP-01" } })
end)

rig.test("the PIN can be changed, and stays changed without power", {
  needs = { "app", "ext", "cell" }, proves = { "APP-01", "APP-06", "APP-02" },
}, function(bench)
  rig.claim("not by somebody who does not know it", not bench.app:change_pin("9999", "4711"), { proves = { "APP-01" } })
  rig.claim("the PIN is changed", bench.app:change_pin("1234", "4711"), { proves = { "APP-01", "APP-02" } })
  for round = 1, 2 do
    local when = round == 1 and "at once" or "after a power cut"
    rig.claim(when .. ": the old PIN is wrong", not bench.app:unlock("1234"), { proves = { "APP-01" } })
    rig.claim(when .. ": the new PIN is right", bench.app:unlock("4711"), { proves = { "APP-01", "APP-06" } })
    rig.wait(5)
    bench:power_cycle()
    bench.ext:next()
  end
end)

rig.test("the pages carry every setting at its place", {
  needs = { "app", "ext" }, proves = { "APP-02" },
}, function(bench)
  bench.app:set {
    solar_peak_kw = 1.23, inverter_peak_kw = 4.56, capacity_kwh = 78.9, v_min_v = 2.785, v_max_v = 3.615,
    t_min_charge_degc = 3, t_max_degc = 66, charge_restart_pct = 91, discharge_restart_pct = 13,
  }
  if profile.separate_t_min then bench.app:set { t_min_discharge_degc = -17 } end
  local function equal(name, got, expected, id)
    rig.equal(name, got, expected, { proves = { id } })
  end
  local s1 = page(bench, "S1@", "APP-02")
  equal("S1@: solar peak, 10 W", hex(s1[1]), 123, "APP-02")
  equal("S1@: inverter peak, 10 W", hex(s1[2]), 456, "APP-02")
  equal("S1@: capacity, 100 Wh", hex(s1[3]), 789, "APP-02")
  equal("S1@: never the PIN", s1[4], "XXXXXXXX", "APP-02")
  local s2 = page(bench, "S2@", "APP-02")
  equal("S2@: fields", #s2, 11, "APP-02")
  equal("S2@: V-min, 5 mV", hex(s2[1]), 557, "APP-02")
  equal("S2@: V-max, 5 mV", hex(s2[2]), 723, "APP-02")
  equal("S2@: T-min charge, raw", hex(s2[3]), frames.raw_of(3), "APP-02")
  equal("S2@: T-max, raw", hex(s2[4]), frames.raw_of(66), "APP-02")
  equal("S2@: charge restart", hex(s2[5]), 91, "APP-02")
  equal("S2@: discharge restart", hex(s2[6]), 13, "APP-02")
  equal("S2@: T-min discharge, raw", hex(s2[7]), frames.raw_of(profile.separate_t_min and -17 or 3), "APP-02")
  equal("S2@: last two fields", (s2[10] or "") .. (s2[11] or ""), "0000", "APP-02")
  local v = page(bench, "V@", "APP-02")
  equal("V@: fields", #v, 5, "APP-02")
  equal("V@: status", hex(v[4]), bench.ext:next().status, "APP-02")
  equal("V@: balance voltage, for display only, 5 mV", hex(v[5]), math.floor(packs.balance_v / packs.step_v + 0.5), "APP-02")
end)

rig.test("page S3@ carries the sensor's type, the mode and the chemistry", {
  needs = { "app", "ext" }, profiles = { "gen3" }, proves = { "APP-03" },
}, function(bench)
  bench.app:set { sensor_type = 1, critical = true, chemistry = 3 }
  local s3 = page(bench, "S3@", "APP-03")
  rig.equal("sensor type", hex(s3[1]), 1, { proves = { "APP-03" } })
  rig.equal("critical mode", hex(s3[2]), 1, { proves = { "APP-03" } })
  rig.equal("chemistry", hex(s3[#s3 - 1]), 3, { proves = { "APP-03" } })
end)

-- What the switches and the factory settings say in gen2 is not the app's to change, and one
-- T-min is not two.
local others_settings = {
  { "the sensor's type", "00-016!", profile.gen3 }, { "critical mode", "01-017!", profile.gen3 },
  { "charge forced off", "01-019!", profile.gen3 }, { "load forced off", "01-01A!", profile.gen3 },
  { "chemistry", "02-015!", profile.gen3 }, { "T-min discharge", "01-062!", profile.separate_t_min },
}

rig.test("a setting that only other products have is refused", {
  needs = { "app", "ext" }, profiles = { "gen2", "gen3-hw1" }, proves = { "APP-02", "APP-06" },
}, function(bench)
  bench.app:unlock()
  local before = bench.app:ask("S2@")
  for _, setting in ipairs(others_settings) do
    local name, line, has = table.unpack(setting)
    if not has then rig.equal(name .. " is refused", bench.app:ask(line), "KO", { proves = { "APP-02" } }) end
  end
  rig.equal("S2@ is as before", bench.app:ask("S2@"), before, { proves = { "APP-06" } })
  if profile.gen2 then
    rig.claim("there is no page S3@", (bench.app:ask("S3@") or ""):find("_") == nil, { proves = { "APP-02" } })
  end
end)

rig.test("a word is written whole or not at all", {
  needs = { "app", "ext", "cell" }, proves = { "APP-02", "APP-06" },
}, function(bench)
  rig.claim("unlocked", bench.app:unlock(), { proves = { "APP-02" } })
  local function v_max() return ("%.3f"):format(bench.app:settings().v_max_v) end
  bench.app:ask("03-050!")
  rig.equal("after the high byte alone", v_max(), v_max_default, { proves = { "APP-02" } })
  rig.wait(3)
  bench:power_cycle()
  bench.ext:next()
  rig.equal("after the high byte and a power cut", v_max(), v_max_default, { proves = { "APP-06" } })
  rig.equal("a low byte without its high byte", bench.app:ask("20-051!"), "KO", { proves = { "APP-06" } })
  rig.equal("V-max after that", v_max(), v_max_default, { proves = { "APP-06" } })
  bench.app:ask("03-050!")
  rig.equal("with the low byte", bench.app:ask("20-051!"), "OK", { proves = { "APP-02" } })
  rig.equal("V-max is 800 times 5 mV", v_max(), "4.000", { proves = { "APP-02" } })
end)

rig.test("commands that make no sense are refused and change nothing", {
  needs = { "app" }, proves = { "APP-06" },
}, function(bench)
  local before = bench.app:settings()
  for _, line in ipairs { "01-FFF!", "10-00080!", "G1-017!", "01-017", "1-017!", "0101-017!", "PW12!", "S4@", "V", "@@@@",
    "01-017!01-017!01-017!01-017!" } do
    local answer = bench.app:ask(line)
    rig.claim(line .. " is not taken", answer ~= "OK", { proves = { "APP-06" } })
    bench.app:unlock()
  end
  local after = bench.app:settings()
  for name, value in pairs(before) do
    rig.equal(name .. " is as before", after[name], value, { proves = { "APP-06" } })
  end
  -- Half a command is none, whatever came before it: the client stays let in.
  bench.app:unlock()
  for _, line in ipairs { "P", "S", "1" } do
    rig.claim(("%s and no more is not taken"):format(line), bench.app:ask(line) ~= "OK", { proves = { "APP-06" } })
    rig.claim(("after %s: a page is told"):format(line), #(bench.app:ask("S1@") or "") > 10, { proves = { "APP-06" } })
    bench.app:unlock()
  end
end)
