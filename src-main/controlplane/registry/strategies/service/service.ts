import { isIP } from 'node:net'
import type { Service } from '#types/core/v1'
import { isDns1123Label } from '../../../../../src-kube/machinery/names.ts'
import type { IPAddress, ServiceCIDR } from '#types/networking.k8s.io/v1'
import type { Strategy, StrategyContext } from '../../strategy.ts'
import { same } from '../same.ts'
import type { ServiceAllocation, Stored } from './allocation.ts'
import { dropBalancerStatus, sayModes, validateServiceStatus } from './status.ts'
import { isOfAnyFamily, validateService, validateServiceChange } from './validation.ts'

/** Services (reference: registry/core/service): cluster IPs and node ports are handed out here. */
export function serviceStrategy(allocation: ServiceAllocation): Strategy<Service> {
  /** Whether changes are followed: what a deleted service held is free already when its delete returns, and may be another's. */
  let isFollowed = false
  return {
    // They may begin with a digit (KEP-5311).
    validateName: isDns1123Label,
    allowCreateOnUpdate: true,
    prepareForCreate(_context, service) {
      service.status = { loadBalancer: {} }
      normalise(service)
    },
    prepareForUpdate: ({ subresource }, object, old) => prepareChange(object, old, subresource),
    validate: (_context, object) => validateService(object),
    // The rest is judged by `validate`, which the registry calls as well.
    validateUpdate: (_context, object, old) => validateServiceChange(object, old),
    validateStatusUpdate: (_context, object, old) => validateServiceStatus(object, old),
    async allocate(context, service, before) {
      await allocation.fillOnce(() => stored(context))
      const more = allocation.needsMore(service) ? await readyRanges(context) : []
      const undo = allocation.take(service, before, more)
      const restore = before ? allocation.release(before, service) : undefined
      if (!undo && !restore) return undefined
      return () => {
        restore?.()
        undo?.()
      }
    },
    release(object) {
      if (!isFollowed) allocation.release(object)
    },
    follow(object, previous) {
      isFollowed = true
      allocation.follow(object, previous)
    },
  }
}

function prepareChange(service: Service, before: Service, subresource: string): void {
  if (subresource === '') {
    service.status = before.status
    dropBalancerStatus(service)
  } else sayModes(service)
  dropOfOldType(service, before)
  keepAllocated(service, before)
  followFirst(service, before)
  normalise(service)
}

async function stored({ read }: StrategyContext): Promise<Stored> {
  const [services, addresses] = await Promise.all([
    read.list('', 'services') as Promise<Service[]>,
    read.list('networking.k8s.io', 'ipaddresses') as Promise<IPAddress[]>,
  ])
  return { services, addresses }
}

/** Networks of IPv4 that have addresses for hosts. */
const USABLE = /^[\d.]+\/([89]|[12]\d|30)$/

/** The IPv4 ranges of service CIDRs that are ready and stay. */
async function readyRanges({ read }: StrategyContext): Promise<string[]> {
  const all = (await read.list('networking.k8s.io', 'servicecidrs')) as ServiceCIDR[]
  const ready = ({ metadata, status }: ServiceCIDR) =>
    !metadata.deletionTimestamp && status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')
  return all.filter(ready).flatMap(({ spec }) => (spec?.cidrs ?? []).filter((cidr) => USABLE.test(cidr)))
}

/**
 * `clusterIP` and `clusterIPs` say the same; families are those of the addresses that were asked for, else IPv4, and both for endpoints that no
 * selector makes (kubernetes.io, "IPv4/IPv6 dual-stack": headless services without selectors).
 */
