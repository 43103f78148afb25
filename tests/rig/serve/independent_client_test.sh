#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A client that knows nothing of this project drives an instrument that rig serve plays: sets, reads back, provokes
# an error and reads it.
# usage: independent_client_test.sh PROGRAM_FOLDER CLIENT   (sigrok-cli, lxi or mbpoll)
set -u
rig=$1/rig
client=$2
command -v "$client" >/dev/null || { echo "skipped: $client is not installed (Debian: ${client/%lxi/lxi-tools})"; exit 77; }

# On the other side of rig serve this script runs again, and finds the instrument in the served fixture.
if [[ ! ${RIG_SERVED-} ]]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    cells='dialect = "rigol-dp800"'
    [[ $client == mbpoll ]] && cells='driver = "riden-rd60xx"'
    printf 'schema = 1\nprofile = "gen3-hw2"\n[pack]\ncells = 2\n[cells]\n%s\n' "$cells" >"$folder/bench.toml"
    RIG_SERVED=$folder/served.toml "$rig" serve "$folder/bench.toml" --output "$folder/served.toml" -- "$0" "$@"
    exit
fi

link=$(grep -oE '(tcp:127.0.0.1:[0-9]+|modbus:/dev/pts/[0-9]+)' "$RIG_SERVED" | head -1)
failures=0

# expect WHAT PATTERN COMMAND...: what the command says, errors included, matches the pattern
expect() {
    local what=$1 pattern=$2 said
    shift 2
    said=$("$@" 2>&1)
    grep -qE -- "$pattern" <<<"$said" && return
    echo "FAILED: $what: \"$*\" said, without \"$pattern\":"
    sed 's/^/    /' <<<"$said"
    failures=$((failures + 1))
}

case $client in
    sigrok-cli)
        device=scpi-pps:conn=tcp-raw/${link#tcp:}
        device=${device%:*}/${link##*:}
        # As it closes a connection it complains of having closed it.
        sigrok() { timeout 20 sigrok-cli --driver "$device" "$@" 2>/dev/null; }
        first() { sigrok --channel-group 1 "$@"; }
        expect "finds it" 'Rigol DP832 .* with 9 channels' sigrok --scan
        first --config voltage_target=3.7 --set
        expect "reads it back" '^3\.70' first --get voltage_target
        first --config current_limit=1.5 --set
        expect "reads it back" '^1\.5' first --get current_limit
        expect "is off" '^false' first --get enabled
        first --config enabled=yes --set
        expect "is on" '^true' first --get enabled
        expect "measures" '^V1: 3\.(69|7)[0-9]* V DC' sigrok --samples 1
        first --config voltage_target=99 --set
        expect "which is not taken" '^3\.70' first --get voltage_target
        # It has no word for the queue; the queue is read past it.
        exec 3<>"/dev/tcp/127.0.0.1/${link##*:}"
        echo 'SYST:ERR?' >&3
        read -r -t 20 error <&3
        [[ $error == '-222,"Data out of range"' ]] || { echo "FAILED: the error queue says \"$error\""; failures=$((failures + 1)); }
        ;;
    lxi)
        ask() { timeout 20 lxi scpi --address 127.0.0.1 --port "${link##*:}" --raw "$@"; }
        expect "identifies it" '^RIGOL TECHNOLOGIES,DP832,' ask '*IDN?'
        ask ':APPL CH2,3.65,1'
        expect "reads back" '^CH2:30V/3A,3\.650,1\.000' ask ':APPL? CH2'
        ask ':OUTP CH2,ON'
        expect "measures" '^3\.6[45]' ask ':MEAS:VOLT? CH2'
        expect "has no error yet" '^0,"No error"' ask 'SYST:ERR?'
        ask ':SOUR2:VOLT 99'
        ask ':BREW:TEA 1'
        expect "hears of the first" '^-222,"Data out of range"' ask 'SYST:ERR?'
        expect "hears of the second" '^-113,"Undefined header"' ask 'SYST:ERR?'
        expect "and of no more" '^0,"No error"' ask 'SYST:ERR?'
        expect "finds the setpoint as it was" '^3\.650' ask ':SOUR2:VOLT?'
        ;;
    mbpoll)
        # at REGISTER [VALUE]
        at() {
            timeout 20 mbpoll -m rtu -b 115200 -P none -a 1 -t 4 -0 -1 -q -r "$1" "${link#modbus:}" "${@:2}"
        }
        expect "reads the model" '^\[0\]:[[:space:]]+600' at 0
        expect "sets a voltage" '^Written 1 references' at 8 370
        expect "reads it back" '^\[8\]:[[:space:]]+370' at 8
        expect "sets a current limit" '^Written 1 references' at 9 1500
        expect "switches on" '^Written 1 references' at 18 1
        expect "is on" '^\[18\]:[[:space:]]+1' at 18
        expect "measures" '^\[10\]:[[:space:]]+3(69|70|71)' at 10
        expect "asks for too much" 'Illegal data value' at 8 9999
        expect "asks for what there is not" 'Illegal data address' at 5000 1
        expect "finds the setpoint as it was" '^\[8\]:[[:space:]]+370' at 8
        ;;
esac
exit $((failures > 0))
