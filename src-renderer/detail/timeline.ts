import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { Level } from '../kinds/health.ts'
import { at, listAt, numberAt, textAt, timeAt } from '../kinds/view.ts'

/** One thing that happened to an object. */
export interface Moment {
  /** Milliseconds since the epoch; the API mostly knows whole seconds. */
  at: number
  /** Who says so: picks the words `timeline.<source>`. */
  source: 'object' | 'event' | 'condition' | 'container'
  level: Level
  /** Kubernetes' own words. */
  title: string
  text: string
  /** How often an event was seen, and since when, if more than once. */
  repeated?: { count: number; since: number }
}

/** Everything the API knows of when things happened to an object, oldest first: its own times, conditions, containers and events. */
export function timelineOf(object: KubeObject, events: readonly KubeObject[]): Moment[] {
  const moments = [
    ...objectMoments(object),
    ...listAt(object, 'status', 'conditions').map(conditionMoment),
    ...containersOf(object).flatMap(containerMoments),
    ...events.map(eventMoment),
  ].filter((moment) => moment.at > 0)
  // Of what falls into one second, the order that causes have: made, told of, then what came of it.
  const rank = { object: 0, event: 1, container: 2, condition: 3 }
  return moments.sort((a, b) => a.at - b.at || rank[a.source] - rank[b.source])
}

function objectMoments(object: KubeObject): Moment[] {
  const moment = (time: number, title: string, level: Level): Moment => ({
    at: time,
    source: 'object',
    level,
    title,
    text: '',
  })
  return [
    moment(timeAt(object, 'metadata', 'creationTimestamp'), 'Created', 'ok'),
    moment(timeAt(object, 'status', 'startTime'), 'Accepted', 'ok'),
    moment(timeAt(object, 'metadata', 'deletionTimestamp'), 'Deleted', 'progressing'),
  ]
}

/** Conditions whose being true is bad news. */
const bad = /Failure|Pressure|Unavailable|DisruptionTarget/

function conditionMoment(condition: unknown): Moment {
  const [type, status, reason] = ['type', 'status', 'reason'].map((field) => textAt(condition, field)) as [
    string,
    string,
    string,
  ]
  const isGood = (status === 'True') !== bad.test(type)
  return {
    at: timeAt(condition, 'lastTransitionTime'),
    source: 'condition',
    level: status === 'Unknown' ? 'unknown' : isGood ? 'ok' : 'progressing',
    title: `${type}=${status}`,
    text: [reason, textAt(condition, 'message')].filter(Boolean).join(': '),
  }
}

const containersOf = (object: KubeObject): unknown[] =>
  ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'].flatMap((field) =>
    listAt(object, 'status', field),
  )

/** The run of a container that goes on or ended last, and the one before it. */
function containerMoments(status: unknown): Moment[] {
  const name = textAt(status, 'name')
  const states = [at(status, 'lastState'), at(status, 'state')]
  return states.flatMap((state) => {
    const running = at(state, 'running')
    const over = at(state, 'terminated')
    const started: Moment = {
      at: timeAt(running ?? over, 'startedAt'),
      source: 'container',
      level: 'ok',
      title: `${name}: running`,
      text: '',
    }
    if (!over) return [started]
    const code = numberAt(over, 'exitCode')
    const ended: Moment = {
      at: timeAt(over, 'finishedAt'),
      source: 'container',
      level: code === 0 ? 'ok' : 'failed',
      title: `${name}: ${textAt(over, 'reason') || 'terminated'} (${code})`,
      text: textAt(over, 'message'),
    }
    return [started, ended]
  })
}

function eventMoment(event: KubeObject): Moment {
  const count = Math.max(numberAt(event, 'count'), numberAt(event, 'series', 'count'))
  const first = timeAt(event, 'firstTimestamp') || timeAt(event, 'eventTime')
  const last = timeAt(event, 'series', 'lastObservedTime') || timeAt(event, 'lastTimestamp') || first
  return {
    at: last || timeAt(event, 'metadata', 'creationTimestamp'),
    source: 'event',
    level: textAt(event, 'type') === 'Warning' ? 'warning' : 'ok',
    title: textAt(event, 'reason'),
    text: textAt(event, 'message') || textAt(event, 'note'),
    ...(count > 1 ? { repeated: { count, since: first } } : {}),
  }
}
