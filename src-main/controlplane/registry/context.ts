import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'
import { invalid, type FieldError, type ResourceName } from '../../../src-kube/machinery/errors.ts'
import type { KeyOrder } from '../../../src-kube/machinery/key-order.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import type { Admission, AdmissionAttributes, ObjectReader } from '../admission/admission.ts'
import type { Store } from '../store/store.ts'
import type { Caches } from './caches.ts'
import type { Conversions } from './conversion/conversions.ts'
import type { Target, WriteOptions } from './registry.ts'
import type { MetadataRules } from './strategies/metadata.ts'
import type { Strategy, StrategyContext } from './strategy.ts'

/** What every verb works with. */
export interface Core {
  store: Store
  caches: Caches
  strategies: ReadonlyMap<KindDescriptor, Strategy>
  admission: Admission
  clock: Clock
  read: ObjectReader
  conversions: Conversions
  /** Turns of those who take what must be unique, by kind; see `allocated.ts`. */
  allocations: KeyOrder
}

/** One write on its way through the registry: made once by its verb, and handed down whole. */
export interface WriteRequest {
  core: Core
  target: Target
  options: WriteOptions
}

const none: Strategy = {}

/** The kind's own behaviour; one that does nothing for kinds without. */
export const strategyOf = (core: Core, descriptor: KindDescriptor): Strategy => core.strategies.get(descriptor) ?? none

/** How messages name the resource: in the group that was asked for. */
export const nameOf = ({ descriptor, served }: Pick<Target, 'descriptor' | 'served'>): ResourceName => ({
  group: served.group,
  resource: descriptor.plural,
})

/** What the metadata of objects of a kind must be. */
export const metadataRules = (descriptor: KindDescriptor, strategy: Strategy): MetadataRules => ({
  namespaced: descriptor.scope === 'Namespaced',
  anyFinalizer: strategy.anyFinalizer,
  ...(strategy.validateName ? { validateName: strategy.validateName.bind(strategy) } : {}),
})

/** The request as hooks of a strategy see it; `now` is that of this moment. */
export function strategyContext({ core, target, options }: WriteRequest): StrategyContext {
  return {
    user: options.user,
    now: core.clock.now(),
    dryRun: options.dryRun,
    group: target.served.group,
    version: target.served.version,
    subresource: target.subresource,
    read: core.read,
    warn: options.warn,
  }
}

/** The request as admission sees it; an object that has no name yet (`generateName`) is judged without one. */
export function attributesOf(
  operation: AdmissionAttributes['operation'],
  { target, options }: WriteRequest,
  { object, oldObject }: { object?: KubeObject; oldObject?: KubeObject },
): AdmissionAttributes {
  const { descriptor, served, subresource, namespace } = target
  const name = target.name || object?.metadata.name || ''
  return {
    operation,
    descriptor,
    served,
    subresource,
    namespace,
    name,
    object,
    oldObject,
    user: options.user,
    dryRun: options.dryRun,
    warn: options.warn,
    annotate: options.annotate,
    waits: options.waits,
  }
}

/** Throws 422 with every error once. */
export function refuseInvalid(target: Target, object: KubeObject, errors: readonly FieldError[]): void {
  const once = errors.filter(
    (error, i) => errors.findIndex((other) => other.field === error.field && other.message === error.message) === i,
  )
  if (once.length === 0) return
  throw invalid(
    { group: target.served.group, kind: target.descriptor.kind },
    object.metadata.name || object.metadata.generateName || '',
    once,
  )
}
