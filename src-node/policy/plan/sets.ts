import type { NetworkPolicyDocument, PolicyProtocol } from '../../../src-wire/node/network-policy.ts'
import { setName } from './names.ts'

/** A set of the kernel: how it is made, and its entries as `ipset` takes them, in order. */
export interface AddressSet {
  type: 'hash:net' | 'hash:ip,port'
  entries: string[]
}

/** Our sets in the kernel; undefined where nobody knows what is in one. */
export type AppliedSets = ReadonlyMap<string, AddressSet | undefined>

/**
 * Entries that a set may have at least; it takes no room for those that it has not. No cluster has as many pods: only sets of networks, whose names
 * tell their entries, are larger, so that a set's name stands for one size.
 */
const MOST = 2 ** 20
const roomFor = (entries: number): number => Math.max(MOST, 2 ** Math.ceil(Math.log2(entries)))

/**
 * The sets that a document's rules name. Pods' addresses and networks are of one type, so that what a name stands for never changes how its set
 * is made.
 */
export function addressSets(document: NetworkPolicyDocument): Map<string, AddressSet> {
  const sets = new Map<string, AddressSet>()
  if (document.pods.length === 0) return sets
  for (const [name, addresses] of Object.entries(document.peers))
    sets.set(setName(name), { type: 'hash:net', entries: addresses })
  const protocols = protocolsOf(document)
  for (const [name, places] of Object.entries(document.ports)) {
    const protocol = (protocols.get(name) ?? 'TCP').toLowerCase()
    sets.set(setName(name), {
      type: 'hash:ip,port',
      entries: places.map(({ ip, port }) => `${ip},${protocol}:${port}`),
    })
  }
  return sets
}

function protocolsOf({ rules }: NetworkPolicyDocument): Map<string, PolicyProtocol> {
  const named = new Map<string, PolicyProtocol>()
  for (const rule of Object.values(rules).flat())
    for (const port of rule.ports ?? []) if (port.named !== undefined) named.set(port.named, port.protocol)
  return named
}

/**
 * Input of `ipset -exist restore` that turns what `applied` left into `wanted`, without what is gone: rules may name it still. Each set is filled
 * beside the one in use and takes its place at once. Undefined when nothing differs.
 */
export function setsInput(
  wanted: ReadonlyMap<string, AddressSet>,
  applied: AppliedSets = new Map(),
): string | undefined {
  const changed = [...wanted].filter(([name, set]) => !same(set, applied.get(name)))
  if (changed.length === 0) return undefined
  return changed.flatMap(([name, set]) => replaced(name, set)).join('\n') + '\n'
}

function replaced(name: string, { type, entries }: AddressSet): string[] {
  const made = `${type} family inet maxelem ${roomFor(entries.length)}`
  const beside = `${name}-new`
  return [
    `create ${name} ${made}`,
    `create ${beside} ${made}`,
    `flush ${beside}`,
    ...entries.map((entry) => `add ${beside} ${entry}`),
    `swap ${name} ${beside}`,
    `destroy ${beside}`,
  ]
}

const same = (left: AddressSet, right: AddressSet | undefined): boolean =>
  right !== undefined &&
  left.entries.length === right.entries.length &&
  left.entries.every((entry, i) => entry === right.entries[i])

/** Sets of `applied` that `ipset list -terse` does not tell of, and those that it calls empty which were not. */
export function missingSets(applied: AppliedSets, listed: string): string[] {
  const filled = new Map(
    listed.split(/^Name: /m).map((part) => [part.split('\n', 1)[0], !/^Number of entries: 0$/m.test(part)]),
  )
  return [...applied]
    .filter(([name, set]) => !filled.has(name) || ((set?.entries.length ?? 0) > 0 && !filled.get(name)))
    .map(([name]) => name)
}
