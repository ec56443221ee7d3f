import { systemClock, type Clock } from '../../src-kube/machinery/clock.ts'
import type { ClusterTask, TaskStep } from '../../src-wire/gateway/clusters.ts'
import type { StepProgress } from '../cluster/steps/recipe.ts'
import { UserError } from '../cluster/user-error.ts'

/** Lines of its log that a step keeps. */
const MOST_LINES = 200
/** Milliseconds between two tellings of what has changed: a build says hundreds of lines a second. */
const PACE = 100

/** How the work of a task says what it does. */
export interface Course {
  /** Adds steps to come; titles that are there already stay where they are. */
  plan(titles: readonly string[]): void
  /** A step began, is done or failed. */
  progress(step: StepProgress): void
  /** A line of the step that runs. */
  log(line: string): void
  /** From here on it cannot be undone. */
  commit(): void
  /** Aborted by a cancel, until `commit`; work then undoes what it made and throws the reason. */
  readonly signal: AbortSignal
}

interface Running {
  task: ClusterTask
  abort: AbortController
}

/** What is being done to clusters: at most one thing to each. Tasks that failed stay until they are dismissed or begun again. */
export class TaskBoard {
  readonly #running = new Map<number, Running>()
  readonly #listeners = new Set<() => void>()
  readonly #clock: Clock
  #last = 0
  #isTelling = false

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  list(): ClusterTask[] {
    return [...this.#running.values()].map(({ task }) => task)
  }

  /** The task that is under way at a cluster. */
  of(cluster: string): ClusterTask | undefined {
    return this.list().find((task) => task.cluster === cluster && task.state !== 'failed')
  }

  /** Calls back after changes; the result ends that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Does something to a cluster; a failure is told to every window, and thrown. */
  async run<T>(cluster: string, verb: ClusterTask['verb'], work: (course: Course) => Promise<T>): Promise<T> {
    const other = this.of(cluster)
    if (other)
      throw new UserError(
        `Something else is being done to cluster ${cluster} (${other.verb}).`,
        'Wait until it is done, or cancel it.',
      )
    for (const [id, { task }] of this.#running) if (task.cluster === cluster) this.#running.delete(id)
    const task: ClusterTask = { id: ++this.#last, cluster, verb, state: 'running', canCancel: true, steps: [] }
    const abort = new AbortController()
    this.#running.set(task.id, { task, abort })
    this.#tellNow()
    try {
      const result = await work(this.#course(task, abort.signal))
      this.#running.delete(task.id)
      return result
    } catch (error) {
      this.#fail(task, error, abort.signal)
      throw error
    } finally {
      this.#tellNow()
    }
  }

  /** Asks a task to undo what it made, while it can. */
  cancel(id: number): void {
    const found = this.#running.get(id)
    if (!found?.task.canCancel || found.task.state !== 'running') return
    Object.assign(found.task, { state: 'cancelling', canCancel: false })
    found.abort.abort(new UserError('Cancelled: what was made until then is undone.'))
    this.#tellNow()
  }

  dismiss(id: number): void {
    if (this.#running.get(id)?.task.state !== 'failed') return
    this.#running.delete(id)
    this.#tellNow()
  }

  #fail(task: ClusterTask, error: unknown, signal: AbortSignal): void {
    // Whoever cancelled knows; an undo that failed is told like any failure.
    if (signal.aborted && error === signal.reason) return void this.#running.delete(task.id)
    const { message, remedy } = error instanceof UserError ? error : { message: String(error), remedy: undefined }
    const running = task.steps.find(({ state }) => state === 'running')
    if (running) end(running, 'failed', this.#clock.now() - (running.begun ?? 0))
    Object.assign(task, { state: 'failed', canCancel: false, message, ...(remedy ? { remedy } : {}) })
  }

  #course(task: ClusterTask, signal: AbortSignal): Course {
    const stepOf = (title: string): TaskStep => {
      const found = task.steps.find((step) => step.title === title && step.state !== 'done')
      if (found) return found
      task.steps.push({ title, state: 'pending', log: [] })
      return task.steps.at(-1)!
    }
    return {
      signal,
      plan: (titles) => {
        titles.forEach(stepOf)
        this.#tell()
      },
      progress: ({ title, state, elapsed }) => {
        const step = stepOf(title)
        if (state === 'running') Object.assign(step, { state, begun: this.#clock.now() })
        else end(step, state, elapsed)
        this.#tell()
      },
      log: (line) => {
        const step = task.steps.find(({ state }) => state === 'running')
        if (!step) return
        step.log.push(line)
        if (step.log.length > MOST_LINES) step.log.shift()
        this.#tell()
      },
      commit: () => {
        signal.throwIfAborted()
        task.canCancel = false
        this.#tellNow()
      },
    }
  }

  #tell(): void {
    if (this.#isTelling) return
    this.#isTelling = true
    this.#clock.after(PACE, () => {
      this.#isTelling = false
      this.#tellNow()
    })
  }

  #tellNow(): void {
    for (const listener of this.#listeners) listener()
  }
}

function end(step: TaskStep, state: 'done' | 'failed', took: number): void {
  Object.assign(step, { state, took })
}
