import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { pathOf } from '../api/kube.ts'
import { at } from '../kinds/view.ts'
import type { Action } from './index.ts'
import { mergeInto } from './patch.ts'

/** Names of objects end here: pods of the Job add to it (Kubernetes, "Object Names and IDs"). */
const longest = 63
const letters = 'bcdfghjklmnpqrstvwxz2456789'

/** A Job as a CronJob would start it now, on record as started by hand (`kubectl create job --from` does the same). */
export function jobFrom(cronJob: KubeObject, random: () => number = Math.random): KubeObject {
  const { name, namespace, uid } = cronJob.metadata
  const ending = Array.from({ length: 5 }, () => letters[Math.floor(random() * letters.length)]).join('')
  const template = (at(cronJob, 'spec', 'jobTemplate') ?? {}) as { metadata?: KubeObject['metadata']; spec?: unknown }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${name.slice(0, longest - 14)}-manual-${ending}`,
      ...(namespace ? { namespace } : {}),
      labels: { ...template.metadata?.labels },
      annotations: { ...template.metadata?.annotations, 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'CronJob', name, uid: uid ?? '', controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: template.spec,
  } as unknown as KubeObject
}

const suspendable = new Set(['cronjobs.batch', 'jobs.batch'])
const isSuspended = (object: KubeObject): boolean => at(object, 'spec', 'suspend') === true
const isOver = (object: KubeObject): boolean => at(object, 'status', 'completionTime') !== undefined

function suspend(id: 'suspend' | 'unsuspend'): Action {
  return {
    id,
    icon: id === 'suspend' ? 'pause' : 'start',
    many: true,
    applies: (view, object) =>
      suspendable.has(view.id) && !isOver(object) && isSuspended(object) === (id === 'unsuspend'),
    async run(world, view, objects) {
      for (const object of objects) {
        await world.ui.attempt(() => mergeInto(world, view, object, { spec: { suspend: id === 'suspend' } }))
      }
    },
  }
}

const trigger: Action = {
  id: 'trigger',
  icon: 'trigger',
  applies: (view) => view.id === 'cronjobs.batch',
  async run({ cluster, ui, t }, _view, objects) {
    const job = jobFrom(objects[0]!)
    const path = pathOf({ group: 'batch', version: 'v1', resource: 'jobs' }, { namespace: job.metadata.namespace })
    await cluster.kube.send('POST', path, job)
    ui.toast('info', t('done.trigger', { name: job.metadata.name }))
  },
}

export const jobActions: Action[] = [trigger, suspend('suspend'), suspend('unsuspend')]
