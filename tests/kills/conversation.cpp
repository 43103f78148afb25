// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kills/conversation.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "reports/store.hpp"
#include "rig/guard_record.hpp"
#include "tests/kills/desk.hpp"

namespace rig::kills {

namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

constexpr seconds given_up_after{60}, stopped_for_at_most{5};
constexpr int less_than_instruments = 10;               ///< in the order in which processes get a processor
constexpr std::chrono::milliseconds falls_within{500};  ///< an output's own relay

const char* const script = R"(local rig = require("rig")
rig.api(1)
rig.test("a conversation", { needs = { "cell", "sensor[1]" }, limit_s = 600 }, function(bench)
  local near = { min = 3.2, max = 3.6, unit = "V" }
  for i = 1, #bench.cell do rig.check("cell " .. i, bench.cell[i]:voltage_v(), near) end
  bench.sensor[1]:set_a(20)
  for i = 1, #bench.cell do bench.cell[i]:set_v(3.4) end
  for i = 1, #bench.cell do rig.check("cell " .. i .. " again", bench.cell[i]:voltage_v(), near) end
  rig.check("sensor 1", bench.sensor[1]:current_a(), { min = 19, max = 21, unit = "A" })
end)
)";
constexpr std::size_t checks_of_script = 11;

std::string text_of(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

/// A folder of a conversation's own, gone with it.
class Folder {
public:
    explicit Folder(const fs::path& source) {
        std::string pattern = (fs::temp_directory_path() / "rig-kills-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
        for (const char* part : {"scripts", "fixtures"})
            fs::create_directory_symlink(source / part, path / part);
    }
    ~Folder() { fs::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    fs::path path;
};

class Conversation {
public:
    Conversation(std::string program, fs::path source, const Strike& strike)
        : program_(std::move(program)), source_(std::move(source)), strike_(strike), folder_(source_) {
        std::ofstream(folder_.path / "desk.toml") << desk_.fixture();
        std::ofstream(folder_.path / "conversation.lua") << script;
        desk_.on_write(
            [this](std::string_view bytes, const Desk::Deliver& deliver) { hear(bytes, deliver); });
    }

    Outcome hold() {
        start();
        bool ended = false;
        if (stops()) {
            ended = clock_.run_until([this] { return gone() || guard_is_done(); }, given_up_after);
            if (struck_at_ && !gone()) {
                clock_.run_until([this] { return desk_.all_fallen(); }, clock_.now() + falls_within);
                promise(desk_.all_fallen(), "outputs are on although the rig has been stopped for long");
                ::kill(-rig_, SIGCONT);
                ended = clock_.run_until([this] { return gone(); }, clock_.now() + given_up_after);
            }
        } else {
            ended = clock_.run_until([this] { return gone(); }, given_up_after);
        }
        promise(ended, "the rig, or its guard, does not end");
        clock_.run_until([this] { return desk_.all_fallen(); }, clock_.now() + falls_within);
        if (!ended) ::kill(-rig_, SIGKILL);
        int status = 0;
        ::waitpid(rig_, &status, 0);
        outcome_.struck = struck_at_.has_value();
        look(status);
        return outcome_;
    }

private:
    bool stops() const { return strike_.blow == Blow::stop || strike_.blow == Blow::stop_all; }

    void promise(bool kept, const std::string& otherwise) {
        if (!kept) outcome_.wrong += "  " + otherwise + "\n";
    }

    void start() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
        words_ = FileDescriptor(ends[0]);
        const FileDescriptor theirs(ends[1]);
        ::fcntl(words_.number(), F_SETFL, O_NONBLOCK);
        rig_ = ::fork();
        if (rig_ != 0) return;
        ::setpgid(0, 0);
        // Instruments are no programs that wait for a processor: one that hears late takes two words for one.
        ::setpriority(PRIO_PROCESS, 0, less_than_instruments);
        ::dup2(theirs.number(), STDOUT_FILENO);
        ::dup2(theirs.number(), STDERR_FILENO);
        if (::chdir(folder_.path.c_str()) != 0) _exit(99);
        ::execl(program_.c_str(), program_.c_str(), "run", "--fixture", "desk.toml", "conversation.lua",
                nullptr);
        _exit(98);
    }

    /// All of the rig's processes, and its guard: they have this pipe's other end.
    bool gone() {
        char bytes[4096];
        ssize_t count = 0;
        while ((count = ::read(words_.number(), bytes, sizeof bytes)) > 0)
            said_.append(bytes, static_cast<std::size_t>(count));
        return count == 0;
    }

    /// Or has nothing to do: what is stopped before anything was on goes on afterwards.
    bool guard_is_done() const {
        if (!struck_at_) return false;
        return text_of(record()).ends_with("\n") || clock_.now() - *struck_at_ > stopped_for_at_most;
    }

    fs::path record() const {
        return GuardRecord(folder_.path / "results", folder_.path / "desk.toml").file();
    }
    fs::path store() const { return folder_.path / "results/rig.sqlite"; }

    void hear(std::string_view bytes, const Desk::Deliver& deliver) {
        if (struck_at_) {
            if (outcome_.noticed_ms < 0) outcome_.noticed_ms = since_strike(clock_.now());
            return deliver(bytes);
        }
        ++outcome_.writes;
        if (desk_.all_on()) {
            outcome_.on_to = outcome_.writes;
            if (outcome_.on_from == 0) outcome_.on_from = outcome_.on_to;
        }
        if (outcome_.writes != strike_.write) return deliver(bytes);
        const auto half = bytes.size() / 2;
        const bool lost = strike_.blow == Blow::kill;
        if (strike_.moment == Moment::during) deliver(bytes.substr(0, half));
        if (strike_.moment == Moment::after) deliver(bytes);
        blow();
        if (lost) return;
        if (strike_.moment == Moment::during) deliver(bytes.substr(half));
        if (strike_.moment == Moment::before) deliver(bytes);
    }

    double since_strike(Nanoseconds when) const {
        return static_cast<double>((when - *struck_at_).count()) / 1e6;
    }

    void blow() {
        const auto found = tests();
        begun_ = !found.empty();
        checks_before_ = begun_ ? found[0].checks.size() : 0;
        for (const auto* it : desk_.taken_down())
            was_on_.push_back(it->fed());
        struck_at_ = clock_.now();
        switch (strike_.blow) {
            case Blow::kill:
                ::kill(rig_, SIGKILL);
                break;
            case Blow::stop:
                ::kill(rig_, SIGSTOP);
                break;
            case Blow::stop_all:
                ::kill(-rig_, SIGSTOP);
                break;
            case Blow::terminate:
                ::kill(rig_, SIGTERM);
                break;
            case Blow::interrupt:
                ::kill(rig_, SIGINT);
                break;
        }
    }

    std::vector<reports::TestRecord> tests() const {
        if (!fs::exists(store())) return {};
        try {
            const reports::Store open(store(), std::chrono::seconds(5), reports::Store::Access::read);
            return open.runs().empty() ? std::vector<reports::TestRecord>{} : open.tests(open.latest_run());
        } catch (const reports::StoreError&) {
            return {};  // being made
        }
    }

    void look(int status) {
        look_at_outputs();
        if (!struck_at_) return look_at_whole_run(status);
        look_at_store();
        look_at_report();
        if (stops()) return;
        if (strike_.blow == Blow::kill)
            promise(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the rig was not killed");
        else
            promise(WIFEXITED(status) && WEXITSTATUS(status) == 2, "the rig's exit code is not 2");
    }

    void look_at_whole_run(int status) {
        promise(WIFEXITED(status) && WEXITSTATUS(status) == 0,
                "a run that nobody interrupts does not pass:\n" + said_);
    }

    void look_at_outputs() {
        const auto& all = desk_.taken_down();
        promise(desk_.all_fallen(), "an output is on at the end");
        if (!struck_at_ || !desk_.all_off()) return;
        Nanoseconds last = *struck_at_;
        for (std::size_t i = 0; i < all.size(); ++i) {
            // Switched on by the very word that was struck: on its way when the blow fell.
            if (!was_on_[i] && all[i]->went_on <= *struck_at_) continue;
            promise(all[i]->went_off >= last,
                    fmt::format("output {} of the take-down went off before the one before it", i + 1));
            last = std::max(last, all[i]->went_off);
            outcome_.off_ms = since_strike(last);
        }
        const bool confirmed = said_.find("NOT confirmed") == std::string::npos;
        promise(confirmed, "something was not confirmed off:\n" + said_);
    }

    void look_at_store() {
        const auto found = tests();
        if (!begun_) return;
        if (found.size() != 1) return promise(false, "the store has lost the test");
        const auto& test = found[0];
        promise(test.checks.size() >= checks_before_,
                fmt::format("{} checks were made, {} are stored", checks_before_, test.checks.size()));
        for (const auto& check : test.checks)
            promise(check.verdict == reports::Verdict::passed, "the check " + check.name + " has not passed");
        const bool whole = test.checks.size() == checks_of_script && test.verdict == reports::Verdict::passed;
        const bool may_be_whole = strike_.blow != Blow::kill;
        promise(test.verdict == reports::Verdict::error || (may_be_whole && whole),
                "the interrupted test is no error: " + test.message);
    }

    void look_at_report() {
        if (!fs::exists(store())) return promise(!begun_, "there is no store");
        const auto report = folder_.path / "report.xml";
        const auto ran = [&](const std::string& command) { return std::system(command.c_str()) == 0; };
        if (!ran(fmt::format("cd {} && {} report --format junit-strict --output {} > report.log 2>&1",
                             folder_.path.string(), program_, report.string())))
            return promise(false, "rig report fails:\n" + text_of(folder_.path / "report.log"));
        promise(ran(fmt::format("xmllint --noout --schema {}/tests/reports/junit-strict.xsd {} > {}.log 2>&1",
                                source_.string(), report.string(), report.string())),
                "the report is no valid JUnit");
        const auto found = tests();
        if (!found.empty() && found[0].verdict == reports::Verdict::error)
            promise(text_of(report).find("<error") != std::string::npos, "the report shows no error");
    }

    std::string program_;
    fs::path source_;
    Strike strike_;
    Folder folder_;
    WallClock clock_;
    Desk desk_{clock_};
    Outcome outcome_;
    pid_t rig_ = -1;
    FileDescriptor words_;
    std::string said_;
    std::optional<Nanoseconds> struck_at_;
    std::vector<bool> was_on_;
    bool begun_ = false;
    std::size_t checks_before_ = 0;
};

}  // namespace

std::string described(const Strike& strike) {
    static constexpr const char* blows[] = {"SIGKILL", "SIGSTOP", "SIGSTOP to all", "SIGTERM", "SIGINT"};
    static constexpr const char* moments[] = {"before", "during", "after"};
    return fmt::format("{} {} write {}", blows[static_cast<int>(strike.blow)],
                       moments[static_cast<int>(strike.moment)], strike.write);
}

Outcome converse(const std::string& program, const std::string& source_folder, const Strike& strike) {
    return Conversation(program, source_folder, strike).hold();
}

}  // namespace rig::kills
