// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/report_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

namespace rig::reports {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
    throw ReportError("report " + file.string() + ": it cannot be written (" + why +
                      "); choose a file in a folder that is writable");
}

void write_all(int descriptor, std::string_view contents, const std::filesystem::path& place) {
    while (!contents.empty()) {
        const auto written = ::write(descriptor, contents.data(), contents.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) refuse(place, std::strerror(errno));
        contents.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// A device or a pipe: what is read on its other side, and must not be replaced by a file.
class Stream {
public:
    explicit Stream(const std::filesystem::path& place)
        : place_(place), descriptor_(open(place.c_str(), O_WRONLY | O_CLOEXEC)) {
        if (descriptor_ < 0) refuse(place_, std::strerror(errno));
    }
    ~Stream() { close(descriptor_); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    void write(std::string_view contents) { write_all(descriptor_, contents, place_); }

private:
    std::filesystem::path place_;
    int descriptor_;
};

/// A file that goes away again unless it is moved to its place.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::filesystem::path& place)
        : place_(place), name_(place.string() + ".XXXXXX"), descriptor_(mkostemp(name_.data(), O_CLOEXEC)) {
        if (descriptor_ < 0) refuse(place_, std::strerror(errno));
    }
    ~TemporaryFile() {
        close(descriptor_);
        if (!moved_) unlink(name_.c_str());
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    void write(std::string_view contents) { write_all(descriptor_, contents, place_); }

    void move_to_place() {
        const mode_t mask = umask(0);
        umask(mask);
        if (fchmod(descriptor_, 0666 & ~mask) != 0 || fsync(descriptor_) != 0 ||
            rename(name_.c_str(), place_.c_str()) != 0)
            refuse(place_, std::strerror(errno));
        moved_ = true;
    }

private:
    std::filesystem::path place_;
    std::string name_;
    int descriptor_;
    bool moved_ = false;
};

}  // namespace

namespace {

void create_folder_of(const std::filesystem::path& file) {
    if (const auto folder = file.parent_path(); !folder.empty()) {
        std::error_code failure;
        std::filesystem::create_directories(folder, failure);
        if (failure) refuse(file, failure.message());
    }
}

/// Neither a file nor nothing.
bool is_stream(const std::filesystem::path& file) {
    std::error_code unknown;
    const auto status = std::filesystem::status(file, unknown);
    if (std::filesystem::is_directory(status)) refuse(file, std::strerror(EISDIR));
    return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
}

}  // namespace

void write_report_file(const std::filesystem::path& file, std::string_view contents) {
    create_folder_of(file);
    if (is_stream(file)) {
        Stream(file).write(contents);
        return;
    }
    TemporaryFile temporary{file};
    temporary.write(contents);
    temporary.move_to_place();
}

void prepare_report_file(const std::filesystem::path& file) {
    create_folder_of(file);
    if (is_stream(file)) {
        // Not opened: a pipe's other side may still be to come.
        if (access(file.c_str(), W_OK) != 0) refuse(file, std::strerror(errno));
        return;
    }
    TemporaryFile{file};
    std::error_code failure;
    std::filesystem::remove(file, failure);
    if (failure) refuse(file, failure.message());
}

}  // namespace rig::reports
