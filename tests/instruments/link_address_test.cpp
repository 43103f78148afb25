// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/link_address.hpp"

#include <catch2/catch.hpp>

using namespace rig;
using Kind = LinkAddress::Kind;

TEST_CASE("every kind of link can be written in a fixture file", "[instruments][links]") {
    const auto serial = parse_link("serial:/dev/ttyUSB0?baud=57600&bits=7&parity=even&stop=2&flow=xon-xoff");
    CHECK(serial.kind == Kind::serial);
    CHECK(serial.target == "/dev/ttyUSB0");
    CHECK(serial.settings.baud == 57600);
    CHECK(serial.settings.bits == 7);
    CHECK(serial.settings.parity == SerialSettings::Parity::even);
    CHECK(serial.settings.stop_bits == 2);
    CHECK(serial.settings.flow == SerialSettings::Flow::xon_xoff);
    CHECK(serial.name() == "serial:/dev/ttyUSB0");

    const auto plain = parse_link("serial:/dev/ttyS0");
    CHECK(plain.settings.baud == 9600);
    CHECK(plain.settings.bits == 8);
    CHECK(plain.settings.parity == SerialSettings::Parity::none);
    CHECK(plain.settings.stop_bits == 1);
    CHECK(plain.settings.flow == SerialSettings::Flow::none);

    const auto modbus = parse_link("modbus:/dev/ttyUSB1?baud=115200&address=7");
    CHECK(modbus.kind == Kind::modbus);
    CHECK(modbus.settings.baud == 115200);
    CHECK(modbus.unit == 7);

    const auto tcp = parse_link("tcp:psu-1.bench:5025");
    CHECK(tcp.target == "psu-1.bench");
    CHECK(tcp.port == 5025);
    CHECK(parse_link("tcp:[fe80::1]:7000").target == "fe80::1");

    CHECK(parse_link("pty:/dev/pts/4").target == "/dev/pts/4");
    CHECK(parse_link("usbtmc:/dev/usbtmc0").kind == Kind::usbtmc);
    CHECK(parse_link("memory:lan").target == "lan");
    CHECK_FALSE(parse_link("memory:").real());
    CHECK(plain.real());

    const auto sigrok = parse_link("sigrok:rdtech-dps:/dev/ttyUSB0?serialcomm=9600/8n1&modbusaddr=3");
    CHECK(sigrok.kind == Kind::sigrok);
    CHECK(sigrok.target == "rdtech-dps");
    CHECK(sigrok.sigrok.connection == "/dev/ttyUSB0");
    CHECK(sigrok.sigrok.serialcomm == "9600/8n1");
    CHECK(sigrok.sigrok.modbus_address == 3);
    CHECK(sigrok.name() == "sigrok:rdtech-dps:/dev/ttyUSB0");
    CHECK(parse_link("sigrok:scpi-pps:tcp-raw/10.0.0.5/5555").sigrok.connection == "tcp-raw/10.0.0.5/5555");
}

TEST_CASE("what is wrong about a link's text is said, with what could stand there", "[instruments][links]") {
    struct Wrong {
        std::string text, message, allowed;
    };
    const auto& [text, message, allowed] = GENERATE(values<Wrong>({
        {"", "is no link", "memory, serial, pty, tcp, usbtmc, modbus, sigrok, each followed by a colon"},
        {"gpib:3", "is no link",
         "memory, serial, pty, tcp, usbtmc, modbus, sigrok, each followed by a colon"},
        {"serial:", "names no device", "the device's whole path, which begins with /"},
        {"pty:pts/4", "names no device", "the device's whole path, which begins with /"},
        {"serial:/dev/ttyS0?baud=fast", "cannot have baud=fast", "baud=50 to 4000000"},
        {"serial:/dev/ttyS0?baud=9600.5", "cannot have baud=9600.5", "baud=50 to 4000000"},
        {"serial:/dev/ttyS0?bits=9", "cannot have bits=9", "bits=5 to 8"},
        {"serial:/dev/ttyS0?parity=odds", "cannot have parity=odds",
         "parity=, one of: none, even, odd, mark, space"},
        {"serial:/dev/ttyS0?stop=0", "cannot have stop=0", "stop=1 to 2"},
        {"serial:/dev/ttyS0?flow=rts", "cannot have flow=rts", "flow=, one of: none, rts-cts, xon-xoff"},
        {"serial:/dev/ttyS0?boud=9600", "has no setting boud", "baud, bits, parity, stop, flow"},
        {"serial:/dev/ttyS0?baud", "has the setting baud without a value", "baud, bits, parity, stop, flow"},
        {"modbus:/dev/ttyS0?parity=mark", "cannot have parity=mark", "parity=, one of: none, even, odd"},
        {"modbus:/dev/ttyS0?address=0", "cannot have address=0", "address=1 to 247"},
        {"modbus:/dev/ttyS0?flow=none", "has no setting flow", "baud, parity, stop, address"},
        {"tcp:10.0.0.5", "names no port", "tcp:host:port, tcp:[address]:port; the port 1 to 65535"},
        {"tcp:10.0.0.5:http", "has \"http\" for a port",
         "tcp:host:port, tcp:[address]:port; the port 1 to 65535"},
        {"tcp:10.0.0.5:65536", "has \"65536\" for a port",
         "tcp:host:port, tcp:[address]:port; the port 1 to 65535"},
        {"tcp:fe80::1:5025", "has more than one colon after the host",
         "tcp:host:port, tcp:[address]:port; the port 1 to 65535"},
        {"tcp:host:1?baud=9600", "has settings", "tcp: has none"},
        {"sigrok::/dev/ttyS0", "does not name libsigrok's driver and its connection",
         "sigrok:driver:connection, which sigrok-cli has as driver:conn=connection; or "
         "sigrok:driver for one that finds its instrument by itself"},
        {"sigrok:scpi-pps:", "does not name libsigrok's driver and its connection",
         "sigrok:driver:connection, which sigrok-cli has as driver:conn=connection; or "
         "sigrok:driver for one that finds its instrument by itself"},
        {"sigrok:scpi-pps:gpib/3?baud=9600", "has no setting baud", "serialcomm, modbusaddr"},
        {"sigrok:rdtech-dps:/dev/ttyS0?modbusaddr=0", "cannot have modbusaddr=0", "modbusaddr=1 to 247"},
        {"memory:9601", "names no medium: neither lan nor a baud rate",
         "memory:, memory:lan, memory:1200 to memory:115200"},
    }));
    INFO(text);
    try {
        parse_link(text);
        FAIL("was taken");
    } catch (const LinkTextError& error) {
        CHECK(error.what() == message);
        CHECK(error.allowed() == allowed);
    }
}
