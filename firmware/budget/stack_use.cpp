// SPDX-License-Identifier: BSD-2-Clause
#include "firmware/budget/stack_use.hpp"

#include <cstddef>
#include <cstdlib>
#include <map>
#include <regex>
#include <set>

namespace bms {
namespace {

constexpr int return_address = 2;

/// One label of the disassembly and the code up to the next.
struct Code {
    std::string name;
    int pushed = 0, frame = 0;
    std::set<unsigned> calls, jumps;  ///< addresses
    bool falls_through = true;
    bool indirect = false;
};

using Codes = std::map<unsigned, Code>;  ///< by the address of the label

/// Follows `in r28, SPL ... out SPL, r28`: what is subtracted between the two is a frame.
class FrameSetUp {
public:
    void see(Code& code, const std::string& mnemonic, const std::string& operands) {
        const auto value = [&] {
            const auto comma = operands.find(", ");
            return comma == std::string::npos
                       ? 0
                       : static_cast<int>(std::strtol(operands.c_str() + comma + 2, nullptr, 0));
        };
        const bool low = operands.rfind("r28,", 0) == 0, high = operands.rfind("r29,", 0) == 0;
        if (mnemonic == "in" && low && value() == stack_pointer)
            open_ = true;
        else if (!open_)
            return;
        else if ((mnemonic == "sbiw" || mnemonic == "subi") && low)
            size_ += value();
        else if (mnemonic == "sbci" && high)
            size_ += value() * 256;
        else if (mnemonic == "out" && operands.rfind("0x3d,", 0) == 0) {
            code.frame += size_;
            *this = {};
        }
    }

private:
    static constexpr int stack_pointer = 0x3d;
    bool open_ = false;
    int size_ = 0;
};

unsigned hexadecimal(const std::string& text) {
    return static_cast<unsigned>(std::stoul(text, nullptr, 16));
}

Codes read(std::istream& disassembly) {
    static const std::regex label{"^([0-9a-f]+) <(.*)>:$"};
    static const std::regex instruction{
        "^ +([0-9a-f]+):\t[0-9a-f ]+\t([a-z]+)(?:\t([^;\t]*))?(?:\t?; (0x[0-9a-f]+).*)?"};
    Codes codes;
    Code* code = nullptr;
    FrameSetUp frame;
    std::string line;
    std::smatch match;
    while (std::getline(disassembly, line)) {
        if (std::regex_match(line, match, label)) {
            code = &codes[hexadecimal(match[1])];
            code->name = match[2];
            frame = {};
            continue;
        }
        if (!code || !std::regex_search(line, match, instruction)) continue;
        const std::string mnemonic = match[2], operands = match[3];
        const auto target = [&] { return hexadecimal(match[4].matched ? match[4].str() : operands); };
        frame.see(*code, mnemonic, operands);
        code->falls_through = true;
        if (mnemonic == "push")
            ++code->pushed;
        else if (mnemonic == "rcall" && operands.rfind(".+0", 0) == 0)
            code->pushed += return_address;  // room on the stack, made in one instruction
        else if (mnemonic == "call" || mnemonic == "rcall")
            code->calls.insert(target());
        else if (mnemonic == "jmp" || mnemonic == "rjmp") {
            code->jumps.insert(target());
            code->falls_through = false;
        } else if (mnemonic.rfind("br", 0) == 0)
            code->jumps.insert(target());
        else if (mnemonic == "icall" || mnemonic == "eicall" || mnemonic == "ijmp" || mnemonic == "eijmp")
            code->indirect = true;
        else if (mnemonic == "ret" || mnemonic == "reti")
            code->falls_through = false;
    }
    return codes;
}

class Walk {
public:
    explicit Walk(const Codes& codes) : codes_(codes) {}

    struct Depth {
        int bytes = 0;
        std::string path;
    };

    Depth from(unsigned address) {
        const auto found = containing(address);
        if (found == codes_.end()) return {};
        if (const auto known = depths_.find(found->first); known != depths_.end()) return known->second;
        const Code& code = found->second;
        if (const auto open = path_.find(found->first); open != path_.end()) {
            // Going round by jumps alone is a loop between labels and needs no stack.
            if (open->second != calls_) unbounded.insert("recursion through " + code.name);
            return {};
        }
        path_[found->first] = calls_;
        if (code.indirect) unbounded.insert("an indirect call in " + code.name);

        Depth deepest;
        const auto reach = [&](unsigned target, int cost) {
            Depth depth = from(target);
            if (depth.bytes + cost > deepest.bytes) deepest = {depth.bytes + cost, depth.path};
        };
        ++calls_;
        for (const unsigned target : code.calls)
            reach(target, return_address);
        --calls_;
        for (const unsigned target : code.jumps)
            if (containing(target) != found) reach(target, 0);
        if (const auto next = std::next(found); code.falls_through && next != codes_.end())
            reach(next->first, 0);

        path_.erase(found->first);
        deepest.bytes += code.pushed + code.frame;
        deepest.path = code.name + (deepest.path.empty() ? "" : " > " + deepest.path);
        return depths_[found->first] = deepest;
    }

    std::set<std::string> unbounded;

private:
    Codes::const_iterator containing(unsigned address) const {
        auto next = codes_.upper_bound(address);
        return next == codes_.begin() ? codes_.end() : std::prev(next);
    }

    const Codes& codes_;
    std::map<unsigned, Depth> depths_;
    std::map<unsigned, int> path_;
    int calls_ = 0;
};

}  // namespace

StackUse stack_use(std::istream& disassembly) {
    const Codes codes = read(disassembly);
    Walk walk{codes};
    StackUse use;
    bool has_main = false;
    for (const auto& [address, code] : codes) {
        const bool main = code.name == "main", interrupt = code.name.rfind("__vector_", 0) == 0;
        if (!main && !interrupt) continue;
        const auto depth = walk.from(address);
        int& deepest = main ? use.main : use.interrupt;
        if (depth.bytes + return_address <= deepest) continue;
        deepest = depth.bytes + return_address;
        (main ? use.deepest_call : use.deepest_interrupt) = depth.path;
        has_main = has_main || main;
    }
    if (!has_main) walk.unbounded.insert("no main in the disassembly");
    use.unbounded.assign(walk.unbounded.begin(), walk.unbounded.end());
    return use;
}

}  // namespace bms
