import { type AddressSet, DEVICE, type VirtualServer } from './table.ts'

type Servers = ReadonlyMap<string, VirtualServer>
type Sets = ReadonlyMap<string, AddressSet>

const lines = (all: readonly string[]): string | undefined => (all.length > 0 ? `${all.join('\n')}\n` : undefined)

/**
 * The least input of `ipvsadm -R` that turns `had` into `wanted`. Real servers come before others go, so that a virtual server that has some always has
 * some. Undefined when nothing differs.
 */
export function serversInput(wanted: Servers, had: Servers): string | undefined {
  const changed = [...wanted].flatMap(([key, server]) => {
    const before = had.get(key)
    const edit = !before ? '-A' : isSame(server, before) ? undefined : '-E'
    const come = [...server.real].filter((real) => !before?.real.has(real))
    const left = [...(before?.real ?? [])].filter((real) => !server.real.has(real))
    return [
      ...(edit ? [`${edit} ${key} ${words(server)}`] : []),
      ...come.map((real) => `-a ${key} -r ${real} -m -w 1`),
      ...left.map((real) => `-d ${key} -r ${real}`),
    ]
  })
  const gone = [...had.keys()].filter((key) => !wanted.has(key))
  return lines([...changed, ...gone.map((key) => `-D ${key}`)])
}

const words = ({ scheduler, persistence }: VirtualServer): string =>
  `-s ${scheduler}${persistence === undefined ? '' : ` -p ${persistence}`}`
const isSame = (a: VirtualServer, b: VirtualServer): boolean => words(a) === words(b)

/** What `ipvsadm -S -n` tells of the kernel's virtual servers. */
export function serversFound(saved: string): Map<string, VirtualServer> {
  const found = new Map<string, VirtualServer & { real: Set<string> }>()
  for (const line of saved.split('\n')) {
    const [, verb, key, rest] = /^-([Aa]) ((?:-t|-u|--sctp-service) \S+) (.*)$/.exec(line) ?? []
    if (key === undefined || rest === undefined) continue
    const option = (name: string): string | undefined => new RegExp(`(?:^| )-${name} (\\S+)`).exec(rest)?.[1]
    if (verb === 'A') {
      const seconds = option('p')
      const persistence = seconds === undefined ? undefined : Number(seconds)
      found.set(key, { scheduler: option('s') ?? '', persistence, real: new Set() })
    } else found.get(key)?.real.add(option('r') ?? '')
  }
  return found
}

/** Lines of `ip -batch -` for the addresses of the device. */
export function addressesInput(wanted: ReadonlySet<string>, had: ReadonlySet<string>): string | undefined {
  return lines([
    ...[...wanted].filter((ip) => !had.has(ip)).map((ip) => `addr add ${ip}/32 dev ${DEVICE}`),
    ...[...had].filter((ip) => !wanted.has(ip)).map((ip) => `addr del ${ip}/32 dev ${DEVICE}`),
  ])
}

/** Input of `ipset -exist restore`; without `had` the sets are filled anew, whatever they hold. */
export function setsInput(wanted: Sets, had: Sets | undefined): string | undefined {
  return lines(
    [...wanted].flatMap(([name, { type, members }]) => {
      const before = had?.get(name)?.members ?? new Set<string>()
      return [
        ...(had ? [] : [`create ${name} ${type}`, `flush ${name}`]),
        ...[...before].filter((member) => !members.has(member)).map((member) => `del ${name} ${member}`),
        ...[...members].filter((member) => !before.has(member)).map((member) => `add ${name} ${member}`),
      ]
    }),
  )
}
