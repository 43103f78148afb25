// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <libsigrok/libsigrok.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "instruments/links/sigrok_link.hpp"

namespace rig {

/// libsigrok itself. Its drivers are there once in a program, so its context is too: from the first
/// instrument that is opened to the last one that is closed, for no context may pass a fork.
class SigrokLibrary {
public:
    static std::shared_ptr<SigrokLibrary> shared();

    SigrokLibrary();
    ~SigrokLibrary();
    SigrokLibrary(const SigrokLibrary&) = delete;
    SigrokLibrary& operator=(const SigrokLibrary&) = delete;

    /// The one instrument that `address` leads to, which libsigrok keeps. Throws SigrokError.
    sr_dev_inst& find(const LinkAddress& address);

private:
    sr_context* context_ = nullptr;
    std::set<std::string> begun_;  ///< drivers
};

/// One instrument, from the thread that may be kept waiting. Throws SigrokError, with what libsigrok says of
/// it.
class SigrokDevice {
public:
    explicit SigrokDevice(LinkAddress address) : address_(std::move(address)) {}
    ~SigrokDevice();
    SigrokDevice(const SigrokDevice&) = delete;
    SigrokDevice& operator=(const SigrokDevice&) = delete;

    /// Throws LinkError.
    void open();

    SigrokLink::Value read(int output, const std::string& key);
    void write(int output, const std::string& key, const SigrokLink::Value& value);

    /// What libsigrok has for one name: where, and what can be done with it.
    struct Setting {
        const sr_channel_group* group = nullptr;  ///< null: the instrument's
        std::uint32_t key = 0;
        bool can_read = false, can_write = false;
        std::optional<double> step;
    };
    using Settings = std::map<std::string, Setting>;

    // Once it is open.
    const std::string& identity() const { return identity_; }
    const std::vector<Settings>& outputs() const { return outputs_; }

private:
    struct Unref {
        void operator()(GVariant* value) const { g_variant_unref(value); }
    };
    using Variant = std::unique_ptr<GVariant, Unref>;

    void add_settings(Settings& settings, const sr_channel_group* group) const;
    const Setting& setting(int output, const std::string& key) const;
    Variant read_at(const Setting& setting, const std::string& key);
    void look_for_life(int output, const std::string& key);
    void attach();
    void close();
    /// After a word that went wrong it is found and opened anew.
    void be_open();
    void check(int outcome, const std::string& key);

    LinkAddress address_;
    std::shared_ptr<SigrokLibrary> library_;
    sr_dev_inst* instrument_ = nullptr;
    std::string identity_;
    std::vector<Settings> outputs_;
    bool disturbed_ = false;  ///< a late answer may still come
};

}  // namespace rig
