-- SPDX-License-Identifier: GPL-3.0-or-later
---@meta rig

-- What a script may say. Quantities carry their unit in the name: _v volts,
-- _a amperes, _s seconds of bench time, _degc degrees Celsius, _kw, _kwh, _pct.

---@class rig
local rig = {}

---Declares the version of this interface that the script was written for.
---Must be the first call. Version 1 is the only one.
---@param version integer
function rig.api(version) end

---@class rig.TestOptions
---@field needs? string[]     signals without which the test is skipped, "cell", "sensor[2]", "relay.charge", "led.load", "temperature", "meter", "meter[2]", "chain", "chain_tap", "app", "ext", "switch", "button.first", "button.last", "board.led", "chain_bridge", "probe", "first_ext", "radio", "coil", "service", "service[2]", "service.app", "service.input"
---@field proves? string[]    every requirement ID that a check of this test cites: what `rig list` and `--proves` go by; a check citing another ID, or a passing test none of whose checks cites a listed one, is an error of the script
---@field profiles? string[]  the boards it applies to, "gen2" and "gen3" standing for both of theirs; for others there is no such test. Default: all
---@field tags? string[]      "long" stays out of the default run
---@field limit_s? number     bench time the test may take, default 600
---@field uncalibrated? boolean  wants boards as they come to the end of the line; a real bench has what it has
---@field cells? integer      runs on a pack of this many cells instead of the fixture's (virtual bench only, else skipped)

---The profile of the boards under test: "gen2-out1", "gen2-out2", "gen3-hw1" or "gen3-hw2". What
---follows from it is in scripts/lib/profile.lua.
---@type string
rig.profile = ""

---Declares a test. Every test starts from the same state: cells at the
---profile's nominal voltage, boards booted with the profile's defaults, both
---relays allowed, injectors at 0 A, temperatures at ambient.
---@param name string  a sentence about the product, unique in its file
---@param options rig.TestOptions
---@param body fun(bench: rig.Bench)
function rig.test(name, options, body) end

---Runs before each test of this file.
---@param body fun(bench: rig.Bench)
function rig.set_up(body) end

---Runs after each test of this file, however it ended.
---@param body fun(bench: rig.Bench)
function rig.tear_down(body) end

---@class rig.Limit
---@field min? number
---@field max? number
---@field unit? string

---The limits of the bench's profile, by name, from fixtures/limits/<profile>.toml.
---Reading a name that the file does not have is an error that names it.
---@type table<string, rig.Limit>
rig.limits = {}

---@class rig.CheckOptions
---@field proves? string[]  requirement IDs

---Records a measurement against limits (both inclusive). A failed check fails
---the test; the test goes on.
---@param name string
---@param value number
---@param limit rig.Limit
---@param options? rig.CheckOptions
---@return boolean passed
function rig.check(name, value, limit, options) end

---Records a claim that holds or does not. Goes on, as `check` does.
---@param claim string
---@param holds boolean
---@param options? rig.CheckOptions
---@return boolean holds
function rig.claim(claim, holds, options) end

---Records that two values (number, string, boolean) are equal.
---@param name string
---@param value any
---@param expected any
---@param options? rig.CheckOptions
---@return boolean equal
function rig.equal(name, value, expected, options) end

---@class rig.Within
---@field within_s number     bench time
---@field every_s? number     how often to look, default 0.1
---@field proves? string[]

---Polls `condition` until it holds and records how long that took; else fails
---and ends the test, quoting `claim`.
---@param claim string
---@param limit rig.Within
---@param condition fun(): boolean
---@return number took_s
function rig.eventually(claim, limit, condition) end

---@class rig.Always
---@field for_s? number       without a body: how long
---@field every_s? number     how often to look, default 0.1
---@field proves? string[]

---Holds `claim` for `for_s`, or while `body` runs: `condition` is asked
---whenever bench time passes in `wait`, `eventually` and `trip_point`. Records
---one check; when it fails, it says when.
---@param claim string
---@param limit rig.Always
---@param condition fun(): boolean
---@param body? fun()
---@return boolean held
function rig.always(claim, limit, condition, body) end

---Lets bench time pass.
---@param span_s number
function rig.wait(span_s) end

---Bench time, seconds.
---@return number
function rig.now_s() end

---@class rig.Ramp
---@field ramp fun(x: number)       sets the quantity
---@field from_v? number            or from_a, from_degc, from_pct, … : one unit throughout
---@field to_v? number
---@field step_v? number            always positive
---@field dwell_s number            how long each step is held before looking
---@field moves fun(): boolean      true once the thing has moved
---@field back? boolean             then ramps back until `moves` is false again

