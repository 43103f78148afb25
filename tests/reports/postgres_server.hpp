// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace rig::reports {

/// A PostgreSQL server of the test's own, from Debian's package, in a folder that goes when it does;
/// reached through a socket there. It refuses to be root's: then it is nobody's.
class PostgresServer {
public:
    /// Why there can be none; empty when there can.
    static std::string absent() {
        if (programs().empty()) return "no PostgreSQL server is installed (Debian: postgresql)";
        if (::geteuid() == 0 && std::system("command -v setpriv >/dev/null") != 0)
            return "PostgreSQL refuses to run as root, and there is no setpriv";
        return "";
    }

    PostgresServer() {
        std::string pattern = (std::filesystem::temp_directory_path() / "rig-postgres-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        std::ofstream(folder_ / "password") << "secret\n";
        if (::geteuid() == 0 && (::chown(folder_.c_str(), 65534, 65534) != 0 ||
                                 ::chown((folder_ / "password").c_str(), 65534, 65534) != 0))
            throw std::runtime_error("cannot give a folder away");
        std::filesystem::permissions(folder_, static_cast<std::filesystem::perms>(0755));
        data_ = (folder_ / "data").string();
        initialise();
        start();
    }
    ~PostgresServer() {
        stop();
        std::filesystem::remove_all(folder_);
    }
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    /// Returns when it takes connections. Whatever becomes of this process, the server goes with it.
    void start() {
        const std::string program = (programs() / "postgres").string(), place = "-k" + folder_.string();
        const int log = ::open((folder_ / "log").c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
            ::dup2(log, STDOUT_FILENO);
            ::dup2(log, STDERR_FILENO);
            std::vector<const char*> words;
            if (::geteuid() == 0)
                words = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--pdeathsig=QUIT"};
            words.insert(words.end(), {program.c_str(), "-D", data_.c_str(), place.c_str(),
                                       "-clisten_addresses=", "-cfsync=off", nullptr});
            ::execvp(words[0], const_cast<char**>(words.data()));
            _exit(127);
        }
        ::close(log);
        // Its eighth line is for those who wait.
        while (text_of(folder_ / "data/postmaster.pid").find("\nready") == std::string::npos) {
            if (::waitpid(process_, nullptr, WNOHANG) == process_)
                throw std::runtime_error("postgres ended: " + text_of(folder_ / "log"));
        }
    }

    void stop() {
        ::kill(process_, SIGQUIT);
        ::waitpid(process_, nullptr, 0);
    }

    std::filesystem::path socket() const { return folder_ / ".s.PGSQL.5432"; }

    /// For libpq. `folder`: where its socket is, if not in its own.
    std::string url(const std::string& user_and_password = "rig:secret",
                    const std::string& database = "postgres", std::filesystem::path folder = {}) const {
        return "postgresql://" + user_and_password + "@/" + database +
               "?host=" + (folder.empty() ? folder_ : folder).string();
    }

private:
    static std::filesystem::path programs() {
        std::filesystem::path newest;
        std::error_code none;
        for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", none))
            if (std::filesystem::exists(version.path() / "bin/initdb")) newest = version.path() / "bin";
        return newest;
    }

    static std::string text_of(const std::filesystem::path& file) {
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        return text.str();
    }

    void initialise() const {
        const std::string as = ::geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : "";
        const std::string command =
            "cd / && " + as + (programs() / "initdb").string() + " --pgdata=" + data_ +
            " --username=rig --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 "
            "--no-sync --pwfile=" +
            (folder_ / "password").string() + " >" + (folder_ / "set-up").string() + " 2>&1";
        if (std::system(command.c_str()) != 0)
            throw std::runtime_error("initdb failed: " + text_of(folder_ / "set-up"));
    }

    std::filesystem::path folder_;
    std::string data_;
    pid_t process_ = -1;
};

}  // namespace rig::reports
