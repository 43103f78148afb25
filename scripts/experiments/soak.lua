-- SPDX-License-Identifier: GPL-3.0-or-later
-- A pack of 16 cells with a solar charger and a household, day after day: that the count of charge stays true, that
-- nothing is raised that is not there, and that no relay moves without need.

local rig = require("rig")
rig.api(1)

local installer = require("lib.installer")
local plant = require("lib.plant")
local profile = require("lib.profile")
local relays = require("lib.relays")

local capacity_wh = 5000
local peak_charge_a, peak_consumed_a = 25, 10
local messages_a_step = 10  -- how often supplies and sensors are set anew
local day_s = 24 * 3600
local any_alarm = 0x7C      -- of status byte 1

-- As on any installation, what the sensors read at no current is put right first.
local function zero_the_sensors(bench)
  if profile.gen2 then
    bench.switches:set(4, true)
    rig.wait(15)
    bench.switches:set(4, false)
    rig.wait(5)
  else
    bench.button.first:press(8)
  end
end

---@class Soak
---@field bench rig.Bench
---@field pack Plant
---@field from_s number          when the first day began
---@field latest rig.ExtFrame
local Soak = {}
Soak.__index = Soak

local function begin(bench)
  local pack = plant.pack(bench.count, capacity_wh, bench.ext:next().soc_pct / 100)
  local least_v, most_v = installer.bulk_voltage_v(bench.count, bench.ext:latest().balance_v)
  return setmetatable({
    bench = bench, pack = pack, bulk_v = (least_v + most_v) / 2, charge_a = 0, consumed_a = 0,
    from_s = rig.now_s(), stood_from_s = rig.now_s(), latest = bench.ext:next(),
    alarms = 0, lost = 0, miscounted = 0,
    charge_allowed = relays.allows(bench, "charge"), opened = 0, closed = 0, opened_at_pct = 100, closed_at_pct = 0,
    collected_wh = 0, consumed_wh = 0, days_ended = 0, worst_pct = 0,
  }, Soak)
end

-- The next message, which nothing may be wrong with; whether it is the very next one is for the caller to know.
function Soak:look(is_next)
  local frame, before = self.bench.ext:next(), self.latest
  if frame.status & any_alarm ~= 0 then
    if self.alarms == 0 then print(("status %02X after %.0f s"):format(frame.status, rig.now_s() - self.from_s)) end
    self.alarms = self.alarms + 1
  end
  if frame.count ~= self.bench.count then self.miscounted = self.miscounted + 1 end
  if is_next and frame.at_s - before.at_s > 1.5 then self.lost = self.lost + 1 end
  if frame.collected_today_wh < before.collected_today_wh or frame.consumed_today_wh < before.consumed_today_wh then
    self.days_ended = self.days_ended + 1
    self.collected_wh = self.collected_wh + before.collected_today_wh
    self.consumed_wh = self.consumed_wh + before.consumed_today_wh
  end
  self.latest = frame
end

-- The charge relay's moves, and how full the pack really was.
function Soak:watch_the_charge_relay()
  local allowed = relays.allows(self.bench, "charge")
  if allowed and not self.charge_allowed then
    self.closed = self.closed + 1
    self.closed_at_pct = math.max(self.closed_at_pct, self.pack:soc_pct())
  elseif self.charge_allowed and not allowed then
    self.opened = self.opened + 1
    self.opened_at_pct = math.min(self.opened_at_pct, self.pack:soc_pct())
    self.was_full = true
  end
  self.charge_allowed = allowed
end

-- What flowed since the last step, and how everything stands until the next.
function Soak:step()
  local bench, pack = self.bench, self.pack
  local own_a = bench.cells:currents_a()
  local now_s = rig.now_s()
  local step_s = now_s - self.stood_from_s
  pack:flow(step_s, self.charge_a, self.consumed_a, own_a)
  self:watch_the_charge_relay()

  local hour = (now_s - self.from_s) / 3600
  self.consumed_a = relays.allows(bench, "load") and peak_consumed_a * plant.household(hour) or 0
  local taken_a = pack:current_at(self.bulk_v, step_s) + self.consumed_a
  local offered_a = peak_charge_a * plant.sun(hour)
  self.charge_a = self.charge_allowed and math.max(math.min(offered_a, taken_a), 0) or 0
  for k = 1, bench.count do
    bench.cell[k]:set_v(pack:cell_v(k, self.charge_a - self.consumed_a))
  end
  bench.sensor[1]:set_a(self.charge_a)
  bench.sensor[2]:set_a(self.consumed_a)
  self.stood_from_s = rig.now_s()
