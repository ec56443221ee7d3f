import type { PodTemplate, ReplicationController } from '#types/core/v1'
import { containerCells, labelsCell, nameColumn, replicaCells, replicaColumns, text } from '../cells.ts'
import { defaultPodTemplate } from '../defaults/pod.ts'
import { defineKind } from '../define.ts'

export const podTemplate = defineKind<PodTemplate>({
  group: '',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  hasGeneration: true,
  defaults: (o) => defaultPodTemplate(o.template),
  columns: [nameColumn, text('Containers'), text('Images'), text('Pod Labels')],
  row: (o) => [
    o.metadata.name,
    ...containerCells(o.template?.spec?.containers),
    labelsCell(o.template?.metadata?.labels),
  ],
})

export const replicationController = defineKind<ReplicationController>({
  group: '',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  defaultsMetadata: true,
  shortNames: ['rc'],
  categories: ['all'],
  status: true,
  hasGeneration: true,
  scale: { spec: 'spec.replicas', status: 'status.replicas', selector: 'spec.selector', plain: true },
  defaults: (object) => {
    const { spec, metadata } = object
    if (!spec) return
    const labels = spec.template?.metadata?.labels
    if (labels && Object.keys(labels).length > 0) {
      if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels }
      if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels }
    }
    spec.replicas ??= 1
    defaultPodTemplate(spec.template)
  },
  columns: replicaColumns,
  row: (o, now) => [...replicaCells(o, now), labelsCell(o.spec?.selector)],
  selectableFields: { 'status.replicas': (o) => String(o.status?.replicas ?? 0) },
})
