import { sameTexts } from '../../../../src-kube/machinery/same-texts.ts'
import { type NftCollection, type NftTable, TABLE } from './table.ts'

const OURS = `ip ${TABLE}`

/** Input of `nft -f -`, each one transaction: the first makes the kernel do as wanted, the second removes what nothing leads to any more. */
export interface NftInput {
  change: string | undefined
  removal: string | undefined
}

const nothing: NftTable = { chains: new Map(), collections: new Map() }

/**
 * The least input that turns `applied` into `wanted`: chains that differ are rewritten whole, of maps and sets only elements that differ. What
 * is gone is removed by a transaction of its own: kernels before 6.4 call a chain busy whose last rule went in the same one.
 */
export function nftInput(wanted: NftTable, applied: NftTable | undefined): NftInput {
  const had = applied ?? nothing
  const collections = [...wanted.collections].filter(([name]) => !had.collections.has(name))
  const chains = [...wanted.chains].filter(([name, { rules }]) => !sameTexts(rules!, had.chains.get(name)?.rules))
  const lines = [
    ...collections.map(([name, { kind, declaration }]) => `add ${kind} ${OURS} ${name} { ${declaration} }`),
    // All exist before a rule or an element names them.
    ...chains.map(([name, { hook }]) => `add chain ${OURS} ${name}${hook ? ` { ${hook} }` : ''}`),
    ...chains.filter(([name]) => had.chains.has(name)).map(([name]) => `flush chain ${OURS} ${name}`),
    ...[...wanted.collections].flatMap(([name, collection]) =>
      elementLines(name, collection, had.collections.get(name)),
    ),
    ...chains.flatMap(([name, { rules }]) => rules!.map((rule) => `add rule ${OURS} ${name} ${rule}`)),
  ]
  return {
    change: lines.length > 0 || !applied ? joined([`add table ${OURS}`, ...lines]) : undefined,
    removal: joined(removalLines(gone(wanted, had))),
  }
}

/** What of `applied` is not wanted any more. */
export function gone(wanted: NftTable, applied: NftTable | undefined): NftTable {
  const left = <T>(had: ReadonlyMap<string, T>, has: ReadonlyMap<string, T>): Map<string, T> =>
    new Map([...had].filter(([name]) => !has.has(name)))
  const had = applied ?? nothing
  return { chains: left(had.chains, wanted.chains), collections: left(had.collections, wanted.collections) }
}

/** The table is made anew, whatever was in it. */
export const anew = (change: string): string => `add table ${OURS}\ndelete table ${OURS}\n${change}`

function elementLines(name: string, wanted: NftCollection, had: NftCollection | undefined): string[] {
  if (wanted.elements === 'kernel') return []
  const now = wanted.elements!
  const before = had?.elements instanceof Map ? had.elements : undefined
  const isUnknown = had !== undefined && before === undefined
  const fresh = [...now].filter(([key, verdict]) => before?.get(key) !== verdict)
  const stale = [...(before ?? [])].filter(([key, verdict]) => now.get(key) !== verdict)
  const list = (elements: ReadonlyArray<[string, string]>): string =>
    elements.map(([key, verdict]) => (verdict ? `${key} : ${verdict}` : key)).join(', ')
  const keys = (elements: ReadonlyArray<[string, string]>): string => elements.map(([key]) => key).join(', ')
  return [
    ...(isUnknown ? [`flush ${wanted.kind} ${OURS} ${name}`] : []),
    ...(stale.length > 0 ? [`delete element ${OURS} ${name} { ${keys(stale)} }`] : []),
    ...(fresh.length > 0 ? [`add element ${OURS} ${name} { ${list(fresh)} }`] : []),
  ]
}

/** Chains are emptied before any of them goes, and sets go after the rules that named them. */
const removalLines = ({ chains, collections }: NftTable): string[] => [
  ...[...chains.keys()].map((name) => `flush chain ${OURS} ${name}`),
  ...[...chains.keys()].map((name) => `delete chain ${OURS} ${name}`),
  ...[...collections].map(([name, { kind }]) => `delete ${kind} ${OURS} ${name}`),
]

const joined = (lines: readonly string[]): string | undefined =>
  lines.length > 0 ? `${lines.join('\n')}\n` : undefined

const DECLARED = /^\t(chain|set|map) (\S+) \{$/

/** A chain without rules, as it is listed: its hook at most. */
const EMPTY = /^\tchain (\S+) \{\n(?:\t\ttype .*\n)?\t\}$/gm

/** What `nft -t list table` shows: the names of what an agent before this one has left, whose content nobody knows. */
export function tableFound(listed: string): NftTable {
  const found: NftTable = { chains: new Map(), collections: new Map() }
  for (const line of listed.split('\n')) {
    const [, kind, name] = DECLARED.exec(line) ?? []
    if (kind === undefined || name === undefined) continue
    if (kind === 'chain') found.chains.set(name, { rules: undefined })
    else found.collections.set(name, { kind: kind as 'set' | 'map', declaration: '', elements: undefined })
  }
  return found
}

/** Chains, sets and maps of `applied` that `nft -t list table` does not show, and chains that it shows empty which were not. */
export function missingOf(applied: NftTable, listed: string): string[] {
  const found = tableFound(listed)
  const empty = new Set([...listed.matchAll(EMPTY)].map(([, name]) => name))
  const chains = [...applied.chains]
    .filter(([name, { rules = [] }]) => !found.chains.has(name) || (rules.length > 0 && empty.has(name)))
    .map(([name]) => name)
  return [...chains, ...[...applied.collections.keys()].filter((name) => !found.collections.has(name))]
}
