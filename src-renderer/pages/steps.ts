import { shallowRef, type ShallowRef } from 'vue'

/** One line of what is being done to a cluster. */
export interface Step {
  text: string
  state: 'running' | 'done' | 'failed'
  /** Milliseconds since the epoch. */
  begun: number
  /** Milliseconds it took, once it ended. */
  took?: number
}

/** What a long action does, step by step. */
export interface Steps {
  readonly steps: ShallowRef<readonly Step[]>
  /** Forgets the action before. */
  clear(): void
  /** The step before is done. */
  begin(text: string): void
  /** Ends the last step; a failed one stays the one that failed first. */
  end(state: 'done' | 'failed'): void
}

/** Steps kept; of an action with more, such as one that tells every percent, the last. */
const most = 40

/** An empty course of steps; `now` in milliseconds, for how long each took. */
export function createSteps(now: () => number = Date.now): Steps {
  const steps = shallowRef<readonly Step[]>([])
  const ended = (state: 'done' | 'failed'): Step[] => {
    const at = now()
    return steps.value.map((step) => (step.state === 'running' ? { ...step, state, took: at - step.begun } : step))
  }
  return {
    steps,
    clear: () => void (steps.value = []),
    begin(text) {
      const last = steps.value.at(-1)
      if (last?.state === 'running' && last.text === text) return
      steps.value = [...ended('done'), { text, state: 'running' as const, begun: now() }].slice(-most)
    },
    end: (state) => void (steps.value = ended(state)),
  }
}
