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

    /// What becomes of the job that is being done when nobody wants it any more: jobs that may wait for ever
    /// are interrupted.
    enum class AtTheEnd { wait, interrupt };

    explicit Worker(WallClock& clock, AtTheEnd at_the_end = AtTheEnd::wait);
    /// Returns once the job that is being done has ended; those behind it are not begun.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void post(Job job);

    /// What the operating system keeps the job waiting for ends with EINTR. A job that has not begun to wait
    /// yet, or waits again, hears nothing of it.
    void interrupt();

private:
    void run();

    WallClock& clock_;
    AtTheEnd at_the_end_;
    std::mutex mutex_;
    std::condition_variable something_new_;
    std::deque<Job> jobs_;
    bool ending_ = false, ended_ = false;
    std::thread thread_;
};

}  // namespace rig
