// SPDX-License-Identifier: BSD-2-Clause
// Weighs one image against its controller's memory; the build fails beyond the budgets.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

#include "firmware/budget/stack_use.hpp"

namespace {

struct Memory {
    int flash, ram;
};

const std::map<std::string, Memory> controllers = {{"atmega328p", {32768, 2048}},
                                                   {"atmega1284p", {131072, 16384}}};

constexpr double most_flash_percent = 75, most_static_ram_percent = 50;

std::string output_of(const std::string& command) {
    FILE* pipe = popen(command.c_str(), "r");
    if (!pipe) throw std::runtime_error("cannot run: " + command);
    std::string text;
    char buffer[4096];
    for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
        text.append(buffer, got);
    if (pclose(pipe) != 0) throw std::runtime_error("failed: " + command);
    return text;
}

/// Sizes of sections, from the table that `objdump -h` prints.
std::map<std::string, int> sections(const std::string& headers) {
    std::map<std::string, int> sizes;
    std::istringstream lines{headers};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string index, name, size;
        if (words >> index >> name >> size && name[0] == '.')
            sizes[name] = static_cast<int>(std::stol(size, nullptr, 16));
    }
    return sizes;
}

double percent(int part, int whole) {
    return 100.0 * part / whole;
}

int weigh(const std::string& objdump, const std::string& mcu, const std::string& name,
          const std::string& image) {
    const auto controller = controllers.find(mcu);
    if (controller == controllers.end()) throw std::runtime_error("unknown controller " + mcu);
    const Memory memory = controller->second;

    auto size = sections(output_of(objdump + " -h '" + image + "'"));
    std::istringstream disassembly{output_of(objdump + " -d -C '" + image + "'")};
    const bms::StackUse stack = bms::stack_use(disassembly);
    const int flash = size[".text"] + size[".data"];
    const int ram = size[".data"] + size[".bss"] + size[".noinit"];

    std::printf(
        "%s: flash %d bytes (%.1f %%), static RAM %d bytes (%.1f %%), worst-case stack %d bytes (%.1f %%)\n",
        name.c_str(), flash, percent(flash, memory.flash), ram, percent(ram, memory.ram), stack.worst(),
        percent(stack.worst(), memory.ram));
    int faults = 0;
    const auto fault = [&](const std::string& what) {
        std::fprintf(stderr, "%s: %s\n", name.c_str(), what.c_str());
        ++faults;
    };
    if (percent(flash, memory.flash) > most_flash_percent) fault("flash is beyond its budget of 75 %");
    if (percent(ram, memory.ram) > most_static_ram_percent) fault("static RAM is beyond its budget of 50 %");
    if (ram + stack.worst() > memory.ram)
        fault("the stack can run into static RAM: " + stack.deepest_call + ", interrupted by " +
              stack.deepest_interrupt);
    for (const std::string& reason : stack.unbounded)
        fault("the stack has no bound: " + reason);
    return faults == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fprintf(stderr, "usage: firmware_budget OBJDUMP CONTROLLER NAME IMAGE\n");
        return 2;
    }
    try {
        return weigh(argv[1], argv[2], argv[3], argv[4]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", argv[3], error.what());
        return 2;
    }
}
