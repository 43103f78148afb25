// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace rig::doctor {

enum class Finding { good, fault, not_looked_at };

/// What was found about one instrument, wire or line, by its name in the bench.
struct Row {
    std::string what;  ///< "cell[2]", "relay.charge.pins_1_2", "cell supply 1"
    Finding finding = Finding::good;
    std::string words;  ///< what was seen, or why nobody could look
};

/// All that an examination found, in the order in which it looked.
class Sheet {
public:
    void good(std::string what, std::string words);
    void fault(std::string what, std::string words);
    void not_looked_at(std::string what, std::string words);

    const std::vector<Row>& rows() const { return rows_; }
    int count(Finding finding) const;

    /// A table and a sentence that sums it up.
    void print(std::ostream& out) const;

private:
    std::vector<Row> rows_;
};

}  // namespace rig::doctor
