#!/bin/sh
# Runs under catatonit (PID 1, which reaps) in every node container: prepares the kernel's view once, then keeps three
# processes alive, each restarted with back-off on its own: containerd, dockerd and Drydock's agent. Containers live under
# their shims, so the death of any of the three harms no pod (dockerd runs with live-restore).
set -u
run=/run/drydock

log() { echo "supervisor: $*"; }

# A node starts with whatever its own engine granted; what is refused is named and the node goes on without it.
attempt() { "$@" 2>>"$run/prepare.log" || log "not granted here: $*"; }

prepare_cgroups() {
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    attempt mount -o remount,rw /sys/fs/cgroup
    # The no-internal-process rule of cgroup v2: processes move to a leaf before controllers are handed down.
    mkdir -p /sys/fs/cgroup/init
    for pid in $(cat /sys/fs/cgroup/cgroup.procs); do echo "$pid" >/sys/fs/cgroup/init/cgroup.procs 2>/dev/null || true; done
    for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
      attempt sh -c "echo +$controller > /sys/fs/cgroup/cgroup.subtree_control"
    done
  else
    for mount in /sys/fs/cgroup/*; do
      if [ -d "$mount" ] && mountpoint -q "$mount"; then attempt mount -o remount,bind,rw "$mount"; fi
    done
  fi
}

prepare_kernel() {
  attempt mount --make-rshared /
  mount -o remount,rw /proc/sys 2>/dev/null || true
  for module in br_netfilter vxlan ip_tables; do modprobe "$module" 2>/dev/null || true; done
  for setting in net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.bridge.bridge-nf-call-iptables=1; do
    attempt sysctl -qw "$setting"
  done
  mkdir -p /etc/docker
}

# By its defaults containerd ends containers whose shim does not answer within five seconds of its own start, healthy or not: a machine that is busy
# or was frozen takes longer. Its part for kubelets that speak CRI is for nobody here.
prepare_containerd() {
  cat >"$run/containerd.toml" <<END
version = 2
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[timeouts]
  "io.containerd.timeout.shim.load" = "1m"
END
}

# containerd that is killed forgets shims that it was just starting, 20 MB each: those whose bundle is gone, and in which nothing runs, end.
# $1: where processes are, /proc.
end_lost_shims() {
  for file in $(grep -ls containerd-shim-runc-v2 "$1"/[0-9]*/cmdline); do
    pid=$(basename "$(dirname "$file")")
    case $(readlink "$1/$pid/cwd") in
      *' (deleted)') grep -qsx "PPid:[[:space:]]*$pid" "$1"/[0-9]*/status || kill -9 "$pid" ;;
    esac
  done
}

# dockerd does not hear of containers that ended while containerd was away, and tells of them as running. The next one looks, and says of them that
# nobody knows how they ended (255); asked to end them, this one would say 0, which is success.
end_lost_containers() {
  running=$(docker ps -q --no-trunc) && tasks=$(ctr -n moby tasks ls -q) || return 0
  for id in $running; do
    case " $(echo $tasks) " in
      *" $id "*) ;;
      *) pkill -x dockerd; return 0 ;;
    esac
  done
}

# What a containerd that died left: it goes when the next one has had its time to find what is its own.
mend_after_containerd() {
  sleep 30
  end_lost_shims /proc
  end_lost_containers
}

