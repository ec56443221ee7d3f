import type { Service, ServicePort } from '#types/core/v1'
import type { IPAddress } from '#types/networking.k8s.io/v1'
import { type FieldError, invalid } from '../../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { hostRange, ipToNumber, networkHas, numberToIp } from '../../../../../src-kube/machinery/ipv4.ts'
import { NumberPool } from './pool.ts'

/** Label that names the maker of an IPAddress; `ipallocator.k8s.io` for those of services. */
const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by'
const ALLOCATOR = 'ipallocator.k8s.io'

/** From what services are given addresses and ports; `random`, 0 to below 1, picks among those that are free. */
export interface AllocationOptions {
  /** Network of cluster IPs: `10.96.0.0/16`. */
  serviceCidr: string
  nodePortRange: { first: number; last: number }
  random?: () => number
}

/** What is stored of services and of addresses that people keep for something else. */
export interface Stored {
  services: readonly Service[]
  addresses: readonly IPAddress[]
}

/** Cluster IPs and node ports in use. Filled once from what is stored, then kept by the writes that pass through. */
export class ServiceAllocation {
  readonly #cidr: string
  readonly #ips: NumberPool
  /** One pool a protocol: the same port number may serve TCP and UDP. */
  readonly #ports = new Map<string, NumberPool>()
  readonly #newPool: () => NumberPool
  #filled: Promise<void> | undefined

  constructor({ serviceCidr, nodePortRange, random }: AllocationOptions) {
    const [first, last] = hostRange(serviceCidr)
    this.#cidr = serviceCidr
    this.#ips = new NumberPool(first, last, random)
    this.#newPool = () => new NumberPool(nodePortRange.first, nodePortRange.last, random)
  }

