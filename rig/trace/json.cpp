// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>
#include <ostream>

#include "rig/trace/print.hpp"

namespace rig::trace {

using Json = nlohmann::ordered_json;

namespace {

Json json_of(const ProvingCheck& check) {
    return {{"test", check.test},   {"check", check.name},    {"line", check.script_line},
            {"times", check.times}, {"failed", check.failed}, {"decided", !check.undecided},
            {"run", check.run}};
}

Json json_of(const TracedDefect& defect) {
    Json json{{"name", defect.name},
              {"caught", defect.standing == TracedDefect::Standing::caught},
              {"stale", defect.standing == TracedDefect::Standing::stale},
              {"note", defect.note}};
    if (!defect.check.name.empty())
        json["by"] = {{"check", defect.check.name}, {"line", defect.check.script_line}};
    return json;
}

template <class Item>
Json list_of(const std::vector<Item>& items) {
    Json list = Json::array();
    for (const Item& item : items)
        list.push_back(json_of(item));
    return list;
}

Json json_of(const Cell& cell) {
    Json json{{"state", word_of(cell.state)}};
    if (cell.state == State::not_applicable) return json;
    json["checks"] = list_of(cell.checks);
    json["never_ran"] = cell.never_ran;
    json["defects"] = list_of(cell.defects);
    return json;
}

}  // namespace

void write_json(std::ostream& out, const Matrix& matrix) {
    Json requirements = Json::array();
    for (const auto& [id, by_profile] : matrix.cells) {
        const Requirement& requirement = matrix.requirements.at(id);
        Json json{{"id", id}, {"text", requirement.text}};
        if (!requirement.mode.empty()) json["mode"] = requirement.mode;
        if (!requirement.unprovable.empty()) json["unprovable"] = requirement.unprovable;
        if (!requirement.part.empty()) json["unprovable_part"] = requirement.part;
        for (const auto& [profile, cell] : by_profile)
            json["profiles"][profile] = json_of(cell);
        requirements.push_back(std::move(json));
    }
    out << Json{{"schema", 1}, {"all_proved", matrix.settled()}, {"requirements", requirements}}.dump(2)
        << '\n';
}

}  // namespace rig::trace
