import type { Pod, ResourceQuota } from '#types/core/v1'
import { asksAsWhole } from '../../../../src-kube/kinds/core/qos.ts'
import { inScope } from '../../../../src-kube/kinds/quota/scopes.ts'
import { usageOf, type Usage } from '../../../../src-kube/kinds/quota/usage.ts'
import { forbidden, isConflict, isNotFound } from '../../../../src-kube/machinery/errors.ts'
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  negateQuantity,
} from '../../../../src-kube/machinery/quantity.ts'
import type { AdmissionAttributes, AdmissionPlugin, ObjectWatcher } from '../admission.ts'
import { keep } from '../keep.ts'
import { refusalName } from '../refusal-name.ts'

/** Writes the status of a quota on condition of its resourceVersion; throws 409 when another was first. */
export type ChargeQuota = (quota: ResourceQuota) => Promise<void>

const TRIES = 10
const changing = new Set(['services', 'persistentvolumeclaims'])

/**
 * Holds a namespace to its quotas (kubernetes.io, "Resource Quotas"): what a request takes is added to the status of each quota it
 * concerns before the object is written. Requests of one namespace are judged one after the other; namespaces without quotas pay nothing.
 */
export function resourceQuota(read: ObjectWatcher, charge: ChargeQuota): AdmissionPlugin {
  const quotas = keep(
    read,
    { group: '', resource: 'resourcequotas' },
    new Map<string, Set<string>>(),
    (names, object, old) => {
      const { namespace = '', name } = (object ?? old)!.metadata
      const known = names.get(namespace) ?? new Set()
      if (object) names.set(namespace, known.add(name))
      else if (known.delete(name) && known.size === 0) names.delete(namespace)
    },
  )
  const turns = new Map<string, Promise<void>>()
  const inTurn = async (attributes: AdmissionAttributes, names: readonly string[]): Promise<void> => {
    const { namespace } = attributes
    const judged = (turns.get(namespace) ?? Promise.resolve()).then(() => judge(read, charge, attributes, names))
    const turn = judged.catch(() => {})
    turns.set(namespace, turn)
    try {
      await judged
    } finally {
      if (turns.get(namespace) === turn) turns.delete(namespace)
    }
  }
  const look = (attributes: AdmissionAttributes, all: ReadonlyMap<string, Set<string>>): Promise<void> | undefined => {
    const names = all.get(attributes.namespace)
    return names && inTurn(attributes, [...names])
  }
  return {
    name: 'ResourceQuota',
    handles: ({ operation, namespace, subresource, descriptor }) =>
      namespace !== '' &&
      (operation === 'CREATE'
        ? subresource === ''
        : operation === 'UPDATE' &&
          ((subresource === '' && descriptor.group === '' && changing.has(descriptor.plural)) ||
            subresource === 'resize')),
    validate(attributes) {
      const found = quotas.get()
      return found instanceof Promise ? found.then((all) => look(attributes, all)) : look(attributes, found)
    },
  }
}

async function judge(
  read: ObjectWatcher,
  charge: ChargeQuota,
  attributes: AdmissionAttributes,
  names: readonly string[],
) {
  const { namespace, dryRun } = attributes
  const current = async (name: string) =>
    (await read.get('', 'resourcequotas', namespace, name)) as ResourceQuota | undefined
  const found = (await Promise.all(names.map(current))).filter((quota) => quota !== undefined)
  // All are judged before any is charged.
  const wanted = found.flatMap((quota) => (afterwards(quota, attributes) ? [quota.metadata.name] : []))
  if (dryRun) return
  const chargeOne = async (name: string): Promise<void> => {
    for (let tries = 1; ; tries++) {
      const quota = await current(name)
      const next = quota && afterwards(quota, attributes)
      if (!next) return
      try {
        return await charge(next)
      } catch (error) {
        if (isNotFound(error)) return
        if (!isConflict(error) || tries >= TRIES) throw error
        await changed(read, quota)
      }
    }
  }
  for (const name of wanted) await chargeOne(name)
}

