// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/sigrok_device.hpp"

#include <fmt/format.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <mutex>

#include "instruments/links/link_error.hpp"

namespace rig {
namespace {

/// Drivers keep lists of what they have found, and there is one context.
std::mutex finding;

/// The gravest of what libsigrok has said on this thread since it was last forgotten.
struct Said {
    int gravity = SR_LOG_SPEW;
    std::string words;
};
thread_local Said said;

int hear(void*, int gravity, const char* format, va_list arguments) {
    if (gravity >= said.gravity) return SR_OK;
    char words[256];
    std::vsnprintf(words, sizeof words, format, arguments);
    said = {gravity, words};
    return SR_OK;
}

std::string what_it_says(int outcome) {
    return said.words.empty() ? sr_strerror(outcome) : said.words;
}

struct UnrefArray {
    void operator()(GArray* array) const { g_array_unref(array); }
};
using Array = std::unique_ptr<GArray, UnrefArray>;

sr_dev_driver* driver_named(const sr_context* context, const std::string& name) {
    for (auto** driver = sr_driver_list(context); *driver != nullptr; ++driver) {
        if (name == (*driver)->name) return *driver;
    }
    return nullptr;
}

/// What a driver is told to look for.
class ScanOptions {
public:
    explicit ScanOptions(const LinkAddress& address) {
        const auto& at = address.sigrok;
        if (!at.connection.empty()) add(SR_CONF_CONN, g_variant_new_string(at.connection.c_str()));
        if (!at.serialcomm.empty()) add(SR_CONF_SERIALCOMM, g_variant_new_string(at.serialcomm.c_str()));
        if (at.modbus_address != 0)
            add(SR_CONF_MODBUSADDR, g_variant_new_uint64(static_cast<guint64>(at.modbus_address)));
    }
    ~ScanOptions() {
        g_slist_free(list_);
        while (used_ > 0)
            g_variant_unref(options_[--used_].data);
    }
    ScanOptions(const ScanOptions&) = delete;
    ScanOptions& operator=(const ScanOptions&) = delete;

    GSList* list() const { return list_; }

private:
    void add(std::uint32_t key, GVariant* value) {
        sr_config& option = options_[used_++];
        option = {key, g_variant_ref_sink(value)};
        list_ = g_slist_append(list_, &option);
    }

