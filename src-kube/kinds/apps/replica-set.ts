import type { ReplicaSet } from '#types/apps/v1'
import { replicaCells, replicaColumns, selectorCell } from '../cells.ts'
import { defaultPodTemplate } from '../defaults/pod.ts'
import { defineKind, otherVersion } from '../define.ts'
import { deprecated } from '../deprecation.ts'
import { selectorFromTemplate } from './defaults.ts'

export const replicaSet = defineKind<ReplicaSet>({
  group: 'apps',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  status: true,
  hasGeneration: true,
  scale: { spec: 'spec.replicas', status: 'status.replicas', selector: 'spec.selector' },
  defaults,
  others: [
    old({ group: 'apps', version: 'v1beta2', since: '1.9' }),
    old({ group: 'extensions', version: 'v1beta1', since: '1.8', selectorFromTemplate: true }),
  ],
  columns: replicaColumns,
  row: (o, now) => [...replicaCells(o, now), selectorCell(o.spec?.selector)],
  selectableFields: { 'status.replicas': (o) => String(o.status?.replicas ?? 0) },
})

function defaults({ spec }: ReplicaSet): void {
  if (!spec) return
  spec.replicas ??= 1
  defaultPodTemplate(spec.template)
}

interface OldVersion {
  group: string
  version: string
  /** Of Kubernetes, in which it was deprecated. */
  since: string
  /** Whether a missing selector comes from the template's labels. Default false. */
  selectorFromTemplate?: boolean
}

function old({ group, version, since, selectorFromTemplate: fillsSelector = false }: OldVersion) {
  return otherVersion<ReplicaSet, ReplicaSet>({
    group,
    version,
    deprecated: deprecated(since, '1.16', 'apps/v1 ReplicaSet'),
    defaults: (object) => {
      if (fillsSelector && object.spec) selectorFromTemplate(object.metadata, object.spec)
      defaults(object)
    },
  })
}
