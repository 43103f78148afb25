#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# kernel.sh CACHE: what the test machine boots, made from Debian's packages and kept in CACHE by their
# version: "kernel", Debian's own, and "base.cpio", busybox with the modules configfs and gpio-sim, which
# Debian leaves out and its kernel source has. Prints the folder. Nothing is installed. Exit 77: cannot be
# had here, and says why.
set -uo pipefail
export LC_ALL=C
cache=$(realpath -m "$1")
here=$(cd "$(dirname "$0")" && pwd)

skip() {
    echo "skipped: $*"
    exit 77
}

[[ $(uname -m) == x86_64 ]] || skip "the test machine is an x86_64 one, this is $(uname -m)"
for tool in apt-get dpkg-deb make xz cc; do
    command -v "$tool" >/dev/null || skip "there is no $tool"
done

depends() {
    apt-cache depends "$1" 2>/dev/null | sed -n "s/.*Depends: \($2\)$/\1/p" | head -n 1
}
image=$(depends linux-image-amd64 'linux-image-[0-9].*-amd64')
[[ $image ]] || skip "apt knows no linux-image-amd64"
release=${image#linux-image-}
version=$(apt-cache policy "$image" | sed -n 's/ *Candidate: //p')
headers=linux-headers-$release
common=$(depends "$headers" 'linux-headers-.*-common')
kbuild=$(depends "$headers" 'linux-kbuild-.*')
source=linux-source-${kbuild#linux-kbuild-}

# What is made here is remade when this script changes.
made=$cache/$version-$(sha256sum "$here/kernel.sh" "$here/init" | sha256sum | cut -c 1-12)
if [[ -e $made/base.cpio ]]; then
    echo "$made"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work" || exit 2

wanted=("$image" "$headers" "$common" "$kbuild" "$source")
# The same version for all: the archive may be in the middle of an update.
apt-get download --quiet "${wanted[@]/%/=$version}" busybox-static >download.log 2>&1 ||
    skip "apt-get download: $(grep -m 1 '^E:' download.log)"

# From a package, some files, by their path in it.
files_of() {
    local package=$1
    shift
    dpkg-deb --fsys-tarfile "${package}"_*.deb 2>/dev/null | tar x --occurrence=1 "$@"
}
files_of busybox-static ./bin/busybox
files_of "$image" "./boot/vmlinuz-$release" "./lib/modules/$release/kernel/fs/configfs/configfs.ko"
for package in "$headers" "$common" "$kbuild"; do
    dpkg-deb -x "$package"_*.deb .
done
files_of "$source" -O "./usr/src/$source.tar.xz" |
    tar xJ --occurrence=1 --strip-components=1 \
        "$source/drivers/gpio/gpio-sim.c" "$source/drivers/gpio/gpiolib.h" "$source/kernel/irq/irq_sim.c"

mkdir module
cp drivers/gpio/gpiolib.h module/
cp drivers/gpio/gpio-sim.c module/gpio-sim-main.c
# The kernel exports this way to say it, not the other.
sed 's/handle_simple_irq(irq_to_desc(irqnum))/generic_handle_irq(irqnum)/' kernel/irq/irq_sim.c >module/irq_sim.c
printf '%s\n' 'obj-m := gpio-sim.o' 'gpio-sim-y := gpio-sim-main.o irq_sim.o' >module/Kbuild
sed -i "s,/usr/src/,$work/usr/src/," "usr/src/$headers/Makefile"
make -C "usr/src/$headers" M="$work/module" modules >make.log 2>&1 || {
    tail -n 20 make.log
    echo "gpio-sim of $source $version does not build against $headers"
    exit 2
}

mkdir -p "root/bin" root/proc root/sys root/dev root/tmp root/run root/etc
cp bin/busybox root/bin/
cp "lib/modules/$release/kernel/fs/configfs/configfs.ko" module/gpio-sim.ko root/
install -m 755 "$here/init" root/init
(cd root && find . | ../bin/busybox cpio -o -H newc --quiet) >base.cpio || exit 2

mkdir -p "$cache"
mkdir -p "$made.new.$$"
mv base.cpio "$made.new.$$/"
mv "boot/vmlinuz-$release" "$made.new.$$/kernel"
cp bin/busybox "$made.new.$$/"
# Another build of the same may have come first.
mv -T "$made.new.$$" "$made" 2>/dev/null || rm -rf "$made.new.$$"
echo "$made"
