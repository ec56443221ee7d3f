import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import { descriptorsOf } from '../../../src-kube/kinds/custom/descriptors.ts'
import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'
import type { Caches } from './caches.ts'
import type { Strategy } from './strategy.ts'
import { customResourceStrategy } from './strategies/custom-resource.ts'

/** The form in which a definition is served now. */
interface Served {
  /** What the form was made from. */
  form: string
  descriptors: KindDescriptor[]
}

/**
 * Serves what the cluster's CustomResourceDefinitions describe, through the same caches as built-in kinds. A definition counts from the moment its
 * names are accepted until it is gone; a change of it replaces its descriptors at once.
 */
export class CustomKinds {
  readonly #caches: Caches
  readonly #strategies: Map<KindDescriptor, Strategy>
  readonly #builtIn: readonly KindDescriptor[]
  readonly #served = new Map<string, Served>()
  #kinds: readonly KindDescriptor[]
  #work = Promise.resolve()
  /** Resolves when the definitions that stood at the start are served. */
  readonly ready: Promise<void>

  constructor(caches: Caches, strategies: Map<KindDescriptor, Strategy>, builtIn: readonly KindDescriptor[]) {
    this.#caches = caches
    this.#strategies = strategies
    this.#builtIn = builtIn
    this.#kinds = builtIn
    this.ready = this.#start()
  }

  /** All kinds, the custom ones last. Another array after each change. */
  get kinds(): readonly KindDescriptor[] {
    return this.#kinds
  }

  async #start(): Promise<void> {
    await this.#caches.ready
    const definitions = this.#caches.find('apiextensions.k8s.io', 'customresourcedefinitions')
    if (!definitions) return
    definitions.listen((changes) => {
      for (const { type, entry } of changes)
        this.#take(entry.object.metadata.name, type === 'put' ? (entry.object as CustomResourceDefinition) : undefined)
    })
    for (const { object } of definitions.from('')) this.#take(object.metadata.name, object as CustomResourceDefinition)
    await this.#work
  }

  /** A definition of what this server has built in is there and changes nothing. */
  #isBuiltIn({ spec }: CustomResourceDefinition): boolean {
    return this.#builtIn.some(
      ({ group, plural, served }) =>
        plural === spec.names.plural && (group === spec.group || served.some((one) => one.group === spec.group)),
    )
  }

  /** One change after the other: filling a cache takes its time. */
  #take(name: string, crd: CustomResourceDefinition | undefined): void {
    const form = crd ? JSON.stringify([crd.spec, crd.status?.acceptedNames, phases(crd)]) : ''
    this.#work = this.#work.then(() => this.#settle(name, form, crd))
  }

  async #settle(name: string, form: string, crd: CustomResourceDefinition | undefined): Promise<void> {
    const old = this.#served.get(name)
    if (old?.form === form) return
    const descriptors = crd && !this.#isBuiltIn(crd) ? descriptorsOf(crd) : []
    if (!old && descriptors.length === 0) return
    for (const descriptor of descriptors) this.#strategies.set(descriptor, customResourceStrategy(descriptor))
    await this.#caches.replace(old?.descriptors ?? [], descriptors)
    for (const descriptor of old?.descriptors ?? []) this.#strategies.delete(descriptor)
    if (descriptors.length > 0) this.#served.set(name, { form, descriptors })
    else this.#served.delete(name)
    this.#kinds = [...this.#builtIn, ...[...this.#served.values()].flatMap((served) => served.descriptors)]
  }
}

/** The conditions that decide how a definition is served. */
const phases = ({ status }: CustomResourceDefinition): unknown[] =>
  (status?.conditions ?? [])
    .filter(({ type }) => type === 'Established' || type === 'NamesAccepted' || type === 'Terminating')
    .map(({ type, status: value }) => `${type}=${value}`)
    .sort()
