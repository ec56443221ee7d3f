import type { Service } from '#types/core/v1'
import type { ServiceCIDR } from '#types/networking.k8s.io/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { isAlreadyExists } from '../../../src-kube/machinery/errors.ts'
import { networkHas } from '../../../src-kube/machinery/ipv4.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  watching,
} from '../../../src-kube/runtime/controller.ts'
import { withCondition } from './conditions.ts'

/** The range that the cluster was made with. */
const DEFAULT_NAME = 'kubernetes'
const FINALIZER = 'networking.k8s.io/service-cidr-finalizer'

const ready = { status: 'True' as const, reason: '', message: 'Kubernetes Service CIDR is ready' }
const stillUsed = {
  status: 'False' as const,
  reason: 'Terminating',
  message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
}

/**
 * Says which ranges of service addresses may be used, and keeps one that is deleted while services hold addresses that only it has
 * ("Extend Service IP Ranges"). The cluster's own range always exists, under the name `kubernetes`.
 */
export function serviceCidrController(ownRange: string): AnyController {
  return defineController<ServiceCIDR>({
    name: 'service-cidr-controller',
    for: refs.serviceCidrs,
    watches: [
      watching(refs.services, (_service, ctx) => leaving(ctx)),
      watching(refs.serviceCidrs, (_cidr, ctx) => leaving(ctx)),
    ],
    synced: (ctx) => ctx.enqueue(DEFAULT_NAME),
    async reconcile(ctx, cidr) {
      const cidrs = ctx.client.resource(refs.serviceCidrs)
      const { metadata } = cidr
      const held = metadata.finalizers?.includes(FINALIZER) ?? false
      if (!metadata.deletionTimestamp) {
        const kept = held
          ? cidr
          : await cidrs.update({
              ...cidr,
              metadata: { ...metadata, finalizers: [...(metadata.finalizers ?? []), FINALIZER] },
            })
        await tell(ctx, kept, ready)
      } else if (inUse(ctx, cidr)) await tell(ctx, cidr, stillUsed)
      else if (held) {
        const finalizers = metadata.finalizers?.filter((one) => one !== FINALIZER)
        await cidrs.update({ ...cidr, metadata: { ...metadata, finalizers } })
      }
      return done
    },
    async gone(ctx, key) {
      if (key === DEFAULT_NAME) await createDefault(ctx, ownRange)
    },
  })
}

async function createDefault(ctx: ControllerContext, range: string): Promise<void> {
  const { group, version, kind } = refs.serviceCidrs
  const metadata = { name: DEFAULT_NAME }
  try {
    await ctx.client
      .resource(refs.serviceCidrs)
      .create({ apiVersion: `${group}/${version}`, kind, metadata, spec: { cidrs: [range] } })
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}

/** Ranges that wait for the end of services. */
function leaving(ctx: ControllerContext): string[] {
  const all = ctx.informer(refs.serviceCidrs).list()
  return all.filter(({ metadata }) => metadata.deletionTimestamp).map(({ metadata }) => metadata.name)
}

/** Whether a service has an address of this range that no range has which stays. */
function inUse(ctx: ControllerContext, cidr: ServiceCIDR): boolean {
  const stay = ctx
    .informer(refs.serviceCidrs)
    .list()
    .filter(({ metadata }) => !metadata.deletionTimestamp)
  const others = stay.flatMap(({ spec }) => spec?.cidrs ?? [])
  const has = (ranges: readonly string[], ip: string) => ranges.some((range) => networkHas(range, ip))
  const only = (ip: string) => has(cidr.spec?.cidrs ?? [], ip) && !has(others, ip)
  return ctx
    .informer(refs.services)
    .list()
    .some((service) => addressesOf(service).some(only))
}

/** The cluster IPs of a service. */
export function addressesOf({ spec }: Service): string[] {
  const all = spec?.clusterIPs?.length ? spec.clusterIPs : [spec?.clusterIP ?? '']
  return all.filter((ip) => ip !== '' && ip !== 'None')
}

async function tell(ctx: ControllerContext, cidr: ServiceCIDR, words: typeof ready | typeof stillUsed): Promise<void> {
  const { conditions: before = [] } = cidr.status ?? {}
  const known = before.find(({ type }) => type === 'Ready')
  if (known?.status === words.status && known.message === words.message) return
  const conditions = withCondition(before, { type: 'Ready', ...words }, formatTime(ctx.clock.now()))
  await ctx.client.resource(refs.serviceCidrs).updateStatus({ ...cidr, status: { ...cidr.status, conditions } })
}
