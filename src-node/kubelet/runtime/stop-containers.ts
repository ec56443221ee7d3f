import type { Container, Pod } from '#types/core/v1'
import { attemptsOf, type Observed } from '../plan/observed.ts'
import { allContainers, graceOf } from '../plan/pod-containers.ts'
import { isSidecar } from '../plan/restart.ts'
import type { PodContext } from '../pod-context.ts'
import { abortable } from './abortable.ts'
import { Grace } from './grace.ts'
import { runHook } from './hooks.ts'

/** A container of a pod that runs. */
export interface Running {
  container: Container
  observed: Observed
}

/** The containers of a pod that run, of all kinds. */
export function runningOf(pod: Pod, observed: readonly Observed[]): Running[] {
  return allContainers(pod).flatMap((container) => {
    const { last } = attemptsOf(observed, container.name)
    return last?.state === 'running' ? [{ container, observed: last }] : []
  })
}

/** Milliseconds that a container has after its signal, however little time is left (kubernetes.io, "Pod Lifecycle: Termination"). */
const LEAST = 2_000

/**
 * preStop, then SIGTERM (or the image's own signal), then SIGKILL when the time is over. All hooks begin at once; the main containers end, then
 * the sidecars, the last one first, out of the same time (KEP-753). When that is over nobody waits for another's end.
 */
export async function stopContainers(
  context: PodContext,
  pod: Pod,
  running: readonly Running[],
  grace: Grace,
): Promise<void> {
  const sidecars = running.filter(({ container }) => isInit(pod, container) && isSidecar(container))
  const others = running.filter((one) => !sidecars.includes(one))
  const mains = Promise.all(others.map((one) => stopContainer(context, pod, one, { grace })))
  const ends: Array<Promise<void>> = [mains.then(() => undefined)]
  for (const one of sidecars.toReversed()) {
    const turn = Promise.race([ends.at(-1)!.catch(() => undefined), whenAborted(grace.over)])
    ends.push(stopContainer(context, pod, one, { grace, turn }))
  }
  await Promise.all(ends)
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** How long a container that is to stop may take. */
interface StopOptions {
  /** Default: the pod's own grace period. */
  seconds?: number | undefined
  /** Aborting it leaves no more time. */
  signal?: AbortSignal
}

/** Stops one container. */
export async function stopWithin(
  context: PodContext,
  pod: Pod,
  running: Running,
  { seconds = graceOf(pod), signal }: StopOptions = {},
): Promise<void> {
  const grace = new Grace(context.clock, seconds)
  const cut = (): void => grace.shorten(0)
  signal?.addEventListener('abort', cut, { once: true })
  try {
    await stopContainer(context, pod, running, { grace })
  } finally {
    signal?.removeEventListener('abort', cut)
    grace.close()
  }
}

/** Stops one container, after its hook when it is its turn; it may have ended before. */
async function stopContainer(
  context: PodContext,
  pod: Pod,
  { container, observed }: Running,
  { grace, turn }: { grace: Grace; turn?: Promise<void> },
): Promise<void> {
  await preStop(context, pod, { container, observed }, grace)
  await turn
  const handle = context.engine.docker.getContainer(observed.id)
  const sent = context.clock.monotonic()
  const hurry = (): void => {
    const wait = Math.max(0, sent + LEAST - context.clock.monotonic())
    context.clock.after(wait, () => {
      if (!isStopped)
        ended(handle.kill()).catch((error: unknown) => context.log(`kill ${container.name}: ${String(error)}`))
    })
  }
  let isStopped = false
  const seconds = Math.ceil(Math.max(LEAST, grace.left) / 1000)
  if (grace.cut.aborted) hurry()
  else grace.cut.addEventListener('abort', hurry, { once: true })
  try {
    await ended(handle.stop({ t: seconds }))
    await context.engine.look(observed.id)
  } finally {
    isStopped = true
    grace.cut.removeEventListener('abort', hurry)
  }
}

async function preStop(context: PodContext, pod: Pod, { container, observed }: Running, grace: Grace): Promise<void> {
  const handler = container.lifecycle?.preStop
  if (!handler || grace.left === 0) return
  const run = runHook(context, pod, { container, observed }, { handler, timeout: grace.left }).then((failed) => {
    if (failed === undefined) return
    context.log(`preStop of ${pod.metadata.namespace}/${pod.metadata.name} ${container.name}: ${failed}`)
    context.event({ pod, container }, 'Warning', 'FailedPreStopHook', 'PreStopHook failed')
  })
  // A hook that takes longer than there is time is left behind; that it failed over the end of its container is told all the same.
  await abortable(run, grace.over).catch((error: unknown) => {
    if (!grace.over.aborted) throw error
  })
}

/** That a container has ended already or is gone is as good. */
export async function ended(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    const { statusCode } = error as { statusCode?: number }
    if (statusCode !== 304 && statusCode !== 404 && statusCode !== 409) throw error
  }
}

const isInit = (pod: Pod, container: Container): boolean =>
  pod.spec.initContainers?.some(({ name }) => name === container.name) ?? false
