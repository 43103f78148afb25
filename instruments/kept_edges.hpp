// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "instruments/digital_line.hpp"

namespace rig {

/// What a digital input keeps of its edges: of very many the newest, and from when on none is lacking.
class KeptEdges {
public:
    void add(const Edge& edge) {
        if (edges_.size() == most) {
            whole_from_ = std::max(whole_from_, edges_[most / 2].at);
            edges_.erase(edges_.begin(), edges_.begin() + most / 2);
        }
        edges_.push_back(edge);
    }

    void clear() { edges_.clear(); }

    /// Before `at` some may have been missed.
    void whole_only_from(Nanoseconds at) { whole_from_ = at; }

    const std::vector<Edge>& all() const { return edges_; }
    Nanoseconds whole_from() const { return whole_from_; }

private:
    /// A light that flashes once per second fills them in nine hours.
    static constexpr std::size_t most = 65'536;

    std::vector<Edge> edges_;
    Nanoseconds whole_from_{};
};

}  // namespace rig
