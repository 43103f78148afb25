// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/gpio_line.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "instruments/instrument_error.hpp"
#include "instruments/kept_edges.hpp"
#include "instruments/links/gpio_output.hpp"
#include "instruments/links/gpio_request.hpp"

namespace rig {
namespace {

using std::chrono::milliseconds;

/// How long a change may be under way to us after the level has changed.
constexpr Nanoseconds settles_within = milliseconds(20);

/// A long wire may take a moment to fall.
constexpr Nanoseconds between_tries = milliseconds(5);

/// A line's place among the kernel's chips, for messages and for whoever asks for it.
struct Place {
    std::string device;  ///< "/dev/gpiochip0"
    gpio::FoundLine line;

    std::string chip() const {
        return fmt::format("{} ({})", std::filesystem::path(device).filename().string(), line.label);
    }
};

[[noreturn]] void fail(const std::string& signal, const LineAddress& line, const std::string& what,
                       const std::string& to_try) {
    throw InstrumentError(signal, fmt::format("{}: {}\n  try     {}", line.name(), what, to_try));
}

/// What the operating system said about a line that is ours, or nearly.
[[noreturn]] void fail_at(const Place& place, const std::string& signal, const LineAddress& line,
                          const std::system_error& error) {
    const auto where = fmt::format("line {} of {}", place.line.offset, place.chip());
    const int code = error.code().value();
    if (code == EBUSY)
        fail(signal, line,
             fmt::format("{} is in use by \"{}\"", where, place.line.user.empty() ? "?" : place.line.user),
             "end that program, or wire the signal to another line");
    if (code == ENODEV)
        fail(signal, line, where + " is gone", "is the adapter still plugged in? Plug it in and start again");
    if (code == EOPNOTSUPP || code == ENOTSUP || code == EINVAL)
        fail(signal, line, fmt::format("{} does not take {}", where, line.text),
             "leave out bias= and drive=, and use resistors on the wire");
    fail(signal, line, fmt::format("{}: {}", where, error.code().message()), "gpioinfo shows how it stands");
}

/// In the order of their numbers. Some systems keep a second name for a chip.
std::vector<std::string> chips() {
    std::vector<std::string> devices;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator("/dev", none))
        if (entry.path().filename().string().rfind("gpiochip", 0) == 0 && !entry.is_symlink(none))
            devices.push_back(entry.path());
    std::sort(devices.begin(), devices.end(),
              [](const auto& a, const auto& b) { return std::pair(a.size(), a) < std::pair(b.size(), b); });
    return devices;
}

Place find(const std::string& signal, const LineAddress& line) {
    std::vector<Place> found;
    std::string forbidden, looked_at;
    for (const auto& device : chips()) {
        try {
            const auto name = std::filesystem::path(device).filename().string();
            auto place = gpio::find(device, line.target);
            if (place && (line.chip.empty() || line.chip == place->label || line.chip == name))
                found.push_back({device, *place});
            looked_at += (looked_at.empty() ? "" : ", ") + name;
        } catch (const std::system_error& error) {
            // One that goes while we look is none.
            if (error.code().value() == EACCES || error.code().value() == EPERM) forbidden = device;
        }
    }
    if (found.size() == 1) return found.front();
    if (found.size() > 1)
        fail(signal, line, fmt::format("{} and {} both have such a line", found[0].chip(), found[1].chip()),
             fmt::format("gpio:{}?chip={}", line.target, found[0].line.label));
    if (!forbidden.empty())
        fail(signal, line, forbidden + " cannot be opened: permission denied",
             "is this user in the group that owns it? ls -l " + forbidden);
    if (looked_at.empty())
        fail(signal, line, "this machine has no GPIO chip",
             "is the adapter plugged in, its driver loaded? ls /dev/gpiochip*");
    fail(signal, line,
         line.chip.empty()
             ? fmt::format("no chip has a line \"{}\" ({})", line.target, looked_at)
             : fmt::format("no chip \"{}\" has a line \"{}\" ({})", line.chip, line.target, looked_at),
         "gpioinfo lists the lines' names");
}

/// A line that was found.
struct Found {
    Found(std::string its_signal, LineAddress its_line)
        : signal(std::move(its_signal)), line(std::move(its_line)), place(find(signal, line)) {}

    template <class Action>
    auto guarded(Action action) const {
        try {
            return action();
        } catch (const std::system_error& error) {
            fail_at(place, signal, line, error);
        }
    }

    std::string signal;
    LineAddress line;
    Place place;
};

class OpenedOutput : public GpioOutput {
public:
    OpenedOutput(const std::string& signal, const LineAddress& line) : found_(signal, line) {
        found_.guarded([&] {
            descriptor_ =
                gpio::take_output(found_.place.device, found_.place.line.offset, gpio::consumer, line);
        });
    }

    ~OpenedOutput() override {
        try {
            gpio::drive_output(descriptor(), false);
        } catch (const std::system_error&) {  // gone, and with it what it drove
        }
    }

