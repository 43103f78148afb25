// SPDX-License-Identifier: GPL-3.0-or-later
// The HTML report as a reader sees it, in a browser.
#include "reports/html.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <iostream>

#include "reports/report_file.hpp"
#include "tests/reports/browser.hpp"
#include "tests/reports/sample_run.hpp"
#include "tests/reports/temporary_folder.hpp"

using namespace rig::reports;

namespace {

constexpr std::int64_t second = 1'000'000'000;

/// Cells on a ramp, a relay that opens and an alarm, in the test that failed.
std::vector<RecordedSignal> some_recording(const TestRecord& test) {
    if (test.verdict != Verdict::failed || test.key.attempt != 1) return {};
    std::vector<RecordedSignal> recording;
    for (int cell = 1; cell <= 4; ++cell) {
        const auto n = std::to_string(cell);
        RecordedSignal volts{{"plant.cell[" + n + "].voltage_v", "plant", "V", 1e-4}, {}};
        RecordedSignal amperes{{"cell[" + n + "].current_a", "measured", "A", 1e-4}, {}};
        for (int i = 0; i < 120; ++i) {
            volts.changes.push_back({i * second / 10, 3.3 + 0.003 * i * (cell == 2)});
            amperes.changes.push_back({i * second / 10, 0.01 * std::sin(0.1 * i + cell)});
        }
        recording.push_back(volts);
        recording.push_back(amperes);
    }
    recording.push_back({{"relay.charge.pins_1_2", "measured", "", 1}, {{0, 1}, {8 * second, 0}}});
    recording.push_back({{"ext.alarm.v_max", "measured", "", 1}, {{0, 0}, {7 * second, 1}}});
    recording.push_back({{"switch[3]", "driven", "", 1}, {{0, 0}}});
    return recording;
}

struct Page {
    Page() {
        Store store{folder / "rig.sqlite"};
        const int run = store_sample_run(store);
        store.add_event(run, {"pack", "acceptance/soc.lua", "the count of charge goes on", 1}, 1,
                        {second, "print", "</script><b>bold</b>"});
        write_report_file(folder / "report.html", html_text(results_of(store, run), some_recording));
        browser.open_page(folder / "report.html");
    }

    auto of(const std::string& expression) { return browser.value_of(expression); }

    TemporaryFolder folder;
    Browser browser{folder.path()};
};

bool no_browser() {
    if (!Browser::program().empty()) return false;
    std::cout << "skipped: chromium is not installed\n";
    return true;
}

}  // namespace

TEST_CASE("the HTML report opens with the verdict and what failed, asks for nothing and complains of nothing",
          "[html]") {
    if (no_browser()) return;
    Page page;
    CHECK(page.of("document.querySelector('h1').textContent") == "error");
    const std::string text = page.of("document.body.innerText");
    CHECK_THAT(text, Catch::Contains("V-max trip, cell[2]: 3.662 V, 0.042 V too high (3.58 V to 3.62 V)") &&
                         Catch::Contains("the run ended in this test") &&
                         Catch::Contains("</script><b>bold</b>"));
    CHECK(page.of("document.querySelectorAll('section details.test.failed').length") == 4);
    CHECK(page.of(
              "[...document.querySelectorAll('.ids button')].map(b => b.textContent + b.title).join(' ')") ==
          "BAL-01proved BAL-03proved BAL-05proved RLY-01broken RLY-06undecided RLY-11broken RLY-12broken "
          "SOC-01undecided");

    page.of("document.querySelector('.ids button.failed').click()");
    CHECK(page.of("document.querySelectorAll('.ids ~ div tr.check, .matrix ~ div tr.check').length") == 3);

    for (const auto& request : page.browser.requests)
        CHECK_THAT(request, Catch::StartsWith("file://") || Catch::StartsWith("data:"));
    CHECK(page.browser.complaints == std::vector<std::string>{});
}

