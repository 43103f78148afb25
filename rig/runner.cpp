// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/runner.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <map>
#include <optional>

#include "rig/watchdog.hpp"

namespace rig {

using reports::TestKey;
using reports::TestRecord;
using reports::Verdict;

namespace {

constexpr std::size_t most_printed = 256 * 1024;

sigset_t stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
}

/// While it lives, SIGINT and SIGTERM arrive as something to poll for.
class StopSignals {
public:
    StopSignals() {
        const sigset_t signals = stop_signals();
        ::sigprocmask(SIG_BLOCK, &signals, &before_);
        line_ = Line(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    }
    ~StopSignals() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    int descriptor() const { return line_.descriptor(); }
    bool came() const {
        signalfd_siginfo info;
        return ::read(line_.descriptor(), &info, sizeof info) == static_cast<ssize_t>(sizeof info);
    }

private:
    sigset_t before_;
    Line line_;
};

std::string died(int status) {
    if (status >= 0 && WIFSIGNALED(status)) {
        return fmt::format("its process was ended by signal {} ({})", WTERMSIG(status),
                           strsignal(WTERMSIG(status)));
    }
    return "its process ended without a result";
}

}  // namespace

class Runner::Parts {
public:
    explicit Parts(RunPlan plan) : plan_(std::move(plan)) {
        for (int i = 0; i < std::max(1, plan_.jobs); ++i) {
            auto [ours, theirs] = new_line();
            slots_.emplace_back();
            slots_.back().line = std::move(ours);
            tests_ends_.push_back(std::move(theirs));
        }
        group_tests();
        for (Group& group : groups_)
            fork_bench(group);
        tests_ends_.clear();
    }

    RunTotals run(reports::Store& store, int run, RunListener& listener) {
        store_ = &store;
        run_ = run;
        listener_ = &listener;
        for (const PlannedTest& test : plan_.tests) {
            if (!test.skip.empty()) record_whole(test, Verdict::skipped, test.skip);
        }
        for (;;) {
            if (!totals_.stopped) fill_slots();
            if (!busy()) break;
            wait_for_something();
        }
        for (Group& group : groups_)
            group.process->join();
        return totals_;
    }

private:
    struct Group {
        int cells = 0;
        std::vector<std::size_t> scripts;  ///< the plan's numbers of those it needs
        std::deque<std::size_t> pending;   ///< in RunPlan::tests
        enum class State { waiting, booting, serving, gone } state = State::waiting;
        std::unique_ptr<BenchProcess> process;
    };

    struct Slot {
        Line line;
        Group* group = nullptr;  ///< null: free
        std::size_t test = 0;
        bool begun = false;
        std::optional<Ending> ending;
        TestRecord record;
        std::string printed;
    };

    void group_tests() {
        for (std::size_t i = 0; i < plan_.tests.size(); ++i) {
            const PlannedTest& test = plan_.tests[i];
            if (!test.skip.empty()) continue;
            auto group = std::find_if(groups_.begin(), groups_.end(),
                                      [&](const Group& known) { return known.cells == test.cells; });
            if (group == groups_.end()) {
                groups_.emplace_back();
                group = groups_.end() - 1;
                group->cells = test.cells;
            }
            auto& scripts = group->scripts;
            if (std::find(scripts.begin(), scripts.end(), test.script) == scripts.end())
                scripts.push_back(test.script);
            group->pending.push_back(i);
        }
    }

    void fork_bench(Group& group) {
        BenchWork work;
        work.open = plan_.open;
        work.cells = group.cells;
        for (const std::size_t script : group.scripts)
            work.scripts.push_back(plan_.scripts.at(script));
        work.limits = plan_.limits;
        work.seed = plan_.seed;

        std::vector<const Line*> not_its_own;
        for (const Slot& slot : slots_)
            not_its_own.push_back(&slot.line);
        for (const Group& other : groups_) {
            if (other.process) not_its_own.push_back(&other.process->line());
        }
        group.process = std::make_unique<BenchProcess>(std::move(work), tests_ends_, not_its_own);
    }

    const PlannedTest& planned(const Slot& slot) const { return plan_.tests.at(slot.test); }

    bool busy() const {
        const bool running =
            std::any_of(slots_.begin(), slots_.end(), [](const Slot& s) { return s.group != nullptr; });
        const bool booting = std::any_of(groups_.begin(), groups_.end(),
                                         [](const Group& g) { return g.state == Group::State::booting; });
        return running || booting;
    }

    void fill_slots() {
        auto booting = std::count_if(groups_.begin(), groups_.end(),
                                     [](const Group& g) { return g.state == Group::State::booting; });
        for (Slot& slot : slots_) {
            if (slot.group != nullptr) continue;
            // A bench that boots needs a processor as a test does.
            if (booting > 0) {
                --booting;
                continue;
            }
            if (Group* ready = first_with_work(Group::State::serving)) {
                start(slot, *ready);
            } else if (Group* next = first_with_work(Group::State::waiting)) {
                next->state = Group::State::booting;
                Message(BenchProcess::boot).send(next->process->line());
            }
        }
    }

    Group* first_with_work(Group::State state) {
        for (Group& group : groups_) {
            if (group.state == state && !group.pending.empty()) return &group;
        }
        return nullptr;
    }

