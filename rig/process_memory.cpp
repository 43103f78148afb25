// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/process_memory.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <fstream>
#include <new>

namespace rig {

namespace {

constexpr rlim_t more_bytes = rlim_t{512} << 20;

class ScriptOutOfMemory : public std::bad_alloc {
public:
    const char* what() const noexcept override {
        return "the script makes its process need 512 MiB more than at its beginning";
    }
};

}  // namespace

void bound_memory() {
#ifndef __SANITIZE_ADDRESS__  // which takes as much by itself
    std::ifstream statm("/proc/self/statm");
    rlim_t size = 0, resident = 0, shared = 0, text = 0, library = 0, data = 0;
    if (!(statm >> size >> resident >> shared >> text >> library >> data)) return;
    const auto page = static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
    rlimit limit{};
    ::getrlimit(RLIMIT_DATA, &limit);
    const rlim_t wanted = data * page + more_bytes;
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < wanted) return;
    limit.rlim_cur = wanted;
    ::setrlimit(RLIMIT_DATA, &limit);
    std::set_new_handler([] { throw ScriptOutOfMemory(); });
#endif
}

}  // namespace rig
