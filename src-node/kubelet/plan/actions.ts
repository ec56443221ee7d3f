import type { Container, Pod } from '#types/core/v1'
import { waitLeft, type Backoff } from './backoff.ts'
import { restartsOf } from './lost.ts'
import { containerHash, SANDBOX } from './naming.ts'
import { attemptsOf, type Observed } from './observed.ts'
import { isSidecar, mayRestart } from './restart.ts'

/** A container to start. */
export interface Start {
  container: Container
  attempt: number
  /** What runs of an older definition of it and is to be stopped first, and why, in the words of its event. */
  instead?: Observed
  why?: string
}

/** What is to be done for a pod now. */
export interface Actions {
  /** A new sandbox is needed; whatever ran in the old one is to be removed first. */
  sandbox: 'keep' | 'create'
  start: Start[]
  /** Containers that wait for their back-off: milliseconds left. */
  backoff: Map<string, number>
  /** Nothing is to come any more but the end of the sidecars that still run. */
  over: boolean
}

/** All that decides what is to be done next for a pod; the plan looks at nothing else. */
export interface PlanFacts {
  observed: readonly Observed[]
  backoffs: ReadonlyMap<string, Backoff>
  /** Containers whose startup has passed: a sidecar lets the next init container start only then. */
  started: ReadonlySet<string>
  /** Containers that are being started: they are left alone, and what comes after them waits. */
  starting: ReadonlySet<string>
  /** Of those, the ones whose next try waits for its time. */
  held?: ReadonlySet<string>
  now: number
}

/** The next step of a living pod (kubernetes.io, "Init Containers", "Sidecar Containers", "Pod Lifecycle"). Pure. */
export function planPod(pod: Pod, facts: PlanFacts): Actions {
  const actions: Actions = { sandbox: 'keep', start: [], backoff: new Map(), over: isOver(pod, facts) }
  if (actions.over) return actions
  if (attemptsOf(facts.observed, SANDBOX).last?.state === 'running') planDebuggers(pod, facts, actions)
  else actions.sandbox = 'create'
  if (planInits(pod, facts, actions)) planMains(pod, facts, actions)
  return actions
}

/**
 * The main containers, all at once; those after one whose postStart hook is still to end wait for it, which programs that must be up before
 * others rely on (kubernetes.io, "Container Lifecycle Hooks").
 */
function planMains(pod: Pod, facts: PlanFacts, actions: Actions): void {
  for (const container of pod.spec.containers) {
    planMain(pod, container, facts, actions)
    const underWay = facts.starting.has(container.name) && !facts.held?.has(container.name)
    const begins = underWay || actions.start.some((start) => start.container === container)
    if (container.lifecycle?.postStart && begins) return
  }
}

/** Ephemeral containers start once, whatever else goes on (kubernetes.io, "Ephemeral Containers"). */
function planDebuggers(pod: Pod, facts: PlanFacts, actions: Actions): void {
  for (const container of pod.spec.ephemeralContainers ?? []) {
    if (!attemptsOf(facts.observed, container.name).last) add(pod, container, facts, actions)
  }
}

/** Whether the main containers may start. Init containers run once in each sandbox. */
function planInits(pod: Pod, facts: PlanFacts, actions: Actions): boolean {
  const fresh = actions.sandbox === 'create'
  const begun = !fresh && pod.spec.containers.some(({ name }) => inSandbox(facts.observed, name))
  for (const container of pod.spec.initContainers ?? []) {
    const last = fresh ? undefined : inSandbox(facts.observed, container.name)
    const runs = last?.state === 'running'
    if (isSidecar(container)) {
      if (!runs) add(pod, container, facts, actions)
      else replaceChanged(container, last, facts, actions)
      // Before the main containers have begun a sidecar must be up first; after that the two are on their own.
      const up = runs && facts.started.has(container.name) && !facts.starting.has(container.name)
      if (!up && !begun) return false
      continue
    }
    // Once main containers have begun in this sandbox what came before them is over, whatever is left of it.
    if (begun || (last?.state === 'exited' && last.exitCode === 0)) continue
    if (!runs && mayRestart(pod, container, last)) add(pod, container, facts, actions)
    return false
  }
  return true
}

/** The last attempt of a container, if it was made in the sandbox that runs now. */
function inSandbox(observed: readonly Observed[], name: string): Observed | undefined {
  const since = attemptsOf(observed, SANDBOX).last?.startedAt
  const { last } = attemptsOf(observed, name)
  if (last?.outdated) return undefined
  if (!last?.startedAt || since === undefined) return last
  return Date.parse(last.startedAt) >= Date.parse(since) ? last : undefined
}

function planMain(pod: Pod, container: Container, facts: PlanFacts, actions: Actions): void {
  const { last } = attemptsOf(facts.observed, container.name)
  if (last?.state === 'running' && actions.sandbox === 'keep') replaceChanged(container, last, facts, actions)
  else if (mayRestart(pod, container, last)) add(pod, container, facts, actions)
}

/** Whether the main containers have ended for good, or an init container has failed so. */
function isOver(pod: Pod, { observed, starting }: PlanFacts): boolean {
  const ended = (container: Container): boolean => {
    const { last } = attemptsOf(observed, container.name)
    return last?.state === 'exited' && !starting.has(container.name) && !mayRestart(pod, container, last)
  }
  const failed = (container: Container): boolean =>
    !isSidecar(container) && ended(container) && attemptsOf(observed, container.name).last?.exitCode !== 0
  return pod.spec.containers.every(ended) || (pod.spec.initContainers ?? []).some(failed)
}

function add(pod: Pod, container: Container, facts: PlanFacts, actions: Actions): void {
  if (facts.starting.has(container.name)) return
  const { last } = attemptsOf(facts.observed, container.name)
  const left = last ? waitLeft(facts.backoffs.get(container.name), facts.now) : 0
  if (left > 0) actions.backoff.set(container.name, left)
  else actions.start.push({ container, attempt: last ? last.attempt + 1 : restartsOf(pod, container.name) })
}

/** A new image is a new container, whatever the restart policy (kubernetes.io, "Pods: Pod update and replacement"). */
function replaceChanged(container: Container, running: Observed, facts: PlanFacts, actions: Actions): void {
  if (!isChanged(container, running) || facts.starting.has(container.name)) return
  actions.start.push({ container, attempt: running.attempt + 1, instead: running })
}

/** Whether what was made of a container is of another definition than it has now. */
export function isChanged(container: Container, made: Observed): boolean {
  return made.hash !== '' && made.hash !== containerHash(container)
}
