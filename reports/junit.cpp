// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/junit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <pugixml.hpp>
#include <set>
#include <sstream>

#include "reports/report_file.hpp"
#include "reports/requirements.hpp"
#include "reports/wording.hpp"
#include "reports/xml_text.hpp"

namespace rig::reports {
namespace {

struct Counts {
    int tests = 0, failures = 0, errors = 0, skipped = 0;
    std::int64_t ns = 0;

    void add(const TestRecord& test) {
        ++tests;
        failures += test.verdict == Verdict::failed;
        errors += test.verdict == Verdict::error;
        skipped += test.verdict == Verdict::skipped;
        ns += test.ended_ns - test.began_ns;
    }
};

std::string seconds(std::int64_t ns) {
    return fmt::format("{:.3f}", static_cast<double>(std::max<std::int64_t>(ns, 0)) * 1e-9);
}

void set(pugi::xml_node node, const char* name, const std::string& value) {
    node.append_attribute(name).set_value(xml_text(value).c_str());
}

void set(pugi::xml_node node, const char* name, int value) {
    node.append_attribute(name).set_value(value);
}

/// "acceptance/thresholds.lua" is class acceptance.thresholds: Jenkins shows
/// folders as packages. A dot within a name would be one more level.
std::string class_of(const std::string& file) {
    auto name = file.ends_with(".lua") ? file.substr(0, file.size() - 4) : file;
    std::ranges::replace(name, '.', '_');
    std::ranges::replace(name, '/', '.');
    return name;
}

/// Hands out names that differ: the second "a" becomes "a (2)".
class UniqueNames {
public:
    std::string claim(const std::string& wanted) {
        auto name = wanted;
        for (int n = 2; !taken_.insert(name).second; ++n)
            name = fmt::format("{} ({})", wanted, n);
        return name;
    }

private:
    std::set<std::string> taken_;
};

/// Unique within its class; says which board where a run tested several.
std::string case_name(const TestRecord& test, bool several_boards, UniqueNames& names) {
    auto name = xml_text(test.key.name);
    if (several_boards) name += " [" + xml_text(test.key.dut) + "]";
    if (test.key.attempt > 1) name += fmt::format(" (attempt {})", test.key.attempt);
    return names.claim(name);
}

/// What would end a property early, taken apart.
std::string without_end(std::string text) {
    for (auto end = text.find("]]"); end != std::string::npos; end = text.find("]]", end + 1))
        text.insert(end + 1, " ");
    return one_line(text);
}

std::string property(std::string name, const std::string& value) {
    std::ranges::replace(name, '=', ':');
    return "[[PROPERTY|" + without_end(name) + "=" + without_end(value) +
           (value.ends_with(']') ? " ]]\n" : "]]\n");
}

std::string list(const std::set<std::string>& words) {
    return fmt::format("{}", fmt::join(words, ", "));
}

std::string system_out(const TestRecord& test) {
    std::string text;
    UniqueNames names;
    for (const auto& check : test.checks) {
        const auto name = names.claim(check.name);
        if (check.value) {
            text += property(name, value_text(check));
            text += property(names.claim(check.name + ", limits"), limits_text(check));
        } else {
            text += property(name, check.verdict == Verdict::passed ? "holds" : "does not hold");
        }
    }
    const auto requirements = requirements_of({test});
    if (!requirements.proved.empty()) text += property("proves", list(requirements.proved));
    if (!requirements.broken.empty()) text += property("breaks", list(requirements.broken));
    if (!requirements.undecided.empty()) text += property("leaves undecided", list(requirements.undecided));
    return text;
}

std::string failed_checks(const TestRecord& test) {
    std::string text;
    for (const auto& check : test.checks)
        if (check.verdict != Verdict::passed)
            text += failure_text(check) + "\n  at " + check.script_line + "\n";
    return text;
}

void append_outcome(pugi::xml_node test_case, const TestRecord& test) {
    if (test.verdict == Verdict::skipped) {
        set(test_case.append_child("skipped"), "message", one_line(test.message));
        return;
    }
    if (test.verdict == Verdict::passed) return;
    auto outcome = test_case.append_child(test.verdict == Verdict::failed ? "failure" : "error");
    set(outcome, "message", headline(test));
    set(outcome, "type", text_of(test.verdict));
    auto body = own_message(test);
    if (!body.empty()) body += "\n";
    outcome.append_child(pugi::node_pcdata).set_value(xml_text(body + failed_checks(test)).c_str());
}

void append_case(pugi::xml_node suite, const std::string& class_name, const std::string& name,
                 const TestRecord& test) {
    auto test_case = suite.append_child("testcase");
    set(test_case, "classname", class_name);
    set(test_case, "name", name);
    set(test_case, "time", seconds(test.ended_ns - test.began_ns));
    append_outcome(test_case, test);
    if (const auto said = system_out(test); !said.empty())
        test_case.append_child("system-out")
            .append_child(pugi::node_pcdata)
            .set_value(xml_text(said).c_str());
}

}  // namespace

void write_junit(const Store& store, int run, const std::filesystem::path& file) {
    const auto record = store.run(run);
    const auto tests = store.tests(run);
    std::set<std::string> boards;
    std::map<std::string, Counts> by_script;
    Counts total;
    for (const auto& test : tests) {
        boards.insert(test.key.dut);
        by_script[test.key.file].add(test);
        total.add(test);
    }

    pugi::xml_document document;
    auto declaration = document.append_child(pugi::node_declaration);
    set(declaration, "version", "1.0");
    set(declaration, "encoding", "UTF-8");
    auto suites = document.append_child("testsuites");
    set(suites, "name", "rig " + record.profile);
    set(suites, "tests", total.tests);
    set(suites, "failures", total.failures);
    set(suites, "errors", total.errors);
    set(suites, "time", seconds(total.ns));

    UniqueNames classes;
    UniqueNames names;
    pugi::xml_node suite;
    std::string script, class_name;
    for (const auto& test : tests) {
        if (!suite || test.key.file != script) {
            script = test.key.file;
            class_name = classes.claim(class_of(xml_text(script)));
            names = {};
            const auto& counts = by_script[script];
            suite = suites.append_child("testsuite");
            set(suite, "name", class_name);
            set(suite, "tests", counts.tests);
            set(suite, "errors", counts.errors);
            set(suite, "failures", counts.failures);
            set(suite, "skipped", counts.skipped);
            set(suite, "time", seconds(counts.ns));
            set(suite, "timestamp", record.started_utc);
            set(suite, "hostname", record.station);
        }
        append_case(suite, class_name, case_name(test, boards.size() > 1, names), test);
    }
    std::ostringstream text;
    document.save(text, "  ");
    write_report_file(file, text.str());
}

}  // namespace rig::reports