/** Resolves when a quota is not any more as it was read: a write that was first is seen only when it is durable. */
async function changed(read: ObjectWatcher, { metadata }: ResourceQuota): Promise<void> {
  const { namespace = '', name, resourceVersion } = metadata
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = read.observe('', 'resourcequotas', (object, old) => {
    const other = (object ?? old)!.metadata
    if (other.name === name && other.namespace === namespace) resolve()
  })
  const now = await read.get('', 'resourcequotas', namespace, name)
  if (now?.metadata.resourceVersion === resourceVersion) await promise
  stop()
}

/** The quota as it is charged with the request; undefined when the request does not concern it. Throws 403 when it is too much. */
function afterwards(quota: ResourceQuota, attributes: AdmissionAttributes): ResourceQuota | undefined {
  const { descriptor, object, oldObject } = attributes
  const refuse = (words: string): never => {
    throw forbidden({ group: descriptor.group, resource: descriptor.plural }, refusalName(attributes), words)
  }
  if (!inScope(quota, descriptor.plural, object!)) return undefined
  const { group, plural } = descriptor
  const hard = (quota.status?.hard ?? quota.spec?.hard ?? {}) as Usage
  const used = (quota.status?.used ?? {}) as Usage
  if (group === '' && plural === 'pods') demandAmounts(quota.metadata.name, hard, object as Pod, refuse)
  // A claim that is given another class comes from another quota; pods stay in theirs.
  const held = oldObject && (plural !== 'persistentvolumeclaims' || inScope(quota, plural, oldObject))
  const taken = difference(usageOf(group, plural, object!), held ? usageOf(group, plural, oldObject) : {}, hard)
  const names = Object.keys(taken).toSorted()
  if (names.length === 0) return undefined
  const unknown = names.filter((name) => used[name] === undefined)
  if (unknown.length > 0) refuse(`status unknown for quota: ${quota.metadata.name}, resources: ${unknown.join(',')}`)
  const sums: Usage = {}
  for (const name of names) sums[name] = formatQuantity(addQuantities(used[name]!, taken[name]!))
  const over = names.filter(
    (name) => compareQuantities(taken[name]!, '0') > 0 && compareQuantities(sums[name]!, hard[name]!) > 0,
  )
  const say = (amounts: Usage): string => over.map((name) => `${name}=${amounts[name]}`).join(',')
  if (over.length > 0)
    refuse(
      `exceeded quota: ${quota.metadata.name}, requested: ${say(taken)}, used: ${say(used)}, limited: ${say(hard)}`,
    )
  return { ...quota, status: { ...quota.status, hard, used: { ...used, ...sums } } }
}

/** What changes, of what the quota limits. */
function difference(now: Usage, before: Usage, hard: Usage): Usage {
  const found: Usage = {}
  for (const name of Object.keys(hard)) {
    if (now[name] === undefined && before[name] === undefined) continue
    const change = addQuantities(now[name] ?? '0', negateQuantity(before[name] ?? '0'))
    if (compareQuantities(change, '0') !== 0) found[name] = formatQuantity(change)
  }
  return found
}

/** A quota of cpu or memory asks every container to say what it needs, unless the pod says it as a whole (KEP-2837). */
function demandAmounts(name: string, hard: Usage, { spec }: Pod, refuse: (words: string) => never): void {
  if (asksAsWhole(spec.resources)) return
  const missing: string[] = []
  for (const resource of Object.keys(hard).toSorted()) {
    const match = /^(?:(requests|limits)\.)?(cpu|memory)$/.exec(resource)
    if (!match) continue
    const which = (match[1] ?? 'requests') as 'requests' | 'limits'
    const silent = [...spec.containers, ...(spec.initContainers ?? [])].filter(
      ({ resources }) => (resources?.[which] as Usage | undefined)?.[match[2]!] === undefined,
    )
    if (silent.length > 0)
      missing.push(
        `${resource} for: ${silent
          .map((container) => container.name)
          .toSorted()
          .join(',')}`,
      )
  }
  if (missing.length > 0) refuse(`failed quota: ${name}: must specify ${missing.join('; ')}`)
}
