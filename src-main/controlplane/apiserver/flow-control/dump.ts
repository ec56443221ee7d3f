import { isTrue, type RequestInfo } from '../http/request-info.ts'
import type { Asker, FlowControl, WaitingRequest } from './flow-control.ts'
import type { Flow } from './level.ts'

const ROOT = '/debug/api_priority_and_fairness/'
const NEVER = '0001-01-01T00:00:00Z'

/** Paths that {@link dump} answers. */
export const dumpPaths: readonly string[] = ['dump_priority_levels', 'dump_queues', 'dump_requests'].map(
  (name) => ROOT + name,
)

/** The debug endpoints' tables (kubernetes.io, "Flow control: Debug endpoints"), comma separated and aligned; undefined for another path. */
export function dump(control: FlowControl, { path, query }: Pick<RequestInfo, 'path' | 'query'>): string | undefined {
  if (path === dumpPaths[0]) return aligned(levelRows(control))
  if (path === dumpPaths[1]) return aligned(queueRows(control))
  if (path === dumpPaths[2]) return aligned(requestRows(control, isTrue(query.get('includeRequestDetails'))))
  return undefined
}

function levelRows({ configuration }: FlowControl): string[][] {
  const head = 'PriorityLevelName,ActiveQueues,IsIdle,IsQuiescing,WaitingRequests,ExecutingRequests'
  const counts = 'DispatchedRequests,RejectedRequests,TimedoutRequests,CancelledRequests'
  const rows = configuration.levels.map((level) => {
    const { name, queues, waiting, executing, quiescing } = level
    const { dispatched, rejected, timedOut, cancelled } = level.counts
    const active = [...(queues?.active ?? [])].length
    const idle = waiting + executing === 0
    return [name, active, idle, quiescing, waiting, executing, dispatched, rejected, timedOut, cancelled].map(String)
  })
  return [`${head},${counts}`.split(','), ...sorted(rows)]
}

function queueRows({ configuration }: FlowControl): string[][] {
  const head = 'PriorityLevelName,Index,PendingRequests,ExecutingRequests,SeatsInUse,NextDispatchR,InitialSeatsSum'
  const rows = configuration.levels.flatMap(({ name, queues }) =>
    [...(queues?.active ?? [])].map((queue) => {
      const seats = queue.waiting.reduce((sum, request) => sum + request.seats, 0)
      const next = `${(queue.start / 1000).toFixed(8)}ss`
      const work = `${seats.toFixed(8)}ss`
      return [name, queue.index, queue.waiting.length, queue.executing, queue.executing, next, seats, seats, work].map(
        String,
      )
    }),
  )
  return [`${head},MaxSeatsSum,TotalWorkSum`.split(','), ...sorted(rows)]
}

interface RequestRow {
  flow: Flow
  /** -1 for one that never stood in a queue. */
  queue: number
  place: number
  /** Milliseconds since the epoch. */
  arrived: number
  width: number
  start: string
  of: Asker
}

function requestRows(control: FlowControl, details: boolean): string[][] {
  const head = 'PriorityLevelName,FlowSchemaName,QueueIndex,RequestIndexInQueue,FlowDistingsher,ArriveTime'
  const seats = 'InitialSeats,FinalSeats,AdditionalLatency,StartTime'
  const more = details ? ',UserName,Verb,APIPath,Namespace,Name,APIVersion,Resource,SubResource' : ''
  const row = ({ flow, queue, place, arrived, width, start, of }: RequestRow) => [
    ...[flow.level.name, flow.schema.metadata.name, queue, place, flow.distinguisher, time(arrived)].map(String),
    String(width),
    '0',
    '0s',
    start,
    ...(details ? detailsOf(of) : []),
  ]
  const running = [...control.running].map((one) => {
    const { flow, since, seats } = one
    const queue = one.queue?.index ?? -1
    return row({ flow, queue, place: -1, arrived: since, width: seats, start: time(since), of: one })
  })
  const waiting = control.configuration.levels.flatMap(({ queues }) =>
    [...(queues?.active ?? [])].flatMap((queue) =>
      (queue.waiting as WaitingRequest[]).map((one, place) =>
        row({
          flow: one.of,
          queue: queue.index,
          place,
          arrived: one.arrived,
          width: one.seats,
          start: NEVER,
          of: one,
        }),
      ),
    ),
  )
  return [`${head},${seats}${more}`.split(','), ...running, ...waiting]
}

function detailsOf({ user, asked }: Asker): string[] {
  const { verb, path, namespace, resource, subresource } = asked
  const { name = '', version = '' } = asked as Partial<RequestInfo>
  return [user.name, verb, path, namespace, name, version, resource, subresource]
}

const time = (milliseconds: number): string => new Date(milliseconds).toISOString()
const sorted = (rows: string[][]): string[][] =>
  rows.toSorted((a, b) => (a[0]! < b[0]! ? -1 : a[0]! > b[0]! ? 1 : Number(a[1]) - Number(b[1])))

function aligned(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)) + 1)
  const line = (row: string[]): string =>
    row.map((cell, i) => (i === row.length - 1 ? cell : `${cell},`.padEnd(widths[i]! + 1))).join('')
  return rows.map((row) => `${line(row)}\n`).join('')
}
