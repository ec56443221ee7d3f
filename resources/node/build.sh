#!/bin/sh
# Builds the root file system of a node from Debian packages: build.sh OUTPUT.tar
# Two images are packed in it (/usr/share/drydock), so a fresh engine needs no registry: pause.tar, that of every sandbox, and ingress.tar, a root
# over which the ingress controller mounts the node's own /usr. What changes in the latter needs another tag (src-wire/node/node-image.ts).
set -eu
output=$1
here=$(cd "$(dirname "$0")" && pwd)
packages=$(grep -v '^#' "$here/packages.txt" | paste -sd,)
hook='set -eu; root=$1
mkdir -p "$root/usr/share/drydock" "$root/tmp/pause"
cp "$root/usr/bin/catatonit" "$root/tmp/pause/pause"
tar -C "$root/tmp/pause" -cf "$root/usr/share/drydock/pause.tar" pause
bare=$root/tmp/ingress
mkdir -p "$bare/usr" "$bare/tmp" "$bare/etc/ssl" "$bare/drydock" "$bare/proc" "$bare/sys" "$bare/dev"
chmod 1777 "$bare/tmp"
for link in bin sbin lib lib64; do if [ -L "$root/$link" ]; then cp -P "$root/$link" "$bare/$link"; fi; done
cp "$root/etc/ld.so.cache" "$bare/etc/"
cp "$root/etc/ssl/openssl.cnf" "$bare/etc/ssl/"
echo "ingress:x:101:101::/:/usr/sbin/nologin" >"$bare/etc/passwd"
echo "ingress:x:101:" >"$bare/etc/group"
tar -C "$bare" -cf "$root/usr/share/drydock/ingress.tar" .
rm -rf "$bare"
rm -rf "$root/tmp/pause" "$root/var/lib/apt/lists" "$root/var/cache/apt" "$root/etc/machine-id"
mkdir -p "$root/drydock" "$root/var/lib/kubelet" "$root/var/lib/docker"'
exec mmdebstrap --quiet --variant=minbase --include="$packages" \
  --aptopt='Acquire::Languages "none"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook="$hook" trixie "$output"
