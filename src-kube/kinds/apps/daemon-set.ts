import type { DaemonSet } from '#types/apps/v1'
import {
  age,
  ageColumn,
  containerCells,
  integer,
  labelsCell,
  nameColumn,
  selectorCell,
  text,
  workloadColumns,
} from '../cells.ts'
import { defaultPodTemplate } from '../defaults/pod.ts'
import { defineKind, otherVersion } from '../define.ts'
import { deprecated } from '../deprecation.ts'
import { defaultDaemonSetSpec, selectorFromTemplate } from './defaults.ts'

/** extensions/v1beta1 showed a generation of the template in the spec; apps/v1 keeps it as this annotation. */
export const TEMPLATE_GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation'

type OldDaemonSet = Omit<DaemonSet, 'spec'> & {
  spec?: (NonNullable<DaemonSet['spec']> & { templateGeneration?: number | undefined }) | undefined
}

export const daemonSet = defineKind<DaemonSet>({
  group: 'apps',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  status: true,
  hasGeneration: true,
  defaults: (object) => fill(object, 'RollingUpdate'),
  others: [
    otherVersion<DaemonSet, DaemonSet>({
      group: 'apps',
      version: 'v1beta2',
      deprecated: deprecated('1.9', '1.16', 'apps/v1 DaemonSet'),
      defaults: (object) => fill(object, 'RollingUpdate'),
    }),
    otherVersion<OldDaemonSet, DaemonSet>({
      group: 'extensions',
      version: 'v1beta1',
      deprecated: deprecated('1.8', '1.16', 'apps/v1 DaemonSet'),
      defaults: (object) => {
        if (object.spec) selectorFromTemplate(object.metadata, object.spec)
        fill(object, 'OnDelete')
      },
      toStorage,
      fromStorage,
    }),
  ],
  columns: [
    nameColumn,
    integer('Desired'),
    integer('Current'),
    integer('Ready'),
    integer('Up-to-date'),
    integer('Available'),
    text('Node Selector'),
    ageColumn,
    ...workloadColumns,
  ],
  row: (o, now) => [
    o.metadata.name,
    o.status?.desiredNumberScheduled ?? 0,
    o.status?.currentNumberScheduled ?? 0,
    o.status?.numberReady ?? 0,
    o.status?.updatedNumberScheduled ?? 0,
    o.status?.numberAvailable ?? 0,
    labelsCell(o.spec?.template?.spec?.nodeSelector),
    age(o, now),
    ...containerCells(o.spec?.template?.spec?.containers),
    selectorCell(o.spec?.selector),
  ],
})

function fill({ spec }: DaemonSet | OldDaemonSet, strategy: 'RollingUpdate' | 'OnDelete'): void {
  if (!spec) return
  defaultDaemonSetSpec(spec, strategy)
  defaultPodTemplate(spec.template)
}

function toStorage(object: OldDaemonSet): DaemonSet {
  if (!object.spec) return { ...object, apiVersion: 'apps/v1' } as DaemonSet
  const { templateGeneration, ...spec } = object.spec
  if (templateGeneration === undefined) return { ...object, apiVersion: 'apps/v1', spec }
  const annotations = { ...object.metadata.annotations, [TEMPLATE_GENERATION_ANNOTATION]: String(templateGeneration) }
  return { ...object, apiVersion: 'apps/v1', metadata: { ...object.metadata, annotations }, spec }
}

function fromStorage(object: DaemonSet): OldDaemonSet {
  const apiVersion = 'extensions/v1beta1'
  const { [TEMPLATE_GENERATION_ANNOTATION]: generation, ...annotations } = object.metadata.annotations ?? {}
  if (generation === undefined || !object.spec) return { ...object, apiVersion }
  const { annotations: _before, ...metadata } = object.metadata
  return {
    ...object,
    apiVersion,
    metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata,
    spec: { ...object.spec, templateGeneration: Number(generation) },
  }
}