---Ramps a quantity and finds where something moves. Ends the test when it
---does not move. The result carries the ramp's unit: `v` is the first value at
---which it had moved, `back_v` the first at which it had moved back.
---@param ramp rig.Ramp
---@return table  { v = 3.600, back_v = 3.595 } (or a, degc, …)
function rig.trip_point(ramp) end

---Ends the test at once as an error of the script or the bench.
---@param message string
function rig.abort(message) end

---@class rig.Bench
---@field profile string
---@field count integer                      cells, and boards
---@field cell rig.Cell[]
---@field cells rig.Cells
---@field sensor rig.Sensor[]
---@field temperature rig.Temperature[]      by board
---@field temperatures rig.Temperatures
---@field meter rig.Meter[]                   by board
---@field relay { charge: rig.Relay, load: rig.Relay }
---@field board rig.Board[]
---@field led { charge: rig.Light, load: rig.Light }
---@field switches rig.Switches
---@field button { first: rig.Button, last: rig.Button }
---@field chain rig.ChainLink[]              link k leaves board k
---@field app rig.App
---@field service rig.Services               by board
---@field ext rig.Ext
---@field first_ext rig.FirstExt  the first board's extended output, where it has one
---@field coil { charge_set: rig.Light, charge_reset: rig.Light, load_set: rig.Light, load_reset: rig.Light }  the coils of the two bistable relays: lit while driven
---@field radio { reset: rig.Light, configure: rig.Light }  the last board's lines to its radio module: lit while it asks
local Bench = {}

---Takes every cell away for `for_s` (default 2) and gives it back: the boards
---lose power and boot.
---@param for_s? number
function Bench:power_cycle(for_s) end

---@class rig.Cell
local Cell = {}
---@param volts number
function Cell:set_v(volts) end
---@return number  what the supply measures at its own terminals
function Cell:voltage_v() end
---@return number  what the supply delivers; positive out of it
function Cell:current_a() end
function Cell:on() end
function Cell:off() end

---@class rig.Cells
local Cells = {}
---All cells to one voltage.
---@param volts number
function Cells:set_v(volts) end
---All cells', by number, as the two below: every instrument is asked before the first answer is awaited.
---@return number[]
function Cells:voltages_v() end
---@return number[]
function Cells:currents_a() end
---@return { v: number, a: number }[]
function Cells:readings() end

---@class rig.Sensor
local Sensor = {}
---Amperes as the board shall see them, in the sensor's arrow direction.
---@param amperes number
function Sensor:set_a(amperes) end
---@return number
function Sensor:current_a() end
function Sensor:plug() end
function Sensor:unplug() end

---@class rig.Temperature
local Temperature = {}
---A board at ambient reads this; bypass heating still adds to it.
---@param degc number
function Temperature:set_degc(degc) end

---@class rig.Temperatures
local Temperatures = {}
---@param degc number
function Temperatures:set_degc(degc) end

---A reference meter at one board's own ends of its leads: what the supply measures at its terminals, and
---what the board reports, are held against it.
---@class rig.Meter
local Meter = {}
---A new reading, which takes some tenths of a second.
---@return number
function Meter:voltage_v() end

---@class rig.Edge
---@field at_s number
---@field active boolean  closed, lit

---@class rig.Relay
local Relay = {}
---True when the contact stands where it allows (pins 1-2 closed, 2-3 open; the load relay of
---gen2-out2 the other way round), false when it is the opposite; a contact that is neither or
---both ends the test.
---@return boolean
function Relay:allowed() end
---As `allowed`, but false while the contact is on its way.
---@return boolean
function Relay:stands_allowed() end
---The contact stands where it does not allow; false while it is on its way.
---@return boolean
function Relay:stands_open() end
---@return boolean
function Relay:pins_1_2() end
---@return boolean
function Relay:pins_2_3() end
---Edges of the throw that is closed while allowed, since the test began or since `since_s`. A line keeps its
---newest 32 thousand at least; asking for older ones ends the test.
---@param since_s? number
---@return rig.Edge[]
function Relay:edges(since_s) end

---@class rig.Light
local Light = {}
---@return boolean
function Light:lit() end
---As a relay's.
---@param since_s? number
---@return rig.Edge[]
function Light:edges(since_s) end
---Watches for `span_s` and counts how often it went on.
---@param span_s number
---@return integer
function Light:flashes(span_s) end

