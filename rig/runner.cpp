// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/runner.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>

#include "rig/bench_group.hpp"
#include "rig/stop_signals.hpp"
#include "rig/test_slot.hpp"

namespace rig {

using reports::TestRecord;
using reports::Verdict;

namespace {

/// A database browser that somebody forgot, a backup: all tests stand still for so long at most.
constexpr std::chrono::seconds patience{1}, longest_lock{60};

}  // namespace

class Runner::Parts {
public:
    explicit Parts(RunPlan plan) : plan_(std::move(plan)) {
        for (int i = 0; i < std::max(1, plan_.jobs); ++i) {
            auto [ours, theirs] = new_line();
            slots_.push_back({TestSlot(std::move(ours))});
            tests_ends_.push_back(std::move(theirs));
        }
        groups_ = grouped(plan_.tests);
        for (BenchGroup& group : groups_)
            fork_bench(group);
        tests_ends_.clear();
    }

    RunTotals run(reports::Store& store, int run, RunListener& listener) {
        listener_ = &listener;
        RunLedger ledger(store, run, [this](auto lasted, const std::string& complaint) {
            return wait_on(lasted, complaint);
        });
        ledger_ = &ledger;
        store.set_patience(patience);
        for (const PlannedTest& test : plan_.tests) {
            if (!test.skip.empty()) record_whole(test, Verdict::skipped, test.skip);
        }
        for (;;) {
            if (!totals_.stopped && !totals_.store_failed && !had_enough()) fill_slots();
            if (!busy()) break;
            wait_for_something();
            if (!ledger.failure().empty()) stop_without_store(ledger.failure());
        }
        for (BenchGroup& group : groups_)
            group.process->join();
        ledger.settle();
        totals_.store_failed = !ledger.failure().empty();
        totals_.checks_lost = ledger.checks_held();
        totals_.all_stored = ledger.settled();
        return totals_;
    }

private:
    struct Slot {
        TestSlot test;
        BenchGroup* group = nullptr;  ///< of the running test
    };

    void fork_bench(BenchGroup& group) {
        BenchWork work;
        work.open = plan_.open;
        work.look = plan_.look;
        work.pack = group.pack;
        for (const std::size_t script : group.scripts)
            work.scripts.push_back(plan_.scripts.at(script));
        work.limits = plan_.limits;
        work.seed = plan_.seed;
        work.records = plan_.records;

        std::vector<const Line*> not_its_own;
        for (const Slot& slot : slots_)
            not_its_own.push_back(&slot.test.line());
        for (const BenchGroup& other : groups_) {
            if (other.process) not_its_own.push_back(&other.process->line());
        }
        group.process = std::make_unique<BenchProcess>(work, tests_ends_, not_its_own);
    }

    bool had_enough() const { return plan_.fail_fast && totals_.failed + totals_.errors > 0; }

    bool busy() const {
        const bool running =
            std::any_of(slots_.begin(), slots_.end(), [](const Slot& s) { return s.test.busy(); });
        const bool booting = std::any_of(groups_.begin(), groups_.end(), [](const BenchGroup& g) {
            return g.state == BenchGroup::State::booting;
        });
        return running || booting;
    }

    void fill_slots() {
        auto booting = std::count_if(groups_.begin(), groups_.end(), [](const BenchGroup& g) {
            return g.state == BenchGroup::State::booting;
        });
        for (Slot& slot : slots_) {
            if (slot.test.busy()) continue;
            // A bench that boots needs a processor as a test does.
            if (booting > 0) {
                --booting;
                continue;
            }
            if (BenchGroup* ready = first_with_work(BenchGroup::State::serving)) {
                start(slot, *ready);
            } else if (BenchGroup* next = first_with_work(BenchGroup::State::waiting)) {
                next->state = BenchGroup::State::booting;
                Message(BenchProcess::boot).send(next->process->line());
            }
        }
    }

