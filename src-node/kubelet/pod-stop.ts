import type { Pod } from '#types/core/v1'
import type { PodContext } from './pod-context.ts'
import { Grace } from './runtime/grace.ts'
import { runningOf, stopContainers } from './runtime/stop-containers.ts'

/** The end of a pod's containers: begun once, it goes on by itself, and may only be hurried. */
export class PodStop {
  readonly #context: PodContext
  readonly #done: () => void
  #grace: Grace | undefined
  #isOver = false

  /** `done` is called after each try, whether it came to the end or not. */
  constructor(context: PodContext, done: () => void) {
    this.#context = context
    this.#done = done
  }

  /** Whether nothing of the pod runs any more but its sandbox. */
  get over(): boolean {
    return this.#isOver
  }

  /** Stops all that runs within `seconds`; while that is under way, makes it no longer than that. */
  begin(pod: Pod, seconds: number): void {
    if (this.#isOver) return
    if (this.#grace) return this.hurry(seconds)
    const grace = new Grace(this.#context.clock, seconds)
    this.#grace = grace
    this.#stop(pod, grace)
      .catch((error: unknown) => {
        const { name, namespace } = pod.metadata
        this.#context.log(`stopping ${namespace}/${name}: ${error instanceof Error ? error.stack : String(error)}`)
      })
      .finally(() => {
        grace.close()
        this.#grace = undefined
        this.#done()
      })
  }

  /** Makes a stop that is under way take no longer than `seconds` from now. */
  hurry(seconds: number): void {
    this.#grace?.shorten(seconds)
  }

  async #stop(pod: Pod, grace: Grace): Promise<void> {
    const { engine, event } = this.#context
    const running = runningOf(pod, engine.ofPod(pod.metadata.uid))
    for (const { container } of running)
      event({ pod, container }, 'Normal', 'Killing', `Stopping container ${container.name}`)
    await stopContainers(this.#context, pod, running, grace)
    await Promise.all(engine.ofPod(pod.metadata.uid).map(({ id }) => engine.look(id)))
    this.#isOver = true
  }
}
