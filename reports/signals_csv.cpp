// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/signals_csv.hpp"

#include <fmt/format.h>

#include <iterator>

#include "reports/csv.hpp"
#include "reports/wording.hpp"

namespace rig::reports {

std::string signals_csv_text(const std::vector<RecordedSignal>& recording) {
    std::string text = "bench_s,signal,source,unit,value\r\n";
    for (const auto& [signal, changes] : recording)
        for (const auto& change : changes)
            fmt::format_to(std::back_inserter(text), "{:.6f},{},{},{},{}\r\n",
                           static_cast<double>(change.at_ns) / 1e9, csv_field(signal.name), signal.source,
                           signal.unit, number_text(change.value));
    return text;
}

}  // namespace rig::reports
