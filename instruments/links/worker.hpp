// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "instruments/links/wall_clock.hpp"

namespace rig {

/// A thread for a library that insists on blocking. Jobs are done one after the other; what
/// each returns is run on the clock's thread, inside run_until.
class Worker {
public:
    using Result = std::function<void()>;
    using Job = std::function<Result()>;

    explicit Worker(WallClock& clock);
    /// Waits for the job that is being done; those behind it are not begun.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void post(Job job);

private:
    void run();

    WallClock& clock_;
    std::mutex mutex_;
    std::condition_variable something_new_;
    std::deque<Job> jobs_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace rig
