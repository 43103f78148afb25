-- SPDX-License-Identifier: GPL-3.0-or-later
-- Whatever arrives on the app link: the boards go on, the link answers (APP-01, APP-06, EXT-01).

local rig = require("rig")
rig.api(1)

local invariants = require("lib.invariants")
local messages = require("lib.messages")
local relays = require("lib.relays")

local needs = { "cell", "app", "ext", "relay.charge", "relay.load", "button.last" }

-- What a radio module that boots, a serial console or an attacker sends.
local letters = "PWSVERDBIYZU0123456789ABCDEF@!-$\r\n"
local function any_bytes(count)
  local bytes = {}
  for at = 1, count do bytes[at] = string.char(math.random(0, 255)) end
  return table.concat(bytes)
end
local function some_letters(count)
  local bytes = {}
  for at = 1, count do
    local n = math.random(#letters)
    bytes[at] = letters:sub(n, n)
  end
  return table.concat(bytes)
end

-- 9600 baud.
local bytes_per_s = 960

-- Keeps the line busy.
local function flood(bench, make, for_s)
  local until_s = rig.now_s() + for_s
  while rig.now_s() < until_s do
    local count = math.random(1, 100)
    bench.app:send(make(count))
    rig.wait(count / bytes_per_s)
  end
end

-- Frames go on arriving at their pace, nothing else is in between.
local function frames_go_on(bench, what, proves, body)
  local stray = bench.ext:stray_bytes()
  rig.always("frames go on: " .. what, { every_s = 0.5, proves = proves }, function()
    local frame = bench.ext:latest()
    return rig.now_s() - frame.at_s < messages.period_s + 0.2 and frame.status & 0x7C == 0
  end, body)
  rig.equal("bytes outside of frames: " .. what, bench.ext:stray_bytes() - stray, 0, { proves = proves })
end

local function answers_again(bench, what, before)
  rig.wait(1.5)  -- for what is still under way
  if not what:find("PIN") then
    bench.app:send("\r")
    rig.wait(1)
    rig.equal(what .. ": a page without the PIN", bench.app:ask("S1@"), "NA", { proves = { "APP-01" } })
  end
  -- A lock that the flood has earned ends with the button; so does a line half sent.
  bench.button.last:press(5.3)
  rig.wait(1)
  bench.app:send("\r")
  rig.wait(1)
  rig.equal(what .. ": the PIN", bench.app:ask("PW1234!"), "OK", { proves = { "APP-01" } })
  local after = bench.app:settings()
  for name, value in pairs(before) do
    if name ~= "status" then
      rig.equal(("%s: %s"):format(what, name), after[name], value, { proves = { "APP-06" } })
    end
  end
end

local floods = {
  { "any bytes at all", any_bytes }, { "pieces of commands", some_letters },
  { "lines without an end", function(count) return ("A"):rep(count) end },
  { "ends of lines", function(count) return ("\r"):rep(count) end },
  { "flushes", function(count) return ("$"):rep(count) end },
  { "one command over and over", function(count) return ("V@\r"):rep((count + 2) // 3) end },
  { "the PIN over and over", function(count) return ("PW1234!\r"):rep((count + 7) // 8) end },
}

for _, case in ipairs(floods) do
  local what, make = table.unpack(case)
  rig.test("the app link flooded with " .. what .. " stops neither the boards nor itself", {
    needs = needs, proves = { "APP-01", "APP-06", "EXT-01" },
  }, function(bench)
    local before = bench.app:settings()
    bench.app:ask("PW0000!")  -- locks the link, and counts once
    relays.keep(bench, "charge", true, what, function()
      relays.keep(bench, "load", true, what, function()
        frames_go_on(bench, what, { "EXT-01" }, function() flood(bench, make, 20) end)
      end, { "APP-01" })
    end, { "APP-01" })
    answers_again(bench, what, before)
  end)
end

rig.test("two hours of rubbish on the app link stop neither the boards nor the link", {
  needs = needs, proves = { "APP-01", "APP-06", "EXT-01" }, tags = { "long" }, limit_s = 8000,
}, function(bench)
  local before = bench.app:settings()
  bench.app:ask("PW0000!")
  relays.keep(bench, "charge", true, "hours of rubbish", function()
    relays.keep(bench, "load", true, "hours of rubbish", function()
      frames_go_on(bench, "hours of rubbish", { "EXT-01" }, function()
        for _ = 1, 24 do
          flood(bench, any_bytes, 200)
          flood(bench, some_letters, 100)
        end
      end)
    end, { "APP-01" })
  end, { "APP-01" })
  answers_again(bench, "after hours of rubbish", before)
end)

rig.test("a line of which a part found no room is not taken for another", {
  needs = { "app", "ext" }, proves = { "APP-06" },
}, function(bench)
  bench.app:unlock()
  local lost = string.char(0x7F)  -- what a board puts where it lost characters
  for pages = 3, 8 do
    local sent, bytes = { ["S2@"] = true }, ("S2@\r"):rep(pages)  -- their answers keep the board from reading on
    for n = 1, 24 do
      -- No value of one address is one of the other.
      local line = n % 2 == 0 and ("%02X-080!"):format(0x30 + n) or ("%02X-081!"):format(n)
      sent[line], bytes = true, bytes .. line .. "\r"
    end
    bench.app:receive()
    bench.app:send(bytes)
    local wrong = {}
    for line in bench.app:receive(1.5):gmatch("([^\r]*)\r") do
      local answer = line == "OK" or line == "KO" or line:find("_", 1, true)
      if not answer and not sent[line] and not line:find(lost, 1, true) then wrong[#wrong + 1] = line end
    end
    rig.equal(("behind %d pages: lines that nobody sent"):format(pages), table.concat(wrong, " "), "", { proves = { "APP-06" } })
    bench.app:send("\r")
    rig.wait(0.2)
    rig.equal(("behind %d pages: a write afterwards"):format(pages), bench.app:ask("5F-080!"), "OK", { proves = { "APP-06" } })
  end
end)

-- What a write may change by right; PIN and services are not among them.
local addresses = {}
for _, range in ipairs { { 0x010, 0x092 }, { 0x0B0, 0x0D1 } } do
  for address = range[1], range[2] do addresses[#addresses + 1] = address end
end

rig.test("whatever an app writes once it was let in, settings stay in order and the relays obey", {
  needs = needs, proves = { "APP-06", "RLY-11" }, limit_s = 1800,
}, function(bench)
  invariants.hold(bench, "random writes", { "RLY-11" }, function()
    for round = 1, 6 do
      bench.app:unlock()
      for _ = 1, 150 do
        local line = ("%02X-%03X!\r"):format(math.random(0, 255), addresses[math.random(#addresses)])
        bench.app:send(math.random(20) == 1 and line:sub(1, math.random(#line)) or line)
        rig.wait(0.02 + 0.05 * math.random())
      end
      bench.app:send("\r")
      rig.wait(1)
      local s = bench.app:settings()
      local what = ("round %d: "):format(round)
      rig.claim(what .. "V-min 150 mV below V-max", s.v_max_v - s.v_min_v > 0.1499, { proves = { "APP-06" } })
      rig.claim(what .. "T-min below T-max", s.t_min_charge_degc < s.t_max_degc and (s.t_min_discharge_degc or s.t_min_charge_degc) < s.t_max_degc,
        { proves = { "APP-06" } })
      rig.claim(what .. "discharge restart below charge restart, both at most 100 %",
        s.discharge_restart_pct < s.charge_restart_pct and s.charge_restart_pct <= 100, { proves = { "APP-06" } })
      rig.claim(what .. "a capacity", s.capacity_kwh > 0, { proves = { "APP-06" } })
    end
  end)
end)
