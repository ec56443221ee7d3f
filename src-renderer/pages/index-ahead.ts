import type { KubeObject } from '../../src-kube/machinery/meta.ts'

/** What is indexed while nothing else is to be done, so that the first search finds it done. */
export interface IndexAheadOptions {
  /** What there is now. */
  objects(): ReadonlyMap<string, KubeObject>
  /** Puts one object into words; costs next to nothing for one that was already. */
  index(object: KubeObject): void
  /** Runs something when nothing else is to be done; `timeRemaining` in milliseconds. */
  idle?(run: (deadline: { timeRemaining(): number }) => void): void
}

/** Objects taken up between two looks at the clock. */
const batch = 50

/**
 * Puts the objects of a list into words in the idle time between frames, so that the first key typed into the filter finds them
 * done. `again` takes up what has come since; a run under way goes on to the end first.
 */
export function createIndexAhead({ objects, index, idle = whenIdle }: IndexAheadOptions) {
  let left: Iterator<KubeObject> | undefined
  let hasChanged = false
  let isStopped = false
  const run = (deadline: { timeRemaining(): number }): void => {
    if (isStopped) return
    left ??= objects().values()
    do {
      for (let count = 0; count < batch; count++) {
        const { value, done } = left.next()
        if (done) return finish()
        index(value)
      }
    } while (deadline.timeRemaining() > 1)
    idle(run)
  }
  const finish = (): void => {
    left = undefined
    isScheduled = false
    if (hasChanged) again()
  }
  let isScheduled = false
  const again = (): void => {
    hasChanged = isScheduled
    if (isScheduled || isStopped) return
    isScheduled = true
    idle(run)
  }
  return {
    again,
    stop() {
      isStopped = true
    },
  }
}

const whenIdle: NonNullable<IndexAheadOptions['idle']> = (run) => void requestIdleCallback(run, { timeout: 500 })
