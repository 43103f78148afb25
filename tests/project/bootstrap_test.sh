#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bootstrap, on machines made of stand-ins: each command it calls writes down
# what it was asked. usage: bootstrap_test.sh SOURCE_FOLDER
set -u
source_folder=$1
machine=$(mktemp -d)
trap 'rm -rf "$machine"' EXIT
chmod 755 "$machine"
failures=0

fail() {
    echo "FAILED: $1"
    sed 's/^/    /' "$machine/out" "$machine/calls" 2>/dev/null
    failures=$((failures + 1))
}

# stand_in NAME BODY: a command that notes its call and then does BODY.
stand_in() {
    printf '#!/bin/bash\necho "%s $*" >>"%s/calls"\n%s\n' "$1" "$machine" "$2" >"$machine/bin/$1"
    chmod 755 "$machine/bin/$1"
}

# A machine on which everything is installed and works.
new_machine() {
    rm -rf "${machine:?}"/*
    mkdir -p "$machine/bin" "$machine/tree/build/bin"
    cp "$source_folder/bootstrap" "$machine/tree/"
    local tool
    for tool in bash cat dirname env; do ln -s "$(command -v $tool)" "$machine/bin/$tool"; done
    stand_in dpkg-query 'echo "ii "'
    stand_in cmake ''
    stand_in ctest 'echo "100% tests passed"'
    stand_in apt-get ''
    printf '#!/bin/bash\necho "rig $*" >>"%s/calls"; exit 1\n' "$machine" >"$machine/tree/build/bin/rig"
    chmod -R a+rwX "$machine"
    chmod 755 "$machine/tree/build/bin/rig"
    : >"$machine/calls"
    chmod 666 "$machine/calls"
}

# As an ordinary user, whoever runs this test.
bootstrap() {
    local as_user=()
    ((EUID)) || as_user=("$(command -v setpriv)" --reuid=65534 --regid=65534 --clear-groups)
    PATH=$machine/bin "${as_user[@]}" "$machine/tree/bootstrap" "$@" >"$machine/out" 2>&1
}

said() { grep -q -e "$1" "$machine/out"; }
called() { grep -q -e "^$1" "$machine/calls"; }

new_machine
bootstrap --help && said 'usage: ./bootstrap COMMAND' || fail "--help explains and succeeds"

for wrong in "" frobnicate "build now" "test now" "--version"; do
    new_machine
    bootstrap $wrong
    [[ $? == 2 ]] && said 'usage:' || fail "\"$wrong\" gets the usage and exit code 2"
    called dpkg-query && fail "\"$wrong\" does nothing"
done

new_machine
bootstrap build && ! called apt-get && called 'cmake --preset release' && called 'cmake --build --preset release' ||
    fail "build, with nothing missing: no package manager, release"

new_machine
bootstrap test && ! called apt-get && called 'cmake --preset dev' && called 'dpkg-query.* catch2$' ||
    fail "test, with nothing missing: no package manager, dev"
[[ $(tail -n 1 "$machine/out") == "100% tests passed" ]] || fail "test ends with what CTest says last"

new_machine
bootstrap run --filter V-max
[[ $? == 1 ]] && called 'rig run --filter V-max$' || fail "run hands on its arguments and the exit code"

new_machine
stand_in dpkg-query 'case $* in *gcc-avr*) exit 1 ;; *lib*dev*) echo "rc " ;; *) echo "ii " ;; esac'
stand_in sudo '"$@"'
bootstrap build || fail "missing packages are installed"
[[ $(grep -c '^apt-get update' "$machine/calls") == 1 ]] || fail "the package lists are updated once"
called 'apt-get install .*--no-install-recommends gcc-avr .*libsimavr-dev' || fail "by name, and nothing else"
grep '^apt-get install' "$machine/calls" | grep -q cmake && fail "what is there is not installed again"

new_machine
stand_in dpkg-query 'exit 1'
bootstrap build
[[ $? == 2 ]] && said 'needs root, or sudo' && said 'missing  cmake' && ! called cmake ||
    fail "without root and sudo it says what is missing"

new_machine
stand_in dpkg-query 'exit 1'
stand_in sudo '"$@"'
stand_in apt-get 'exit 100'
bootstrap build
[[ $? == 2 ]] && said 'apt-get cannot install' || fail "a failed installation is reported"

new_machine
rm "$machine/bin/dpkg-query"
bootstrap run
[[ $? == 2 ]] && said 'no Debian packages' && said 'cmake --preset release' ||
    fail "on another system it says what is needed"

new_machine
stand_in cmake 'exit 1'
bootstrap run
[[ $? == 2 ]] && said 'the build failed' && ! called rig || fail "a failed build ends it"

((failures == 0)) && echo "all good"
exit $((failures > 0))