# Logs of programs that run on, which keep their files open to append to them: what is in them is copied, then cut.
# $1: their folder; $2: bytes that one may have.
rotate_logs() {
  for file in "$1"/*.log; do
    if [ "$(stat -c %s "$file")" -le "$2" ]; then continue; fi
    # On a full disk what is there is let go: whoever writes on needs room.
    cp "$file" "$file.1" || rm -f "$file.1"
    : >"$file"
  done
}

keep_logs_small() {
  while sleep 60; do rotate_logs /var/log/drydock 10485760; done
}

# keep NAME COMMAND… : runs the command for ever; waits 0.2 s after a death, doubling to 10 s while it keeps dying young.
keep() {
  name=$1
  shift
  delay=0.2
  while :; do
    started=$(date +%s)
    "$@" >>"/var/log/drydock/$name.log" 2>&1
    code=$?
    if [ $(($(date +%s) - started)) -gt 20 ]; then delay=0.2; fi
    log "$name ended with $code; again in $delay s"
    if [ "$name" = containerd ]; then mend_after_containerd & fi
    sleep "$delay"
    delay=$(awk "BEGIN { d = $delay * 2; print (d > 10 ? 10 : d) }")
  done
}

# What dockerd was making when it was killed goes before it starts again, since it forgets it: layers of an image that it was extracting, as large as that
# image, and those of containers that never came to be. $1: its folder.
remove_lost_layers() {
  layers=$1/image/overlay2/layerdb
  if [ ! -d "$layers" ]; then return 0; fi
  for id in $(ls "$layers/mounts" 2>/dev/null); do
    if [ ! -e "$1/containers/$id/config.v2.json" ]; then rm -rf "$layers/mounts/$id" "$1/containers/$id"; fi
  done
  known=$(awk 1 "$layers"/sha256/*/cache-id "$layers"/mounts/*/*-id 2>/dev/null)
  for id in $(ls "$1/overlay2" 2>/dev/null); do
    case " l $(echo $known) " in
      *" $id "*) continue ;;
    esac
    if mountpoint -q "$1/overlay2/$id/merged"; then continue; fi
    link=$(cat "$1/overlay2/$id/link" 2>/dev/null) && rm -f "$1/overlay2/l/$link"
    rm -rf "$1/overlay2/$id"
  done
}

# dockerd waits for the flannel lease: the agent writes it to subnet.env and then opens the FIFO once.
run_dockerd() {
  if [ ! -s "$run/subnet.env" ]; then read -r _ <"$run/lease" || true; fi
  . "$run/subnet.env"
  rm -f /run/docker.pid
  remove_lost_layers /var/lib/docker
  # crun starts a container for three quarters of the processor time that runc takes. What runc began stays runc's, and old images have it alone.
  if [ -x /usr/bin/crun ]; then set -- --add-runtime crun=/usr/bin/crun --default-runtime crun; else set --; fi
  exec dockerd "$@" --host unix:///run/docker.sock --containerd /run/containerd/containerd.sock --data-root /var/lib/docker \
    --iptables=false --ip6tables=false --ip-masq=false --ip-forward=false --userland-proxy=false --live-restore \
    --bip "$FLANNEL_BIP" --mtu "$FLANNEL_MTU" --log-driver json-file --log-opt max-size=10m --log-opt max-file=5 \
    --exec-opt native.cgroupdriver=cgroupfs --storage-driver overlay2 --max-concurrent-downloads 6 --log-level warn
}

# supervisor.sh STEP ARGUMENT… : one step alone.
case ${1:-} in
  dockerd) run_dockerd ;;
  lost-shims) end_lost_shims "$2"; exit ;;
  lost-containers) end_lost_containers; exit ;;
  lost-layers) remove_lost_layers "$2"; exit ;;
  rotate-logs) rotate_logs "$2" "$3"; exit ;;
esac

mkdir -p "$run" /var/lib/kubelet /var/log/drydock
prepare_cgroups
prepare_kernel
prepare_containerd
rm -f "$run/lease" "$run/subnet.env"
mkfifo "$run/lease"
log "ready; starting containerd, dockerd and the agent"
keep_logs_small &
keep containerd containerd --config "$run/containerd.toml" --log-level warn &
keep dockerd sh "$0" dockerd &
# One arena for all its threads (mallopt(3), M_ARENA_MAX): with more, the agent keeps 10 to 40 MB of what pods needed once.
keep agent env MALLOC_ARENA_MAX=1 node --max-old-space-size=256 /drydock/agent.mjs &
wait
