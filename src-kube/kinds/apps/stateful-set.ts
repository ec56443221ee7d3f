import type { ControllerRevision, StatefulSet } from '#types/apps/v1'
import { controllerOf } from '../../machinery/meta.ts'
import { age, ageColumn, containerCells, nameColumn, NONE, text, wideText } from '../cells.ts'
import { defaultPodTemplate } from '../defaults/pod.ts'
import { defineKind, otherVersion } from '../define.ts'
import { deprecated } from '../deprecation.ts'
import { defaultStatefulSetSpec, selectorFromTemplate } from './defaults.ts'

export const statefulSet = defineKind<StatefulSet>({
  group: 'apps',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  shortNames: ['sts'],
  categories: ['all'],
  status: true,
  hasGeneration: true,
  scale: { spec: 'spec.replicas', status: 'status.replicas', selector: 'spec.selector' },
  defaults: (object) => fill(object, 'RollingUpdate'),
  others: [
    otherVersion<StatefulSet, StatefulSet>({
      group: 'apps',
      version: 'v1beta2',
      deprecated: deprecated('1.9', '1.16', 'apps/v1 StatefulSet'),
      defaults: (object) => fill(object, 'RollingUpdate'),
    }),
    otherVersion<StatefulSet, StatefulSet>({
      group: 'apps',
      version: 'v1beta1',
      deprecated: deprecated('1.8', '1.16', 'apps/v1 StatefulSet'),
      defaults: (object) => {
        if (object.spec) selectorFromTemplate(object.metadata, object.spec)
        fill(object, 'OnDelete')
      },
    }),
  ],
  columns: [nameColumn, text('Ready'), ageColumn, wideText('Containers'), wideText('Images')],
  row: (o, now) => [
    o.metadata.name,
    `${o.status?.readyReplicas ?? 0}/${o.spec?.replicas ?? 0}`,
    age(o, now),
    ...containerCells(o.spec?.template?.spec?.containers),
  ],
})

function fill({ spec }: StatefulSet, strategy: 'RollingUpdate' | 'OnDelete'): void {
  if (!spec) return
  defaultStatefulSetSpec(spec, strategy)
  defaultPodTemplate(spec.template)
}

const REVISION_REPLACEMENT = 'apps/v1 ControllerRevision'

export const controllerRevision = defineKind<ControllerRevision>({
  group: 'apps',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  others: [
    { group: 'apps', version: 'v1beta2', deprecated: deprecated('1.9', '1.16', REVISION_REPLACEMENT) },
    { group: 'apps', version: 'v1beta1', deprecated: deprecated('1.8', '1.16', REVISION_REPLACEMENT) },
  ],
  columns: [nameColumn, text('Controller'), text('Revision'), ageColumn],
  row: (o, now) => [o.metadata.name, controllerName(o), String(o.revision ?? 0), age(o, now)],
})

/** `statefulset.apps/web`, as kubectl names an object. */
function controllerName(object: ControllerRevision): string {
  const owner = controllerOf(object)
  if (!owner) return NONE
  const slash = owner.apiVersion.indexOf('/')
  const group = slash < 0 ? '' : `.${owner.apiVersion.slice(0, slash)}`
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`
}
