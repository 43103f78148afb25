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
    open_interlock_.clear();
    printed_.clear();
    noted_ = 0;
    layout_ = layout;
    blocks_ = 0;
    record_ = std::move(record);
}

void TestSlot::hear(RunLedger& ledger) {
    while (auto message = receive(line_, false)) {
        switch (message->kind()) {
            case BenchProcess::began:
                begin(ledger, message->number());
                break;
            case BenchProcess::check:
                record_.checks.push_back(check_of(*message));
                ledger.add_check(record_.key, record_.checks.back());
                Message(BenchProcess::stored).send(line_);
                break;
            case BenchProcess::event:
                note(ledger, event_of(*message));
                break;
            case BenchProcess::block:
                ledger.add_block(record_.key, ++blocks_, layout_, block_of(*message));
                break;
            case BenchProcess::over: {
                const auto verdict = static_cast<Verdict>(message->number());
                ending_ = Ending{verdict, message->text()};
                record_.ended_ns = message->number();
                open_interlock_ = message->text();
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

TestRecord TestSlot::finish(RunLedger& ledger, int status) {
    hear(ledger);
    if (!begun_) begin(ledger, 0);
    if (!ending_) {
        ending_ = Ending{Verdict::error,
                         fmt::format("{}\n  script  {}:{}", fate_of(status), record_.key.file, record_.line)};
    }
    record_.verdict = ending_->verdict;
    record_.message = ending_->message;
    busy_ = false;
    return record_;
}

void TestSlot::begin(RunLedger& ledger, std::int64_t at_ns) {
    begun_ = true;
    record_.began_ns = record_.ended_ns = at_ns;
    ledger.begin_test(record_, at_ns);
}

void TestSlot::note(RunLedger& ledger, reports::EventRecord event) {
    if (noted_ >= most_noted) return;
    noted_ += event.text.size() + 1;
    if (noted_ >= most_noted) event.text += "\n(256 KiB of what it prints are kept; the rest is not)";
    if (event.kind == "print") printed_ += event.text + "\n";
    record_.events.push_back(std::move(event));
    ledger.add_event(record_.key, static_cast<int>(record_.events.size()), record_.events.back());
}

std::string fate_of(int wait_status) {
    if (wait_status >= 0 && WIFSIGNALED(wait_status)) {
        return fmt::format("its process was ended by signal {} ({})", WTERMSIG(wait_status),
                           strsignal(WTERMSIG(wait_status)));
    }
    return "its process ended without a result";
}

}  // namespace rig