function normalise({ spec }: Service): void {
  // Clients may say nothing with an empty text.
  if (spec.clusterIP === '') delete spec.clusterIP
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
  else if (!spec.clusterIP && spec.clusterIPs?.[0]) spec.clusterIP = spec.clusterIPs[0]
  if (spec.type === 'ExternalName') {
    delete spec.internalTrafficPolicy
    return
  }
  if (!spec.ipFamilies?.length) spec.ipFamilies = familiesOf(spec.clusterIPs ?? [])
  if (isOfAnyFamily(spec)) {
    spec.ipFamilyPolicy ??= 'RequireDualStack'
    const [only, second] = spec.ipFamilies
    if (spec.ipFamilyPolicy !== 'SingleStack' && !second) spec.ipFamilies.push(only === 'IPv4' ? 'IPv6' : 'IPv4')
  } else spec.ipFamilyPolicy ??= 'SingleStack'
  if (spec.externalTrafficPolicy !== undefined && !spec.externalTrafficPolicy) delete spec.externalTrafficPolicy
}

function familiesOf(addresses: readonly string[]): Array<'IPv4' | 'IPv6'> {
  const known = addresses.filter((address) => isIP(address) !== 0)
  return known.length > 0 ? known.map((address) => (isIP(address) === 6 ? 'IPv6' : 'IPv4')) : ['IPv4']
}

const isExposed = ({ type, externalIPs }: Service['spec']): boolean =>
  type === 'NodePort' || type === 'LoadBalancer' || Boolean(externalIPs?.length)

/**
 * A client that changes only the type, or takes the external addresses away, need not know which fields belonged to the old one: those
 * it left as they were are dropped, those it changed are judged.
 */
function dropOfOldType({ spec }: Service, { spec: before }: Service): void {
  const hidden = isExposed(before) && !isExposed(spec)
  if (hidden && spec.externalTrafficPolicy === before.externalTrafficPolicy) delete spec.externalTrafficPolicy
  if (spec.type === before.type) return
  if (spec.type !== 'LoadBalancer')
    for (const field of ['allocateLoadBalancerNodePorts', 'loadBalancerClass', 'healthCheckNodePort'] as const)
      if (spec[field] === before[field]) delete spec[field]
  if (spec.type !== 'ExternalName') {
    if (spec.externalName === before.externalName) delete spec.externalName
    return
  }
  if (!spec.clusterIP || spec.clusterIP === before.clusterIP) delete spec.clusterIP
  for (const field of ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const)
    if (same(spec[field], before[field])) delete spec[field]
  const allocated = new Set(before.ports?.map((p) => p.nodePort))
  if (spec.ports?.some((p) => p.nodePort && allocated.has(p.nodePort)))
    spec.ports = spec.ports.map((p) => (allocated.has(p.nodePort) ? { ...p, nodePort: undefined } : p))
}

/** An update that changes the address but leaves the list of addresses as it was changes both. */
function followFirst({ spec }: Service, { spec: before }: Service): void {
  const changes = before.clusterIP && spec.clusterIP && spec.clusterIP !== before.clusterIP
  if (changes && same(spec.clusterIPs, before.clusterIPs)) spec.clusterIPs = [spec.clusterIP!]
}

/** A PUT that leaves allocated values out keeps them, as long as the type still has them. */
function keepAllocated(service: Service, before: Service): void {
  const { spec } = service
  if (spec.type === 'ExternalName') return
  if (!spec.clusterIP && !spec.clusterIPs?.length && before.spec.clusterIP) {
    spec.clusterIP = before.spec.clusterIP
    spec.clusterIPs = before.spec.clusterIPs ?? [before.spec.clusterIP]
  }
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') {
    // Ports the old type had are given up with the type unless the client asks for others.
    for (const port of spec.ports ?? [])
      if (before.spec.ports?.some((p) => p.nodePort === port.nodePort)) delete port.nodePort
    return
  }
  const local = spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'
  if (local && !spec.healthCheckNodePort && before.spec.healthCheckNodePort)
    spec.healthCheckNodePort = before.spec.healthCheckNodePort
  else if (!local && spec.healthCheckNodePort === before.spec.healthCheckNodePort) delete spec.healthCheckNodePort
  for (const port of spec.ports ?? []) {
    const same = before.spec.ports?.find(
      (p) => p.port === port.port && (p.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
    )
    if (!port.nodePort && same?.nodePort) port.nodePort = same.nodePort
  }
}
