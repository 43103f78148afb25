// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/junit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <pugixml.hpp>
#include <set>
#include <sstream>

#include "reports/wording.hpp"
#include "reports/xml_text.hpp"

namespace rig::reports {
namespace {

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

struct Property {
    std::string name, value;
};

std::string list(const std::set<std::string>& words) {
    return fmt::format("{}", fmt::join(words, ", "));
}

/// Each measurement with its limits, each claim, and what they say of requirements.
std::vector<Property> properties_of(const TestRecord& test) {
    std::vector<Property> properties;
    UniqueNames names;
    for (const auto& check : test.checks) {
        const auto name = names.claim(check.name);
        if (check.value) {
            properties.push_back({name, value_text(check)});
            properties.push_back({names.claim(check.name + ", limits"), limits_text(check)});
        } else {
            properties.push_back({name, check.verdict == Verdict::passed ? "holds" : "does not hold"});
        }
    }
    const auto requirements = requirements_of({test});
    if (!requirements.proved.empty()) properties.push_back({"proves", list(requirements.proved)});
    if (!requirements.broken.empty()) properties.push_back({"breaks", list(requirements.broken)});
    if (!requirements.undecided.empty())
        properties.push_back({"leaves undecided", list(requirements.undecided)});
    return properties;
}

/// What a run was made with and by whom.
std::vector<Property> properties_of(const Results& results) {
    const auto& run = results.run;
    std::vector<Property> properties{{"run", run.uuid},
                                     {"profile", run.profile},
                                     {"fixture", run.fixture},
                                     {"seed", std::to_string(run.seed)},
                                     {"rig", run.rig_version}};
    if (!run.operated_by.empty()) properties.push_back({"operator", run.operated_by});
    for (const auto& dut : run.duts)
        if (!dut.serial.empty()) properties.push_back({"serial, " + dut.dut, dut.serial});
    for (const auto& instrument : run.instruments)
        properties.push_back({"instrument, " + instrument.name, instrument.identity});
    for (const auto& file : run.files)
        properties.push_back({"sha256, " + file.kind + " " + file.name, file.sha256});
    return properties;
}

/// What would end a property early, taken apart.
std::string without_end(std::string text) {
    for (auto end = text.find("]]"); end != std::string::npos; end = text.find("]]", end + 1))
        text.insert(end + 1, " ");
    return one_line(text);
}

std::string as_line(Property property) {
    std::ranges::replace(property.name, '=', ':');
    return "[[PROPERTY|" + without_end(property.name) + "=" + without_end(property.value) +
           (property.value.ends_with(']') ? " ]]\n" : "]]\n");
}

void append_properties(pugi::xml_node parent, const std::vector<Property>& properties) {
    if (properties.empty()) return;
    auto list = parent.append_child("properties");
    for (const auto& property : properties) {
        auto node = list.append_child("property");
        set(node, "name", one_line(property.name));
        set(node, "value", one_line(property.value));
    }
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

std::string printed(const TestRecord& test) {
    std::string text;
    for (const auto& event : test.events)
        if (event.kind == "print") text += event.text + "\n";
    return text;
}

void append_output(pugi::xml_node test_case, const std::string& text) {
    if (!text.empty())
        test_case.append_child("system-out")
            .append_child(pugi::node_pcdata)
            .set_value(xml_text(text).c_str());
}

class Document {
public:
    Document(const Results& results, JunitDialect dialect, const AttachmentsOf& attachments)
        : results_(results), dialect_(dialect), attachments_(attachments) {
        for (const auto& test : results.tests)
            by_script_[test.key.file].add(test);
        auto declaration = document_.append_child(pugi::node_declaration);
        set(declaration, "version", "1.0");
        set(declaration, "encoding", "UTF-8");
        suites_ = document_.append_child("testsuites");
        set(suites_, "name", "rig " + results.run.profile);
        set(suites_, "tests", results.tally.tests);
        set(suites_, "failures", results.tally.failed);
        set(suites_, "errors", results.tally.errors);
        set(suites_, "time", seconds(results.tally.ns));
    }

    void append(const TestRecord& test) {
        if (!suite_ || test.key.file != script_) begin_suite(test.key.file);
        auto test_case = suite_.append_child("testcase");
        set(test_case, "classname", class_name_);
        set(test_case, "name", names_.claim(xml_text(results_.name_of(test))));
        set(test_case, "time", seconds(test.ended_ns - test.began_ns));
        if (dialect_ == JunitDialect::strict) {
            append_outcome(test_case, test);
            std::string text;
            for (const auto& property : properties_of(test))
                text += as_line(property);
            append_output(test_case, text);
            return;
        }
        set(test_case, "file", test.key.file);
        if (test.line > 0) set(test_case, "line", test.line);
        auto properties = properties_of(test);
        if (const auto serial = serial_of(test.key.dut); !serial.empty())
            properties.push_back({"serial", serial});
        for (const auto& tag : test.tags)
            properties.push_back({"tag", tag});
        std::string text = printed(test);
        if (attachments_)
            for (const auto& file : attachments_(test)) {
                properties.push_back({"attachment", file});
                text += "[[ATTACHMENT|" + file + "]]\n";
            }
        append_properties(test_case, properties);
        append_outcome(test_case, test);
        append_output(test_case, text);
    }

    std::string text() const {
        std::ostringstream text;
        document_.save(text, "  ");
        return text.str();
    }

private:
    void begin_suite(const std::string& script) {
        script_ = script;
        class_name_ = classes_.claim(class_of(xml_text(script)));
        names_ = {};
        const auto& counts = by_script_.at(script);
        suite_ = suites_.append_child("testsuite");
        set(suite_, "name", class_name_);
        set(suite_, "tests", counts.tests);
        set(suite_, "errors", counts.errors);
        set(suite_, "failures", counts.failed);
        set(suite_, "skipped", counts.skipped);
        set(suite_, "time", seconds(counts.ns));
        set(suite_, "timestamp", results_.run.started_utc);
        set(suite_, "hostname", results_.run.station);
        if (dialect_ == JunitDialect::rich) {
            set(suite_, "file", script);
            append_properties(suite_, properties_of(results_));
        }
    }

    std::string serial_of(const std::string& dut) const {
        const auto found = std::ranges::find(results_.run.duts, dut, &DutRecord::dut);
        return found == results_.run.duts.end() ? "" : found->serial;
    }

    const Results& results_;
    JunitDialect dialect_;
    const AttachmentsOf& attachments_;
    std::map<std::string, Tally> by_script_;
    pugi::xml_document document_;
    pugi::xml_node suites_, suite_;
    UniqueNames classes_, names_;
    std::string script_, class_name_;
};

}  // namespace

std::string junit_text(const Results& results, JunitDialect dialect, const AttachmentsOf& attachments) {
    Document document{results, dialect, attachments};
    for (const auto& test : results.tests)
        document.append(test);
    return document.text();
}

}  // namespace rig::reports
