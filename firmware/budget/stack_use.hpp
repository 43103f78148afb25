// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <istream>
#include <string>
#include <vector>

namespace bms {

/// The deepest the stack of an image can get: main's deepest chain of calls with the deepest
/// interrupt on top (interrupts of these images do not nest).
struct StackUse {
    int main = 0, interrupt = 0;
    std::string deepest_call, deepest_interrupt;
    /// Why the numbers cannot be trusted: indirect calls, recursion.
    std::vector<std::string> unbounded;

    int worst() const { return main + interrupt; }
};

/// From what `avr-objdump -d` prints. Counts every push of a function as if all of them were
/// on the stack at once, the frame it sets up, and two bytes per return address.
StackUse stack_use(std::istream& disassembly);

}  // namespace bms