  /** Takes what stored objects hold; only the first call reads. A failed read is tried again at the next call. */
  fillOnce(stored: () => Promise<Stored>): Promise<void> {
    this.#filled ??= stored().then(
      ({ services, addresses }) => {
        for (const service of services) this.#hold(service)
        for (const address of addresses) this.followAddress(address, undefined)
      },
      (error: unknown) => {
        this.#filled = undefined
        throw error
      },
    )
    return this.#filled
  }

  /** Whether the cluster's own range cannot give `service` its address, so that further ranges are worth a look. */
  needsMore({ spec }: Service): boolean {
    if (spec.type === 'ExternalName' || spec.clusterIP === 'None') return false
    const asked = spec.clusterIP || spec.clusterIPs?.[0]
    if (!asked) return this.#ips.full
    return !networkHas(this.#cidr, asked)
  }

  /**
   * Gives `service` what it lacks (mutates it) and returns the undo, which also leaves it as it was; undefined where it lacks nothing. Throws 422 for
   * what is taken or out of range. `more` are ranges besides the cluster's own ("Extend Service IP Ranges").
   */
  take(service: Service, old: Service | undefined, more: readonly string[] = []): (() => void) | undefined {
    const undo: Array<() => void> = []
    const errors = [
      ...this.#takeIp(service, old, undo, more),
      ...this.#takePorts(service, old, undo),
      ...this.#takeHealthPort(service, old, undo),
    ]
    const rollback = () => {
      for (const step of undo.toReversed()) step()
    }
    if (errors.length === 0) return undo.length > 0 ? rollback : undefined
    rollback()
    throw invalid({ group: '', kind: 'Service' }, service.metadata.name, errors)
  }

  /** Frees what `before` held and `after` (absent: deleted) does not. Returns the way back, for a write that fails; undefined where nothing was freed. */
  release(before: Service, after?: Service): (() => void) | undefined {
    const keptIps = new Set(after ? ipsOf(after) : [])
    const keptPorts = new Set(after ? portsOf(after).map(portKey) : [])
    const ips = ipsOf(before).filter((ip) => !keptIps.has(ip))
    const ports = portsOf(before).filter((port) => !keptPorts.has(portKey(port)))
    for (const ip of ips) this.#ips.release(ip)
    for (const { protocol, value } of ports) this.#pool(protocol).release(value)
    if (ips.length + ports.length === 0) return undefined
    return () => {
      for (const ip of ips) this.#ips.hold(ip)
      for (const { protocol, value } of ports) this.#pool(protocol).hold(value)
    }
  }

  /** Holds and frees what a change of a stored service, by whomever, holds and frees. */
  follow(now: Service | undefined, before: Service | undefined): void {
    if (before) this.release(before, now)
    if (now) this.#hold(now)
  }

  /**
   * Keeps addresses whose IPAddress somebody made for other ends from services ("Extend Service IP Ranges"), until it is gone. Those of services'
   * own follow what is handed out here, and say nothing new.
   */
  followAddress(now: IPAddress | undefined, before: IPAddress | undefined): void {
    const [gone, kept] = [keptElsewhere(before), keptElsewhere(now)]
    if (gone !== undefined && gone !== kept) this.#ips.unblock(gone)
    if (kept !== undefined) this.#ips.block(kept)
  }

  #hold(service: Service): void {
    for (const ip of ipsOf(service)) this.#ips.hold(ip)
    for (const { protocol, value } of portsOf(service)) this.#pool(protocol).hold(value)
  }

  #takeIp({ spec }: Service, old: Service | undefined, undo: Array<() => void>, more: readonly string[]): FieldError[] {
    if (spec.type === 'ExternalName' || spec.clusterIP === 'None') return []
    const asked = spec.clusterIP || spec.clusterIPs?.[0]
    if (asked && old && asked === old.spec.clusterIP) return []
    const path = fieldPath('spec.clusterIPs')
    if (!asked) {
      const value = this.#ips.takeAny() ?? this.#takeElsewhere(more)
      if (value === undefined) return [path.invalid([], 'failed to allocate a serviceIP: range is full')]
      undo.push(() => {
        this.#ips.giveBack(value)
        delete spec.clusterIP
        delete spec.clusterIPs
      })
      spec.clusterIP = numberToIp(value)
      spec.clusterIPs = [spec.clusterIP]
      return []
    }
    const value = ipToNumber(asked)
    const why = `failed to allocate IP ${asked}`
    const range = [this.#cidr, ...more].find((cidr) => networkHas(cidr, asked))
    if (value === undefined || range === undefined)
      return [path.invalid([asked], `${why}: the provided network does not match the current range`)]
    const [first, last] = hostRange(range)
    if (value < first || value > last) {
      const words = `the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${range}`
      return [path.invalid([asked], `${why}: ${words}`)]
    }
    if (!this.#ips.take(value)) return [path.invalid([asked], `${why}: provided IP is already allocated`)]
    undo.push(() => this.#ips.giveBack(value))
    spec.clusterIP = asked
    spec.clusterIPs = [asked]
    return []
  }

  #takeElsewhere(more: readonly string[]): number | undefined {
    for (const cidr of more) {
      const value = this.#ips.takeFrom(...hostRange(cidr))
      if (value !== undefined) return value
    }
    return undefined
  }

  /** Load balancers ask a node's own port whether it has endpoints while traffic stays on the node. */
  #takeHealthPort({ spec }: Service, old: Service | undefined, undo: Array<() => void>): FieldError[] {
    if (spec.type !== 'LoadBalancer' || spec.externalTrafficPolicy !== 'Local') return []
    const pool = this.#pool('TCP')
    const path = fieldPath('spec.healthCheckNodePort')
    const asked = spec.healthCheckNodePort
    if (asked && asked === old?.spec.healthCheckNodePort) return []
    if (asked && !pool.contains(asked)) return [path.invalid(asked, outOfRange(pool))]
    const value = asked ? (pool.take(asked) ? asked : undefined) : pool.takeAny()
    if (value === undefined)
      return [path.invalid(asked ?? 0, asked ? TAKEN_WORDS : 'failed to allocate a nodePort: range is full')]
    undo.push(() => {
      pool.giveBack(value)
      if (!asked) delete spec.healthCheckNodePort
    })
    spec.healthCheckNodePort = value
    return []
  }

  #takePorts(service: Service, old: Service | undefined, undo: Array<() => void>): FieldError[] {
    const { spec } = service
    const balancer = spec.type === 'LoadBalancer'
    if (spec.type !== 'NodePort' && !balancer) return []
    const held = new Set(old ? portsOf(old).map(portKey) : [])
    const given = new Map<number, number>()
    return (spec.ports ?? []).flatMap((port, i) => {
      if (!port.nodePort && balancer && spec.allocateLoadBalancerNodePorts === false) return []
      const reused = given.get(port.port)
      if (!port.nodePort && reused) {
        port.nodePort = reused
        undo.push(() => delete port.nodePort)
      }
      const errors = this.#takePort(port, i, held, undo)
      if (port.nodePort) given.set(port.port, port.nodePort)
      return errors
    })
  }

  #takePort(port: ServicePort, i: number, held: Set<string>, undo: Array<() => void>): FieldError[] {
    const pool = this.#pool(port.protocol)
    const path = fieldPath('spec.ports').index(i).child('nodePort')
    if (!port.nodePort) {
      const value = pool.takeAny()
      if (value === undefined) return [path.invalid(0, 'failed to allocate a nodePort: range is full')]
      undo.push(() => {
        pool.giveBack(value)
        delete port.nodePort
      })
      port.nodePort = value
      return []
    }
    const value = port.nodePort
    if (held.has(portKey({ protocol: port.protocol ?? 'TCP', value }))) return []
    if (!pool.contains(value)) return [path.invalid(value, outOfRange(pool))]
    if (!pool.take(value)) return [path.invalid(value, TAKEN_WORDS)]
    undo.push(() => pool.giveBack(value))
    return []
  }

  #pool(protocol = 'TCP'): NumberPool {
    let pool = this.#ports.get(protocol)
    if (!pool) this.#ports.set(protocol, (pool = this.#newPool()))
    return pool
  }
}

/** The address of an object that is not the allocator's own. */
function keptElsewhere(address: IPAddress | undefined): number | undefined {
  if (!address || address.metadata.labels?.[MANAGED_BY] === ALLOCATOR) return undefined
  return ipToNumber(address.metadata.name)
}

const TAKEN_WORDS = 'provided port is already allocated'
const outOfRange = ({ first, last }: NumberPool): string =>
  `provided port is not in the valid range. The range of valid ports is ${first}-${last}`

interface HeldPort {
  protocol: string
  value: number
}

function ipsOf({ spec }: Service): number[] {
  if (!spec.clusterIP || spec.clusterIP === 'None') return []
  const value = ipToNumber(spec.clusterIP)
  return value === undefined ? [] : [value]
}

function portsOf({ spec }: Service): HeldPort[] {
  const ports = (spec.ports ?? []).flatMap(({ protocol = 'TCP', nodePort }) =>
    nodePort ? [{ protocol, value: nodePort }] : [],
  )
  const health = spec.healthCheckNodePort
  return health ? [...ports, { protocol: 'TCP', value: health }] : ports
}

function portKey({ protocol, value }: HeldPort): string {
  return `${protocol}/${value}`
}