    void drive(bool active) override {
        const bool stands = found_.guarded([&] {
            gpio::drive_output(descriptor(), active);
            return gpio::output_is_active(descriptor());
        });
        driven_ = active;
        if (stands != active && stands_as_driven())
            fail(found_.signal, found_.line,
                 fmt::format("driven {}, line {} of {} reads {}", active ? "active" : "inactive",
                             found_.place.line.offset, found_.place.chip(), active ? "inactive" : "active"),
                 "is the wire shorted, or driven by something else?");
    }

    bool driven() const override { return driven_; }

    OffSequence off_sequence() const override {
        OffSequence sequence;
        sequence.line = stands_as_driven() ? OffSequence::Line::read_back : OffSequence::Line::set;
        sequence.flush_silence = between_tries;
        return sequence;
    }
    int descriptor() const override { return descriptor_.number(); }

private:
    /// Others may pull at a line that only we push.
    bool stands_as_driven() const { return found_.line.drive == LineAddress::Drive::push_pull; }

    Found found_;
    FileDescriptor descriptor_;
    bool driven_ = false;
};

/// Outlives the input for as long as the operating system may still call back.
class Watched : public std::enable_shared_from_this<Watched> {
public:
    Watched(WallClock& clock, const std::string& signal, const LineAddress& line)
        : found_(signal, line), clock_(clock), waiting_(clock.context()) {
        found_.guarded([&] {
            input_.emplace(found_.place.device, found_.place.line.offset, line);
            waiting_.assign(::fcntl(input_->descriptor(), F_DUPFD_CLOEXEC, 0));
            // What changed while we looked is how it stands now.
            do {
                state_ = input_->active();
            } while (!input_->changes().empty());
        });
        edges_.whole_only_from(clock.now());
    }

    void wait() {
        waiting_.async_wait(asio::posix::stream_descriptor::wait_read,
                            [self = weak_from_this()](const asio::error_code& error) {
                                const auto watched = self.lock();
                                if (!watched || error) return;
                                // One whose chip has gone is always ready, and never again.
                                if (watched->take_changes()) watched->wait();
                            });
    }

    bool active() {
        return found_.guarded([&] { return input_->active(); });
    }

    const std::vector<Edge>& edges() {
        if (!take_changes()) found_.guarded([&] { input_->active(); });
        return edges_.all();
    }

    Nanoseconds whole_from() {
        take_changes();
        return edges_.whole_from();
    }

private:
    /// False once the line cannot be asked any more.
    bool take_changes() {
        try {
            const auto changes = input_->changes();
            for (const auto& change : changes) {
                // A change leads away from where the line stood. The level beside it is read a little later:
                // of two in quick succession, both may say how it ended.
                note({clock_.at_monotonic(change.monotonic), !state_});
                if (change.active != state_) look_again();
            }
            if (changes.size() >= gpio::kernel_buffer) {
                edges_.whole_only_from(clock_.now());
                look_again();
            }
            return true;
        } catch (const std::system_error&) {
            return false;
        }
    }

    /// Once all is quiet the line must stand as its changes say; where some were lost, it may not.
    void look_again() {
        const auto seen = noted_;
        clock_.at(clock_.now() + settles_within, [self = weak_from_this(), seen] {
            const auto watched = self.lock();
            if (watched && watched->take_changes() && watched->noted_ == seen) watched->set_right();
        });
    }

    void set_right() {
        try {
            if (const bool stands = input_->active(); stands != state_) note({clock_.now(), stands});
        } catch (const std::system_error&) {  // whoever asks next hears of it
        }
    }

    void note(const Edge& edge) {
        edges_.add(edge);
        state_ = edge.active;
        ++noted_;
    }

    Found found_;
    std::optional<gpio::Input> input_;
    WallClock& clock_;
    asio::posix::stream_descriptor waiting_;  ///< a copy: the library closes its own
    bool state_ = false;
    KeptEdges edges_;
    std::uint64_t noted_ = 0;
};

class GpioInput : public DigitalInput {
public:
    GpioInput(WallClock& clock, const std::string& signal, const LineAddress& line)
        : watched_(std::make_shared<Watched>(clock, signal, line)) {
        watched_->wait();
    }

    bool active() override { return watched_->active(); }
    const std::vector<Edge>& edges() override { return watched_->edges(); }
    Nanoseconds edges_whole_from() const override { return watched_->whole_from(); }

private:
    std::shared_ptr<Watched> watched_;
};

}  // namespace

std::unique_ptr<DigitalInput> open_gpio_input(WallClock& clock, const std::string& signal,
                                              const LineAddress& line) {
    return std::make_unique<GpioInput>(clock, signal, line);
}

std::unique_ptr<GpioOutput> open_gpio_output(const std::string& signal, const LineAddress& line) {
    return std::make_unique<OpenedOutput>(signal, line);
}

}  // namespace rig
