import { isRecord } from '../../src-kube/machinery/record.ts'
/** What became different between two versions of an object, in few words: what a list of revisions says of each. */
import { isSame } from '../api/three-way.ts'

/** One field that differs between two versions of an object. */
export interface FieldChange {
  /** As one would say it: `spec.replicas`, `status.conditions[Ready]`, `metadata.labels.app`. */
  path: string
  /** Undefined where the field was not there. */
  before: unknown
  /** Undefined where it is not there any more. */
  after: unknown
}

type Fields = Record<string, unknown>

/** Bookkeeping that changes with every write, or repeats what another field says. */
const unsaid = new Set([
  'metadata.resourceVersion',
  'metadata.managedFields',
  'metadata.generation',
  'metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]',
])

/** Fields that name the items of a list, the first that all of them have. */
const identities = ['name', 'type', 'uid', 'key', 'ip', 'mountPath', 'containerPort', 'port'] as const

/** Times that are told again and again while nothing else happens. */
const beats = /\.(lastHeartbeatTime|lastProbeTime|lastUpdateTime|renewTime|observedGeneration)$/
/** What a condition says, the weightiest first: what follows only explains it. */
const sayings = ['status', 'reason', 'message']
const ofCondition = /^(.*\.conditions\[[^\]]+\])\.(\w+)$/

/**
 * The fields that differ, those that people write first. Of a condition only the weightiest change is told; times that merely tick are left out
 * unless nothing else changed.
 */
export function changesOf(before: object, after: object): FieldChange[] {
  const found: FieldChange[] = []
  compare(before, after, '', found)
  const told = gatheredByCondition(found)
  const weighty = told.filter(({ path }) => !beats.test(path))
  return (weighty.length > 0 ? weighty : told).sort((a, b) => rank(a.path) - rank(b.path))
}

function gatheredByCondition(found: readonly FieldChange[]): FieldChange[] {
  const parts = found.map((change) => {
    const [, condition, field = ''] = ofCondition.exec(change.path) ?? []
    return { change, condition, weight: sayings.indexOf(field) }
  })
  return parts.flatMap(({ change, condition, weight }) => {
    if (condition === undefined) return [change]
    const said = parts.filter((one) => one.condition === condition && one.weight >= 0).map((one) => one.weight)
    if (said.length === 0) return [change]
    if (weight !== Math.min(...said)) return []
    // Its status is what a condition is.
    return [weight === 0 ? { ...change, path: condition } : change]
  })
}

/** What was asked for comes before what came of it. */
function rank(path: string): number {
  if (path.startsWith('status')) return 2
  return path.startsWith('metadata') ? 1 : 0
}

function compare(before: unknown, after: unknown, path: string, found: FieldChange[]): void {
  if (unsaid.has(path) || isSame(before, after)) return
  if (isRecord(before) && isRecord(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
      compare(before[name], after[name], joined(path, name), found)
    return
  }
  // Of a list that comes or goes the items are told.
  const earlier = before ?? []
  const later = after ?? []
  if (Array.isArray(earlier) && Array.isArray(later)) {
    const identity = identities.find((field) => isNamed(earlier, field) && isNamed(later, field))
    if (identity) return compareItems(itemsOf(earlier, identity), itemsOf(later, identity), path, found)
  }
  found.push(isCondition(path) ? { path, before: statusOf(before), after: statusOf(after) } : { path, before, after })
}

const isCondition = (path: string): boolean => /\.conditions\[[^\]]+\]$/.test(path)
const statusOf = (condition: unknown): unknown => (isRecord(condition) ? condition['status'] : condition)

function compareItems(before: Map<string, unknown>, after: Map<string, unknown>, path: string, found: FieldChange[]) {
  for (const name of new Set([...before.keys(), ...after.keys()]))
    compare(before.get(name), after.get(name), `${path}[${name}]`, found)
}

const isNamed = (list: readonly unknown[], field: string): boolean => {
  const names = list.map((item) => (isRecord(item) ? item[field] : undefined))
  return (
    names.every((name) => typeof name === 'string' || typeof name === 'number') && new Set(names).size === names.length
  )
}

const itemsOf = (list: readonly unknown[], field: string): Map<string, unknown> =>
  new Map(list.map((item) => [String((item as Fields)[field]), item]))

const joined = (path: string, name: string): string => {
  if (!/^[\w-]+$/.test(name)) return `${path}[${JSON.stringify(name)}]`
  return path === '' ? name : `${path}.${name}`
}

/** Characters of a value that are shown; the difference itself shows the rest. */
const longest = 40

/** A value in few words: `3`, `web:2`, `{…}`, `[2]`; `–` for none. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return '–'
  if (Array.isArray(value))
    return value.every((item) => typeof item !== 'object') ? shortened(`[${value.join(', ')}]`) : `[${value.length}]`
  if (isRecord(value)) return Object.keys(value).length === 0 ? '{}' : '{…}'
  return shortened(String(value as string | number | boolean))
}

const shortened = (text: string): string => {
  const line = text.replace(/\s*\n\s*/g, ' ')
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line
}

/** Whether the values of a field may be shown beside its name: what Secrets hold stays covered until it is asked for. */
export const isShown = (kind: string, { path }: FieldChange): boolean =>
  kind !== 'Secret' || !/^(data|stringData)\b/.test(path)
