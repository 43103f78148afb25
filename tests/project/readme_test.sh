#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs every command that README.md shows in a block marked "sh", in order, in
# a copy of the tree that uses this build. Of ./bootstrap, which would start
# this test again, only the existence of the command is looked at.
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
commands=0
while IFS= read -r line; do
    commands=$((commands + 1))
    if [[ $line == ./bootstrap* ]]; then
        read -r _ verb _ <<<"$line"
        ./bootstrap --help | grep -q "^  $verb " && continue
        echo "FAILED: bootstrap has no command: $line"
        failures=$((failures + 1))
    elif ! bash -e -c "$line" >output.txt 2>&1; then
        echo "FAILED: $line"
        sed 's/^/    /' output.txt
        failures=$((failures + 1))
    fi
done < <(sed -n '/^```sh$/,/^```$/{/^```/d;/^#/d;/^$/d;p}' "$source_folder/README.md")

((commands > 0)) || { echo "FAILED: README.md shows no command"; failures=1; }
echo "$commands commands, $failures failed"
exit $((failures > 0))