    BenchGroup* first_with_work(BenchGroup::State state) {
        for (BenchGroup& group : groups_) {
            if (group.state == state && !group.pending.empty()) return &group;
        }
        return nullptr;
    }

    void start(Slot& slot, BenchGroup& group) {
        const PlannedTest& next = plan_.tests.at(group.pending.front());
        group.pending.pop_front();
        slot.group = &group;
        slot.test.take(blank_record(next), group.layout.number);
        const auto script = std::find(group.scripts.begin(), group.scripts.end(), next.script);
        Message(BenchProcess::run)
            .add(static_cast<std::int64_t>(&slot - slots_.data()))
            .add(static_cast<std::int64_t>(script - group.scripts.begin()))
            .add(static_cast<std::int64_t>(next.test))
            .send(group.process->line());
    }

    TestRecord blank_record(const PlannedTest& test) const {
        TestRecord record;
        record.key = {plan_.dut, plan_.scripts.at(test.script).name, test.declared.name, 1};
        record.tags = test.declared.tags;
        record.line = test.declared.line;
        return record;
    }

    void wait_for_something() {
        std::vector<pollfd> waiting{{signals_.descriptor(), POLLIN, 0}};
        for (const BenchGroup& group : groups_) {
            waiting.push_back({group.alive() ? group.process->line().descriptor() : -1, POLLIN, 0});
        }
        for (const Slot& slot : slots_)
            waiting.push_back({slot.test.busy() ? slot.test.line().descriptor() : -1, POLLIN, 0});
        if (plan_.pulse) plan_.pulse->beat();
        if (::poll(waiting.data(), waiting.size(), plan_.pulse ? Pulse::every_ms : -1) < 0) return;

        if (waiting[0].revents != 0 && signals_.came()) stop();
        for (Slot& slot : slots_) {
            if (slot.test.busy()) slot.test.hear(*ledger_);
        }
        for (std::size_t i = 0; i < groups_.size(); ++i) {
            if (waiting[i + 1].revents != 0) hear_bench(groups_[i]);
        }
    }

    void stop() {
        // A real bench's tests end where they are, and its guard switches off: that is waited for once.
        if (totals_.stopped && plan_.look && !at_once_) {
            at_once_ = true;
            listener_->stopping_at_once();
            for (BenchGroup& group : groups_) {
                if (group.alive()) group.process->end_at_once();
            }
            return;
        }
        if (totals_.stopped) {
            for (BenchGroup& group : groups_)
                group.process->kill();
            _exit(2);  // the operator asked twice: no report is worth a third time
        }
        totals_.stopped = true;
        listener_->stopping();
        ask_all_to_stop();
    }

    void ask_all_to_stop() {
        for (BenchGroup& group : groups_) {
            if (group.alive()) group.process->ask_to_stop();
        }
    }

    /// For a locked store. Meanwhile every running test waits for its check to be stored.
    bool wait_on(std::chrono::milliseconds lasted, const std::string& complaint) {
        if (plan_.pulse) plan_.pulse->beat();
        if (signals_.came()) stop();
        if (totals_.stopped) return false;
        if (lasted < 2 * patience) listener_->store_waits(complaint, static_cast<int>(longest_lock.count()));
        return lasted < longest_lock;
    }

    void stop_without_store(const std::string& complaint) {
        if (std::exchange(totals_.store_failed, true)) return;
        listener_->store_failed(complaint);
        ask_all_to_stop();
    }

