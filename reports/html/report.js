// SPDX-License-Identifier: GPL-3.0-or-later
// One run as a page: verdict, what failed and why, requirements, every
// measurement against its limits, and what the run was made with.
"use strict";

const report = JSON.parse(document.getElementById("data").textContent);
const drawn = new Map();  // of each opened test's box, its time axis

/** An element with this class, and in it texts and elements; never markup from data. */
function made(tag, kind, ...inside) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  element.append(...inside.filter((part) => part !== null && part !== undefined && part !== ""));
  return element;
}

function list_of(pairs) {
  const list = made("dl");
  for (const [name, value] of pairs) if (value) list.append(made("dt", "", name), made("dd", "", value));
  return list;
}

function heading() {
  const run = report.run;
  const duts = run.duts.map((dut) => (dut.serial ? `${dut.dut}: ${dut.serial}` : dut.dut)).join(", ");
  const ending = run.ending === "complete" ? "" : `${run.ending} after ${report.tally.tests} of ${run.planned} tests`;
  return made("header", `verdict ${report.verdict}`,
    made("h1", "", report.verdict),
    made("div", "", `${report.tally.text}; ${report.tally.checks} checks in ${report.tally.duration} of bench time`),
    list_of([["ended", ending], ["under test", `${duts} (${run.profile})`], ["operator", run.operator],
      ["station", run.station], ["when", [run.started_utc, run.ended_utc].filter(Boolean).join(" to ")],
      ["fixture", `${run.fixture}, seed ${run.seed}`], ["run", `${report.number}, ${run.uuid}, rig ${run.rig_version}`]]));
}

/** Where a value lies: the middle three fifths of the bar are within the limits. */
function margin_bar(check) {
  if (typeof check.value !== "number" || (check.low === null && check.high === null)) return null;
  const low = check.low, high = check.high;
  const span = low !== null && high !== null && high > low ? high - low
    : Math.max(Math.abs(check.value - (low ?? high)) * 2, Math.abs(low ?? high) * 0.1, 1e-9);
  const from = low ?? high - span;
  const place = 20 + 60 * (check.value - from) / span;
  const bar = made("div", `margin ${low !== null ? "low" : ""} ${high !== null ? "high" : ""} ${check.verdict}`);
  const mark = made("i");
  mark.style.left = `${Math.min(99, Math.max(1, place))}%`;
  bar.append(mark);
  bar.title = `margin ${check.margin} ${check.unit}`;
  return bar;
}

function check_row(check) {
  const row = made("tr", `check ${check.verdict}`,
    made("td", "", check.name, check.failure ? made("div", "faint", check.failure) : null,
      made("div", "faint", `${check.script_line}${check.proves.length ? ", " : ""}${check.proves.join(" ")}`)),
    made("td", "number", check.kind === "claim" ? (check.verdict === "passed" ? "holds" : "does not hold") : check.value_text),
    made("td", "number", check.limits_text ?? ""),
    made("td", "", margin_bar(check)),
    made("td", "word", check.verdict));
  return row;
}

function check_table(checks) {
  const body = made("tbody", "", ...checks.map(check_row));
  const heads = ["check", "value", "limits", "margin", ""].map((head) => made("th", "", head));
  return made("table", "checks", made("thead", "", made("tr", "", ...heads)), body);
}

function test_inside(test) {
  const inside = made("div");
  if (test.message) inside.append(made("pre", "", test.message));
  const printed = test.events.map((event) => `${event.bench_s.toFixed(3)} s  ${event.kind}: ${event.text}`).join("\n");
  if (test.recording) {
    inside.append(made("div", "plots"));
  } else if (test.recording_left_out) {
    inside.append(made("p", "faint", "Recorded signals are left out to keep this report small: rig report --format html --filter … has them."));
  }
  if (test.checks.length) inside.append(check_table(test.checks));
  if (printed) inside.append(made("h3", "", "events"), made("pre", "", printed));
  return inside;
}

