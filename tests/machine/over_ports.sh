#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# In the test machine, while served.toml's bench is served: the pseudo-terminals are led through pairs of serial
# ports, and a second rig runs the set on the ports' other ends.
cp served.toml ports.toml
pair=1
# What a test has no use for stays where it is.
for terminal in $(sed -n -e '/^service_input/d' -e '/^chain_ear/d' -e 's/.*"pty:\([^"]*\)".*/\1/p' served.toml); do
    far=/dev/pair/$pair-far
    stty -F "$terminal" raw -echo
    stty -F "$far" 9600 raw -echo
    cat "$terminal" >"$far" &
    cat "$far" >"$terminal" &
    sed -i "s,\"pty:$terminal\",\"serial:/dev/pair/$pair-near?baud=9600\"," ports.toml
    pair=$((pair + 1))
done

# Not to a terminal, which would get progress instead of a line for each test.
run() {
    build/bin/rig run --fixture ports.toml "$@" scripts/benches/same_verdicts.lua >run.log 2>&1
    code=$?
    cat run.log
}

# An instrument that answers too late, as this machine may make it do, is the rig's error and no verdict on a
# board: such a test is asked again.
run
for again in 1 2; do
    sed -n 's/^\[[0-9]*\/[0-9]*\] error *[^:]*: \(.*\) ([^()]*)$/\1/p' run.log >late
    [ -s late ] || break
    echo "again: $(wc -l <late)"
    run --filter "$(paste -s -d '|' late)"
done
exit $code
