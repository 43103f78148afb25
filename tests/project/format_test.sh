#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Whether the tree is as clang-format would leave it. Other versions than 14
# lay out some things differently: they are not asked.
# usage: format_test.sh SOURCE_FOLDER
set -u
cd "$1" || exit 1
tool=
for name in clang-format-14 clang-format; do
    if "$name" --version 2>/dev/null | grep -q 'version 14\.'; then
        tool=$name
        break
    fi
done
[[ $tool ]] || { echo "skipped: clang-format 14 is not installed"; exit 77; }

mapfile -t files < <(find firmware instruments fixtures reports rig tests -name '*.[ch]pp')
found=$("$tool" --dry-run -Werror "${files[@]}" 2>&1 | grep -oE '^[^ :]+:[0-9]+:[0-9]+: error' | cut -d: -f1 | uniq -c)
[[ $found ]] || exit 0
echo "places that clang-format would change (clang-format -i FILE does it):"
echo "$found"
exit 1
