import { StatusError } from '../../../src-kube/machinery/errors.ts'
import type { Exchange } from './http/exchange.ts'

/** What the scheduler last decided about a pod, as much of it as is told. */
export interface Placement {
  readonly uid: string
  readonly time: number
  readonly attempt: number
  readonly nodeName: string | undefined
  readonly message: string | undefined
  readonly refused: ReadonlyMap<string, { readonly reasons: readonly string[]; readonly detail?: string | undefined }>
  readonly feasible: ReadonlyArray<{ readonly name: string }>
  readonly scores: Readonly<Record<string, readonly number[]>> | undefined
}

/** Finds the latest decision about a pod, by `namespace/name`; undefined when it is not remembered. */
export type FindPlacement = (pod: string) => Placement | undefined

const PATH = /^\/debug\/scheduler\/decisions\/([^/]+)\/([^/]+)$/

/** The pod whose decision a path asks for: `/debug/scheduler/decisions/<namespace>/<name>`, which has no counterpart upstream. */
export function placementPath(path: string): string | undefined {
  const match = PATH.exec(path)
  return match ? `${decodeURIComponent(match[1]!)}/${decodeURIComponent(match[2]!)}` : undefined
}

/**
 * Tells why a pod came to its node: `{pod, uid, time, attempt, nodeName, message, refused: {node: reasons}, feasible, scores:
 * {plugin: one a feasible node}}`, `time` in milliseconds since the epoch. 404 when the scheduler does not remember the pod.
 */
export function servePlacement(exchange: Exchange, pod: string, find: FindPlacement | undefined): void {
  const found = find?.(pod)
  if (!found) throw new StatusError(404, 'NotFound', `the scheduler remembers no decision about pod "${pod}"`)
  const { uid, time, attempt, nodeName, message, refused, feasible, scores } = found
  const reasons = Object.fromEntries(
    [...refused].map(([node, { reasons: why, detail }]) => [node, detail ? [detail] : why]),
  )
  const names = feasible.map(({ name }) => name)
  exchange.sendJson(200, { pod, uid, time, attempt, nodeName, message, refused: reasons, feasible: names, scores })
}
