#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# JUnit reports of a real run, as readers that others wrote see them: counts,
# properties, attachments. The readers are installed once, below the build folder.
# usage: readers_test.sh SOURCE_FOLDER BUILD_FOLDER
set -u
source_folder=$1
build_folder=$2
rig=$build_folder/bin/rig
[[ -x $rig ]] || { echo "skipped: rig is not built"; exit 77; }
command -v node >/dev/null && command -v npm >/dev/null || { echo "skipped: node and npm are not installed"; exit 77; }

readers=$build_folder/readers
mkdir -p "$readers"
cp "$source_folder"/tests/reports/readers/* "$readers/"
if [[ ! -e $readers/installed || $readers/package.json -nt $readers/installed ]]; then
    (cd "$readers" && timeout 300 npm install --no-audit --no-fund --ignore-scripts >install.log 2>&1) ||
        { echo "skipped: npm cannot install the readers; $readers/install.log says why"; exit 77; }
    touch "$readers/installed"
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ln -s "$source_folder/scripts" "$source_folder/fixtures" "$folder/"
cd "$folder" || exit 1
cat >a.lua <<'END'
local rig = require("rig")
rig.api(1)
rig.test("good", { tags = { "quick" } }, function(bench)
  print("hello")
  rig.check("cell 1", bench.cell[1]:voltage_v(), { min = 3.2, max = 3.4, unit = "V" })
end)
rig.test("bad", { needs = { "cell" } }, function(bench) rig.check("trip", 3.65, { max = 3.6, unit = "V" }) end)
rig.test("broken", {}, function() rig.abort("the oven is cold") end)
rig.test("absent", { needs = { "sensor[9]" } }, function() end)
END
"$rig" run --operator Ada --serial SN-7 a.lua >run.txt 2>&1
for dialect in strict rich; do
    "$rig" report --format junit-$dialect --output $dialect.xml || exit 1
    node "$readers/read.mjs" $dialect.xml >$dialect.txt 2>&1 || { cat $dialect.txt; exit 1; }
    "$readers/node_modules/.bin/xunit-viewer" -r $dialect.xml --console -o $dialect.html >$dialect.viewer 2>&1
done

failures=0
expect() {
    grep -qF -- "$2" "$1" && return
    echo "FAILED: $1 lacks: $2"
    sed 's/^/    /' "$1"
    failures=$((failures + 1))
}

for dialect in strict rich; do
    expect $dialect.txt "parser case good: PASS"
    expect $dialect.txt "parser case bad: FAIL"
    expect $dialect.txt "json counts 4 1 1 1"
    expect $dialect.viewer "1 failure"
    expect $dialect.viewer "1 error"
    expect $dialect.viewer "1 skipped"
    expect $dialect.viewer "1 passed"
done
expect rich.txt "parser property bad: trip=3.65 V"
expect rich.txt "parser property bad: trip, limits=at most 3.6 V"
expect rich.txt "parser property good: serial=SN-7"
expect rich.txt "parser attachment bad: rich-signals/1.csv"
expect rich.txt "json run property operator=Ada"
expect rich.txt "json case bad: a.lua:7 failure"
expect rich.txt "json case broken: a.lua:8 error"
expect rich.viewer "operator=Ada"
expect rich-signals/1.csv "plant.cell[1].voltage_v,plant,V,3."
if command -v xmllint >/dev/null; then
    xmllint --noout --schema "$source_folder/tests/reports/junit-strict.xsd" strict.xml 2>xmllint.txt || { cat xmllint.txt; failures=$((failures + 1)); }
fi
exit $((failures > 0))
