/**
 * The pure parts, whose behaviour unit tests specify completely: machinery, planners and rule builders. Each pattern must keep its share of
 * branches covered by itself, so that a well-tested folder does not hide another; a pattern that no file matches is an error.
 */
export const pureParts: readonly string[] = [
  'src-ingress/plan/**',
  'src-kube/kinds/storage/matching.ts',
  'src-kube/machinery/**',
  'src-main/controlplane/scheduler/devices/**',
  'src-main/controlplane/scheduler/framework/**',
  'src-main/controlplane/scheduler/plugins/**',
  'src-main/controlplane/cloud/network-policy/**',
  'src-main/controlplane/controllers/autoscaler/{behavior,replicas}.ts',
  'src-main/controlplane/controllers/cron-job/{due,schedule}.ts',
  'src-main/controlplane/controllers/daemon-set/plan.ts',
  'src-main/controlplane/controllers/deployment/{conditions,limits,replica-sets,rollout}.ts',
  'src-main/controlplane/controllers/disruption-budget/plan.ts',
  'src-main/controlplane/controllers/endpoints/{backends,slice-plan,zone-hints,zone-shares}.ts',
  'src-main/controlplane/controllers/garbage/graph.ts',
  'src-main/controlplane/controllers/job/{failure-policy,indexes,plan,status,tally}.ts',
  'src-main/controlplane/controllers/revisions/history.ts',
  'src-main/controlplane/controllers/stateful-set/{identity,plan,status}.ts',
  'src-main/controlplane/controllers/storage/attach-detach/plan.ts',
  'src-main/controlplane/controllers/{claim,deletion-order,expectations,replica-status,slow-start}.ts',
  'src-main/controlplane/store/etcd/**',
  'src-main/cluster/docker/{names,subnets}.ts',
  'src-main/cluster/network-modes.ts',
  'src-main/cluster/steps/**',
  'src-node/dns/plan/**',
  'src-node/flannel/plan/**',
  'src-node/kubelet/csi/plan/**',
  'src-node/kubelet/plan/**',
  'src-node/policy/plan/**',
  'src-node/proxy/rules/**',
  'src-node/proxy/userspace/turns.ts',
  'src-node/trace/{conntrack,names,nft-rules,policy,rules,socat,tables}.ts',
]

/** Per cent of branches that each of {@link pureParts} keeps. */
export const LEAST_BRANCHES = 90
