#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh CACHE [--with PATH[=INSIDE]]... [--serial-pairs N] [--within SECONDS] -- COMMAND: boots the test
# machine, runs COMMAND in its shell and hands on its output and exit code. A --with program comes with the
# libraries it needs, a folder with all in it, each where it is outside unless INSIDE is named. N pairs of
# serial ports are wired crosswise: /dev/pair/1-near, /dev/pair/1-far. Exit 77: no such machine here, says why.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)

refuse() {
    echo "run.sh: $*" >&2
    exit 2
}

cache=$(realpath -m "$1")
shift
with=()
pairs=1
within=300
while (($#)); do
    case $1 in
        --with) with+=("$2"); shift 2 ;;
        --serial-pairs) pairs=$2; shift 2 ;;
        --within) within=$2; shift 2 ;;
        --) shift; break ;;
        *) refuse "what is $1?" ;;
    esac
done
(($#)) || refuse "no command"
((pairs <= 8)) || refuse "$pairs pairs of serial ports: at most 8"

command -v qemu-system-x86_64 >/dev/null || {
    echo "skipped: there is no qemu-system-x86_64 (package qemu-system-x86)"
    exit 77
}
made=$("$here/kernel.sh" "$cache") || {
    code=$?
    echo "$made"
    exit $code
}

work=$(mktemp -d)
qemu=
trap 'kill $qemu 2>/dev/null; rm -rf "$work"' EXIT
root=$work/root
mkdir "$root"
printf '%s\n' "$*" >"$root/command"

# Where a file is outside, with symbolic links followed, it is inside.
bring() {
    local outside=$1 inside=$root$2
    [[ -e $inside ]] && return
    mkdir -p "$(dirname "$inside")"
    cp -rL "$outside" "$inside"
}
for item in "${with[@]}"; do
    outside=${item%%=*}
    inside=${item#*=}
    [[ -e $outside ]] || refuse "there is no $outside"
    bring "$outside" "$inside"
    [[ -f $outside && -x $outside ]] || continue
    strip --strip-debug "$root$inside" 2>/dev/null
    for library in $(ldd "$outside" 2>/dev/null | grep -o '/[^ ]*'); do
        bring "$library" "$library"
    done
done
(cd "$root" && find . | "$made/busybox" cpio -o -H newc --quiet) >"$work/brought.cpio" || refuse "cannot pack"
cat "$made/base.cpio" "$work/brought.cpio" >"$work/initrd"

ports=()
slot=16
for ((pair = 1; pair <= pairs; ++pair)); do
    socket=path=$work/pair$pair
    ports+=(-chardev "socket,id=near$pair,$socket,server=on,wait=off" -chardev "socket,id=far$pair,$socket")
    for end in near far; do
        ports+=(-device "pci-serial,chardev=$end$pair,addr=$(printf %x "$slot")")
        ((++slot))
    done
done

# Boots, hands on what the command prints, and sets `code`; false when the machine never got as far as the command.
run_in_it() {
    local up='' deadline=$((SECONDS + boots_within)) console line
    coproc machine {
        exec qemu-system-x86_64 -accel tcg -smp 2 -m 512 -nodefaults -no-reboot -display none \
            -chardev stdio,id=console,signal=off -serial chardev:console "${ports[@]}" \
            -kernel "$made/kernel" -initrd "$work/initrd" \
            -append "console=ttyS0 panic=-1 quiet 8250.nr_uarts=32" </dev/null
    }
    qemu=$machine_PID
    exec {console}<&"${machine[0]}"
    while ((deadline > SECONDS)) && IFS= read -r -t $((deadline - SECONDS)) -u "$console" line; do
        line=${line%$'\r'}
        case $line in
            'machine: up') up=1 deadline=$((SECONDS + within)) ;;
            'machine: exit '*) code=${line##* } ;;
            *'reboot: Restarting system'*) ;;
            *) printf '%s\n' "$line" ;;
        esac
    done
    exec {console}<&-
    kill "$qemu" 2>/dev/null
    wait "$qemu" 2>/dev/null
    qemu=
    [[ $up ]]
}

# A kernel under emulation now and then stops on its way up, which says nothing about what it was to run.
boots_within=90
code=
for attempt in 1 2 3; do
    run_in_it && break
    echo "the machine did not come up within $boots_within s (attempt $attempt of 3)"
done
[[ $code ]] || {
    echo "the command was not done within $within s, or could not be begun: see above"
    exit 2
}
exit "$code"