    sr_config options_[3] = {};
    std::size_t used_ = 0;
    GSList* list_ = nullptr;
};

std::string text(const char* words) {
    return words == nullptr ? "" : words;
}

std::string identity_of(sr_dev_inst* instrument) {
    std::string whole;
    for (const char* part : {sr_dev_inst_vendor_get(instrument), sr_dev_inst_model_get(instrument),
                             sr_dev_inst_sernum_get(instrument), sr_dev_inst_version_get(instrument)}) {
        if (!text(part).empty()) whole += (whole.empty() ? "" : ",") + text(part);
    }
    return whole;
}

}  // namespace

std::shared_ptr<SigrokLibrary> SigrokLibrary::shared() {
    static std::weak_ptr<SigrokLibrary> kept;
    const std::lock_guard lock(finding);
    auto library = kept.lock();
    if (!library) kept = library = std::make_shared<SigrokLibrary>();
    return library;
}

SigrokLibrary::SigrokLibrary() {
    sr_log_callback_set(hear, nullptr);
    sr_log_loglevel_set(SR_LOG_INFO);
    if (const int outcome = sr_init(&context_); outcome != SR_OK)
        throw SigrokError("libsigrok cannot be used: " + what_it_says(outcome));
}

SigrokLibrary::~SigrokLibrary() {
    sr_exit(context_);
}

sr_dev_inst& SigrokLibrary::find(const LinkAddress& address) {
    const std::lock_guard lock(finding);
    sr_dev_driver* const driver = driver_named(context_, address.target);
    if (driver == nullptr)
        throw SigrokError(fmt::format("libsigrok {} has no driver {}; sigrok-cli --list-supported names them",
                                      sr_lib_version_string_get(), address.target));
    said = {};
    // Once for all its instruments: they are kept in a list of the driver's own.
    if (begun_.insert(address.target).second) {
        if (const int outcome = sr_driver_init(context_, driver); outcome != SR_OK)
            throw SigrokError("its driver cannot be used: " + what_it_says(outcome));
    }
    const ScanOptions options(address);
    GSList* const found = sr_driver_scan(driver, options.list());
    const auto count = g_slist_length(found);
    auto* const instrument = found == nullptr ? nullptr : static_cast<sr_dev_inst*>(found->data);
    g_slist_free(found);
    if (count == 1) return *instrument;
    throw SigrokError(
        fmt::format("{} that libsigrok's {} knows{}",
                    count == 0 ? "nothing answers" : fmt::format("{} instruments answer", count),
                    address.target, said.words.empty() ? "" : " (" + said.words + ")"));
}

SigrokDevice::~SigrokDevice() {
    close();
}

void SigrokDevice::close() {
    if (instrument_ != nullptr) sr_dev_close(std::exchange(instrument_, nullptr));
}

void SigrokDevice::open() {
    try {
        attach();
    } catch (const SigrokError& error) {
        const auto& connection = address_.sigrok.connection;
        throw LinkError(fmt::format(
            "{}: {}\n  try     is it switched on and plugged in, and of a kind that this driver is "
            "for? sigrok-cli --driver {}{} --scan looks the same way",
            address_.name(), error.what(), address_.target, connection.empty() ? "" : ":conn=" + connection));
    }
}

void SigrokDevice::attach() {
    if (!library_) library_ = SigrokLibrary::shared();
    sr_dev_inst& found = library_->find(address_);
    const auto identity = identity_of(&found);
    if (!identity_.empty() && identity != identity_)
        throw SigrokError(fmt::format("was a {} and is a {}", identity_, identity));
    said = {};
    if (const int outcome = sr_dev_open(&found); outcome != SR_OK)
        throw SigrokError("cannot be opened: " + what_it_says(outcome));
    instrument_ = &found;
    identity_ = identity;
    outputs_.clear();
    Settings common;
    add_settings(common, nullptr);
    for (auto* entry = sr_dev_inst_channel_groups_get(instrument_); entry != nullptr; entry = entry->next) {
        Settings settings;
        add_settings(settings, static_cast<sr_channel_group*>(entry->data));
        if (settings.count("voltage_target") == 0) continue;
        settings.insert(common.begin(), common.end());  // what the output has not got for itself
        outputs_.push_back(std::move(settings));
    }
    if (outputs_.empty()) outputs_.push_back(std::move(common));
}

void SigrokDevice::add_settings(Settings& settings, const sr_channel_group* group) const {
    const auto* driver = sr_dev_inst_driver_get(instrument_);
    const Array keys(sr_dev_options(driver, instrument_, group));
    if (!keys) return;
    for (guint i = 0; i < keys->len; ++i) {
        const auto key = g_array_index(keys.get(), std::uint32_t, i);
        const auto* info = sr_key_info_get(SR_KEY_CONFIG, key);
        if (info == nullptr || info->id == nullptr) continue;
        const auto can =
            static_cast<unsigned>(sr_dev_config_capabilities_list(instrument_, group, static_cast<int>(key)));
        Setting setting{group, key, (can & SR_CONF_GET) != 0, (can & SR_CONF_SET) != 0, std::nullopt};
        GVariant* range = nullptr;
        if ((can & SR_CONF_LIST) != 0 && info->datatype == SR_T_FLOAT &&
            sr_config_list(driver, instrument_, group, key, &range) == SR_OK) {
            const Variant owned(range);
            // Least, most, step.
            if (g_variant_is_of_type(range, G_VARIANT_TYPE("ad")) && g_variant_n_children(range) >= 3)
                g_variant_get_child(range, 2, "d", &setting.step.emplace());
        }
        settings.emplace(info->id, setting);
    }
}

const SigrokDevice::Setting& SigrokDevice::setting(int output, const std::string& key) const {
    return outputs_.at(static_cast<std::size_t>(output - 1)).at(key);
}

/// Found anew as well: what libsigrok believes of an instrument, such as which of its channels is selected,
/// is what it was before the fault.
void SigrokDevice::be_open() {
    if (disturbed_) close();
    if (instrument_ == nullptr) attach();
    disturbed_ = false;
    said = {};
}

void SigrokDevice::check(int outcome, const std::string& key) {
    if (outcome == SR_OK) return;
    // These two come before anything is said to the instrument.
    disturbed_ = outcome != SR_ERR_ARG && outcome != SR_ERR_NA;
    throw SigrokError(fmt::format("{}: {}", key, what_it_says(outcome)));
}

SigrokDevice::Variant SigrokDevice::read_at(const Setting& setting, const std::string& key) {
    GVariant* value = nullptr;
    check(sr_config_get(sr_dev_inst_driver_get(instrument_), instrument_, setting.group, setting.key, &value),
          key);
    return Variant(value);
}

/// Where a connection has ended, SCPI drivers read nothing and take it for the number 0; for a switch they
/// cannot take it.
void SigrokDevice::look_for_life(int output, const std::string& key) {
    const auto& settings = outputs_.at(static_cast<std::size_t>(output - 1));
    const auto found = settings.find("enabled");
    if (found != settings.end() && found->second.can_read) read_at(found->second, key);
}

SigrokLink::Value SigrokDevice::read(int output, const std::string& key) {
    be_open();
    const Setting& it = setting(output, key);
    const Variant owned = read_at(it, key);
    GVariant* const value = owned.get();
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN)) return g_variant_get_boolean(value) != 0;
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_DOUBLE)) {
        const double number = g_variant_get_double(value);
        if (number == 0.0) look_for_life(output, key);
        return number;
    }
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_STRING))
        return std::string(g_variant_get_string(value, nullptr));
    throw SigrokError(fmt::format("{}: neither a number nor a switch nor a word", key));
}

void SigrokDevice::write(int output, const std::string& key, const SigrokLink::Value& value) {
    be_open();
    const Setting& it = setting(output, key);
    GVariant* given = nullptr;
    if (const auto* on = std::get_if<bool>(&value)) given = g_variant_new_boolean(*on ? TRUE : FALSE);
    if (const auto* number = std::get_if<double>(&value)) given = g_variant_new_double(*number);
    if (const auto* word = std::get_if<std::string>(&value)) given = g_variant_new_string(word->c_str());
    check(sr_config_set(instrument_, it.group, it.key, given), key);
}

}  // namespace rig
