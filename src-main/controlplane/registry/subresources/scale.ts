import type { LabelSelector } from '#types/meta/v1'
import { internalError, invalid, type ResourceName } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { unbound, type KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { selectorText } from '../../../../src-kube/kinds/cells.ts'
import { nameOf } from '../context.ts'
import { answerEntry } from '../entry.ts'
import type { Target } from '../registry.ts'
import type { SubresourceBehaviour } from './subresource.ts'

/** The value at a path, undefined where something on the way is not there. */
export const valueAt = (object: KubeObject, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined | null)?.[part], object)

/** A copy of an object with another value at a path; objects on the way are made. */
export function withValue<T extends object>(object: T, path: string, value: unknown): T {
  const dot = path.indexOf('.')
  if (dot < 0) return { ...object, [path]: value }
  const name = path.slice(0, dot)
  const inner = (object as Record<string, unknown>)[name]
  const parent = typeof inner === 'object' && inner !== null ? inner : {}
  return { ...object, [name]: withValue(parent, path.slice(dot + 1), value) }
}

/** The `Scale` (autoscaling/v1) of an object. A custom one may lack the number, which is refused unless it is to be written: `otherwise` stands for it. */
export function scaleOf(object: KubeObject, { descriptor, served }: Target, otherwise?: number): KubeObject {
  const paths = descriptor.scale!
  if (otherwise === undefined && served.custom && typeof valueAt(object, paths.spec) !== 'number')
    throw internalError(new Error(`the spec replicas field ".${paths.spec}" does not exist`))
  const selector = selectorOf(valueAt(object, paths.selector), paths.plain)
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: valueAt(object, paths.spec) ?? otherwise ?? 0 },
    status: {
      replicas: valueAt(object, paths.status) ?? 0,
      ...(selector === '' ? {} : { selector }),
    },
  }
}

/** A selector as text: that of a custom resource is one, a plain one is labels alone. */
function selectorOf(selector: unknown, plain = false): string {
  if (typeof selector === 'string') return selector
  return selectorText((plain ? { matchLabels: selector } : selector) as LabelSelector | undefined)
}

/** Where a Scale is decoded as what it is, whatever it scales: an object of its own kind at the same path. */
export function asScale(target: Target): Target {
  const group = 'autoscaling'
  return {
    ...target,
    descriptor: { ...target.descriptor, group, kind: 'Scale', storageVersion: 'v1' },
    served: { group, version: 'v1' },
  }
}

/** What the scales of some kinds are called where they are not there, as kube-apiserver calls them; those of others go by their kind. */
const missing: Readonly<Record<string, ResourceName | undefined>> = {
  'apps/deployments': { group: 'apps', resource: 'deployments/scale' },
  'apps/replicasets': { group: 'apps', resource: 'replicasets/scale' },
  '/replicationcontrollers': { group: 'autoscaling', resource: 'replicationcontrollers/scale' },
}

/** `scale`: the number of replicas alone, in the same form for all kinds. */
export const scale: SubresourceBehaviour = {
  name: 'scale',
  missing: (target) => missing[`${target.descriptor.group}/${target.descriptor.plural}`] ?? nameOf(target),
  read: (entry, target) => answerEntry(scaleOf(entry.object, target)),
  merge(current, sent, target) {
    const replicas = (sent['spec'] as { replicas?: number } | undefined)?.replicas ?? 0
    if (replicas < 0) {
      const error = fieldPath('spec', 'replicas').invalid(replicas, 'must be greater than or equal to 0')
      throw invalid({ group: 'autoscaling', kind: 'Scale' }, target.name, [error])
    }
    const { resourceVersion, uid } = sent.metadata ?? {}
    const metadata = { ...unbound(current.metadata), uid: uid ?? current.metadata.uid }
    if (resourceVersion !== undefined) metadata.resourceVersion = resourceVersion
    return withValue({ ...current, metadata }, target.descriptor.scale!.spec, replicas)
  },
}
