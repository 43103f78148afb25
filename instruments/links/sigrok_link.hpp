// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>

#include "instruments/links/link_address.hpp"
#include "instruments/links/wall_clock.hpp"
#include "instruments/reply.hpp"

namespace rig {

/// What libsigrok could not read or write: "voltage_target: no answer within 5000 ms". Whoever knows the
/// instrument adds its name and what to try.
class SigrokError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct SigrokPatience {
    Nanoseconds opening = std::chrono::seconds(20);  ///< some of libsigrok's drivers try speeds
    Nanoseconds answer = std::chrono::seconds(5);
};

/// An instrument that libsigrok knows: settings and readings of its outputs, by the names that libsigrok and
/// sigrok-cli have for them ("voltage_target", "enabled"). libsigrok blocks, over TCP for ever, so it does
/// so on a thread of its own, one for each instrument, and is interrupted where it takes too long. What was
/// asked is carried out in its order; asking never waits; `Reply::get` throws SigrokError. After a word that
/// went wrong the instrument is opened anew.
class SigrokLink {
public:
    /// Finds and opens the one instrument that `address` leads to. Throws LinkError.
    SigrokLink(WallClock& clock, const LinkAddress& address, const SigrokPatience& patience = {});
    ~SigrokLink();

    using Value = std::variant<bool, double, std::string>;
    enum class Use { read, write };

    std::string name() const;
    /// Maker, model, version, serial number: as much as libsigrok says.
    const std::string& identity() const;

    int outputs() const;
    /// Whether libsigrok can; `output` from 1.
    bool can(Use use, int output, const std::string& key) const;
    /// Between one value of a setting and the next, where libsigrok knows.
    std::optional<double> step(int output, const std::string& key) const;

    Reply<Value> read(int output, const std::string& key);
    Reply<void> write(int output, const std::string& key, Value value);

    WallClock& clock();

private:
    class Conversation;
    std::shared_ptr<Conversation> conversation_;
};

}  // namespace rig
