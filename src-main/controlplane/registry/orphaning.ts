import type { Target } from './registry.ts'

/** Versions in which a kind's dependents outlive it unless the client says otherwise: so it was before there was a choice. */
const orphaning: ReadonlySet<string> = new Set([
  'v1/replicationcontrollers',
  'batch/v1/jobs',
  'batch/v1beta1/cronjobs',
  ...['deployments', 'statefulsets'].flatMap((plural) => [`apps/v1beta1/${plural}`, `apps/v1beta2/${plural}`]),
  ...['daemonsets', 'replicasets'].map((plural) => `apps/v1beta2/${plural}`),
  ...['deployments', 'daemonsets', 'replicasets'].map((plural) => `extensions/v1beta1/${plural}`),
])

const JOBS =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning'

/** Whether a deletion that names no policy keeps what the object owns (kubernetes.io, "Garbage Collection: Orphaned dependents"). */
export function orphansByDefault({ served: { group, version }, descriptor: { plural } }: Target): boolean {
  return orphaning.has(`${group ? `${group}/` : ''}${version}/${plural}`)
}

/** What a client that names no policy is to be told, if anything. */
export const warningOfOrphans = (target: Target): string | undefined =>
  target.descriptor.kind === 'Job' && orphansByDefault(target) ? JOBS : undefined