    void hear_bench(BenchGroup& group) {
        while (auto message = receive(group.process->line(), false)) {
            switch (message->kind()) {
                case BenchProcess::booted:
                    group.state = BenchGroup::State::serving;
                    plan_.guard_record.take();  // before this run; all is off now
                    ledger_->add_layout(group.layout);
                    totals_.bench_ns += message->number();
                    ledger_->add_instruments(instruments_in(*message));
                    break;
                case BenchProcess::lacks:
                    skip(group, *message);
                    break;
                case BenchProcess::signals:
                    group.add_signals(*message);
                    break;
                case BenchProcess::not_opened:
                    bench_failed(group, message->text());
                    return;
                case BenchProcess::ended: {
                    Slot& slot = slots_.at(static_cast<std::size_t>(message->number()));
                    finish(slot, static_cast<int>(message->number()));
                    break;
                }
                default:
                    break;
            }
        }
        // Nothing more to read although the line was ready: is its process gone?
        char probe;
        if (::recv(group.process->line().descriptor(), &probe, 1, MSG_PEEK | MSG_DONTWAIT) == 0) {
            const std::string how = fate_of(group.process->join());
            for (Slot& slot : slots_) {
                if (slot.test.busy() && slot.group == &group) finish(slot, -1);
            }
            bench_failed(group, "the bench is gone: " + how);
        }
    }

    void skip(BenchGroup& group, Received& message) {
        const auto script = static_cast<std::size_t>(message.number());
        const auto test = static_cast<std::size_t>(message.number());
        if (const PlannedTest* planned = group.drop(plan_.tests, script, test))
            record_whole(*planned, Verdict::skipped, message.text());
    }

    /// One error for the bench; its tests that did not run say only that.
    void bench_failed(BenchGroup& group, const std::string& message) {
        group.state = BenchGroup::State::gone;
        if (!totals_.stopped && !group.pending.empty()) {
            const PlannedTest& first = plan_.tests.at(group.pending.front());
            group.pending.pop_front();
            record_whole(first, Verdict::error, message);
        }
        give_up(group, "as the one before: " + message);
    }

    /// What waits is not run; its errors say only why.
    void give_up(BenchGroup& group, const std::string& why) {
        const std::string headline = "not run, " + why.substr(0, why.find('\n'));
        if (totals_.stopped) group.pending.clear();
        while (!group.pending.empty()) {
            const PlannedTest& test = plan_.tests.at(group.pending.front());
            group.pending.pop_front();
            record_whole(test, Verdict::error, headline);
        }
    }

    void finish(Slot& slot, int status) {
        TestRecord record = slot.test.finish(*ledger_, status);
        if (const std::string words = plan_.guard_record.take(); !words.empty()) {
            record.verdict = Verdict::error;
            record.message += (record.message.empty() ? "" : "\n") + ("  guard   " + words);
            record.message.pop_back();
        }
        end(record, slot.test.printed());
        // Somebody has to look before anything is on again.
        if (const std::string& open = slot.test.open_interlock(); !open.empty()) {
            for (BenchGroup& group : groups_)
                give_up(group, open);
        }
    }

    void record_whole(const PlannedTest& test, Verdict verdict, const std::string& message) {
        TestRecord record = blank_record(test);
        record.verdict = verdict;
        record.message = message;
        ledger_->begin_test(record, 0);
        end(record, "");
    }

    void end(const TestRecord& record, const std::string& printed) {
        ledger_->end_test(record);
        totals_.ran += record.verdict != Verdict::skipped;
        totals_.failed += record.verdict == Verdict::failed;
        totals_.errors += record.verdict == Verdict::error;
        totals_.bench_ns += record.ended_ns - record.began_ns;
        listener_->test_ended(record, printed);
    }

    RunPlan plan_;
    StopSignals signals_;
    std::vector<Slot> slots_;
    std::vector<Line> tests_ends_;
    std::vector<BenchGroup> groups_;
    RunLedger* ledger_ = nullptr;
    RunListener* listener_ = nullptr;
    RunTotals totals_;
    bool at_once_ = false;  ///< asked to stop for the second time
};

Runner::Runner(RunPlan plan) : parts_(std::make_unique<Parts>(std::move(plan))) {
}

Runner::~Runner() = default;

RunTotals Runner::run(reports::Store& store, int run, RunListener& listener) {
    return parts_->run(store, run, listener);
}

}  // namespace rig
