import { draftMetadata, type KubeObject } from '../../src-kube/machinery/meta.ts'
import { pathOf } from '../api/kube.ts'
import { at, listAt, textAt } from '../kinds/view.ts'
import { toEach } from './each.ts'
import type { Action } from './index.ts'
import { onKind } from './needs.ts'
import { mergeInto } from './patch.ts'
import { randomEnding } from './random-ending.ts'

/** Names of objects end here: pods of the Job add to it (Kubernetes, "Object Names and IDs"). */
const longest = 63

/** A Job as a CronJob would start it now, on record as started by hand (`kubectl create job --from` does the same). */
export function jobFrom(cronJob: KubeObject, random: () => number = Math.random): KubeObject {
  const { name, namespace, uid } = cronJob.metadata
  const template = (at(cronJob, 'spec', 'jobTemplate') ?? {}) as { metadata?: KubeObject['metadata']; spec?: unknown }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: draftMetadata({
      name: `${name.slice(0, longest - 14)}-manual-${randomEnding(random)}`,
      ...(namespace ? { namespace } : {}),
      labels: { ...template.metadata?.labels },
      annotations: { ...template.metadata?.annotations, 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'CronJob', name, uid: uid ?? '', controller: true, blockOwnerDeletion: true },
      ],
    }),
    spec: template.spec,
  }
}

const suspendable = new Set(['cronjobs.batch', 'jobs.batch'])
const isSuspended = (object: KubeObject): boolean => at(object, 'spec', 'suspend') === true
/** Complete or failed: a Job ends once (kubernetes.io, "Job termination and cleanup"). */
const isOver = (object: KubeObject): boolean =>
  at(object, 'status', 'completionTime') !== undefined ||
  listAt(object, 'status', 'conditions').some(
    (one) => ['Complete', 'Failed'].includes(textAt(one, 'type')) && textAt(one, 'status') === 'True',
  )

function suspend(id: 'suspend' | 'unsuspend'): Action {
  return {
    id,
    icon: id === 'suspend' ? 'pause' : 'start',
    needs: onKind('patch'),
    many: true,
    applies: (view, object) =>
      suspendable.has(view.id) && !isOver(object) && isSuspended(object) === (id === 'unsuspend'),
    async run(world, view, objects) {
      const body = { spec: { suspend: id === 'suspend' } }
      await toEach(world, objects, (object) => mergeInto(world, view, object, body))
    },
  }
}

const trigger: Action = {
  id: 'trigger',
  icon: 'trigger',
  needs: () => ({ verb: 'create', group: 'batch', resource: 'jobs' }),
  applies: (view) => view.id === 'cronjobs.batch',
  async run({ cluster, ui, t }, _view, objects) {
    const job = jobFrom(objects[0]!)
    const path = pathOf({ group: 'batch', version: 'v1', resource: 'jobs' }, { namespace: job.metadata.namespace })
    await cluster.kube.send('POST', path, job)
    ui.toast('info', t('done.trigger', { name: job.metadata.name }))
  },
}

/** What the job controller gives a Job and its pods: another Job has its own (kubernetes.io, "Jobs: Specifying your own Pod selector"). */
const ofController = [
  'controller-uid',
  'job-name',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
]

const withoutController = (labels: Record<string, string> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !ofController.includes(key)))

/** A Job that does once more what another did; it belongs to nobody. */
export function jobAgain({ metadata, spec }: KubeObject & { spec?: unknown }, random?: () => number): KubeObject {
  const { selector: _, manualSelector: __, suspend: ___, template, ...rest } = (spec ?? {}) as Record<string, unknown>
  const { metadata: podMetadata, ...pods } = (template ?? {}) as { metadata?: KubeObject['metadata'] }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: draftMetadata({
      name: `${metadata.name.slice(0, longest - 13)}-again-${randomEnding(random)}`,
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
      labels: withoutController(metadata.labels),
    }),
    spec: {
      ...rest,
      template: { ...pods, metadata: { ...podMetadata, labels: withoutController(podMetadata?.labels) } },
    },
  }
}

const again: Action = {
  id: 'again',
  icon: 'trigger',
  needs: () => ({ verb: 'create', group: 'batch', resource: 'jobs' }),
  applies: (view) => view.id === 'jobs.batch',
  async run({ cluster, ui, t }, view, objects) {
    const job = jobAgain(objects[0]!)
    await cluster.kube.send('POST', pathOf(view, { namespace: job.metadata.namespace }), job)
    ui.toast('info', t('done.trigger', { name: job.metadata.name }))
  },
}

export const jobActions: Action[] = [trigger, again, suspend('suspend'), suspend('unsuspend')]
