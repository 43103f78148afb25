#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The set of scripts/benches in process and in the test machine: there a second rig reaches the same bench, served
# in real time, over serial ports and GPIO lines of the kernel. Each test must come to the same verdict.
# usage: same_verdicts.sh SOURCE_FOLDER BUILD_FOLDER
set -uo pipefail
source_folder=$1
build_folder=$2
here=$source_folder/tests/machine
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# "passed the test's name", sorted, from what the program prints.
verdicts() {
    sed -n 's/^\[[0-9]*\/[0-9]*\] *\([a-z]*\) *benches\/same_verdicts.lua: \(.*\) ([^()]*)$/\1 \2/p' "$1" | sort
}

cd "$work" || exit 2
"$build_folder/bin/rig" run --fixture "$here/bench.toml" "$source_folder/scripts/benches/same_verdicts.lua" >in-process
code=$?
cat in-process
[[ $code == 0 ]] || exit 1

"$here/run.sh" "$build_folder/machine" --serial-pairs 6 --within 700 \
    --with "$build_folder/bin/rig=/rig/build/bin/rig" --with "$build_folder/bin/rig-guard=/rig/build/bin/rig-guard" \
    --with "$build_folder/firmware/gen3-hw2=/rig/build/firmware/gen3-hw2" \
    --with "$source_folder/scripts=/rig/scripts" --with "$source_folder/fixtures=/rig/fixtures" \
    --with "$here/bench.toml=/rig/bench.toml" --with "$here/over_ports.sh=/rig/over_ports.sh" \
    -- "cd /rig && build/bin/rig serve bench.toml --speed ${SPEED:-0.4} --output served.toml -- sh over_ports.sh" | tee in-machine
code=${PIPESTATUS[0]}
[[ $code == 77 ]] && exit 77

if ! diff <(verdicts in-process) <(verdicts in-machine); then
    echo "FAILED: < in process, > in the machine"
    exit 1
fi
grep -q 'GPIO lines' in-machine || { echo "FAILED: no GPIO line was served"; exit 1; }
echo "$(verdicts in-machine | wc -l) tests, the same verdicts"
exit "$code"
