import type { FieldError } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { nonNegative } from './checks.ts'

interface Counts {
  /** None is below zero. */
  counts: readonly string[]
  /** None is above `status.replicas`. */
  within?: readonly string[]
  /** What is available is ready too: the words that say so. */
  ready?: string
}

const counts: Readonly<Record<string, Counts>> = {
  Deployment: {
    counts: [
      'observedGeneration',
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'terminatingReplicas',
      'collisionCount',
    ],
    within: ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
    ready: 'cannot be greater than readyReplicas',
  },
  ReplicaSet: {
    counts: [
      'replicas',
      'fullyLabeledReplicas',
      'readyReplicas',
      'availableReplicas',
      'terminatingReplicas',
      'observedGeneration',
    ],
    within: ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
    ready: 'cannot be greater than readyReplicas',
  },
  StatefulSet: {
    counts: [
      'replicas',
      'readyReplicas',
      'currentReplicas',
      'updatedReplicas',
      'availableReplicas',
      'observedGeneration',
      'collisionCount',
    ],
    within: ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
    ready: 'cannot be greater than status.readyReplicas',
  },
  DaemonSet: {
    counts: [
      'currentNumberScheduled',
      'numberMisscheduled',
      'desiredNumberScheduled',
      'numberReady',
      'observedGeneration',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
      'collisionCount',
    ],
  },
  Job: { counts: ['active', 'succeeded', 'failed', 'ready', 'terminating'] },
  PodDisruptionBudget: { counts: ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] },
  HorizontalPodAutoscaler: { counts: ['currentReplicas', 'desiredReplicas'] },
}

const path = fieldPath('status')

/** What the counts of a status must satisfy (reference: `ValidateDeploymentStatus` and its kin). `old`: the object before. */
export function validateCounts(object: KubeObject, old: KubeObject): FieldError[] {
  const known = counts[object.kind]
  if (!known) return []
  const status = countsOf(object)
  const errors = known.counts.flatMap((field) => nonNegative(status[field], path.child(field)))
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status
  for (const field of known.within ?? [])
    if ((status[field] ?? 0) > replicas)
      errors.push(path.child(field).invalid(status[field], 'cannot be greater than status.replicas'))
  if (known.ready && availableReplicas > readyReplicas)
    errors.push(path.child('availableReplicas').invalid(availableReplicas, known.ready))
  const { collisionCount: before } = countsOf(old)
  const { collisionCount = 0 } = status
  if (before !== undefined && known.counts.includes('collisionCount') && isLess(status['collisionCount'], before))
    errors.push(path.child('collisionCount').invalid(collisionCount, 'cannot be decremented'))
  return errors
}

/** What is left out is less than anything. */
const isLess = (now: number | undefined, before: number): boolean => now === undefined || now < before

const countsOf = (object: KubeObject): Partial<Record<string, number>> =>
  (object['status'] as Partial<Record<string, number>> | undefined) ?? {}
