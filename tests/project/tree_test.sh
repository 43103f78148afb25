#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What holds for every file of the tree: its licence is in its first lines, it
# knows no machine and no network host of ours, and it includes only what its
# room may. usage: tree_test.sh SOURCE_FOLDER
set -u
cd "$1" || exit 1
failures=0

fail() {
    echo "FAILED: $1"
    failures=$((failures + 1))
}

# What git knows; in a tree without git, everything but what is made.
mapfile -t files < <(git ls-files 2>/dev/null)
if ((${#files[@]} == 0)); then
    mapfile -t files < <(find . \( -path './build*' -o -path './results*' -o -path './.*' \) -prune -o -type f -print |
        sed 's|^\./||' | sort)
fi

# Data that other programs read, expected output and prose carry no licence line.
for file in "${files[@]}"; do
    case $file in
        *.md | *.json | *LICENSE* | .gitignore | tests/golden/* | tests/fuzz/corpus/* | *.csv | *.swp) continue ;;
        firmware/*) licence=BSD-2-Clause ;;
        *) licence=GPL-3.0-or-later ;;
    esac
    head -n 2 "$file" | grep -q "SPDX-License-Identifier: $licence" ||
        fail "$file: one of its first two lines must read SPDX-License-Identifier: $licence"
done

# Written so that this file does not find itself.
while IFS= read -r hit; do
    fail "a path of one machine, or a host that packages come from: $hit"
done < <(grep -nIE '/(hom[e]|User[s])/[a-z]|/roo[t]/|/wor[k]/|(pyp[i]|crate[s]|debia[n])\.(org|io|net)|npmj[s]\.|ghc[r]\.io|docke[r]\.(io|com)' \
    "${files[@]}")

# room: what it may include, besides itself
declare -A may_include=(
    [firmware/core]=''
    [firmware/hal]='firmware/core'
    [firmware/boards]='firmware/core firmware/hal'
    [instruments]=''
    [fixtures]='instruments firmware/core'
    [reports]=''
    [rig/guard]='instruments/links instruments/digital_line.hpp instruments/off_sequence.hpp'
    [rig]='instruments fixtures reports firmware/core'
    [tests]='firmware instruments fixtures reports rig'
)

room_of() {
    local room
    [[ $1 == tests/fixtures/virtual/probes/* ]] && return  # programs for the simulated processor, with a header of their own
    for room in firmware/core firmware/hal firmware/boards instruments fixtures reports rig/guard rig tests; do
        [[ $1 == "$room"/* ]] && echo "$room" && return
    done
}

allowed() {
    local room=$1 target=$2 other
    [[ $target == "$room"/* ]] && return 0
    for other in ${may_include[$room]}; do
        [[ $target == "$other" || $target == "$other"/* ]] && return 0
    done
    return 1
}

while IFS=: read -r file line target; do
    room=$(room_of "$file")
    [[ $room ]] || continue
    if [[ ! -f $target && ! -f $target.in ]]; then  # .in: CMake makes it
        fail "$file:$line includes \"$target\": includes are written from the root"
    elif ! allowed "$room" "$target"; then
        fail "$file:$line includes \"$target\": $room may include ${may_include[$room]:-nothing but itself}"
    fi
done < <(printf '%s\n' "${files[@]}" | grep -E '\.[ch]pp$|\.[ch]$' | xargs grep -noHE '^ *# *include "[^"]+"' |
    sed -E 's/# *include "([^"]+)"/\1/; s/: +/:/')

((failures == 0)) && echo "${#files[@]} files, all good"
exit $((failures > 0))
