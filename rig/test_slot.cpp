// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/test_slot.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <cstring>

#include "rig/bench_process.hpp"
#include "rig/watchdog.hpp"

namespace rig {

using reports::TestRecord;
using reports::Verdict;

namespace {

constexpr std::size_t most_printed = 256 * 1024;

}  // namespace

void TestSlot::take(TestRecord record, int line) {
    busy_ = true;
    begun_ = false;
    declared_at_ = line;
    ending_.reset();
    printed_.clear();
    record_ = std::move(record);
}

void TestSlot::hear(reports::Store& store, int run) {
    while (auto message = receive(line_, false)) {
        switch (message->kind()) {
            case BenchProcess::began:
                begin(store, run, message->number());
                break;
            case BenchProcess::check:
                record_.checks.push_back(check_of(*message));
                store.add_check(run, record_.key, record_.checks.back());
                Message(BenchProcess::stored).send(line_);
                break;
            case BenchProcess::print:
                if (printed_.size() < most_printed) printed_ += message->text() + "\n";
                break;
            case BenchProcess::over: {
                const auto verdict = static_cast<Verdict>(message->number());
                ending_ = Ending{verdict, message->text()};
                record_.ended_ns = message->number();
                break;
            }
            case Watchdog::stuck:
                ending_ = Ending{Verdict::error, Watchdog::message(message->rest())};
                break;
            default:
                break;
        }
    }
}

TestRecord TestSlot::finish(reports::Store& store, int run, int status) {
    hear(store, run);
    if (!begun_) begin(store, run, 0);
    if (!ending_) {
        ending_ = Ending{Verdict::error,
                         fmt::format("{}\n  script  {}:{}", fate_of(status), record_.key.file, declared_at_)};
    }
    record_.verdict = ending_->verdict;
    record_.message = ending_->message;
    busy_ = false;
    return record_;
}

void TestSlot::begin(reports::Store& store, int run, std::int64_t at_ns) {
    begun_ = true;
    record_.began_ns = record_.ended_ns = at_ns;
    store.begin_test(run, record_.key, record_.tags, at_ns);
}

std::string fate_of(int wait_status) {
    if (wait_status >= 0 && WIFSIGNALED(wait_status)) {
        return fmt::format("its process was ended by signal {} ({})", WTERMSIG(wait_status),
                           strsignal(WTERMSIG(wait_status)));
    }
    return "its process ended without a result";
}

}  // namespace rig
