import type { FieldError } from '../../../src-kube/machinery/errors.ts'
import type { KubeObject, ObjectLike } from '../../../src-kube/machinery/meta.ts'
import type { ObjectReader, UserInfo } from '../admission/admission.ts'

/** What a hook may know of the request. */
export interface StrategyContext {
  user: UserInfo
  /** Milliseconds since the epoch. */
  now: number
  dryRun: boolean
  /** The group under which the request speaks, which may not be the kind's own. */
  group?: string
  /** The version in which the request speaks: `v1beta1`. */
  version?: string
  /** The subresource being written, `` for the object itself. */
  subresource: string
  read: ObjectReader
  warn(message: string): void
}

/**
 * What is special about a kind on the server (reference: registry/rest). Every hook is optional and works on objects of the
 * storage version; the generic store calls them in one fixed order and does the rest (metadata, generation, status
 * separation, conflict detection). `T` is the kind's own type: a strategy is handed objects of its kind alone, so the table of all of them
 * (strategies/index.ts) knows each as one of any object. Before `validate` has seen an object, what the type requires may still be missing.
 */
export interface Strategy<T extends ObjectLike = KubeObject> {
  /** Clears what a client may not set and fills what the server sets. Mutates. */
  prepareForCreate?(context: StrategyContext, object: T): void | Promise<void>
  prepareForUpdate?(context: StrategyContext, object: T, old: T): void | Promise<void>
  validate?(context: StrategyContext, object: T): FieldError[]
  /** Of a new object alone, besides `validate`. */
  validateCreate?(context: StrategyContext, object: T): FieldError[]
  validateUpdate?(context: StrategyContext, object: T, old: T): FieldError[]
  validateStatusUpdate?(context: StrategyContext, object: T, old: T): FieldError[]
  /**
   * Takes what must be unique in the cluster (cluster IPs, node ports) just before the write, and writes it into the object. Returns the undo, called
   * when the write fails, is a dry run or begins anew, which leaves the object as it was; undefined where nothing changes hands. `release` runs after a
   * durable delete.
   */
  allocate?(context: StrategyContext, object: T, old: T | undefined): Promise<(() => void) | undefined>
  release?(object: T): void
  /**
   * In a store that others write to: told of every change of the kind, by whomever, before a write of our own that made it returns. `release` is then
   * called as well.
   */
  follow?(object: T | undefined, previous: T | undefined): void
  /**
   * How long a delete waits for someone to end the object: seconds, 0 for at once. Pods return their grace period while they
   * are bound to a node. `requested` is `gracePeriodSeconds` of the DeleteOptions.
   */
  gracePeriod?(object: T, requested: number | undefined): number
  /** What the first delete makes of an object before it looks at its finalizers: a copy that waits for someone to clear up. */
  beforeDelete?(object: T, now: number): T
  /** Names may be something else than DNS subdomains (RBAC: path segments; namespaces and services: labels). */
  validateName?(name: string): string[]
  /** Finalizers need no domain before their names: those of definitions and of what they define. */
  anyFinalizer?: boolean
  /** The status of a POST is kept: a kubelet tells of its node with it. */
  bornWithStatus?: boolean
  /** `false`: a PUT to a missing object is 404 (default); `true`: it creates. */
  allowCreateOnUpdate?: boolean
  /** A PUT without resourceVersion overwrites (true for most kinds; default). */
  allowUnconditionalUpdate?: boolean
  /** Status is a field like any other and has no subresource (events, endpoints, …). */
  finalizerField?: string
}
