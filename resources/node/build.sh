#!/bin/sh
# Builds the root file system of a node from Debian packages: build.sh OUTPUT.tar
# The pause image of every sandbox is packed beside it (/usr/share/drydock/pause.tar), so a fresh engine needs no registry.
set -eu
output=$1
here=$(cd "$(dirname "$0")" && pwd)
packages=$(grep -v '^#' "$here/packages.txt" | paste -sd,)
hook='set -eu; root=$1
mkdir -p "$root/usr/share/drydock" "$root/tmp/pause"
cp "$root/usr/bin/catatonit" "$root/tmp/pause/pause"
tar -C "$root/tmp/pause" -cf "$root/usr/share/drydock/pause.tar" pause
rm -rf "$root/tmp/pause" "$root/var/lib/apt/lists" "$root/var/cache/apt" "$root/etc/machine-id"
mkdir -p "$root/drydock" "$root/var/lib/kubelet" "$root/var/lib/docker"'
exec mmdebstrap --quiet --variant=minbase --include="$packages" \
  --aptopt='Acquire::Languages "none"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook="$hook" trixie "$output"
