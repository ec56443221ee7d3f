import { kinds } from '../../../src-kube/kinds/index.ts'

/** Priorities of upstream's for groups that clients prefer over others of the same resource names; the rest follow. */
const groups: Readonly<Record<string, number>> = {
  '': 18_000,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'apiextensions.k8s.io': 16_700,
  'admissionregistration.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
  // As metrics-server registers itself: after all that is built in, for its resources have names that others have too.
  'metrics.k8s.io': 100,
}
const OTHERS = 15_000
/** Groups of which nothing is stored. */
const answering = ['authentication.k8s.io/v1', 'authorization.k8s.io/v1', 'metrics.k8s.io/v1beta1']
const SELF = 'apiregistration.k8s.io'

/** One APIService a group version that this server serves, as kube-aggregator registers its own at start. */
export function apiServices() {
  const served = kinds.flatMap((kind) => kind.served.map(({ group, version }) => `${group}/${version}`))
  return [...new Set([...served, ...answering])]
    .map((name) => name.split('/') as [string, string])
    .filter(([group]) => group !== SELF)
    .map(([group, version]) => ({
      apiVersion: `${SELF}/v1`,
      kind: 'APIService',
      metadata: { name: `${version}.${group}`, labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
      spec: {
        group,
        version,
        groupPriorityMinimum: groups[group] ?? OTHERS,
        versionPriority: versionPriority(group, version),
      },
    }))
}

/** Stable versions go first, then beta, then alpha. The core group has one version only. */
function versionPriority(group: string, version: string): number {
  if (version.includes('beta')) return 9
  if (version.includes('alpha') || group === '') return 1
  return 15
}
