/** One idempotent step of a recipe. `undo` runs, in reverse order, when a later step fails. */
export interface Step {
  title: string
  run: () => Promise<void>
  undo?: () => Promise<void>
}

export interface StepProgress {
  title: string
  state: 'running' | 'done' | 'failed'
  /** Milliseconds since the step began. */
  elapsed: number
  error?: Error
}

/**
 * Runs steps in order and reports each. When one fails, what the finished ones and it made is undone in reverse order and the
 * failure is thrown; a failing undo is added to it as an AggregateError so that nothing is hidden.
 */
export async function runRecipe(
  steps: readonly Step[],
  options: { progress?: (progress: StepProgress) => void; now?: () => number } = {},
): Promise<void> {
  const { progress = () => {}, now = () => performance.now() } = options
  const begun: Step[] = []
  for (const step of steps) {
    const started = now()
    begun.push(step)
    progress({ title: step.title, state: 'running', elapsed: 0 })
    try {
      await step.run()
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause))
      progress({ title: step.title, state: 'failed', elapsed: now() - started, error })
      throw await undoAll(begun, error)
    }
    progress({ title: step.title, state: 'done', elapsed: now() - started })
  }
}

async function undoAll(begun: readonly Step[], error: Error): Promise<Error> {
  const failures: unknown[] = []
  for (const step of begun.toReversed()) {
    try {
      await step.undo?.()
    } catch (failure) {
      failures.push(failure)
    }
  }
  return failures.length === 0
    ? error
    : new AggregateError([error, ...failures], `${error.message} (and undoing it failed ${failures.length} times)`, {
        cause: error,
      })
}
