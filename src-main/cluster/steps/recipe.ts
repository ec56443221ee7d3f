import { UserError } from '../user-error.ts'

/** One idempotent step of a recipe. `undo` runs, in reverse order, when a later step fails. */
export interface Step {
  title: string
  /** Should end soon after the signal is aborted; what it made until then is undone. */
  run: (signal: AbortSignal) => Promise<void>
  undo?: () => Promise<void>
}

/** How far one step of a recipe is; told when it begins and when it ends. */
export interface StepProgress {
  title: string
  state: 'running' | 'done' | 'failed'
  /** Milliseconds since the step began. */
  elapsed: number
  error?: Error
}

/** What is told of steps, and what ends them: once `signal` aborts no step begins, and those that were done are undone. */
export interface RecipeOptions {
  /** Hears the titles of all steps before the first begins. */
  plan?: ((titles: string[]) => void) | undefined
  progress?: (progress: StepProgress) => void
  /** Milliseconds. */
  now?: () => number
  signal?: AbortSignal | undefined
}

/**
 * Runs steps in order and reports each. When one fails, what the finished ones and it made is undone in reverse order and the
 * failure is thrown; a failing undo is added to it as an AggregateError so that nothing is hidden. An aborted signal is a failure,
 * seen between steps and by steps that wait: its reason is thrown.
 */
export async function runRecipe(steps: readonly Step[], options: RecipeOptions = {}): Promise<void> {
  const { progress = () => {}, now = () => performance.now(), signal = new AbortController().signal } = options
  const begun: Step[] = []
  options.plan?.(steps.map(({ title }) => title))
  for (const step of steps) {
    const started = now()
    begun.push(step)
    progress({ title: step.title, state: 'running', elapsed: 0 })
    try {
      signal.throwIfAborted()
      await step.run(signal)
      signal.throwIfAborted()
    } catch (cause) {
      const failure: unknown = signal.aborted ? signal.reason : cause
      const error = failure instanceof Error ? failure : new Error(String(failure))
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
  if (failures.length === 0) return error
  const all = new AggregateError(
    [error, ...failures],
    `${error.message} (and undoing it failed ${failures.length} times)`,
    { cause: error },
  )
  if (!(error instanceof UserError)) return all
  const left = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))).join('; ')
  return new UserError(`${error.message} Not all of it could be undone: ${left}.`, error.remedy, { cause: all })
}
