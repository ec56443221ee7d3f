import type { Deployment } from '#types/apps/v1'
import { age, ageColumn, containerCells, nameColumn, selectorCell, text, workloadColumns } from '../cells.ts'
import { defaultPodTemplate } from '../defaults/pod.ts'
import { defineKind, otherVersion } from '../define.ts'
import { deprecated } from '../deprecation.ts'
import {
  defaultDeploymentSpec,
  oneAtATime,
  quarterAtATime,
  type RolloutDefaults,
  selectorFromTemplate,
} from './defaults.ts'

/** Old versions could ask for a rollback in the spec; apps/v1 keeps the request as an annotation, as upstream does. */
const ROLLBACK_ANNOTATION = 'deprecated.deployment.rollback.to'

type OldDeployment = Omit<Deployment, 'spec'> & {
  spec?: (NonNullable<Deployment['spec']> & { rollbackTo?: { revision?: number | undefined } | undefined }) | undefined
}

export const deployment = defineKind<Deployment>({
  group: 'apps',
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  status: true,
  hasGeneration: true,
  scale: { spec: 'spec.replicas', status: 'status.replicas', selector: 'spec.selector' },
  defaults: (o) => fill(o, quarterAtATime),
  others: [
    old({ group: 'apps', version: 'v1beta2', since: '1.9', rollout: quarterAtATime }),
    old({
      group: 'apps',
      version: 'v1beta1',
      since: '1.8',
      rollout: { ...quarterAtATime, history: 2 },
      selectorFromTemplate: true,
    }),
    old({ group: 'extensions', version: 'v1beta1', since: '1.8', rollout: oneAtATime, selectorFromTemplate: true }),
  ],
  columns: [nameColumn, text('Ready'), text('Up-to-date'), text('Available'), ageColumn, ...workloadColumns],
  row: (o, now) => [
    o.metadata.name,
    `${o.status?.readyReplicas ?? 0}/${o.spec?.replicas ?? 0}`,
    o.status?.updatedReplicas ?? 0,
    o.status?.availableReplicas ?? 0,
    age(o, now),
    ...containerCells(o.spec?.template?.spec?.containers),
    selectorCell(o.spec?.selector),
  ],
})

function fill(object: Deployment | OldDeployment, given: RolloutDefaults): void {
  if (!object.spec) return
  defaultDeploymentSpec(object.spec, given)
  defaultPodTemplate(object.spec.template)
}

interface OldVersion {
  group: string
  version: string
  /** Of Kubernetes, in which it was deprecated. */
  since: string
  rollout: RolloutDefaults
  /** Whether a missing selector comes from the template's labels. Default false. */
  selectorFromTemplate?: boolean
}

function old({ group, version, since, rollout, selectorFromTemplate: fillsSelector = false }: OldVersion) {
  return otherVersion<OldDeployment, Deployment>({
    group,
    version,
    deprecated: deprecated(since, '1.16', 'apps/v1 Deployment'),
    defaults: (object) => {
      if (fillsSelector && object.spec) selectorFromTemplate(object.metadata, object.spec)
      fill(object, rollout)
    },
    toStorage,
    fromStorage: (object) => fromStorage(object, `${group}/${version}`),
  })
}

function toStorage(object: OldDeployment): Deployment {
  const { rollbackTo, ...spec } = object.spec ?? { template: { spec: { containers: [] } }, selector: {} }
  const { [ROLLBACK_ANNOTATION]: _stale, ...kept } = object.metadata.annotations ?? {}
  const annotations = rollbackTo ? { ...kept, [ROLLBACK_ANNOTATION]: String(rollbackTo.revision ?? 0) } : kept
  return {
    ...object,
    apiVersion: 'apps/v1',
    metadata: withAnnotations(object.metadata, annotations),
    ...(object.spec ? { spec } : {}),
  } as Deployment
}

function fromStorage(object: Deployment, apiVersion: string): OldDeployment {
  const { [ROLLBACK_ANNOTATION]: revision, ...kept } = object.metadata.annotations ?? {}
  if (revision === undefined || !object.spec) return { ...object, apiVersion }
  return {
    ...object,
    apiVersion,
    metadata: withAnnotations(object.metadata, kept),
    spec: { ...object.spec, rollbackTo: { revision: Number(revision) } },
  }
}

function withAnnotations(metadata: Deployment['metadata'], annotations: Record<string, string>) {
  const { annotations: _before, ...rest } = metadata
  return Object.keys(annotations).length > 0 ? { ...rest, annotations } : rest
}
