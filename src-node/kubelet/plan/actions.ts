import type { Container, Pod } from '#types/core/v1'
import { nextBackoff, waitLeft, type Backoff } from './backoff.ts'
import { SANDBOX } from './naming.ts'
import { attemptsOf, type Observed } from './observed.ts'
import { isSidecar } from './status.ts'

/** What is to be done for a pod now. */
export interface Actions {
  /** A new sandbox is needed; whatever ran in the old one is to be removed first. */
  sandbox: 'keep' | 'create'
  /** Containers to start, with the attempt each gets. */
  start: Array<{ container: Container; attempt: number; init: boolean }>
  /** Containers that wait for their back-off: milliseconds left. */
  backoff: Map<string, number>
}

export interface PlanFacts {
  observed: readonly Observed[]
  backoffs: ReadonlyMap<string, Backoff>
  /** Containers whose startup has passed: a sidecar lets the next init container start only then. */
  started: ReadonlySet<string>
  now: number
}

/** The next step of a living pod (kubernetes.io, "Init Containers", "Sidecar Containers", "Pod Lifecycle"). Pure. */
export function planPod(pod: Pod, facts: PlanFacts): Actions {
  const actions: Actions = { sandbox: 'keep', start: [], backoff: new Map() }
  const sandbox = attemptsOf(facts.observed, SANDBOX).last
  if (sandbox?.state !== 'running') {
    // A pod that is over does not come back because its sandbox went.
    if (sandbox && isOver(pod, facts)) return actions
    actions.sandbox = 'create'
  }
  const fresh = actions.sandbox === 'create'
  for (const container of pod.spec.initContainers ?? []) {
    const { last } = attemptsOf(facts.observed, container.name)
    if (isSidecar(container)) {
      if (last?.state !== 'running' || fresh) add(container, facts, actions, true)
      // Before the main containers have begun a sidecar must be up first; after that the two are on their own.
      const waits = fresh || last?.state !== 'running' || !facts.started.has(container.name)
      if (waits && (fresh || !mainsBegan(pod, facts))) return actions
      continue
    }
    const done = last?.state === 'exited' && last.exitCode === 0
    if (done && (!fresh || mainsBegan(pod, facts))) continue
    if (last?.state === 'running' && !fresh) return actions
    if (done || mayRestart(pod, last)) add(container, facts, actions, true)
    return actions
  }
  for (const container of pod.spec.containers) {
    const { last } = attemptsOf(facts.observed, container.name)
    if (last?.state === 'running' && !fresh) continue
    if (mayRestart(pod, last)) add(container, facts, actions, false)
  }
  return actions
}

function mainsBegan(pod: Pod, facts: PlanFacts): boolean {
  return pod.spec.containers.some((container) => attemptsOf(facts.observed, container.name).last !== undefined)
}

function isOver(pod: Pod, facts: PlanFacts): boolean {
  if ((pod.spec.restartPolicy ?? 'Always') === 'Always') return false
  return pod.spec.containers.every((container) => {
    const { last } = attemptsOf(facts.observed, container.name)
    return last?.state === 'exited' && !mayRestart(pod, last)
  })
}

function mayRestart(pod: Pod, last: Observed | undefined): boolean {
  if (!last || last.state === 'created') return true
  const policy = pod.spec.restartPolicy ?? 'Always'
  return policy === 'Always' || (policy === 'OnFailure' && last.exitCode !== 0)
}

function add(container: Container, facts: PlanFacts, actions: Actions, init: boolean): void {
  const { last } = attemptsOf(facts.observed, container.name)
  const left = last ? waitLeft(facts.backoffs.get(container.name), facts.now) : 0
  if (left > 0) actions.backoff.set(container.name, left)
  else actions.start.push({ container, attempt: last ? last.attempt + 1 : 0, init })
}

/** The back-off that an ended container leaves. */
export function backoffAfter(before: Backoff | undefined, ended: Observed): Backoff {
  const finished = Date.parse(ended.finishedAt ?? '') || 0
  const started = Date.parse(ended.startedAt ?? '') || finished
  return nextBackoff(before, finished, finished - started)
}
