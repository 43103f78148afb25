// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/open_bench.hpp"

#include "rig/open_real_bench.hpp"
#include "rig/open_virtual_bench.hpp"

namespace rig {

std::unique_ptr<Bench> open_bench(const Fixture& fixture, const ProjectFolder& project, std::uint64_t seed,
                                  NotOpened* not_opened, const GuardSetup& guard) {
    if (fixture.bench == "real") return open_real_bench(fixture, project, not_opened, guard);
    return open_virtual_bench(fixture, project, seed, not_opened);
}

}  // namespace rig
