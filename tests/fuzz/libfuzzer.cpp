// SPDX-License-Identifier: GPL-3.0-or-later
// What libFuzzer calls; FUZZ_TARGET is one of targets.hpp.
#include "tests/fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    rig::fuzz::FUZZ_TARGET(bytes, size);
    return 0;
}
