import type { DaemonSet, DaemonSetStatus } from '#types/apps/v1'
import { isPodAvailable, isPodReady } from '../pods.ts'
import { fitsDaemon, nodeOf } from './node-pods.ts'
import type { Situation } from './plan.ts'
import { isUpToDate } from './revision.ts'

/** Counts nodes that have, lack, or should not have their pod. `now` is milliseconds since the epoch. */
export function daemonSetStatus(
  situation: Situation,
  collisionCount: number | undefined,
  now: number,
): DaemonSetStatus {
  const { owner, pods, nodes } = situation
  const alive = pods.filter(({ metadata }) => !metadata.deletionTimestamp)
  const should = new Set(
    nodes.filter((node) => fitsDaemon(owner.spec.template.spec, node).shouldRun).map(({ metadata }) => metadata.name),
  )
  const placed = Map.groupBy(alive, nodeOf)
  const current = [...placed].filter(([node]) => should.has(node)).map(([, here]) => here)
  const available = current.filter((here) => here.some((pod) => isAvailable(owner, pod, now))).length
  return {
    ...owner.status,
    desiredNumberScheduled: should.size,
    currentNumberScheduled: current.length,
    numberMisscheduled: placed.size - current.length,
    numberReady: current.filter((here) => here.some(isPodReady)).length,
    updatedNumberScheduled: current.filter((here) => here.some((pod) => isUpToDate(situation, pod))).length,
    numberAvailable: available,
    numberUnavailable: should.size - available,
    observedGeneration: owner.metadata.generation,
    ...(collisionCount === undefined ? {} : { collisionCount }),
  }
}

const isAvailable = ({ spec }: DaemonSet, pod: Parameters<typeof isPodReady>[0], now: number): boolean =>
  isPodAvailable(pod, spec.minReadySeconds ?? 0, now)
