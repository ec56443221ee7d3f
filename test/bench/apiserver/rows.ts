import { fork } from 'node:child_process'
import type { Row } from '../lib/report.ts'
import type { Figures, LoadTarget } from './figures.ts'

export type Measured = Figures & { memory: number }

/** The rows of the API server in ARCHITECTURE.md's budgets, in its order. `real`: what kube-apiserver 1.20 and etcd 3.5 did where the budgets were set. */
export const rows = (pods: number): Array<Row & { key: keyof Measured; real?: number }> => [
  { what: 'the first 1000 creates, 16 clients', key: 'first', unit: '/s' },
  { what: 'create, 16 clients, durable', key: 'create', unit: '/s', budget: 3000, real: 1500 },
  { what: 'create, 1 client', key: 'createAlone', unit: '/s', budget: 1200, real: 660 },
  { what: 'get, 16 clients', key: 'get', unit: '/s', budget: 6000, real: 4500 },
  { what: `list ${pods} pods`, key: 'list', unit: 'ms', budget: 60, most: true, real: 190 },
  { what: 'merge patch, 16 clients', key: 'patch', unit: '/s', budget: 2500, real: 940 },
  { what: 'watch, 10 watchers of those patches', key: 'watch', unit: 'events/s', budget: 25_000, real: 9400 },
  { what: 'memory after the run (RSS)', key: 'memory', unit: 'MB', budget: 350, most: true, real: 805 },
]

/** The figures of one run of the load client. Rejects when the client ends without them. */
export function load(target: LoadTarget): Promise<Figures> {
  const { promise, resolve, reject } = Promise.withResolvers<Figures>()
  const child = fork(new URL('./load.ts', import.meta.url), { execArgv: [] })
  child.once('message', (figures) => resolve(figures as Figures))
  child.once('error', reject)
  child.once('exit', (code) => reject(new Error(`the load client ended with ${code}`)))
  child.send(target)
  return promise
}
