// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/signal_block.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace rig::reports {
namespace {

constexpr std::size_t full_block = 16 * 1024;
constexpr std::int64_t ns_per_us = 1000;

void append(std::string& bytes, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7)
        bytes += static_cast<char>(0x80 | (number & 0x7F));
    bytes += static_cast<char>(number);
}

std::uint64_t folded(std::int64_t number) {
    return static_cast<std::uint64_t>(number) << 1 ^ static_cast<std::uint64_t>(number >> 63);
}

std::int64_t unfolded(std::uint64_t number) {
    return static_cast<std::int64_t>(number >> 1) ^ -static_cast<std::int64_t>(number & 1);
}

class Bytes {
public:
    explicit Bytes(std::string_view bytes) : left_(bytes) {}

    bool empty() const { return left_.empty(); }

    std::uint64_t number() {
        std::uint64_t number = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const auto byte = static_cast<std::uint8_t>(take(1).front());
            number |= std::uint64_t{byte & 0x7Fu} << shift;
            if ((byte & 0x80) == 0) return number;
        }
        throw std::runtime_error("a block of recorded signals is damaged");
    }

    std::string_view take(std::uint64_t size) {
        if (size > left_.size()) throw std::runtime_error("a block of recorded signals is too short");
        const auto taken = left_.substr(0, size);
        left_.remove_prefix(size);
        return taken;
    }

private:
    std::string_view left_;
};

}  // namespace

SignalLayout SignalLayout::of(std::vector<SignalRecord> signals) {
    std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
    const auto add = [&](std::string_view text) {
        for (const char byte : text)
            hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
        hash = (hash ^ 0xFFU) * 0x100000001b3U;
    };
    for (const auto& signal : signals) {
        add(signal.name);
        add(signal.source);
        add(signal.unit);
        add(std::to_string(signal.step));
    }
    constexpr std::uint64_t positive = (std::uint64_t{1} << 62) - 1;
    return {static_cast<std::int64_t>(hash & positive), std::move(signals)};
}

SignalPacker::SignalPacker(const std::vector<SignalRecord>& signals, Take take) : take_(std::move(take)) {
    tracks_.resize(signals.size());
    for (std::size_t i = 0; i < signals.size(); ++i)
        tracks_[i].step = signals[i].step;
}

void SignalPacker::put(std::size_t signal, std::int64_t at_ns, double value) {
    auto& track = tracks_.at(signal);
    if (!std::isfinite(value)) return;
    const std::int64_t count = std::llround(value / track.step);
    if (track.count == count) return;
    track.count = count;

    if (!first_ns_) first_ns_ = last_ns_ = at_ns;
    last_ns_ = std::max(last_ns_, at_ns);
    std::int64_t us = (at_ns - *first_ns_) / ns_per_us;
    const std::size_t before = track.packed.size();
    if (before > 0) us = std::max(us, track.us);
    append(track.packed, folded(us - track.us));
    append(track.packed, folded(count - track.packed_count));
    track.us = us;
    track.packed_count = count;
    size_ += track.packed.size() - before;
    if (size_ >= full_block) flush();
}

void SignalPacker::flush() {
    if (!first_ns_) return;
    SignalBlock block{*first_ns_, last_ns_, {}};
    for (std::size_t i = 0; i < tracks_.size(); ++i) {
        auto& track = tracks_[i];
        if (track.packed.empty()) continue;
        append(block.changes, i);
        append(block.changes, track.packed.size());
        block.changes += track.packed;
        track.packed.clear();
        track.us = track.packed_count = 0;
    }
    first_ns_.reset();
    size_ = 0;
    take_(block);
}

void unpack(const SignalBlock& block, const SignalLayout& layout,
            std::vector<std::vector<SignalChange>>& changes) {
    changes.resize(layout.signals.size());
    Bytes bytes{block.changes};
    while (!bytes.empty()) {
        const auto signal = bytes.number();
        if (signal >= changes.size())
            throw std::runtime_error("a block of recorded signals has one too many");
        Bytes packed{bytes.take(bytes.number())};
        std::int64_t us = 0, count = 0;
        while (!packed.empty()) {
            us += unfolded(packed.number());
            count += unfolded(packed.number());
            changes[signal].push_back(
                {block.first_ns + us * ns_per_us, static_cast<double>(count) * layout.signals[signal].step});
        }
    }
}

}  // namespace rig::reports
