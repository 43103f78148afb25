// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/html.hpp"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "reports/html/embedded.hpp"
#include "reports/json.hpp"

namespace rig::reports {
namespace {

using Json = nlohmann::ordered_json;

/// Beyond this the plots of tests that passed are left out.
constexpr std::size_t most_recorded_bytes = 3'000'000;

/// Times and values as differences of whole numbers: a third of the size.
Json json_of(const RecordedSignal& recorded) {
    const auto& signal = recorded.signal;
    Json json{{"name", signal.name}, {"source", signal.source}, {"unit", signal.unit}, {"step", signal.step}};
    auto &us = json["us"] = Json::array(), &counts = json["counts"] = Json::array();
    std::int64_t last_us = 0, last_count = 0;
    for (const auto& change : recorded.changes) {
        const std::int64_t now_us = change.at_ns / 1000, count = std::llround(change.value / signal.step);
        us.push_back(now_us - last_us);
        counts.push_back(count - last_count);
        last_us = now_us;
        last_count = count;
    }
    return json;
}

/// Its text, and the "<" that could end the script it stands in told otherwise.
std::string script_text(const Json& json) {
    const std::string plain = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    std::string text;
    text.reserve(plain.size());
    for (std::size_t from = 0, to = 0; to != std::string::npos; from = to + 1) {
        to = plain.find('<', from);
        text.append(plain, from, to == std::string::npos ? to : to - from);
        if (to != std::string::npos) text += "\\u003c";
    }
    return text;
}

/// On the page, about.
std::size_t bytes_of(const std::vector<RecordedSignal>& recording) {
    constexpr std::size_t bytes_of_signal = 100, bytes_of_change = 12;
    std::size_t bytes = 0;
    for (const auto& recorded : recording)
        bytes += bytes_of_signal + bytes_of_change * recorded.changes.size();
    return bytes;
}

void add_recording(Json& test, const std::vector<RecordedSignal>& recording) {
    if (recording.empty()) return;
    auto& signals = test["recording"]["signals"] = Json::array();
    for (const auto& recorded : recording)
        signals.push_back(json_of(recorded));
}

void add_recordings(Json& report, const Results& results, const RecordingOf& recording_of) {
    std::size_t bytes = 0;
    for (const bool passed : {false, true})
        for (std::size_t i = 0; i < results.tests.size(); ++i) {
            const auto& test = results.tests[i];
            if ((test.verdict == Verdict::passed) != passed || test.verdict == Verdict::skipped) continue;
            if (passed && bytes >= most_recorded_bytes) {
                report["tests"][i]["recording_left_out"] = true;
                continue;
            }
            const auto recording = recording_of(test);
            const std::size_t more = bytes_of(recording);
            if (passed && bytes + more > most_recorded_bytes) {
                report["tests"][i]["recording_left_out"] = true;
                continue;
            }
            add_recording(report["tests"][i], recording);
            bytes += more;
        }
}

std::string_view without_source_map(std::string_view script) {
    return script.substr(0, script.rfind("//# sourceMappingURL"));
}

/// What stands between two braces is a part's name. Parts are not looked into.
std::string filled(std::string_view page, const std::map<std::string_view, std::string_view>& parts) {
    std::string text;
    for (;;) {
        const auto open = page.find("{{");
        text += page.substr(0, open);
        if (open == std::string_view::npos) return text;
        const auto close = page.find("}}", open);
        text += parts.at(page.substr(open + 2, close - open - 2));
        page.remove_prefix(close + 2);
    }
}

std::string escaped(const std::string& text) {
    std::string result;
    for (const char byte : text)
        result += byte == '<' ? "&lt;" : byte == '&' ? "&amp;" : std::string(1, byte);
    return result;
}

}  // namespace

std::string html_text(const Results& results, const RecordingOf& recording_of) {
    auto report = json_of(results);
    add_recordings(report, results, recording_of);
    const auto data = script_text(report);
    const auto title = escaped("rig: run " + std::to_string(results.number) + ", " + results.run.profile +
                               ", " + text_of(results.verdict()));
    return filled(embedded::page, {{"title", title},
                                   {"data", data},
                                   {"report_css", embedded::report_css},
                                   {"report_js", embedded::report_js},
                                   {"plots_js", embedded::plots_js},
                                   {"dygraphs_css", embedded::dygraphs_css},
                                   {"dygraphs_js", without_source_map(embedded::dygraphs_js)},
                                   {"dygraphs_notice", embedded::dygraphs_notice}});
}

}  // namespace rig::reports
