// SPDX-License-Identifier: GPL-3.0-or-later
// Recorded signals of one test: values as curves with the limits they were held
// against, lines that are on or off as lanes, all on one time axis.
"use strict";

const most_curves = 24;
const lane_pitch = 1.5;

/** Times in seconds of bench time, and values, from the differences that the report holds. */
function unpacked(signal) {
  let us = 0, count = 0;
  const times = [], values = [];
  for (let i = 0; i < signal.us.length; ++i) {
    us += signal.us[i];
    count += signal.counts[i];
    times.push(us / 1e6);
    values.push(count * signal.step);
  }
  return { ...signal, times, values };
}

function spread(signal) {
  let low = Infinity, high = -Infinity;  // a long run has more values than a call may have arguments
  for (const value of signal.values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high - low;
}

/** Rows for the plot: at each time when something changed, what everything was. */
function rows_of(signals, from_s, to_s) {
  const times = new Set([from_s, to_s]);
  for (const signal of signals) for (const t of signal.times) times.add(t);
  const sorted = [...times].sort((a, b) => a - b);
  const next = signals.map(() => 0);
  return sorted.map((t) => [t, ...signals.map((signal, i) => {
    while (next[i] < signal.times.length && signal.times[next[i]] <= t) ++next[i];
    return next[i] > 0 ? signal.values[next[i] - 1] : null;
  })]);
}

/** Where to look first: round the first check that failed, else the whole test. */
function first_window(test) {
  const failed = test.checks.find((check) => check.verdict !== "passed");
  const at = failed ? failed.bench_s : test.verdict === "passed" ? null : test.ended_s;
  if (at === null) return [test.began_s, test.ended_s];
  const span = Math.max(10, (test.ended_s - test.began_s) / 10);
  return [Math.max(test.began_s, at - span), Math.min(test.ended_s, at + span / 2) + 0.001];
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Limits of the test's checks in this unit: horizontal; checks themselves: vertical. */
function draw_marks(test, unit) {
  return (canvas, area, plot) => {
    canvas.save();
    canvas.lineWidth = 1;
    const limits = new Set();
    for (const check of test.checks) {
      if (check.unit !== unit) continue;
      for (const limit of [check.low, check.high]) if (typeof limit === "number") limits.add(limit);
    }
    canvas.strokeStyle = colour("--error");
    canvas.setLineDash([6, 4]);
    for (const limit of limits) {
      const y = plot.toDomYCoord(limit);
      canvas.beginPath();
      canvas.moveTo(area.x, y);
      canvas.lineTo(area.x + area.w, y);
      canvas.stroke();
    }
    canvas.setLineDash([2, 3]);
    for (const check of test.checks) {
      canvas.strokeStyle = colour(check.verdict === "passed" ? "--passed" : "--failed");
      const x = plot.toDomXCoord(check.bench_s);
      canvas.beginPath();
      canvas.moveTo(x, area.y);
      canvas.lineTo(x, area.y + area.h);
      canvas.stroke();
    }
    canvas.restore();
  };
}

/** A reader's own zoom in one plot is everyone's. */
class TimeAxis {
  constructor(window) { this.plots = []; this.window = window; this.busy = false; }
  add(plot) { this.plots.push(plot); }
  show(window, asked = null) {
    if (this.busy) return;
    this.busy = true;
    this.window = window;
    for (const plot of this.plots) if (plot !== asked) plot.updateOptions({ dateWindow: window });
    this.busy = false;
  }
}

function common_options(axis, test, unit) {
  return {
    stepPlot: true, connectSeparatedPoints: true, legend: "follow", labelsKMB: false, strokeWidth: 1.5,
    colorSaturation: 0.8, colorValue: matchMedia("(prefers-color-scheme: dark)").matches ? 0.95 : 0.6,
    gridLineColor: colour("--line"), axisLineColor: colour("--line"), dateWindow: axis.window,
    xlabel: "", animatedZooms: false, underlayCallback: draw_marks(test, unit),
    zoomCallback: function () { axis.show(this.xAxisRange(), this); },
    axes: {
      x: { axisLabelFormatter: (s) => `${+s.toFixed(3)} s`, valueFormatter: (s) => `${s.toFixed(3)} s` },
      y: {
        // The same for all plots of a test, so that one moment is one place.
        axisLabelWidth: document.documentElement.clientWidth > 640 ? 150 : 110,
        axisLabelFormatter: (value) => String(+value.toPrecision(5)),
        valueFormatter: (value) => String(+value.toPrecision(6)),
      },
    },
  };
}

function plot_box(parent, title, lanes = 0) {
  const heading = document.createElement("div");
  heading.className = "plot-title";
  heading.textContent = title;
  const box = document.createElement("div");
  box.className = lanes ? "plot lanes" : "plot";
  if (lanes) box.style.height = `${lanes * 20 + 36}px`;
  parent.append(heading, box);
  return box;
}

function plot_curves(parent, axis, test, title, unit, signals) {
  let shown = signals;
  if (shown.length > most_curves) {
    shown = [...signals].sort((a, b) => spread(b) - spread(a)).slice(0, most_curves);
    title += ` (the ${most_curves} that moved most, of ${signals.length})`;
  }
  const limits = test.checks.filter((check) => check.unit === unit)
    .flatMap((check) => [check.low, check.high]).filter((limit) => typeof limit === "number");
  // After the last check the bench is switched off: what goes to zero then is of no interest.
  const last = Math.max(-Infinity, ...test.checks.map((check) => check.bench_s));
  const before = shown.flatMap((signal) => signal.values.filter((_, i) => signal.times[i] <= last));
  let low_value = Infinity, high_value = -Infinity;
  for (const value of before.length > 0 ? before : shown.flatMap((signal) => signal.values)) {
    low_value = Math.min(low_value, value);
    high_value = Math.max(high_value, value);
  }
  // Limits that belong to something else entirely must not flatten the curves.
  const near = limits.filter((limit) => limit > low_value - 1 && limit < high_value + 1);
  const low = Math.min(low_value, ...near), high = Math.max(high_value, ...near);
  const room = (high - low) * 0.06 || 0.01;
  const plot = new Dygraph(plot_box(parent, title), rows_of(shown, test.began_s, test.ended_s), {
    ...common_options(axis, test, unit),
    labels: ["s", ...shown.map((signal) => signal.name)],
    valueRange: [low - room, high + room],
  });
  axis.add(plot);
}

function plot_lanes(parent, axis, test, signals) {
  const top = (signals.length - 1) * lane_pitch;
  const lanes = signals.map((signal, i) => ({
    ...signal, values: signal.values.map((value) => top - i * lane_pitch + (value ? 1 : 0)),
  }));
  const common = common_options(axis, test, "");
  const name_at = (y) => signals[Math.round((top - y) / lane_pitch)];
  const plot = new Dygraph(plot_box(parent, "on and off", signals.length),
    rows_of(lanes, test.began_s, test.ended_s), {
      ...common, labels: ["s", ...signals.map((signal) => signal.name)],
      valueRange: [-0.4, top + 1.4], fillGraph: false,
      axes: {
        x: common.axes.x,
        y: {
          ...common.axes.y, drawGrid: false, axisLabelFormatter: undefined,
          ticker: () => signals.map((signal, i) => ({ v: top - i * lane_pitch + 0.5, label: signal.name })),
          valueFormatter: (y) => (name_at(Math.floor(y / lane_pitch) * lane_pitch) && y % lane_pitch > 0.5 ? "on" : "off"),
        },
      },
    });
  axis.add(plot);
}

/** Curves with a unit are drawn together; where nothing moved there is nothing to see. */
function plot_test(parent, test) {
  const signals = test.recording.signals.map(unpacked).filter((signal) => signal.times.length > 0);
  const axis = new TimeAxis(first_window(test));
  const tools = document.createElement("div");
  tools.className = "tools";
  const button = (text, window) => {
    const made = document.createElement("button");
    made.textContent = text;
    made.onclick = () => axis.show(window);
    tools.append(made);
  };
  button("the moment that matters", first_window(test));
  button("whole test", [test.began_s, test.ended_s]);
  parent.append(tools);

  const groups = [
    ["cell voltages (the plant's truth)", "V", (s) => s.source === "plant"],
    ["voltages measured and driven", "V", (s) => s.source !== "plant" && !s.name.startsWith("ext.pack")],
    ["cell currents (the plant's truth)", "A", (s) => s.source === "plant"],
    ["currents measured and driven", "A", (s) => s.source !== "plant"],
    ["temperatures", "°C", () => true],
    ["state of charge", "%", () => true],
  ];
  for (const [title, unit, wanted] of groups) {
    const members = signals.filter((signal) => signal.unit === unit && wanted(signal));
    if (members.some((signal) => spread(signal) > 0)) plot_curves(parent, axis, test, `${title}, ${unit}`, unit, members);
  }
  const lanes = signals.filter((signal) => signal.unit === "" &&
    (new Set(signal.values).size > 1 || signal.name.startsWith("relay.")));
  if (lanes.length > 0) plot_lanes(parent, axis, test, lanes);
  return axis;
}
