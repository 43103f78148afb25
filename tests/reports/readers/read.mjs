// SPDX-License-Identifier: GPL-3.0-or-later
// What two of the readers find in a report, for readers_test.sh to compare.
// usage: node read.mjs REPORT.xml
import { readFileSync } from "node:fs";
import { parse as json_of } from "junit2json";
import { parse as results_of } from "test-results-parser";

const file = process.argv[2];
const results = results_of({ type: "junit", files: [file] });
const cases = results.suites.flatMap((suite) => suite.cases);
console.log(`parser counts ${results.total} ${results.passed} ${results.failed} ${results.errors} ${results.skipped}`);
for (const test of cases) {
  console.log(`parser case ${test.name}: ${test.status}`);
  for (const [name, value] of Object.entries(test.metadata)) console.log(`parser property ${test.name}: ${name}=${value}`);
  for (const attachment of test.attachments) console.log(`parser attachment ${test.name}: ${attachment.path}`);
}

const suites = (await json_of(readFileSync(file, "utf8"))).testsuite;
for (const suite of suites) {
  console.log(`json counts ${suite.tests} ${suite.failures} ${suite.errors} ${suite.skipped}`);
  for (const property of suite.properties ?? []) console.log(`json run property ${property.name}=${property.value}`);
  for (const test of suite.testcase) {
    console.log(`json case ${test.name}: ${test.file}:${test.line} ${test.failure ? "failure" : test.error ? "error" : "good"}`);
    for (const property of test.properties ?? []) console.log(`json property ${test.name}: ${property.name}=${property.value}`);
  }
}
