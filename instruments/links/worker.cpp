// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/worker.hpp"

#include <asio/post.hpp>
#include <chrono>
#include <csignal>
#include <utility>

namespace rig {
namespace {

/// Nobody sends it for another reason, and nobody who does not ask for it minds it.
constexpr int interruption = SIGURG;

constexpr std::chrono::milliseconds ends_by_itself_within{500}, interrupted_again_after{20};

void hear_interruptions() {
    struct sigaction nothing {};
    nothing.sa_handler = [](int) {};  // and no SA_RESTART: what waits is to end
    ::sigaction(interruption, &nothing, nullptr);
}

}  // namespace

Worker::Worker(WallClock& clock, AtTheEnd at_the_end) : clock_(clock), at_the_end_(at_the_end) {
    hear_interruptions();
    // Signals are for the thread that owns the bench.
    sigset_t all, before;
    sigfillset(&all);
    sigdelset(&all, interruption);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Worker::~Worker() {
    {
        std::unique_lock lock(mutex_);
        ending_ = true;
        something_new_.notify_all();
        auto patience = ends_by_itself_within;
        while (at_the_end_ == AtTheEnd::interrupt &&
               !something_new_.wait_for(lock, patience, [this] { return ended_; })) {
            interrupt();
            patience = interrupted_again_after;
        }
    }
    thread_.join();
}

void Worker::interrupt() {
    ::pthread_kill(thread_.native_handle(), interruption);
}

void Worker::post(Job job) {
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    something_new_.notify_all();
}

void Worker::run() {
    for (;;) {
        std::unique_lock lock(mutex_);
        something_new_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
        if (ending_) {
            ended_ = true;
            return something_new_.notify_all();
        }
        const Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        asio::post(clock_.context(), job());
    }
}

}  // namespace rig