TEST_CASE("a measurement's mark stands inside its bar's limits, or beyond them", "[html]") {
    if (no_browser()) return;
    Page page;
    const auto place_of = [&](const std::string& check) {
        return std::stod(
            page.of("[...document.querySelectorAll('tr.check')].find(row => row.textContent.startsWith('" +
                    check + "')).querySelector('.margin i').style.left")
                .get<std::string>());
    };
    CHECK(place_of("V-max trip, cell[2]") > 80.0);
    CHECK(place_of("V-min trip, cell[1]") == Approx(50.0));
}

TEST_CASE("plots draw what was recorded, and a zoom in one is a zoom in all", "[html]") {
    if (no_browser()) return;
    Page page;
    const auto keep = [&](const std::string& name) {
        page.browser.screenshot(std::filesystem::path{RIG_SCREENSHOTS} / name);
    };
    page.browser.call("Emulation.setDeviceMetricsOverride",
                      {{"width", 1200}, {"height", 900}, {"deviceScaleFactor", 1}, {"mobile", false}});
    page.browser.settle();
    keep("report.png");
    REQUIRE(page.of("drawn.size") >= 1);
    const std::string axis = "[...drawn.values()].find(axis => axis.plots.length)";
    CHECK(page.of(axis + ".plots.length") == 3);  // voltages, currents, lanes
    CHECK(page.of(axis + ".plots[0].getLabels().length") == 5);
    CHECK(page.of(axis + ".plots[2].getLabels().join()") == "s,relay.charge.pins_1_2,ext.alarm.v_max");

    // Pixels that a curve has coloured.
    CHECK(
        page.of("(() => { const c = " + axis +
                ".plots[0].hidden_; const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
                " let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n; })()") > 500);

    const auto window = [&](int plot) {
        return page.of(axis + ".plots[" + std::to_string(plot) + "].xAxisRange()");
    };
    const auto before = window(0);
    const auto box = page.of("(() => { const a = " + axis +
                             ".plots[0], r = a.graphDiv.getBoundingClientRect(), p = a.getArea();"
                             " return [r.left + p.x, r.top + p.y, p.w, p.h]; })()");
    const double left = box[0], top = box[1], width = box[2], height = box[3];
    page.browser.drag(left + width * 0.25, left + width * 0.75, top + height / 2);
    const auto after = window(0);
    const double span_before = before[1].get<double>() - before[0].get<double>();
    const double span_after = after[1].get<double>() - after[0].get<double>();
    CHECK(span_after == Approx(span_before / 2).epsilon(0.05));
    CHECK(window(1) == after);
    CHECK(window(2) == after);
    CHECK(page.browser.complaints == std::vector<std::string>{});
}

TEST_CASE("the report reads on a phone, in the dark and on paper", "[html]") {
    if (no_browser()) return;
    Page page;
    const auto paper = [&] { return page.of("getComputedStyle(document.body).backgroundColor"); };
    CHECK(paper() == "rgb(255, 255, 255)");
    page.browser.call("Emulation.setEmulatedMedia",
                      {{"features", {{{"name", "prefers-color-scheme"}, {"value", "dark"}}}}});
    CHECK(paper() == "rgb(20, 23, 26)");
    page.browser.call("Emulation.setDeviceMetricsOverride",
                      {{"width", 390}, {"height", 800}, {"deviceScaleFactor", 1}, {"mobile", true}});
    page.of("document.querySelectorAll('details').forEach(box => box.open = true)");
    page.browser.settle();
    CHECK(page.of("document.documentElement.scrollWidth") <= 390);
    page.browser.screenshot(std::filesystem::path{RIG_SCREENSHOTS} / "report-phone-dark.png");

    page.of("document.querySelectorAll('details').forEach(box => box.open = false)");
    page.of("dispatchEvent(new Event('beforeprint'))");
    page.browser.settle();
    CHECK(page.of("document.querySelectorAll('details:not([open])').length") == 0);
}
