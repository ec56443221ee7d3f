/** How an object fares, in words and a shape. `reason` is Kubernetes' own; `hint` picks the sentence `hints.<hint>` with the next step. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { hintOf, unschedulableHint } from './hints.ts'
import { at, listAt, numberAt, textAt } from './view.ts'

/** How an object fares, from best to unknown; each has one colour and one shape. */
export type Level = 'ok' | 'progressing' | 'warning' | 'failed' | 'unknown'

/** How an object fares and why: `reason` is the server's own word, `hint` the next step. */
export interface Health {
  level: Level
  reason: string
  /** The server's message, when it adds something. */
  message?: string
  hint?: string
  /** What the sentence of `hint` names. */
  about?: Readonly<Record<string, string | number>>
}

/** Tells levels apart for those who do not see their colours. */
export const shapes: Record<Level, string> = { ok: '●', progressing: '◐', warning: '▲', failed: '✕', unknown: '○' }

/** What needs a person first. */
export const severity: Record<Level, number> = { failed: 0, warning: 1, progressing: 2, unknown: 3, ok: 4 }

const failing = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'OOMKilled',
  'Error',
  'StartError',
  'ContainerCannotRun',
  'Evicted',
  'Failed',
  'DeadlineExceeded',
  'ImageInspectError',
  'RegistryUnavailable',
  'ContainerStatusUnknown',
])

function of(level: Level, reason: string, message?: string): Health {
  const hint = hintOf(reason)
  return { level, reason, ...(message ? { message } : {}), ...(hint ? { hint } : {}) }
}

/** The condition of this type, if the object has it. */
const condition = (object: unknown, type: string): unknown =>
  listAt(object, 'status', 'conditions').find((c) => textAt(c, 'type') === type)

/** A pod in the words of `kubectl get pods`: the phase, unless something of its containers says more. */
export function podHealth(pod: KubeObject): Health {
  const phase = textAt(pod, 'status', 'phase') || 'Unknown'
  const reason = textAt(pod, 'status', 'reason')
  if (pod.metadata.deletionTimestamp)
    return of(reason === 'NodeLost' ? 'unknown' : 'progressing', reason === 'NodeLost' ? 'Unknown' : 'Terminating')
  const container = containerTrouble(pod)
  if (container && (phase !== 'Succeeded' || failing.has(container.reason))) return container
  if (reason) return of(phase === 'Failed' ? 'failed' : 'warning', reason, textAt(pod, 'status', 'message'))
  if (phase === 'Succeeded') return of('ok', 'Completed')
  if (phase === 'Failed') return of('failed', 'Failed', textAt(pod, 'status', 'message'))
  if (phase === 'Pending') {
    const scheduled = condition(pod, 'PodScheduled')
    const message = textAt(scheduled, 'message')
    if (textAt(scheduled, 'reason') === 'Unschedulable')
      return { ...of('warning', 'Pending', message), hint: unschedulableHint(message) }
    if (textAt(scheduled, 'reason') === 'SchedulingGated') return of('progressing', 'SchedulingGated', message)
    return of('progressing', 'Pending')
  }
  return phase === 'Running' ? running(pod) : of('unknown', phase)
}

function running(pod: KubeObject): Health {
  const ready = condition(pod, 'Ready')
  if (textAt(ready, 'status') === 'True') return of('ok', 'Running')
  return { ...of('progressing', 'Running', textAt(ready, 'message')), hint: 'readiness' }
}

function containerTrouble(pod: KubeObject): Health | undefined {
  const inits = listAt(pod, 'status', 'initContainerStatuses')
  const total = listAt(pod, 'spec', 'initContainers').length
  for (const [index, status] of inits.entries()) {
    const restartable = textAt(listAt(pod, 'spec', 'initContainers')[index], 'restartPolicy') === 'Always'
    if (at(status, 'state', 'terminated') && numberAt(status, 'state', 'terminated', 'exitCode') === 0) continue
    if (restartable && at(status, 'started') === true) continue
    const trouble = stateTrouble(status)
    if (trouble && trouble.reason !== 'PodInitializing') return { ...trouble, reason: `Init:${trouble.reason}` }
    return of('progressing', `Init:${index}/${total}`)
  }
  let found: Health | undefined
  for (const status of listAt(pod, 'status', 'containerStatuses')) {
    const trouble = stateTrouble(status)
    if (trouble && (!found || severity[trouble.level] < severity[found.level])) found = trouble
  }
  return found
}

function stateTrouble(status: unknown): Health | undefined {
  const waiting = textAt(status, 'state', 'waiting', 'reason')
  if (waiting === 'CrashLoopBackOff') return crashLoop(status)
  if (waiting)
    return of(failing.has(waiting) ? 'failed' : 'progressing', waiting, textAt(status, 'state', 'waiting', 'message'))
  const terminated = at(status, 'state', 'terminated')
  if (!terminated) return undefined
  const reason = textAt(terminated, 'reason')
  const code = numberAt(terminated, 'exitCode')
  if (code === 0) return of('ok', reason || 'Completed')
  return of('failed', reason || `ExitCode:${code}`, textAt(terminated, 'message'))
}

