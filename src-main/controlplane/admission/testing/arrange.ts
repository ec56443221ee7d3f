import { findKind } from '../../../../src-kube/kinds/index.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { AdmissionAttributes, AdmissionPlugin, ObjectListener, ObjectWatcher } from '../admission.ts'
import { createAdmission } from '../index.ts'
import type { MayUser } from '../policies/authorizer.ts'

/** Lets everybody read, and nobody else do anything; `slow…` is answered later, `broken…` never. */
export const may: MayUser = (_user, { verb, resource = '' }) => {
  const answer = { allowed: verb === 'get', reason: `for ${verb}` }
  if (resource.startsWith('broken')) return Promise.reject(new Error('nobody there'))
  return resource.startsWith('slow') ? Promise.resolve(answer) : answer
}

/** What policies and webhooks look at: these objects, in one version each. */
export const hostOf = (read: ObjectWatcher) => ({
  read,
  may,
  convert: (_descriptor: unknown, object: KubeObject) => Promise.resolve(object),
})

/** Objects in memory: `put` and `remove` tell whoever observes. Counts what was asked. */
export class FakeObjects implements ObjectWatcher {
  readonly #objects = new Map<string, KubeObject>()
  readonly #listeners = new Map<string, Set<ObjectListener>>()
  lists = 0

  put(group: string, resource: string, object: object): void {
    const made = object as KubeObject
    const key = `${group}/${resource}/${made.metadata.namespace ?? ''}/${made.metadata.name}`
    const old = this.#objects.get(key)
    this.#objects.set(key, made)
    for (const listener of this.#listeners.get(`${group}/${resource}`) ?? []) listener(made, old)
  }

  remove(group: string, resource: string, namespace: string, name: string): void {
    const key = `${group}/${resource}/${namespace}/${name}`
    const old = this.#objects.get(key)
    this.#objects.delete(key)
    for (const listener of this.#listeners.get(`${group}/${resource}`) ?? []) listener(undefined, old)
  }

  get(group: string, resource: string, namespace: string, name: string): Promise<KubeObject | undefined> {
    return Promise.resolve(this.#objects.get(`${group}/${resource}/${namespace}/${name}`))
  }

  list(group: string, resource: string, namespace?: string): Promise<readonly KubeObject[]> {
    this.lists++
    const prefix = `${group}/${resource}/${namespace ? `${namespace}/` : ''}`
    return Promise.resolve([...this.#objects].filter(([key]) => key.startsWith(prefix)).map(([, object]) => object))
  }

  observe(group: string, resource: string, listener: ObjectListener): () => void {
    const key = `${group}/${resource}`
    const listeners = this.#listeners.get(key) ?? new Set()
    this.#listeners.set(key, listeners.add(listener))
    return () => listeners.delete(listener)
  }
}

/** What a request is to admission: a creation by an administrator unless said otherwise. */
export function attributes(
  group: string,
  kind: string,
  object: object | undefined,
  more: Partial<AdmissionAttributes> = {},
): AdmissionAttributes & { warnings: string[] } {
  const descriptor = findKind(group, kind)
  if (!descriptor) throw new Error(`no kind ${group} ${kind}`)
  const made = object as KubeObject | undefined
  const of = made ?? more.oldObject
  const warnings: string[] = []
  return {
    operation: 'CREATE',
    descriptor,
    subresource: '',
    namespace: of?.metadata.namespace ?? '',
    name: of?.metadata.name ?? '',
    object: made,
    oldObject: undefined,
    user: { name: 'admin', groups: ['system:masters', 'system:authenticated'] },
    dryRun: false,
    warn: (message) => void warnings.push(message),
    warnings,
    ...more,
  }
}

/** Runs plugins as the chain does: all that mutate, then all that judge. */
export async function run(plugins: readonly AdmissionPlugin[], asked: AdmissionAttributes): Promise<void> {
  const admission = createAdmission(plugins)
  await admission.admit(asked)
  await admission.validate(asked)
}
