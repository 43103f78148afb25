#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The kept corpora are text, an input in hex on each line; libFuzzer wants a folder of files.
# usage: corpus.sh unpack TARGET FOLDER   (adds tests/fuzz/corpus/TARGET.txt to the folder)
#        corpus.sh pack TARGET FOLDER     (writes it anew from the folder)
set -euo pipefail
[[ $# == 3 ]] || { sed -n 's/^# usage: //p; s/^#        //p' "$0" >&2; exit 2; }
text=$(dirname "$0")/corpus/$2.txt
case $1 in
    unpack)
        mkdir -p "$3"
        number=0
        while read -r line; do
            printf '%b' "$(sed 's/../\\x&/g' <<<"$line")" >"$3/kept-$((number += 1))"
        done <"$text"
        ;;
    pack)
        for file in "$3"/*; do
            od -An -v -tx1 "$file" | tr -d ' \n'
            echo
        done | sed '/^$/d' | sort -u >"$text"
        ;;
    *) exit 2 ;;
esac
wc -l "$text"