/** How the container ended last says more than how long it is held back. */
function crashLoop(status: unknown): Health {
  const last = at(status, 'lastState', 'terminated')
  if (!last) return of('failed', 'CrashLoopBackOff', textAt(status, 'state', 'waiting', 'message'))
  const hint = hintOf(textAt(last, 'reason'))
  const about = {
    container: textAt(status, 'name'),
    code: numberAt(last, 'exitCode'),
    count: numberAt(status, 'restartCount'),
  }
  const message = textAt(last, 'message').trim()
  return {
    ...of('failed', 'CrashLoopBackOff', message),
    hint: hint === undefined || hint === 'ended' ? 'crashed' : hint,
    about,
  }
}

/** By its condition Ready, then by its pressures; a cordoned node says so, as `kubectl get nodes` does. */
export function nodeHealth(node: KubeObject): Health {
  const ready = condition(node, 'Ready')
  const cordoned = at(node, 'spec', 'unschedulable') === true
  const status = textAt(ready, 'status')
  const suffix = cordoned ? ',SchedulingDisabled' : ''
  if (status === 'Unknown') return { ...of('unknown', `NotReady${suffix}`, textAt(ready, 'message')), hint: 'nodeLost' }
  if (status !== 'True') return { ...of('failed', `NotReady${suffix}`, textAt(ready, 'message')), hint: 'nodeNotReady' }
  const pressure = listAt(node, 'status', 'conditions').find(
    (c) => textAt(c, 'type').endsWith('Pressure') && textAt(c, 'status') === 'True',
  )
  if (pressure) return of('warning', textAt(pressure, 'type'), textAt(pressure, 'message'))
  return of(cordoned ? 'warning' : 'ok', `Ready${suffix}`)
}

/** Deployments, replica sets, stateful sets: whether as many pods are ready as were asked for. */
export function replicaHealth(object: KubeObject): Health {
  const wanted = at(object, 'spec', 'replicas') === undefined ? 1 : numberAt(object, 'spec', 'replicas')
  const ready = numberAt(object, 'status', 'readyReplicas')
  const failure = condition(object, 'ReplicaFailure')
  if (textAt(failure, 'status') === 'True')
    return of('failed', textAt(failure, 'reason') || 'ReplicaFailure', textAt(failure, 'message'))
  const progressing = condition(object, 'Progressing')
  if (textAt(progressing, 'reason') === 'ProgressDeadlineExceeded')
    return { ...of('failed', 'ProgressDeadlineExceeded', textAt(progressing, 'message')), hint: 'rollout' }
  if (wanted === 0) return of('ok', 'ScaledToZero')
  const updated = at(object, 'status', 'updatedReplicas')
  if (ready >= wanted && (updated === undefined || numberAt(object, 'status', 'updatedReplicas') >= wanted))
    return of('ok', 'Available')
  if (at(object, 'spec', 'paused') === true) return of('warning', 'Paused', `${ready}/${wanted}`)
  return { ...of('progressing', 'Progressing', `${ready}/${wanted}`), hint: 'replicas' }
}

/** Well when as many pods are ready as nodes want one. */
export function daemonSetHealth(object: KubeObject): Health {
  const wanted = numberAt(object, 'status', 'desiredNumberScheduled')
  const ready = numberAt(object, 'status', 'numberReady')
  return ready >= wanted
    ? of('ok', 'Available')
    : { ...of('progressing', 'Progressing', `${ready}/${wanted}`), hint: 'replicas' }
}

/** By the conditions that end or suspend a Job; one without any runs. */
export function jobHealth(object: KubeObject): Health {
  const failed = condition(object, 'Failed')
  if (textAt(failed, 'status') === 'True') return jobFailure(failed)
  if (textAt(condition(object, 'Complete'), 'status') === 'True') return of('ok', 'Complete')
  if (textAt(condition(object, 'Suspended'), 'status') === 'True') return of('warning', 'Suspended')
  return of('progressing', 'Running')
}

function jobFailure(failed: unknown): Health {
  const hint = hintOf(textAt(failed, 'reason'))
  return { ...of('failed', 'Failed', textAt(failed, 'message')), ...(hint ? { hint } : {}) }
}

/** A claim waits for a volume until it is bound. */
export function claimHealth(object: KubeObject): Health {
  const health = phaseHealth(object)
  return health.reason === 'Pending' ? { ...health, hint: 'claimPending' } : health
}

const phaseLevels: Readonly<Record<string, Level>> = {
  Active: 'ok',
  Bound: 'ok',
  Available: 'ok',
  Failed: 'failed',
  Lost: 'failed',
  Unknown: 'unknown',
}

/** Kinds whose status is a phase: namespaces, volumes, claims. */
export function phaseHealth(object: KubeObject): Health {
  const phase = textAt(object, 'status', 'phase') || 'Unknown'
  return of(phaseLevels[phase] ?? 'progressing', phase)
}

/** An event is well or a warning; it never fails. */
export function eventHealth(event: KubeObject): Health {
  const warning = textAt(event, 'type') === 'Warning'
  return of(warning ? 'warning' : 'ok', textAt(event, 'type') || 'Normal')
}

/** Whether a person should look: it failed, warns, or is a node that is not heard of. */
export const needsAttention = ({ level, reason }: Health): boolean =>
  level === 'failed' || level === 'warning' || (level === 'unknown' && reason.startsWith('NotReady'))
