#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs every command that README.md shows in a block marked "sh", in order, in
# a copy of the tree that uses this build. Of ./bootstrap, which would start
# this test again, only the existence of the command is looked at. The script it
# shows must be the file it names, and every file it points to must be there.
# usage: readme_test.sh SOURCE_FOLDER BUILD_FOLDER
set -u
source_folder=$1
build_folder=$2
[[ -x $build_folder/bin/rig ]] || { echo "skipped: rig is not built"; exit 77; }

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
for entry in "$source_folder"/*; do
    case ${entry##*/} in
        build* | results*) ;;
        *) ln -s "$entry" "$copy/" ;;
    esac
done
ln -s "$build_folder" "$copy/build"
cd "$copy" || exit 1

failures=0
fail() {
    echo "FAILED: $1"
    failures=$((failures + 1))
}

# block KIND: the lines of README.md's blocks of that kind
block() {
    sed -n '/^```'"$1"'$/,/^```$/{/^```/d;p}' README.md
}

commands=0
while read -r line; do
    commands=$((commands + 1))
    if [[ $line == ./bootstrap* ]]; then
        read -r _ verb _ <<<"$line"
        ./bootstrap --help | grep -q "^  $verb " || fail "bootstrap has no such command: $line"
    elif ! bash -e -c "$line" >output.txt 2>&1; then
        fail "$line"
        sed 's/^/    /' output.txt
    fi
done < <(block sh)
((commands > 0)) || fail "README.md shows no command"

script=$(grep -oE '^`scripts/[^`]+\.lua`:$' README.md | tr -d '`:')
[[ $script && $(block lua) == "$(sed 1d "$script")" ]] ||
    fail "the script shown is not the file it names (without its first line): ${script:-none}"

while read -r file; do
    [[ -e $file ]] || fail "README.md points to $file, which is not there"
done < <(grep -oE '\]\([^)]+\)' README.md | tr -d '](' | tr -d ')')

echo "$commands commands, $failures failed"
exit $((failures > 0))
