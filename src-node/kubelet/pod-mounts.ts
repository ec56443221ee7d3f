import type { Pod } from '#types/core/v1'
import { usedVolumes } from './plan/used-volumes.ts'
import type { PodContext } from './pod-context.ts'

/** The volumes of one pod over its life: set up once, told of the pod's changes, taken down after whatever was under way. */
export class PodMounts {
  readonly #context: PodContext
  #paths: Map<string, string> | undefined
  #underWay: Promise<unknown> = Promise.resolve()

  constructor(context: PodContext) {
    this.#context = context
  }

  /** Path on the node by volume name; undefined before they are set up. */
  get paths(): Map<string, string> | undefined {
    return this.#paths
  }

  /** Whether all that the pod uses is set up: a container that is added to it may mount what none did before. */
  stand(pod: Pod): boolean {
    return this.#paths !== undefined && usedVolumes(pod).every(({ name }) => this.#paths?.has(name))
  }

  /** Waits for the network, which volumes may need. */
  async setUp(pod: Pod, podIp: string): Promise<void> {
    await this.#context.networkReady
    const work = this.#context.volumes.setUp(pod, { podIp })
    this.#underWay = work.catch(() => undefined)
    this.#paths = await work
  }

  /** Files that tell of labels and annotations follow them. */
  tell({ metadata: before }: Pod, pod: Pod, podIp: string): void {
    const { labels, annotations, name } = pod.metadata
    const same = JSON.stringify([before.labels, before.annotations]) === JSON.stringify([labels, annotations])
    if (same || !this.#paths) return
    this.#context.volumes
      .update(pod, { podIp })
      .catch((error: unknown) => this.#context.log(`volumes of ${name}: ${String(error)}`))
  }

  async tearDown(uid: string): Promise<void> {
    await this.#underWay
    await this.#context.volumes.tearDown(uid)
  }
}
