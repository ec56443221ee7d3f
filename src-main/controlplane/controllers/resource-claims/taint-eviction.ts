import type { Pod } from '#types/core/v1'
import type {
  DeviceRequestAllocationResult,
  DeviceTaint,
  ResourceClaim,
  ResourceSlice,
} from '#types/resource.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { allClaimKeysOf, isReservedFor, usesClaims } from '../../../../src-kube/kinds/resource/pod-claims.ts'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import { isFor } from '../../../../src-kube/machinery/tolerations.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { markDisrupted } from '../disruption.ts'
import { isPodTerminal } from '../pods.ts'

const BY_POOL = 'devicePool'
const EVENT = 'DeviceTaintManagerEviction'
const poolOf = ({ driver, pool }: { driver: string; pool: string }) => `${driver}/${pool}`

/**
 * Deletes pods that use devices with NoExecute taints which their claims do not tolerate, or not for longer ("Dynamic Resource
 * Allocation: Device taints and tolerations", KEP-5055).
 */
export function deviceTaintEviction(): AnyController {
  /** Uids of pods that wait for their end. */
  const doomed = new Set<string>()
  return defineController<Pod>({
    name: 'device-taint-eviction-controller',
    component: 'device-taint-eviction',
    for: refs.pods,
    concerns: usesClaims,
    watches: [
      watching(refs.resourceClaims, usersOf),
      watching(refs.resourceSlices, ({ spec }, ctx) => {
        const pool = poolOf({ driver: spec.driver, pool: spec.pool.name })
        return ctx.informer(refs.resourceClaims).byIndex(BY_POOL, pool).flatMap(usersOf)
      }),
    ],
    setup(ctx) {
      ctx.informer(refs.resourceClaims).addIndex(BY_POOL, (claim) => [...new Set(resultsOf(claim).map(poolOf))])
      ctx
        .informer(refs.resourceSlices)
        .addIndex(BY_POOL, ({ spec }) => [poolOf({ driver: spec.driver, pool: spec.pool.name })])
    },
    async reconcile(ctx, pod) {
      const { uid, deletionTimestamp } = pod.metadata
      const end = deletionTimestamp || !pod.spec.nodeName || isPodTerminal(pod) ? Infinity : endOf(ctx, pod)
      if (end === Infinity) {
        if (doomed.delete(uid) && !deletionTimestamp) ctx.events.event(pod, 'Normal', EVENT, 'Cancelling deletion')
        return done
      }
      doomed.add(uid)
      const left = end - ctx.clock.now()
      if (left > 0) return requeueAfter(left)
      await evict(ctx, pod)
      doomed.delete(uid)
      return done
    },
  })
}

const resultsOf = ({ status }: ResourceClaim): DeviceRequestAllocationResult[] =>
  status?.allocation?.devices?.results ?? []

function usersOf({ metadata, status }: ResourceClaim): string[] {
  const pods = (status?.reservedFor ?? []).filter(({ apiGroup, resource }) => !apiGroup && resource === 'pods')
  return pods.map(({ name }) => `${metadata.namespace}/${name}`)
}

/** When a pod has to go for the devices it uses, in milliseconds since the epoch; Infinity for never. */
function endOf(ctx: ControllerContext, pod: Pod): number {
  let end = Infinity
  for (const key of allClaimKeysOf(pod)) {
    const claim = ctx.informer(refs.resourceClaims).get(key)
    if (!claim || !isReservedFor(claim, pod.metadata.uid)) continue
    for (const result of resultsOf(claim))
      for (const taint of taintsOf(ctx, result)) end = Math.min(end, endFor(taint, result, ctx.clock.now()))
  }
  return end
}

/** NoExecute taints of a device, as the newest slices of its pool tell. */
function taintsOf(ctx: ControllerContext, result: DeviceRequestAllocationResult): DeviceTaint[] {
  const slices = ctx.informer(refs.resourceSlices).byIndex(BY_POOL, poolOf(result))
  const newest = Math.max(...slices.map(generationOf))
  const devices = slices.filter((slice) => generationOf(slice) === newest).flatMap(({ spec }) => spec.devices ?? [])
  const device = devices.find(({ name }) => name === result.device)
  return (device?.taints ?? []).filter(({ effect }) => effect === 'NoExecute')
}

const generationOf = ({ spec }: ResourceSlice): number => spec.pool.generation

function endFor(taint: DeviceTaint, { tolerations = [] }: DeviceRequestAllocationResult, now: number): number {
  const since = parseTime(taint.timeAdded) ?? now
  const fitting = tolerations.filter((one) => isFor(one, taint))
  if (fitting.length === 0) return since
  if (fitting.some(({ tolerationSeconds }) => tolerationSeconds === undefined)) return Infinity
  return since + Math.max(0, Math.min(...fitting.map(({ tolerationSeconds }) => tolerationSeconds!))) * 1000
}

async function evict(ctx: ControllerContext, pod: Pod): Promise<void> {
  const { name, namespace, uid } = pod.metadata
  ctx.events.event(pod, 'Normal', EVENT, 'Marking for deletion')
  try {
    const message = 'Device Taint manager: deleting due to NoExecute taint'
    await markDisrupted(ctx, pod, 'DeletionByDeviceTaintManager', message)
    await ctx.client.resource(refs.pods).delete(name, namespace, { preconditions: { uid } })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