    void start(Slot& slot, Group& group) {
        slot.group = &group;
        slot.test = group.pending.front();
        group.pending.pop_front();
        slot.begun = false;
        slot.ending.reset();
        slot.printed.clear();
        slot.record = blank_record(planned(slot));
        const auto number = static_cast<std::int64_t>(&slot - slots_.data());
        const auto script = std::find(group.scripts.begin(), group.scripts.end(), planned(slot).script);
        Message(BenchProcess::run)
            .add(number)
            .add(static_cast<std::int64_t>(script - group.scripts.begin()))
            .add(static_cast<std::int64_t>(planned(slot).test))
            .send(group.process->line());
    }

    TestRecord blank_record(const PlannedTest& test) const {
        TestRecord record;
        record.key = {plan_.dut, plan_.scripts.at(test.script).name, test.declared.name, 1};
        record.tags = test.declared.tags;
        return record;
    }

    void wait_for_something() {
        std::vector<pollfd> waiting{{signals_.descriptor(), POLLIN, 0}};
        for (const Group& group : groups_) {
            const bool alive = group.state == Group::State::booting || group.state == Group::State::serving;
            waiting.push_back({alive ? group.process->line().descriptor() : -1, POLLIN, 0});
        }
        for (const Slot& slot : slots_)
            waiting.push_back({slot.group != nullptr ? slot.line.descriptor() : -1, POLLIN, 0});
        if (::poll(waiting.data(), waiting.size(), -1) < 0) return;

        if (waiting[0].revents != 0 && signals_.came()) stop();
        for (Slot& slot : slots_)
            hear_test(slot);
        for (std::size_t i = 0; i < groups_.size(); ++i) {
            if (waiting[i + 1].revents != 0) hear_bench(groups_[i]);
        }
    }

    void stop() {
        if (totals_.stopped) {
            for (Group& group : groups_)
                group.process->kill();
            _exit(2);  // the operator asked twice: no report is worth a third time
        }
        totals_.stopped = true;
        listener_->stopping();
        for (Group& group : groups_) {
            if (group.state == Group::State::booting || group.state == Group::State::serving)
                group.process->ask_to_stop();
        }
    }

    void hear_test(Slot& slot) {
        if (slot.group == nullptr) return;
        while (auto message = receive(slot.line, false)) {
            switch (message->kind()) {
                case BenchProcess::began:
                    begin(slot, message->number());
                    break;
                case BenchProcess::check: {
                    const reports::CheckRecord check = check_of(*message);
                    store_->add_check(run_, slot.record.key, check);
                    slot.record.checks.push_back(check);
                    Message(BenchProcess::stored).send(slot.line);
                    break;
                }
                case BenchProcess::print:
                    if (slot.printed.size() < most_printed) slot.printed += message->text() + "\n";
                    break;
                case BenchProcess::over: {
                    const auto verdict = static_cast<Verdict>(message->number());
                    slot.ending = Ending{verdict, message->text()};
                    slot.record.ended_ns = message->number();
                    break;
                }
                case Watchdog::stuck:
                    slot.ending = Ending{Verdict::error, Watchdog::message(message->rest())};
                    break;
                default:
                    break;
            }
        }
    }

    void begin(Slot& slot, std::int64_t at_ns) {
        slot.begun = true;
        slot.record.began_ns = slot.record.ended_ns = at_ns;
        store_->begin_test(run_, slot.record.key, slot.record.tags, at_ns);
    }

    void hear_bench(Group& group) {
        while (auto message = receive(group.process->line(), false)) {
            switch (message->kind()) {
                case BenchProcess::booted:
                    group.state = Group::State::serving;
                    totals_.bench_ns += message->number();
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
            const std::string how = died(group.process->join());
            for (Slot& slot : slots_) {
                if (slot.group == &group) finish(slot, -1);
            }
            bench_failed(group, "the bench is gone: " + how);
        }
    }

    /// One error for the bench; its tests that did not run say only that.
    void bench_failed(Group& group, const std::string& message) {
        group.state = Group::State::gone;
        const std::string headline = message.substr(0, message.find('\n'));
        bool first = true;
        while (!group.pending.empty()) {
            const PlannedTest& test = plan_.tests.at(group.pending.front());
            group.pending.pop_front();
            record_whole(test, Verdict::error, first ? message : "not run, as the one before: " + headline);
            first = false;
        }
    }

    void finish(Slot& slot, int status) {
        hear_test(slot);
        if (!slot.begun) begin(slot, 0);
        if (!slot.ending) {
            slot.ending = Ending{Verdict::error, died(status) + "\n  script  " + slot.record.key.file + ":" +
                                                     std::to_string(planned(slot).declared.line)};
        }
        slot.record.verdict = slot.ending->verdict;
        slot.record.message = slot.ending->message;
        end(slot.record, slot.printed);
        slot.group = nullptr;
    }

    void record_whole(const PlannedTest& test, Verdict verdict, const std::string& message) {
        TestRecord record = blank_record(test);
        record.verdict = verdict;
        record.message = message;
        store_->begin_test(run_, record.key, record.tags, 0);
        end(record, "");
    }

    void end(const TestRecord& record, const std::string& printed) {
        store_->end_test(run_, record.key, record.verdict, record.message, record.ended_ns);
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
    std::vector<Group> groups_;
    reports::Store* store_ = nullptr;
    int run_ = 0;
    RunListener* listener_ = nullptr;
    RunTotals totals_;
};

Runner::Runner(RunPlan plan) : parts_(std::make_unique<Parts>(std::move(plan))) {
}

Runner::~Runner() = default;

RunTotals Runner::run(reports::Store& store, int run, RunListener& listener) {
    return parts_->run(store, run, listener);
}

}  // namespace rig