end

-- Coldest at four in the morning.
function Soak:set_temperatures(hour)
  for k = 1, self.bench.count do
    self.bench.temperature[k]:set_degc(25 + 6 * math.sin(math.pi * (hour - 10) / 12))
  end
end

function Soak:error_pct()
  return 100 * self.latest.stored_wh / capacity_wh - self.pack:soc_pct()
end

function Soak:day(number)
  self.was_full = false
  for hour = 0, 23 do
    self:set_temperatures(hour)
    self:look(false)
    local until_s = self.from_s + (number - 1) * day_s + (hour + 1) * 3600
    while rig.now_s() < until_s do
      self:step()
      for _ = 1, messages_a_step do self:look(true) end
    end
  end
  if math.abs(self:error_pct()) > math.abs(self.worst_pct) then self.worst_pct = self:error_pct() end
  print(("day %d: holds %.2f %%, error %+.2f %%; charge relay opened %d times, %d alarms"):format(number,
    self.pack:soc_pct(), self:error_pct(), self.opened, self.alarms))
end

function Soak:moves_of(name)
  return #relays.edges(self.bench, name, self.from_s)
end

for _, days in ipairs { 1, 30 } do
  rig.test(("the count of charge is true after %d times 24 h, with no alarm and no relay moved without need"):format(days), {
    needs = { "cell", "sensor[1]", "sensor[2]", "temperature", "app", "ext", "relay", "switch", "button" }, cells = 16,
    tags = days > 1 and { "long" } or nil, limit_s = (days + 1) * day_s,
    proves = { "SOC-01", "SOC-09", "RLY-10", "CHN-03" },
  }, function(bench)
    zero_the_sensors(bench)
    bench.app:set { capacity_kwh = capacity_wh / 1000 }
    local soak, days_full = begin(bench), 0
    for day = 1, days do
      soak:day(day)
      days_full = days_full + (soak.was_full and 1 or 0)
    end

    local pack, latest = soak.pack, soak.latest
    local count = { proves = { "SOC-01" } }
    rig.check("state of charge, error", soak:error_pct(), rig.limits.soak_soc_error, count)
    rig.check("state of charge, error at the worst of the midnights", soak.worst_pct, rig.limits.soak_soc_error, count)
    local counters = { proves = { "SOC-09" } }
    rig.check("collected, of what was", (soak.collected_wh + latest.collected_today_wh) / pack.collected_wh,
      rig.limits.soak_energy_ratio, counters)
    rig.check("consumed, of what was", (soak.consumed_wh + latest.consumed_today_wh) / pack.consumed_wh,
      rig.limits.soak_energy_ratio, counters)
    rig.equal("days that the boards ended", soak.days_ended, days, counters)

    rig.equal("messages with an alarm", soak.alarms, 0, { proves = { "RLY-10" } })
    rig.equal("messages that tell of another number of cells", soak.miscounted, 0, { proves = { "CHN-03" } })
    rig.equal("messages that did not come", soak.lost, 0, { proves = { "CHN-03" } })
    rig.equal("bytes that belonged to no message", bench.ext:stray_bytes(), 0, { proves = { "CHN-03" } })

    local moves = { proves = { "RLY-10" } }
    rig.equal("days on which the pack became full", days_full, days, moves)
    rig.equal("moves of the charge relay", soak:moves_of("charge"), soak.opened + soak.closed, moves)
    rig.check("the least full that the charge relay opened at", soak.opened_at_pct, rig.limits.soak_full_at, moves)
    rig.check("the fullest that it closed at", soak.closed_at_pct, rig.limits.soak_restarted_at, moves)
    rig.equal("moves of the load relay", soak:moves_of("load"), 0, moves)
  end)
end
