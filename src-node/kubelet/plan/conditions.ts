import type { ContainerStatus, Pod, PodCondition, PodStatus } from '#types/core/v1'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import type { FurtherCondition } from './allocated.ts'

/** How far a pod has come, from which its conditions follow. */
export interface Progress {
  phase: NonNullable<PodStatus['phase']>
  initialized: boolean
  inits: readonly ContainerStatus[]
  mains: readonly ContainerStatus[]
  /** Whether its sandbox runs. */
  sandbox: boolean
  /** Conditions that are there only while there is something to tell. */
  further?: readonly FurtherCondition[] | undefined
  now: number
}

type Wanted = Pick<PodCondition, 'type' | 'status'> & { reason?: string; message?: string }

/** The conditions that a node answers for; the others on a pod are not its own to write (kubernetes.io, "Pod Lifecycle: Pod conditions"). */
export function ownConditions(pod: Pod, progress: Progress): PodCondition[] {
  const before = pod.status?.conditions ?? []
  const wanted = [
    ...(progress.further ?? []),
    { ...yes('PodReadyToStartContainers'), status: progress.sandbox ? ('True' as const) : ('False' as const) },
    initialized(progress),
    ...readiness(pod, progress),
    // Said again with each generation of the pod; of one that came here without a scheduler nobody else says so.
    yes('PodScheduled'),
  ]
  return wanted.map((condition): PodCondition => {
    const old = before.find(({ type }) => type === condition.type)
    const since = old?.status === condition.status ? old.lastTransitionTime : undefined
    return {
      ...condition,
      observedGeneration: pod.metadata.generation,
      lastTransitionTime: since ?? formatTime(progress.now),
    }
  })
}

const yes = (type: string): Wanted => ({ type, status: 'True' })
const no = (type: string, reason: string, message?: string): Wanted => ({
  type,
  status: 'False',
  reason,
  ...(message === undefined ? {} : { message }),
})

function initialized({ phase, initialized: done, inits, mains }: Progress): Wanted {
  if (phase === 'Succeeded') return { ...yes('Initialized'), reason: 'PodCompleted' }
  // What has begun was initialized, whatever has become of its sidecars.
  const begun = mains.some(({ state, lastState }) => state?.running ?? state?.terminated ?? lastState?.terminated)
  if (done || begun) return yes('Initialized')
  const unfinished = inits.filter(({ ready }) => !ready).map(({ name }) => name)
  return no('Initialized', 'ContainersNotInitialized', `containers with incomplete status: [${unfinished.join(' ')}]`)
}

/** `Ready` and `ContainersReady`. */
function readiness(pod: Pod, { phase, initialized: done, mains, inits }: Progress): Wanted[] {
  const both = ['Ready', 'ContainersReady']
  if (phase === 'Succeeded') return both.map((type) => no(type, 'PodCompleted'))
  if (phase === 'Failed') return both.map((type) => no(type, 'PodFailed'))
  const sidecars = inits.filter((_, i) => pod.spec.initContainers?.[i]?.restartPolicy === 'Always')
  const unready = [...sidecars, ...mains].filter(({ ready }) => !ready).map(({ name }) => name)
  if (!done || unready.length > 0) {
    const message = `containers with unready status: [${unready.join(' ')}]`
    return both.map((type) => no(type, 'ContainersNotReady', message))
  }
  const gates = closedGates(pod)
  const ready = gates.length === 0 ? yes('Ready') : no('Ready', 'ReadinessGatesNotReady', gates.join(', '))
  return [ready, yes('ContainersReady')]
}

/** Why a pod whose containers are ready is not, in upstream's words (kubernetes.io, "Pod Lifecycle: Pod readiness"). */
function closedGates({ spec, status }: Pod): string[] {
  return (spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = status?.conditions?.find(({ type }) => type === conditionType)
    const gate = `pod readiness gate ${JSON.stringify(conditionType)}`
    if (!condition) return [`corresponding condition of ${gate} does not exist.`]
    return condition.status === 'True' ? [] : [`the status of ${gate} is not "True", but ${condition.status}`]
  })
}
