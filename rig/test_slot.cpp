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

constexpr std::size_t most_noted = 256 * 1024;

}  // namespace

void TestSlot::take(TestRecord record, std::int64_t layout) {
    busy_ = true;
    begun_ = false;
    ending_.reset();
    printed_.clear();
    noted_ = 0;
    layout_ = layout;
    blocks_ = 0;
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
            case BenchProcess::event:
                note(store, run, event_of(*message));
                break;
            case BenchProcess::block:
                store.add_block(run, record_.key, ++blocks_, layout_, block_of(*message));
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
                         fmt::format("{}\n  script  {}:{}", fate_of(status), record_.key.file, record_.line)};
    }
    record_.verdict = ending_->verdict;
    record_.message = ending_->message;
    busy_ = false;
    return record_;
}

void TestSlot::begin(reports::Store& store, int run, std::int64_t at_ns) {
    begun_ = true;
    record_.began_ns = record_.ended_ns = at_ns;
    store.begin_test(run, record_.key, record_.tags, at_ns, record_.line);
}

void TestSlot::note(reports::Store& store, int run, reports::EventRecord event) {
    if (noted_ >= most_noted) return;
    noted_ += event.text.size() + 1;
    if (event.kind == "print") printed_ += event.text + "\n";
    record_.events.push_back(std::move(event));
    store.add_event(run, record_.key, static_cast<int>(record_.events.size()), record_.events.back());
}

std::string fate_of(int wait_status) {
    if (wait_status >= 0 && WIFSIGNALED(wait_status)) {
        return fmt::format("its process was ended by signal {} ({})", WTERMSIG(wait_status),
                           strsignal(WTERMSIG(wait_status)));
    }
    return "its process ended without a result";
}

}  // namespace rig
