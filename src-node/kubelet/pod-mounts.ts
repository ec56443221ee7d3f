import type { Pod } from '#types/core/v1'
import { usedVolumes } from './plan/used-volumes.ts'
import type { PodContext } from './pod-context.ts'

/** Milliseconds until a failure that goes on is told again: at first, doubled up to the second. */
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 122_000

/** The volumes of one pod over its life: set up once, told of the pod's changes, taken down after whatever was under way. */
export class PodMounts {
  readonly #context: PodContext
  #paths: Map<string, string> | undefined
  #underWay: Promise<unknown> = Promise.resolve()
  #isDown = false
  /** The pod goes: what waited for the network until now begins nothing any more. */
  readonly #over = new AbortController()
  /** What was told last of a failure, and when the same is told again. */
  #told = { words: '', again: 0, pause: 0 }

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
    if (this.#over.signal.aborted) throw new Error(`pod ${pod.metadata.name} is gone`)
    const work = this.#context.volumes.setUp(pod, { podIp, signal: this.#over.signal })
    this.#underWay = work.catch(() => undefined)
    this.#paths = await work
  }

  /**
   * Tells why the volumes cannot be set up. What does not change is told at the pace at which upstream's kubelet tries again, which is slower
   * than here: after half a second, then twice as long each time.
   */
  failed(pod: Pod, error: unknown): void {
    const words = error instanceof Error ? error.message : String(error)
    const now = this.#context.clock.monotonic()
    const same = words === this.#told.words
    if (same && now < this.#told.again) return
    const pause = same ? Math.min(LONGEST_PAUSE, this.#told.pause * 2) : FIRST_PAUSE
    this.#told = { words, again: now + pause, pause }
    this.#context.event({ pod }, 'Warning', 'FailedMount', words)
  }

  /** Files that tell of labels, annotations and what containers may use follow them. */
  tell(before: Pod, pod: Pod, podIp: string): void {
    if (!this.#paths || told(before) === told(pod)) return
    this.#context.volumes
      .update(pod, { podIp })
      .catch((error: unknown) => this.#context.log(`volumes of ${pod.metadata.name}: ${String(error)}`))
  }

  /** Once: of a pod that has ended nothing is set up again. */
  async tearDown(uid: string): Promise<void> {
    if (this.#isDown) return
    this.#over.abort()
    await this.#underWay
    await this.#context.volumes.tearDown(uid)
    this.#isDown = true
  }
}

/** What a pod's files may tell of it and may become another while it runs. */
function told({ metadata: { labels, annotations }, spec }: Pod): string {
  const resources = [...spec.containers, ...(spec.initContainers ?? [])].map((container) => container.resources)
  return JSON.stringify([labels, annotations, spec.resources, resources])
}