---What goes beyond `led` needs a "probe" on the board's controller: the virtual bench has one.
---@class rig.Board
---@field led rig.Light
---@field eeprom rig.Eeprom
local Board = {}
---Pulls the controller's reset line for a moment.
function Board:reset() end
---How long the bypass had rested where it had rested shortest as a conversion of the cell's voltage
---began, since the test began.
---@return number?  nil: it has not conducted
function Board:bypass_rest_s() end
---Conversions never end any more, until something resets it.
function Board:stall_converter() end
---The program goes round in circles until something resets it.
---@param deaf? boolean  interrupts are not served either
function Board:hang(deaf) end
---Lets bench time pass and tells what the board took from its cell on average, its bypass aside: an estimate from the
---time its controller was awake, its LEDs lit, its relays' coils and pull-ups on, its serial lines low, and from what
---its parts take all the time (fixtures/virtual/consumption.hpp).
---@param for_s number
---@return number
function Board:average_current_a(for_s) end
---SRAM that nothing has touched since power-on, in one piece: what the stack left free.
---@return integer bytes
---@return integer of  bytes of SRAM
function Board:untouched_ram() end

---Needs "probe".
---@class rig.Eeprom
local Eeprom = {}
---@param address integer  from 0
---@return integer
function Eeprom:read(address) end
---Behind the firmware's back, as a programmer does.
---@param address integer
---@param byte integer
function Eeprom:write(address, byte) end
---@return integer
function Eeprom:size() end
---How many byte writes the firmware has begun so far.
---@return integer
function Eeprom:writes() end
---Takes the board's lead off for a second in the middle of the n-th byte write from now: that byte is rubbish then.
---@param n integer
function Eeprom:cut_power_at(n) end

---@class rig.Switches
local Switches = {}
---Sets one switch, 1 to 8.
---@param number integer
---@param on boolean
function Switches:set(number, on) end
---Sets switches from the first: "0011" sets 1 to 4, '0' off, '1' on. `from` defaults to 1.
---@param pattern string
---@param from? integer
function Switches:set_pattern(pattern, from) end
---All eight as they stand, "00001111".
---@return string
function Switches:pattern() end

---@class rig.Button
local Button = {}
---@param for_s number
function Button:press(for_s) end
function Button:hold() end
function Button:release() end

---@class rig.ChainLink
local ChainLink = {}
---Breaks the link; `close` mends it.
function ChainLink:open() end
function ChainLink:close() end
---Takes the next board out of the chain: the link leads past it to the one after; `unbridge` puts it back. Needs "chain_bridge".
function ChainLink:bridge() end
function ChainLink:unbridge() end
---Flips bits (`mask`) of byte `index` (from 0) in each of the next `frames` frames.
---@param index integer
---@param mask integer
---@param frames? integer default 1
function ChainLink:flip(index, mask, frames) end
---Ends the next `frames` frames after `length` bytes.
---@param length integer
---@param frames? integer
function ChainLink:truncate(length, frames) end
---Sends the frame before again in place of each of the next `frames` frames.
---@param frames? integer
function ChainLink:replay(frames) end
---Byte `index` of each of the next `frames` frames arrives without its stop bit: a framing error, its value as it was.
---@param index integer
---@param frames? integer
function ChainLink:misframe(index, frames) end
---Bytes that no board sent, from now on; what is on the wire meanwhile is spoilt.
---@param bytes string
function ChainLink:noise(bytes) end
---How many frames were damaged so far.
---@return integer
function ChainLink:damaged() end

---@class rig.ChainBytes
---@field at_s number   when the first byte began
---@field bytes string  what board k sent without a pause

---Begins to keep what board k sends, and forgets what it sent before.
function ChainLink:listen() end
---What board k has sent since, before any damage done here; oldest first, the last one perhaps unfinished.
---@return rig.ChainBytes[]
function ChainLink:heard() end

---@class rig.AppSettings
---@field solar_peak_kw number
---@field inverter_peak_kw number
---@field capacity_kwh number
---@field v_min_v number
---@field v_max_v number
---@field t_min_charge_degc number
---@field t_min_discharge_degc number
---@field t_max_degc number
---@field charge_restart_pct number
---@field discharge_restart_pct number
---@field sensor_type integer
---@field critical boolean
---@field charge_forced_off boolean
---@field load_forced_off boolean
---@field chemistry integer
---@field balance_v number          read only
---@field status integer            read only

