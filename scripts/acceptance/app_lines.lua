-- SPDX-License-Identifier: GPL-3.0-or-later
-- Which lines the app link takes, to the character (APP-01, APP-02, APP-06).

local rig = require("rig")
rig.api(1)

local profile = require("lib.profile")

-- What R@ tells: why the last write was refused, and where.
local range, address, locked = "01", "03", "04"

local function asker(bench, ids)
  local asked = {}
  function asked.answers(line, expected, when)
    rig.equal(line .. (when or ""), bench.app:ask(line), expected, { proves = ids })
  end
  function asked.refused(line, why, at, when)
    asked.answers(line, "KO", when)
    rig.equal(("%s%s: R@"):format(line, when or ""), (bench.app:ask("R@") or ""):sub(1, 7), why .. "_" .. at .. "_", { proves = ids })
  end
  function asked.page(page, beginning, when)
    rig.equal(page .. (when or ""), (bench.app:ask(page) or ""):sub(1, #beginning), beginning, { proves = ids })
  end
  return asked
end

rig.test("a line that is no command is refused, tells no page and leaves its client let in", {
  needs = { "app", "ext" }, proves = { "APP-06" },
}, function(bench)
  bench:power_cycle()
  bench.ext:next()
  bench.app:unlock()
  local app = asker(bench, { "APP-06" })
  app.page("R@", "00_000_", " before anything was refused")
  for _, line in ipairs { "P", "V", "S", "S1", "S2", "R", "E", "D", "1", "@", "!", "V@@", "S1@@", "R@!", "v@", "s1@", "S0@", "S4@",
    "E!!", "D!!", "E@", "V!", "pW1234!", "Pw1234!", "QW1234!" } do
    app.refused(line, address, "000")
    bench.app:unlock()
  end
  -- Each a write but for one thing.
  for _, line in ipairs { "5A-080", "5A-080?", "5A_080!", "A-080!", "05A-080!", "5A-80!", "5A-0080!", "5A-00080!", "5A-080!!",
    "5A080!", "-080!", "5A-!", "5A-080!01-017!" } do
    app.refused(line, address, "000")
  end
  for _, no_digit in ipairs { "/", ":", "@", "G", "`", "g", "-", " " } do
    for _, line in ipairs { "5%s-080!", "%s5-080!", "5A-%s80!", "5A-0%s0!", "5A-08%s!" } do
      app.refused(line:format(no_digit), address, "000")
    end
  end
  app.page("S2@", ("%04X_"):format(math.floor(profile.v_min_v / 0.005 + 0.5)), " afterwards")
  rig.equal("charge restart", bench.app:settings().charge_restart_pct, 95, { proves = { "APP-06" } })
end)

rig.test("hexadecimal digits count in either case", {
  needs = { "app" }, proves = { "APP-02" },
}, function(bench)
  bench.app:unlock()
  local app = asker(bench, { "APP-02" })
  for _, case in ipairs { { "09", "AF", "09AF" }, { "a9", "0f", "A90F" }, { "Fa", "f0", "FAF0" }, { "bC", "De", "BCDE" }, { "56", "78", "5678" },
    { "cB", "eD", "CBED" }, { "12", "34", "1234" } } do
    local high, low, word = table.unpack(case)
    app.answers(high .. "-010!", "OK")
    app.answers(low .. "-011!", "OK")
    app.page("S1@", word .. "_", " then")
  end
  app.answers("0c-0d0!", "OK")
  app.answers("1E-0D1!", "OK")
end)

rig.test("what is not the PIN's form takes the permission away and counts as no wrong PIN", {
  needs = { "app", "ext" }, proves = { "APP-01" },
}, function(bench)
  local app = asker(bench, { "APP-01" })
  for _, line in ipairs { "PW", "PW!", "PW123!", "PW12345!", "PW1234", "PW1234?", "PW1234!!", "PW!1234", "PW 1234!", "PW123A!", "PWA234!",
    "PW123:!", "PW12/4!", "PW1234!PW1234!PW!" } do
    rig.claim("let in", bench.app:unlock("1234"), { proves = { "APP-01" } })
    app.answers(line, "NA")
    app.answers("S1@", "NA", " after " .. line)
  end
  for _ = 1, 6 do app.answers("PW123A!", "NA") end
  app.answers("PW1234!", "OK", " after six of them")
end)

rig.test("a word's low byte is taken right after its high byte, once, and from nobody else", {
  needs = { "app" }, proves = { "APP-02", "APP-06" },
}, function(bench)
  bench.app:unlock()
  local app = asker(bench, { "APP-02", "APP-06" })
  local function whole(high, low)
    app.answers(high .. "-010!", "OK")
    app.answers(low .. "-011!", "OK")
  end
  app.refused("00-002!", address, "002", " right behind the PIN")
  whole("12", "34")
  app.refused("56-011!", address, "011", " once more")
  app.answers("77-010!", "OK")
  app.refused("88-021!", address, "021", " behind 010")
  app.refused("88-011!", address, "011", " behind 021")
  app.answers("77-010!", "OK")
  app.answers("5E-080!", "OK", " behind 010")
  app.refused("88-011!", address, "011", " behind 080")
  app.answers("77-010!", "OK")
  app.answers("PW1234!", "OK", " behind 010")
  app.refused("88-011!", address, "011", " behind the PIN")
  app.refused("00-001!", address, "001")
  app.refused("00-002!", address, "002")
  app.page("S1@", "1234_0000_", " after all that")
  app.answers("77-010!", "OK")
  app.answers("9A-010!", "OK", " behind 010")
  app.answers("BC-011!", "OK")
  app.page("S1@", "9ABC_0000_", " then")
  app.answers("65-080!", "KO")
  app.page("R@", range .. "_080_")
end)

rig.test("a line is echoed whole, up to the 20 bytes of a burst, and one that is longer spoils none behind it", {
  needs = { "app" }, proves = { "APP-02", "APP-06" },
}, function(bench)
  bench.app:unlock()
  local cites = { proves = { "APP-02", "APP-06" } }
  local function upon(bytes)
    bench.app:receive()
    bench.app:send(bytes)
    return bench.app:receive(0.25)
  end
  for _, length in ipairs { 1, 7, 19, 20 } do
    local line = ("0123456789abcdefghij"):sub(1, length)
    rig.equal(("%d characters"):format(length), upon(line .. "\r"), line .. "\rKO\r", cites)
  end
  for _, length in ipairs { 21, 22, 60 } do
    rig.claim(("%d characters are refused"):format(length), upon(("5"):rep(length) .. "\r"):match("^5+\rKO\r$") ~= nil, cites)
    rig.equal(("behind %d characters"):format(length), upon("5F-080!\r"), "5F-080!\rOK\r", cites)
  end
  rig.equal("an end of line alone", upon("\r\r"), "", cites)
  rig.equal("a line feed and a flush are no part of a line", upon("\n5\nF$-080!\n\r\n"), "5F-080!\rOK\r", cites)
  rig.equal("two lines in one burst", upon("5E-080!\r5F-080!\r"), "5E-080!\rOK\r5F-080!\rOK\r", cites)
end)

rig.test("services take 100 to 109 and 10F, and no address beside them", {
  needs = { "app", "ext", "service.app" }, proves = { "DEC-31" },
}, function(bench)
  bench:power_cycle()
  bench.ext:next()
  bench.app:unlock()
  local app = asker(bench, { "DEC-31" })
  app.page("Y@", "00" .. ("_0000"):rep(6), " before any request")
  app.page("Z@", "00_00_00_00_00_00" .. ("_0000"):rep(6), " before any frame")
  for at = 0x100, 0x109 do app.answers(("00-%03X!"):format(at), "OK") end
  for _, at in ipairs { 0x0FF, 0x10A, 0x10E, 0x110, 0x200, 0xFFF } do
    app.refused(("00-%03X!"):format(at), address, ("%03X"):format(at))
  end
  app.refused("16-10F!", locked, "10F")
  app.refused("10-10F!", range, "10F", " without its key")
  app.refused("06-10F!", locked, "10F")
  bench.service.app:unlock()
  app.refused("06-10F!", address, "10F", " once unlocked")
end)
