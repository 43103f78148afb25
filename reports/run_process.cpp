// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/run_process.hpp"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace rig::reports {
namespace {

/// "" when there is no such process; a dead one that nobody has waited for is none.
std::string started_at(const std::string& number) {
    std::ifstream file("/proc/" + number + "/stat");
    const std::string stat{std::istreambuf_iterator<char>{file}, {}};
    // The second field is the program's name in brackets, with anything in it.
    const auto name_end = stat.rfind(')');
    if (name_end == std::string::npos) return "";
    std::istringstream fields(stat.substr(name_end + 1));
    std::string field;
    for (int n = 3; n <= 22 && fields >> field; ++n)
        if (n == 3 && (field == "Z" || field == "X")) return "";
    return field;
}

std::string described(const std::string& number) {
    std::string boot;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
    return boot + " " + number + " " + started_at(number);
}

}  // namespace

std::string this_process() {
    return described(std::to_string(getpid()));
}

bool is_there(const std::string& process) {
    std::istringstream fields(process);
    std::string boot, number, started;
    if (!(fields >> boot >> number >> started)) return false;
    return described(number) == process;
}

}  // namespace rig::reports
