// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/link_address.hpp"

#include <algorithm>
#include <array>

#include "instruments/links/address_setting.hpp"

namespace rig {
namespace {

using Kind = LinkAddress::Kind;
using Parity = SerialSettings::Parity;
using Flow = SerialSettings::Flow;

const Words<Kind> kinds{{"memory", Kind::memory}, {"serial", Kind::serial}, {"pty", Kind::pty},
                        {"tcp", Kind::tcp},       {"usbtmc", Kind::usbtmc}, {"modbus", Kind::modbus},
                        {"sigrok", Kind::sigrok}};
const Words<Parity> parities{{"none", Parity::none},
                             {"even", Parity::even},
                             {"odd", Parity::odd},
                             {"mark", Parity::mark},
                             {"space", Parity::space}};
const Words<Parity> modbus_parities(parities.begin(), parities.begin() + 3);
const Words<Flow> flows{{"none", Flow::none}, {"rts-cts", Flow::rts_cts}, {"xon-xoff", Flow::xon_xoff}};

void take_settings(LinkAddress& link, std::string_view text) {
    const bool modbus = link.kind == Kind::modbus;
    const std::string known = modbus ? "baud, parity, stop, address" : "baud, bits, parity, stop, flow";
    each_setting(text, known, [&](const AddressSetting& setting) {
        auto& line = link.settings;
        if (setting.name() == "baud")
            setting.take(line.baud, 50, 4'000'000);
        else if (setting.name() == "bits" && !modbus)
            setting.take(line.bits, 5, 8);
        else if (setting.name() == "parity")
            setting.take(line.parity, modbus ? modbus_parities : parities);
        else if (setting.name() == "stop")
            setting.take(line.stop_bits, 1, 2);
        else if (setting.name() == "flow" && !modbus)
            setting.take(line.flow, flows);
        else if (setting.name() == "address" && modbus)
            setting.take(link.unit, 1, 247);
        else
            setting.refuse_name(known);
    });
}

void take_sigrok_settings(LinkAddress& link, std::string_view text) {
    const std::string known = "serialcomm, modbusaddr";
    each_setting(text, known, [&](const AddressSetting& setting) {
        if (setting.name() == "serialcomm")
            link.sigrok.serialcomm = setting.value();
        else if (setting.name() == "modbusaddr")
            setting.take(link.sigrok.modbus_address, 1, 247);
        else
            setting.refuse_name(known);
    });
}

void take_driver_and_connection(LinkAddress& link, std::string_view text) {
    const auto colon = text.find(':');
    link.target = text.substr(0, colon);
    if (colon != std::string_view::npos) link.sigrok.connection = text.substr(colon + 1);
    if (link.target.empty() || (colon != std::string_view::npos && link.sigrok.connection.empty()))
        throw LinkTextError("does not name libsigrok's driver and its connection",
                            "sigrok:driver:connection, which sigrok-cli has as driver:conn=connection; or "
                            "sigrok:driver for one that finds its instrument by itself");
}

void take_host_and_port(LinkAddress& link, std::string_view text) {
    const std::string form = "tcp:host:port, tcp:[address]:port; the port 1 to 65535";
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) throw LinkTextError("names no port", form);
    auto host = text.substr(0, colon);
    const auto port = text.substr(colon + 1);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed)
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string_view::npos)
        throw LinkTextError("has more than one colon after the host", form);
    const auto end = port.data() + port.size();
    const auto [rest, error] = std::from_chars(port.data(), end, link.port);
    if (error != std::errc{} || rest != end || link.port < 1 || link.port > 65535)
        throw LinkTextError(fmt::format("has \"{}\" for a port", port), form);
    link.target = host;
}

void take_medium(LinkAddress& link, std::string_view text) {
    const std::array known{"", "lan", "1200", "2400", "4800", "9600", "19200", "38400", "57600", "115200"};
    if (std::find(known.begin(), known.end(), text) == known.end())
        throw LinkTextError("names no medium: neither lan nor a baud rate",
                            "memory:, memory:lan, memory:1200 to memory:115200");
    link.target = text;
}

void take_device(LinkAddress& link, std::string_view text) {
    if (text.empty() || text.front() != '/')
        throw LinkTextError("names no device", "the device's whole path, which begins with /");
    link.target = text;
}

}  // namespace

LinkAddress parse_link(const std::string& text) {
    LinkAddress link;
    link.text = text;
    const auto colon = text.find(':');
    const auto scheme = std::string_view(text).substr(0, colon);
    const auto found =
        std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.first == scheme; });
    if (colon == std::string::npos || found == kinds.end())
        throw LinkTextError("is no link", all_of(kinds) + ", each followed by a colon");
    link.kind = found->second;

    auto rest = std::string_view(text).substr(colon + 1);
    const auto question = rest.find('?');
    const auto settings = question == std::string_view::npos ? "" : rest.substr(question + 1);
    rest = rest.substr(0, question);
    if (link.kind == Kind::serial || link.kind == Kind::modbus)
        take_settings(link, settings);
    else if (link.kind == Kind::sigrok)
        take_sigrok_settings(link, settings);
    else if (question != std::string_view::npos)
        throw LinkTextError("has settings", fmt::format("{}: has none", scheme));

    if (link.kind == Kind::tcp)
        take_host_and_port(link, rest);
    else if (link.kind == Kind::sigrok)
        take_driver_and_connection(link, rest);
    else if (link.kind == Kind::memory)
        take_medium(link, rest);
    else
        take_device(link, rest);
    return link;
}

}  // namespace rig