/** Opened, a test is made: a long run has more of them than anyone opens. */
function test_box(test, open) {
  const box = made("details", `test ${test.verdict}`,
    made("summary", "", made("span", "word", test.verdict), ` ${test.title} `,
      made("span", "faint", `${test.file}, ${test.duration}, ${test.checks.length} checks`),
      test.headline ? made("span", "why", test.headline) : null));
  const fill = () => {
    if (!box.open || box.children.length > 1) return;
    box.append(test_inside(test));
    // Only now a plot can know how wide it is.
    const plots = box.querySelector(".plots");
    if (plots) drawn.set(box, plot_test(plots, test));
  };
  box.addEventListener("toggle", fill);
  if (open) box.open = true;
  return box;
}

function failures() {
  const bad = report.tests.filter((test) => test.verdict === "failed" || test.verdict === "error");
  if (bad.length === 0) return null;
  return made("section", "", made("h2", "", "What failed, and why"), ...bad.map((test, i) => test_box(test, i < 5)));
}

function requirements() {
  const found = new Map();
  for (const [said, verdict] of [["proved", "passed"], ["broken", "failed"], ["undecided", "error"]])
    for (const id of report.requirements[said]) found.set(id, [said, verdict]);
  if (found.size === 0) return null;
  const checks = made("div");
  const show = (id, button) => {
    for (const other of document.querySelectorAll(".ids .chosen")) other.classList.remove("chosen");
    button.classList.add("chosen");
    const cited = report.tests.flatMap((test) => test.checks.filter((check) => check.proves.includes(id))
      .map((check) => ({ ...check, name: `${test.title}: ${check.name}` })));
    checks.replaceChildren(made("h3", "", id), check_table(cited));
  };
  const groups = new Map();
  for (const id of [...found.keys()].sort()) {
    const group = id.replace(/-.*/, "");
    groups.set(group, [...(groups.get(group) ?? []), id]);
  }
  const matrix = made("dl", "matrix");
  for (const [group, ids] of groups)
    matrix.append(made("dt", "", group), made("dd", "ids", ...ids.map((id) => {
      const [said, verdict] = found.get(id);
      const button = made("button", verdict, id);
      button.title = said;
      button.onclick = () => show(id, button);
      return button;
    })));
  const count = (said) => `${report.requirements[said].length} ${said}`;
  return made("section", "", made("h2", "", "Requirements"),
    made("p", "faint", `${count("proved")}, ${count("broken")}, ${count("undecided")} in this run; choose one to see its checks.`),
    matrix, checks);
}

function all_tests() {
  const boxes = report.tests.map((test) => [test, test_box(test, false)]);
  const search = made("input");
  search.placeholder = "test, check, file or requirement";
  const verdict = made("select", "", ...["all", "passed", "failed", "error", "skipped"].map((word) => made("option", "", word)));
  const words = new Map(boxes.map(([test]) => [test, JSON.stringify(
    [test.title, test.file, test.checks.map((check) => [check.name, check.proves])]).toLowerCase()]));
  const narrow = () => {
    for (const [test, box] of boxes)
      box.hidden = !words.get(test).includes(search.value.toLowerCase()) ||
        (verdict.value !== "all" && verdict.value !== test.verdict);
  };
  search.oninput = narrow;
  verdict.onchange = narrow;
  return made("section", "", made("h2", "", "All tests and measurements"), made("div", "tools", search, verdict),
    ...boxes.map(([, box]) => box));
}

function made_with() {
  const rows = [
    ...report.run.instruments.map((it) => [it.name, it.identity, it.link]),
    ...report.run.files.map((file) => [file.kind, file.name, file.sha256]),
  ].map((cells) => made("tr", "", ...cells.map((cell) => made("td", "", cell))));
  const details = made("details", "", made("summary", "", `${report.run.instruments.length} instruments, ${report.run.files.length} files with their SHA-256`),
    made("table", "files", ...rows));
  return made("section", "", made("h2", "", "Made with"), details);
}

document.getElementById("report").append(
  ...[heading(), failures(), requirements(), all_tests(), made_with()].filter((part) => part !== null));

// On paper nothing can be opened.
addEventListener("beforeprint", () => {
  for (const box of document.querySelectorAll("details")) box.open = true;
});
