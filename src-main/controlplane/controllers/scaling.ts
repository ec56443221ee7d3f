import type { ReplicaSet } from '#types/apps/v1'
import type { Pod } from '#types/core/v1'
import { byController } from '../../../src-kube/client/indexer.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import type { TypedRef } from '../../../src-kube/client/typed-client.ts'
import { isNotFound } from '../../../src-kube/machinery/errors.ts'
import { controllerOf, objectKey } from '../../../src-kube/machinery/meta.ts'
import type { ControllerContext } from '../../../src-kube/runtime/controller.ts'
import { inDeletionOrder } from './deletion-order.ts'
import { Expectations } from './expectations.ts'
import { podFromTemplate } from './pod-template.ts'
import { isPodActive } from './pods.ts'
import { messageOf, namespaceEnds } from './refusal.ts'
import type { Failure } from './replica-status.ts'
import { slowStart } from './slow-start.ts'

/** Pods created or deleted in one reconciliation at most, as upstream's BurstReplicas. */
const BURST = 500

/**
 * Creates and deletes the pods of replica sets. What it has done shows in the informer only later: until then a set is not settled, and
 * scaling it would do the same again.
 */
export class Scaling {
  readonly #ctx: ControllerContext
  readonly #ref: TypedRef<ReplicaSet>
  readonly #expectations: Expectations

  constructor(ctx: ControllerContext, ref: TypedRef<ReplicaSet>) {
    this.#ctx = ctx
    this.#ref = ref
    this.#expectations = new Expectations(ctx.clock)
  }

  /** Hears of pods that come and go. */
  follow(): void {
    const gone = (pod: Pod) => {
      const key = this.#ownerKeyOf(pod)
      if (key) this.#expectations.deleted(key, pod.metadata.uid)
    }
    this.#ctx.informer(refs.pods).on({
      add: (pod) => {
        const key = this.#ownerKeyOf(pod)
        if (key && !pod.metadata.deletionTimestamp) this.#expectations.created(key)
        else if (key) gone(pod)
      },
      update: (pod) => (pod.metadata.deletionTimestamp ? gone(pod) : undefined),
      delete: gone,
    })
  }

  isSettled(owner: ReplicaSet): boolean {
    return this.#expectations.satisfied(objectKey(owner))
  }

  forget(key: string): void {
    this.#expectations.forget(key)
  }

  /** Brings `active` nearer to the number that is wanted; tells what went wrong. */
  async scale(owner: ReplicaSet, active: readonly Pod[]): Promise<Failure | undefined> {
    const missing = (owner.spec.replicas ?? 1) - active.length
    if (missing > 0) return this.#create(owner, Math.min(missing, BURST))
    if (missing < 0) return this.#delete(owner, active, Math.min(-missing, BURST))
    return undefined
  }

  async #create(owner: ReplicaSet, count: number): Promise<Failure | undefined> {
    const { client, events } = this.#ctx
    const key = objectKey(owner)
    this.#expectations.expect(key, count)
    const pod = podFromTemplate(owner, this.#ref, owner.spec.template ?? { spec: { containers: [] } })
    let attempted = 0
    const { error } = await slowStart(count, async () => {
      attempted++
      try {
        const made = await client.resource(refs.pods).create(pod)
        events.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${made.metadata.name}`)
      } catch (failure) {
        this.#expectations.created(key)
        if (namespaceEnds(failure)) return
        events.event(owner, 'Warning', 'FailedCreate', `Error creating: ${messageOf(failure)}`)
        throw failure
      }
    })
    for (let i = attempted; i < count; i++) this.#expectations.created(key)
    return error === undefined ? undefined : { reason: 'FailedCreate', error }
  }

  async #delete(owner: ReplicaSet, active: readonly Pod[], count: number): Promise<Failure | undefined> {
    const { client, clock, events } = this.#ctx
    const key = objectKey(owner)
    const victims = inDeletionOrder(active, this.#relatedPods(owner, active), clock.now()).slice(0, count)
    const uids = victims.map((pod) => pod.metadata.uid)
    this.#expectations.expect(key, 0, uids)
    const results = await Promise.allSettled(
      victims.map(async ({ metadata: { name, namespace, uid } }) => {
        try {
          await client.resource(refs.pods).delete(name, namespace, { preconditions: { uid } })
          events.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
        } catch (failure) {
          this.#expectations.deleted(key, uid)
          if (isNotFound(failure)) return
          events.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(failure)}`)
          throw failure
        }
      }),
    )
    const failed = results.find((result) => result.status === 'rejected')
    return failed ? { reason: 'FailedDelete', error: failed.reason } : undefined
  }

  /** Pods of every replica set of the same deployment: they tell how crowded a node is. */
  #relatedPods(owner: ReplicaSet, active: readonly Pod[]): readonly Pod[] {
    const parent = controllerOf(owner)?.uid
    if (!parent) return active
    const pods = this.#ctx.informer(refs.pods)
    const siblings = this.#ctx
      .informer(this.#ref)
      .list(owner.metadata.namespace)
      .filter((set) => controllerOf(set)?.uid === parent)
    return siblings.flatMap((set) => pods.byIndex(byController.name, set.metadata.uid)).filter(isPodActive)
  }

  #ownerKeyOf(pod: Pod): string | undefined {
    const owner = controllerOf(pod)
    return owner?.kind === this.#ref.kind ? `${pod.metadata.namespace}/${owner.name}` : undefined
  }
}
