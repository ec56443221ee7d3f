import type { Deployment, ReplicaSet } from '#types/apps/v1'
import type { PodTemplateSpec } from '#types/core/v1'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import { equal } from '../equal.ts'

/** Which revision of its deployment a replica set is; on the deployment, which one is the newest. */
export const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision'
const HISTORY_ANNOTATION = 'deployment.kubernetes.io/revision-history'
/** On a replica set: replicas of the deployment when it was scaled last, from which it is scaled in proportion. */
export const DESIRED_ANNOTATION = 'deployment.kubernetes.io/desired-replicas'
/** On a replica set: those and the surge. */
export const MAX_ANNOTATION = 'deployment.kubernetes.io/max-replicas'
/** Tells the pods of one template from those of another. */
export const HASH_LABEL = 'pod-template-hash'

/** Asks a deployment to go back to a revision, 0 for the one before. */
export const ROLLBACK_ANNOTATION = 'deprecated.deployment.rollback.to'

const notCopied = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION_ANNOTATION,
  HISTORY_ANNOTATION,
  DESIRED_ANNOTATION,
  MAX_ANNOTATION,
  ROLLBACK_ANNOTATION,
])

/** Whether a deployment's replica sets have an annotation of it, too. */
export const isCopied = (annotation: string): boolean => !notCopied.has(annotation)

/** Letters and digits that spell no words and are safe in names. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/** Eight or more safe characters that stand for a template; another collision count gives another hash. */
export function templateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  let hash = 0x811c9dc5
  const text = canonical(template) + (collisionCount ? String(collisionCount) : '')
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return String(hash >>> 0).replace(/\d/g, (digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length] ?? '')
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value)
    .filter(([, v]) => v !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(',')}}`
}

/** Oldest first; equal ages by name. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const difference = (parseTime(a.metadata.creationTimestamp) ?? 0) - (parseTime(b.metadata.creationTimestamp) ?? 0)
  return difference || (a.metadata.name < b.metadata.name ? -1 : 1)
}

/** The oldest replica set with the deployment's template, the hash label aside. */
export function findNewReplicaSet(deployment: Deployment, owned: readonly ReplicaSet[]): ReplicaSet | undefined {
  return owned.toSorted(byAge).find((rs) => hasTemplateOf(deployment, rs))
}

/** Whether a replica set makes the pods that its deployment describes now, the hash label aside. */
export function hasTemplateOf(deployment: Deployment, rs: ReplicaSet): boolean {
  return equal(withoutHash(rs.spec.template), withoutHash(deployment.spec.template))
}

/** A template as the deployment has it. */
export function withoutHash(template: PodTemplateSpec | undefined): unknown {
  const labels = { ...template?.metadata?.labels }
  delete labels[HASH_LABEL]
  const { creationTimestamp: _, ...metadata } = (template?.metadata ?? {}) as Record<string, unknown>
  return { ...template, metadata: { ...metadata, labels } }
}

/** 0 for one that has none. */
export function revisionOf(object: { metadata: { annotations?: Record<string, string> | undefined } }): number {
  return Number(object.metadata.annotations?.[REVISION_ANNOTATION] ?? 0) || 0
}

/** 0 when there are no sets. */
export function maxRevision(sets: readonly ReplicaSet[]): number {
  return Math.max(0, ...sets.map(revisionOf))
}

/** The annotations a new replica set must carry: the deployment's own, its revision, and the revisions it had before. */
export function newAnnotations(
  deployment: Deployment,
  rs: ReplicaSet | undefined,
  revision: number,
): Record<string, string> {
  const annotations = { ...rs?.metadata.annotations }
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {}))
    if (isCopied(key)) annotations[key] = value
  const old = annotations[REVISION_ANNOTATION]
  if ((Number(old ?? 0) || 0) < revision) {
    annotations[REVISION_ANNOTATION] = String(revision)
    if (old) {
      const history = (annotations[HISTORY_ANNOTATION] ?? '').split(',').filter((r) => r && r !== old)
      annotations[HISTORY_ANNOTATION] = [...history, old].join(',')
    }
  }
  return annotations
}

/** Replicas that it is to have. */
export function replicasOf(rs: ReplicaSet): number {
  return rs.spec.replicas ?? 1
}

export const sum = (sets: readonly ReplicaSet[], of: (rs: ReplicaSet) => number): number =>
  sets.reduce((total, rs) => total + of(rs), 0)

/** Whether it is to have pods. */
export const isActive = (rs: ReplicaSet): boolean => replicasOf(rs) > 0