---@class rig.App
local App = {}
---Enters a PIN; "1234" unless given. Setting and reading do this by themselves with the default PIN if it was never called.
---@param pin? string
---@return boolean accepted
function App:unlock(pin) end
---Writes settings, in an order that keeps them valid at each step. A refused
---one ends the test, naming it and the reason.
---@param settings rig.AppSettings
function App:set(settings) end
---Writes one setting and tells whether it was taken.
---@param name string
---@param value number|boolean
---@return boolean taken, string? reason  "range", "order", "locked"
function App:try_set(name, value) end
---@return rig.AppSettings
function App:settings() end
---Sends a command line as it is (CR added) and returns the answer without CR, nil if none came.
---@param line string
---@return string?
function App:ask(line) end
---Puts bytes on the line as they are, "$" for a flush, and awaits nothing; they leave one after the other at 9600 baud.
---@param bytes string
function App:send(bytes) end
---@param from_pin string
---@param to_pin string
---@return boolean taken
function App:change_pin(from_pin, to_pin) end
function App:clear_counters() end

---Has the boards stream, and flushes with `$` every `pump_s` in the background (default 0.3) until
---told to stop. What streamed before is forgotten. Ends the test when the boards do not let in.
---@param pump_s? number
---@return rig.Stream
function App:stream(pump_s) end
---@class rig.Dashboard
---@field pack_v number
---@field charge_a? number      nil: sensor 1 absent, or E
---@field charge_w? number
---@field battery_a? number
---@field battery_w? number
---@field consumed_a? number    nil: sensor 2 absent, or E
---@field consumed_w? number
---@field collected_today_wh integer
---@field collected_total_kwh integer
---@field stored_wh integer
---@field soc_pct integer
---@field soc_uncalibrated boolean
---@field consumed_today_wh integer
---@field consumed_total_kwh integer
---What the app's dashboard shows; streams a burst for it. Powers are not rounded.
---@return rig.Dashboard
function App:dashboard() end
---@class rig.BatteryCell
---@field v number
---@field degc number
---@field balancing boolean
---@field colour "green"|"yellow"|"red"  red: outside V-min, V-max, T-min or T-max as the warnings compare; yellow: balancing
---What the app's page of battery details shows; streams until every cell has had its turn.
---Under E there are no cells.
---@return { cells: rig.BatteryCell[], status: integer, alarm: rig.Alarm }
function App:battery() end
---Lets `for_s` pass (default 0) and returns what arrived since the last `receive` or the last
---answer to a command.
---@param for_s? number
---@return string bytes
function App:receive(for_s) end

---@class rig.Burst               what the boards stream about one message
---@field pack_v number
---@field i1_a? number             nil: sensor absent, or E
---@field battery_a? number
---@field i2_a? number
---@field lowest_v? number         from here to `alarm` nil under E
---@field lowest_v_cell? integer
---@field highest_v? number
---@field highest_v_cell? integer
---@field balance_v? number
---@field lowest_degc? number
---@field lowest_degc_cell? integer
---@field highest_degc? number
---@field highest_degc_cell? integer
---@field cell? integer            the cell this burst tells of
---@field count? integer
---@field cell_v? number
---@field cell_degc? number
---@field status? integer
---@field alarm? rig.Alarm
---@field collected_today_wh integer
---@field stored_wh integer
---@field consumed_today_wh integer
---@field soc_pct integer
---@field collected_total_kwh integer
---@field consumed_total_kwh integer
---@field clock string             the boards' own, "hh:mm"
---@field lines string[]           the records as they came, without CR
---@field at_s number              when the last byte had arrived

---@class rig.Stream
local Stream = {}
---The next whole burst; ends the test when none comes within `within_s` (default 5).
---@param within_s? number
---@return rig.Burst
function Stream:next(within_s) end
---How many whole bursts came since the stream began.
---@return integer
function Stream:bursts() end
---Lines that were meant as records but broke the protocol.
---@return string[]
function Stream:malformed() end
---Stops flushing and has the boards stop.
function Stream:stop() end

---@class rig.Alarm
---@field e boolean   cell communication
---@field vl boolean
---@field vh boolean
---@field tl boolean
---@field th boolean

---@class rig.Services
---@field [integer] rig.Service   through the chain
---@field app rig.Service         the last board's, over its app link
---@field input rig.ServiceInput

