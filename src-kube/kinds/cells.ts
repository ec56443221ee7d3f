import type { Container, PodTemplateSpec } from '#types/core/v1'
import type { LabelSelector } from '#types/meta/v1'
import { humanDuration } from '../machinery/duration.ts'
import type { ObjectLike } from '../machinery/meta.ts'
import { parseTime } from '../machinery/time.ts'
import type { Column } from './descriptor.ts'

/**
 * What one column shows of one object, as JSON carries it in a Table (kubernetes.io, "Kubernetes API Concepts: Receiving resources as
 * Tables").
 */
export type Cell = string | number | boolean | null

/** What printed tables show where nothing is set. */
export const NONE = '<none>'
/** kubectl's word for what is not there. */
export const UNSET = '<unset>'

/** The first column of every kind. */
export const nameColumn: Column = { name: 'Name', type: 'string', format: 'name' }
/** The last column of most kinds: {@link age}. */
export const ageColumn: Column = { name: 'Age', type: 'string' }
/** For kinds that tell when an object was made, and not how long ago. */
export const createdAtColumn: Column = { name: 'Created At', type: 'date' }

/** A text column. */
export function text(name: string): Column {
  return { name, type: 'string' }
}

/** A text column that shows only with `-o wide`. */
export function wideText(name: string): Column {
  return { name, type: 'string', priority: 1 }
}

/** A column of whole numbers. */
export function integer(name: string): Column {
  return { name, type: 'integer' }
}

/** Time since `timestamp`, `<unknown>` when it is not set. */
export function since(timestamp: string | undefined, now: number): string {
  const time = parseTime(timestamp)
  return time === undefined ? '<unknown>' : humanDuration(now - time)
}

/** How long ago the object was created, in kubectl's words (`5d3h`); `now` is milliseconds since the epoch. */
export function age(object: ObjectLike, now: number): string {
  return since(object.metadata.creationTimestamp, now)
}

/** `a=1,b=2` in key order, `<none>` when empty. */
export function labelsCell(labels: Record<string, string> | undefined): string {
  const entries = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.length === 0 ? NONE : entries.map(([key, value]) => `${key}=${value}`).join(',')
}

/** A label selector in the grammar of `kubectl -l`. */
export function selectorCell(selector: LabelSelector | undefined): string {
  return selectorText(selector) || NONE
}

/** As {@link selectorCell}, empty for a selector that selects everything: what `scale` reports. */
export function selectorText(selector: LabelSelector | undefined): string {
  const terms: Array<[string, string]> = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => [
    key,
    `${key}=${value}`,
  ])
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    const set = `(${values.toSorted().join(',')})`
    if (operator === 'In') terms.push([key, `${key} in ${set}`])
    else if (operator === 'NotIn') terms.push([key, `${key} notin ${set}`])
    else terms.push([key, operator === 'Exists' ? key : `!${key}`])
  }
  return terms
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, term]) => term)
    .join(',')
}

/** The two wide cells of workloads: container names, images. */
export function containerCells(containers: readonly Container[] | undefined): [string, string] {
  const list = containers ?? []
  return [list.map((c) => c.name).join(','), list.map((c) => c.image ?? '').join(',')]
}

/** What kubectl shows of templates with `-o wide`. */
export const workloadColumns: Column[] = ['Containers', 'Images', 'Selector'].map(wideText)

/** Columns of the kinds that keep a number of like pods. */
export const replicaColumns: Column[] = [
  nameColumn,
  ...['Desired', 'Current', 'Ready'].map(integer),
  ageColumn,
  ...workloadColumns,
]

interface Replicated extends ObjectLike {
  spec?: { replicas?: number | undefined; template?: PodTemplateSpec | undefined } | undefined
  status?: { replicas?: number | undefined; readyReplicas?: number | undefined } | undefined
}

/** Cells of {@link replicaColumns}, all but the selector's. */
export function replicaCells({ metadata, spec, status }: Replicated, now: number): Cell[] {
  return [
    metadata.name,
    spec?.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    since(metadata.creationTimestamp, now),
    ...containerCells(spec?.template?.spec?.containers),
  ]
}

/** The addresses that a load balancer has, each once and in order. */
export function balancerAddresses(status: { ingress?: BalancerIngress[] | undefined } | undefined): string[] {
  return [...new Set((status?.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []))].sort()
}

interface BalancerIngress {
  ip?: string | undefined
  hostname?: string | undefined
}

const shortModes: Record<string, string> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

/** `RWO,ROX,…` in the order of upstream, each once, whatever the order they were written in. */
export function accessModesCell(modes: readonly string[] | undefined): string {
  const present = new Set(modes)
  return Object.entries(shortModes)
    .filter(([mode]) => present.has(mode))
    .map(([, short]) => short)
    .join(',')
}
