import type { LimitRange, ResourceQuota } from '#types/core/v1'
import { age, ageColumn, createdAtColumn, nameColumn, text } from '../cells.ts'
import { defineKind } from '../define.ts'

export const limitRange = defineKind<LimitRange>({
  group: '',
  kind: 'LimitRange',
  plural: 'limitranges',
  shortNames: ['limits'],
  defaults: ({ spec }) => {
    for (const item of spec?.limits ?? []) {
      if (item.type !== 'Container') continue
      if (item.max) item.default = { ...item.max, ...item.default }
      if (item.default) item.defaultRequest = { ...item.default, ...item.defaultRequest }
      if (item.min) item.defaultRequest = { ...item.min, ...item.defaultRequest }
    }
  },
  columns: [nameColumn, createdAtColumn],
  row: (o) => [o.metadata.name, o.metadata.creationTimestamp ?? null],
})

export const resourceQuota = defineKind<ResourceQuota>({
  group: '',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  shortNames: ['quota'],
  status: true,
  columns: [nameColumn, text('Request'), text('Limit'), ageColumn],
  row: (o, now) => [o.metadata.name, used(o, (name) => !isLimit(name)), used(o, isLimit), age(o, now)],
})

const isLimit = (name: string): boolean => name.startsWith('limits')

/** `name: used/hard, …` of the resources that the column is about. */
function used({ status }: ResourceQuota, isShown: (name: string) => boolean): string {
  return Object.keys(status?.hard ?? {})
    .filter(isShown)
    .sort()
    .map((name) => `${name}: ${status?.used?.[name] ?? '0'}/${status?.hard?.[name] ?? '0'}`)
    .join(', ')
}
