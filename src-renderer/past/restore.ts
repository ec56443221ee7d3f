/** What of an old version is written again: over what is there now, or as a new object where it is gone. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { inOrderOf } from './in-order.ts'

type Fields = Record<string, unknown>

/** What the server keeps itself. */
const kept = [
  'managedFields',
  'resourceVersion',
  'generation',
  'uid',
  'creationTimestamp',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const

/** Annotations that controllers keep beside what they have made of an object. */
const controllers = /^(deployment\.kubernetes\.io|drydock\.dev|pv\.kubernetes\.io|endpoints\.kubernetes\.io)\//

/** The object of now with what was asked for then. Its status, and what the server and controllers keep, stay as they are now. */
export function restored(now: KubeObject, then: KubeObject): KubeObject {
  const metadata: Fields = { ...then.metadata }
  const current = now.metadata as Fields
  for (const field of kept) {
    delete metadata[field]
    if (field in current) metadata[field] = current[field]
  }
  const annotations = {
    ...annotationsOf(then, (name) => !controllers.test(name)),
    ...annotationsOf(now, (name) => controllers.test(name)),
  }
  delete metadata['annotations']
  if (Object.keys(annotations).length > 0) metadata['annotations'] = annotations
  const { status: _, ...asked } = then
  const told = now['status'] === undefined ? {} : { status: now['status'] }
  return inOrderOf(now, { ...asked, metadata, ...told }) as KubeObject
}

const annotationsOf = ({ metadata }: KubeObject, is: (name: string) => boolean): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([name]) => is(name)))

/**
 * An object that is gone as one would write it to have it again: without what the server, the scheduler and controllers put into it, and
 * without owners and finalizers, whose other ends may be gone too.
 */
export function recreated(object: KubeObject): KubeObject {
  const metadata: Fields = { ...object.metadata }
  for (const field of [...kept, 'ownerReferences', 'finalizers', 'annotations']) delete metadata[field]
  const annotations = annotationsOf(
    object,
    (name) => !controllers.test(name) && name !== 'kubectl.kubernetes.io/last-applied-configuration',
  )
  if (Object.keys(annotations).length > 0) metadata['annotations'] = annotations
  const { status: _, ...asked } = object
  const cleaned = { ...asked, metadata: metadata as KubeObject['metadata'] }
  return cleaners[object.kind]?.(cleaned) ?? cleaned
}

const without = (fields: unknown, ...names: string[]): Fields =>
  Object.fromEntries(Object.entries((fields ?? {}) as Fields).filter(([name]) => !names.includes(name)))

/** What is put into a kind's spec when it is made. */
const cleaners: Record<string, (object: KubeObject) => KubeObject> = {
  Pod: (pod) => ({ ...pod, spec: withoutToken(without(pod['spec'], 'nodeName')) }),
  Service(service) {
    const spec = service['spec'] as Fields | undefined
    // A headless service says so in these.
    if (spec?.['clusterIP'] === 'None') return service
    return { ...service, spec: without(spec, 'clusterIP', 'clusterIPs', 'healthCheckNodePort') }
  },
  PersistentVolumeClaim: (claim) => ({ ...claim, spec: without(claim['spec'], 'volumeName') }),
  PersistentVolume(volume) {
    const spec = volume['spec'] as Fields | undefined
    if (!spec?.['claimRef']) return volume
    return { ...volume, spec: { ...spec, claimRef: without(spec['claimRef'], 'uid', 'resourceVersion') } }
  },
  Namespace: (namespace) => ({ ...namespace, spec: without(namespace['spec'], 'finalizers') }),
  ServiceAccount: (account) => without(account, 'secrets') as KubeObject,
  Job: withoutSelector,
}

/** The token that admission mounts into every pod. */
const token = /^kube-api-access-/
function withoutToken(spec: Fields): Fields {
  const named = (list: unknown): unknown =>
    Array.isArray(list) ? list.filter(({ name }: { name: string }) => !token.test(name)) : list
  const containers = (list: unknown): unknown =>
    Array.isArray(list)
      ? list.map((container: Fields) =>
          container['volumeMounts'] ? { ...container, volumeMounts: named(container['volumeMounts']) } : container,
        )
      : list
  const next: Fields = { ...spec }
  if (next['volumes']) next['volumes'] = named(next['volumes'])
  for (const field of ['containers', 'initContainers']) if (next[field]) next[field] = containers(next[field])
  return next
}

/** Labels by which a job finds its own pods, of the uid it had. */
const jobLabels = ['controller-uid', 'batch.kubernetes.io/controller-uid', 'job-name', 'batch.kubernetes.io/job-name']
function withoutSelector(job: KubeObject): KubeObject {
  const spec = job['spec'] as Fields | undefined
  if (!spec || spec['manualSelector'] === true) return job
  const template = spec['template'] as { metadata?: Fields } | undefined
  const metadata = { ...template?.metadata, labels: without(template?.metadata?.['labels'], ...jobLabels) }
  return {
    ...job,
    metadata: { ...job.metadata, labels: without(job.metadata.labels, ...jobLabels) as Record<string, string> },
    spec: { ...without(spec, 'selector'), template: { ...template, metadata } },
  }
}