---The services of a board at the end of the line (firmware/SERVICE.md). A board that does not
---answer, or refuses, fails the test. A write returns once EEPROM holds it.
---@class rig.Service
local Service = {}
---@return { serial: integer, role: string, version: string, calibration: string, unlocked: boolean, saving: boolean }  role "first", "middle", "last"; calibration "good", "none", "lost"
function Service:identity() end
---The converter's counts of the last reading, before calibration. Sensors: the first board's; gen2's one output is `fine`.
---@return { cell: number, temperature: number, sensor: { fine: number, coarse: number }[] }
function Service:raw() end
---What is in force.
---@return { voltage_gain: number, voltage_offset_v: number, temperature_offset_k: number, crystal_ppm: number, sensor: { fine_zero_counts: number, fine_gain: number, coarse_zero_counts: number, coarse_gain: number }[] }
function Service:calibration() end
---Writes and self-tests need this; it holds for a minute after each request.
function Service:unlock() end
function Service:lock() end
---Two readings beside what the reference says.
---@param low { counts: number, v: number }
---@param high { counts: number, v: number }
function Service:calibrate_voltage(low, high) end
---@param at { counts: number, degc: number }
function Service:calibrate_temperature(at) end
---One output of one of the first board's sensors.
---@param sensor integer
---@param output string        "fine", "coarse"
---@param per_count_a number   what a count is worth
---@param low { counts: number, a: number }
---@param high { counts: number, a: number }
function Service:calibrate_sensor(sensor, output, per_count_a, low, high) end
---@param crystal_ppm number  how fast the board's crystal is
function Service:trim_clock(crystal_ppm) end
---@param serial integer
function Service:write_serial(serial) end
---The bypass conducts, pausing for readings.
---@param for_s number  up to 10
function Service:test_bypass(for_s) end
---@param for_s number    up to 10
---@param lit string[]    "info", "charge", "load"; the others stay dark
function Service:test_lights(for_s, lit) end
---Opens a relay for a second; refused unless the rules allow it.
---@param relay string  "charge", "load"
function Service:test_relay(relay) end
---A request as it is, its argument as pairs of hexadecimal digits.
---@param command integer
---@param argument? string
---@return string result  "done", "locked", "range", "unknown", "not now"
---@return string data    the answer's 12 bytes in the same way
function Service:ask(command, argument) end

---@class rig.ServiceInput
local ServiceInput = {}
---Bytes into the first board's service input, as pairs of hexadecimal digits; nothing is awaited.
---@param bytes string
function ServiceInput:send(bytes) end

---@class rig.ExtFrame
---@field pack_v number
---@field i1_a? number        nil: sensor absent
---@field i2_a? number
---@field battery_a? number
---@field lowest_v number
---@field lowest_v_cell integer
---@field highest_v number
---@field highest_v_cell integer
---@field lowest_degc number
---@field lowest_degc_cell integer
---@field highest_degc number
---@field highest_degc_cell integer
---@field cell integer        the cell this frame reports on
---@field count integer
---@field cell_v number
---@field cell_degc number
---@field status integer      status byte 1
---@field charge_allowed boolean
---@field discharge_allowed boolean
---@field alarm rig.Alarm
---@field soc_uncalibrated boolean
---@field collected_today_wh integer
---@field stored_wh integer
---@field consumed_today_wh integer
---@field soc_pct integer
---@field collected_total_kwh integer
---@field consumed_total_kwh integer
---@field key? integer        nil: no pair in this frame
---@field value integer
---@field capacity_kwh number
---@field v_min_v number
---@field v_max_v number
---@field balance_v number
---@field hex string          the 58 bytes as they came
---@field at_s number         when its last byte had arrived

---@class rig.Ext
local Ext = {}
---The next frame to arrive; ends the test when none comes within `within_s` (default 10).
---@param within_s? number
---@return rig.ExtFrame
function Ext:next(within_s) end
---The last frame that came; waits for one if there was none yet.
---@return rig.ExtFrame
function Ext:latest() end
---The next `n` frames.
---@param n integer
---@return rig.ExtFrame[]
function Ext:frames(n) end
---Bytes that belonged to no good frame since the test began.
---@return integer
function Ext:stray_bytes() end
---Voltage and temperature of every cell, gathered from as many frames as that takes.
---@return { v: number, degc: number }[]
function Ext:all_cells() end

---The chain frame as the first board sends it: its own cell alone.
---@class rig.FirstExtFrame
---@field sequence integer
---@field hops integer
---@field turn integer
---@field config integer
---@field fast boolean
---@field balance_v number
---@field i1_counts? integer   of the sensor; nil: absent
---@field i2_counts? integer
---@field balancing integer
---@field faulty_cell integer
---@field sum_v number
---@field lowest_v number
---@field highest_v number
---@field lowest_degc number
---@field highest_degc number
---@field hex string           the 32 bytes as they came
---@field at_s number          when its last byte had arrived

---@class rig.FirstExt
local FirstExt = {}
---The next frame to arrive; ends the test when none comes within `within_s` (default 10).
---@param within_s? number
---@return rig.FirstExtFrame
function FirstExt:next(within_s) end

return rig
