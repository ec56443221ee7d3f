import type { PersistentVolume, PersistentVolumeClaim } from '#types/core/v1'
import { classOf, findVolume } from '../../../../src-kube/kinds/storage/matching.ts'
import { objectKey } from '../../../../src-kube/machinery/meta.ts'
import type { NodeInfo } from './node-info.ts'
import { matchesNodeSelector } from './node-selector.ts'
import type { PodInfo } from './pod-info.ts'
import type { Lookups } from './snapshot.ts'

/** Claims, by the names of the volumes that they are to get. */
type Choice = ReadonlyMap<string, string>

/**
 * Volumes made by hand that claims of pods are to get which are being bound: until claims show them, they are nobody else's. Without that,
 * pods that come together would go where there is a volume for one of them only.
 */
export class AssumedVolumes {
  readonly #claimOf = new Map<string, string>()
  /** What each node has for a pod, as its last cycle saw it. */
  readonly #choices = new WeakMap<PodInfo, Map<string, Choice>>()

  /** Whether a node has a volume for each claim, none for two. */
  choose(pod: PodInfo, claims: readonly PersistentVolumeClaim[], node: NodeInfo, lookups: Lookups): boolean {
    const choice = new Map<string, string>()
    for (const claim of claims) {
      const key = objectKey(claim)
      const reaches = ({ metadata, spec }: PersistentVolume): boolean => {
        const required = spec.nodeAffinity?.required
        if (choice.has(metadata.name) || (this.#claimOf.get(metadata.name) ?? key) !== key) return false
        return !required || matchesNodeSelector(required, node)
      }
      const found = findVolume(claim, lookups.volumesOfClass(classOf(claim)), { reaches })
      if (!found) return false
      choice.set(found.metadata.name, key)
    }
    const known = this.#choices.get(pod)
    if (known) known.set(node.name, choice)
    else this.#choices.set(pod, new Map([[node.name, choice]]))
    return true
  }

  /** Holds what was chosen for a pod on a node; the answer lets go of it, undefined when there is nothing to hold. */
  hold(pod: PodInfo, nodeName: string): (() => void) | undefined {
    const choice = this.#choices.get(pod)?.get(nodeName)
    if (!choice) return undefined
    for (const [volume, claim] of choice) this.#claimOf.set(volume, claim)
    return () => {
      for (const volume of choice.keys()) this.#claimOf.delete(volume)
    }
  }

  /** A cycle begins: what was chosen before is void. */
  forget(pod: PodInfo): void {
    this.#choices.delete(pod)
  }
}
