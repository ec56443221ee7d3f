import type { PodInfo } from './framework/pod-info.ts'

const nobody: readonly PodInfo[] = []

/** Pods for which preemption has made room, by the node they wait for. */
export class Nominator {
  readonly #byNode = new Map<string, Map<string, PodInfo>>()
  readonly #nodeOf = new Map<string, string>()

  set(pod: PodInfo, nodeName: string): void {
    this.delete(pod.uid)
    const there = this.#byNode.get(nodeName) ?? new Map<string, PodInfo>()
    this.#byNode.set(nodeName, there.set(pod.uid, pod))
    this.#nodeOf.set(pod.uid, nodeName)
  }

  delete(uid: string): void {
    const nodeName = this.#nodeOf.get(uid)
    if (nodeName === undefined) return
    this.#nodeOf.delete(uid)
    const there = this.#byNode.get(nodeName)
    there?.delete(uid)
    if (there?.size === 0) this.#byNode.delete(nodeName)
  }

  nodeOf(uid: string): string | undefined {
    return this.#nodeOf.get(uid)
  }

  /** Pods nominated to a node with at least the priority of `than`, without it. */
  on(nodeName: string, than: PodInfo): readonly PodInfo[] {
    const there = this.#byNode.size ? this.#byNode.get(nodeName) : undefined
    if (!there) return nobody
    return [...there.values()].filter(({ uid, priority }) => uid !== than.uid && priority >= than.priority)
  }

  /** Those that wait for a node with a lower priority than given: what a preemptor there pushes aside. */
  lower(nodeName: string, priority: number): PodInfo[] {
    return [...(this.#byNode.get(nodeName)?.values() ?? [])].filter((pod) => pod.priority < priority)
  }
}
