// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/worker.hpp"

#include <asio/post.hpp>
#include <csignal>
#include <utility>

namespace rig {

Worker::Worker(WallClock& clock) : clock_(clock) {
    // Signals are for the thread that owns the bench.
    sigset_t all, before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Worker::~Worker() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    something_new_.notify_one();
    thread_.join();
}

void Worker::post(Job job) {
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    something_new_.notify_one();
}

void Worker::run() {
    for (;;) {
        std::unique_lock lock(mutex_);
        something_new_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
        if (ending_) return;
        const Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        asio::post(clock_.context(), job());
    }
}

}  // namespace rig
