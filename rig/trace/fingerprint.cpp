// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/trace/fingerprint.hpp"

#include <fmt/format.h>

#include <cctype>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

namespace rig::defects {

namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::set<fs::path> files_below(const fs::path& folder, const std::set<std::string>& extensions) {
    std::set<fs::path> files;
    if (!fs::is_directory(folder)) return files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file() && extensions.count(entry.path().extension()) != 0)
            files.insert(entry.path());
    return files;
}

/// The file and, as long as it begins with `extends = "name"`, the one beside it of that name.
void add_with_bases(Fingerprint& print, fs::path file) {
    for (int depth = 0; depth < 8 && fs::is_regular_file(file); ++depth) {
        const std::string text = text_of(file);
        print.add(text);
        std::istringstream lines(text);
        std::string base;
        for (std::string line; std::getline(lines, line) && base.empty();) {
            if (line.rfind("extends", 0) != 0) continue;
            const auto from = line.find('"');
            const auto to = line.find('"', from + 1);
            if (to != std::string::npos) base = line.substr(from + 1, to - from - 1);
        }
        if (base.empty()) return;
        file = file.parent_path() / (base + ".toml");
    }
}

}  // namespace

Fingerprint& Fingerprint::add(std::string_view part) {
    const auto take = [this](unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3U; };
    for (const char c : part)
        take(static_cast<unsigned char>(c));
    for (std::size_t size = part.size(), i = 0; i < sizeof size; ++i, size >>= 8)
        take(static_cast<unsigned char>(size & 0xFF));
    return *this;
}

Fingerprint& Fingerprint::add_file(const fs::path& file) {
    return add(text_of(file));
}

std::string Fingerprint::text() const {
    return fmt::format("{:016x}", hash_);
}

std::string bare_source(const std::string& source) {
    std::string bare;
    char quote = 0;
    for (std::size_t i = 0; i < source.size(); ++i) {
        const char c = source[i];
        const char next = i + 1 < source.size() ? source[i + 1] : '\0';
        const bool separator =
            c == '\'' && !bare.empty() && std::isxdigit(static_cast<unsigned char>(bare.back()));
        if (quote != 0) {
            if (c == '\\') bare += source[i++];
            if (c == quote) quote = 0;
        } else if (c == '/' && next == '/') {
            i = source.find('\n', i);
            if (i == std::string::npos) break;
            continue;
        } else if (c == '/' && next == '*') {
            i = source.find("*/", i + 2);
            if (i == std::string::npos) break;
            ++i;
            continue;
        } else if (c == '"' || (c == '\'' && !separator)) {
            quote = c;
        } else if (std::isspace(static_cast<unsigned char>(c))) {
            if (!bare.empty() && bare.back() != ' ') bare += ' ';
            continue;
        }
        bare += source[i];
    }
    return bare;
}

std::string ProjectState::of(const Defect& defect) const {
    Fingerprint print;
    print.add(defect.file).add(defect.find).add(defect.replace);
    for (const std::string& id : defect.breaks)
        print.add(id);
    return print.text();
}

std::string ProjectState::firmware() const {
    if (!firmware_.empty()) return firmware_;
    Fingerprint print;
    for (const fs::path& file : files_below(root_ / "firmware", {".cpp", ".hpp"}))
        print.add(file.lexically_relative(root_).string()).add(bare_source(text_of(file)));
    for (const fs::path& file : files_below(root_ / "firmware", {".txt", ".cmake"}))
        print.add_file(file);
    return firmware_ = print.text();
}

std::string ProjectState::bench(const std::string& fixture, const std::string& profile) const {
    Fingerprint print;
    add_with_bases(print, root_ / fixture);
    add_with_bases(print, root_ / "fixtures/limits" / (profile + ".toml"));
    return print.text();
}

std::string ProjectState::scripts(const std::vector<std::string>& names) const {
    if (const auto known = scripts_.find(names); known != scripts_.end()) return known->second;
    Fingerprint print;
    for (const fs::path& file : files_below(root_ / "scripts/lib", {".lua"}))
        print.add_file(file);
    if (names.empty()) {
        for (const fs::path& file : files_below(root_ / "scripts/acceptance", {".lua"}))
            print.add_file(file);
    }
    for (const std::string& name : names)
        print.add_file(root_ / "scripts" / name);
    return scripts_[names] = print.text();
}

}  // namespace rig::defects
