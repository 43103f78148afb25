#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The set of scripts/benches in process and in the test machine: there a second rig reaches the same bench, served
# in real time, over serial ports and GPIO lines of the kernel. Each test must come to the same verdict.
# usage: same_verdicts.sh SOURCE_FOLDER BUILD_FOLDER [SPEED]...
set -uo pipefail
source_folder=$1
build_folder=$2
shift 2
(($#)) && speeds=("$@") || speeds=(1 0.5)
here=$source_folder/tests/machine
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2

# "the test's name: passed", sorted, from what the program prints; of a test that was asked again, the last.
verdicts() {
    sed -n 's/^\[[0-9]*\/[0-9]*\] *\([a-z]*\) *benches\/same_verdicts.lua: \(.*\) ([^()]*)$/\2: \1/p' "$1" |
        awk -F ': ' '{ last[$1] = $NF } END { for (name in last) print name ": " last[name] }' | sort
}

in_the_machine() {
    "$here/run.sh" "$build_folder/machine" --serial-pairs 6 --within 600 \
        --with "$build_folder/bin/rig=/rig/build/bin/rig" \
        --with "$build_folder/bin/rig-guard=/rig/build/bin/rig-guard" \
        --with "$build_folder/firmware/gen3-hw2=/rig/build/firmware/gen3-hw2" \
        --with "$source_folder/scripts=/rig/scripts" --with "$source_folder/fixtures=/rig/fixtures" \
        --with "$here/bench.toml=/rig/bench.toml" --with "$here/over_ports.sh=/rig/over_ports.sh" \
        -- "cd /rig && build/bin/rig serve bench.toml --speed $1 --output served.toml -- sh over_ports.sh"
}

"$build_folder/bin/rig" run --fixture "$here/bench.toml" "$source_folder/scripts/benches/same_verdicts.lua" >in-process ||
    { cat in-process; exit 1; }
verdicts in-process >wanted

# An emulated machine on a busy one may be too slow to answer in time, which is an error of the rig's and no
# verdict on a board: then all is said again, more slowly.
for speed in "${speeds[@]}"; do
    in_the_machine "$speed" | tee in-machine
    [[ ${PIPESTATUS[0]} == 77 ]] && exit 77
    verdicts in-machine >found
    if [[ -s found ]] && diff wanted found; then
        grep -q '^GPIO lines' in-machine || { echo "FAILED: no GPIO line was served"; exit 1; }
        echo "$(wc -l <found) tests, the same verdicts, at $speed bench s a second"
        exit 0
    fi
    grep -q ': error$' found || break
done
echo "FAILED: < in process, > in the machine"
exit 1
