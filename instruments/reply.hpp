// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <utility>

namespace rig {

/// An answer that is on its way. Ask every instrument, then collect: that
/// costs what the slowest costs. `get` runs the clock until the answer is there
/// and throws InstrumentError when it does not come in time.
template <class T>
class Reply {
public:
    explicit Reply(std::function<T()> collect) : collect_(std::move(collect)) {}

    /// Once only.
    T get() { return std::exchange(collect_, nullptr)(); }

private:
    std::function<T()> collect_;
};

}  // namespace rig
