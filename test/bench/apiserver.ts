/**
 * The product under load: `node test/bench/apiserver.ts [pods] [runs]`. `drydock up --nodes 0` as users have it (bundled, with controllers,
 * scheduler and the app's gateway); the client is another process over HTTPS. Prints medians of the runs beside their budgets.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Figures, LoadTarget } from './apiserver/figures.ts'
import { residentMemory, startProduct, stopProduct } from './lib/product.ts'
import { machine, printRow, type Row } from './lib/report.ts'

const PODS = Number(process.argv[2] ?? 5000)
const RUNS = Number(process.argv[3] ?? 3)

type Measured = Figures & { memory: number }

const ROWS: Array<Row & { key: keyof Measured }> = [
  { what: 'the first 1000 creates, 16 clients', key: 'first', unit: '/s' },
  { what: 'create, 16 clients, durable', key: 'create', unit: '/s', budget: 3000 },
  { what: 'create, 1 client', key: 'createAlone', unit: '/s', budget: 1200 },
  { what: 'get, 16 clients', key: 'get', unit: '/s', budget: 6000 },
  { what: `list ${PODS} pods`, key: 'list', unit: 'ms', budget: 60, most: true },
  { what: 'merge patch, 16 clients', key: 'patch', unit: '/s', budget: 2500 },
  { what: 'watch, 10 watchers of those patches', key: 'watch', unit: 'events/s', budget: 25_000 },
  { what: 'memory after the run (RSS)', key: 'memory', unit: 'MB', budget: 350, most: true },
]

/** The figures of one run of the load client. Rejects when the client ends without them. */
function load(target: LoadTarget): Promise<Figures> {
  const { promise, resolve, reject } = Promise.withResolvers<Figures>()
  const child = fork(new URL('./apiserver/load.ts', import.meta.url), { execArgv: [] })
  child.once('message', (figures) => resolve(figures as Figures))
  child.once('error', reject)
  child.once('exit', (code) => reject(new Error(`the load client ended with ${code}`)))
  child.send(target)
  return promise
}

/** A fresh cluster on a real disk, one run, its memory. */
async function run(): Promise<Measured> {
  const directory = mkdtempSync(join('/var/tmp', 'drydock-bench-'))
  const { child, access } = await startProduct(directory)
  try {
    const figures = await load({ port: Number(new URL(access.server).port), admin: access, pods: PODS })
    return { ...figures, memory: residentMemory(child.pid!) }
  } finally {
    await stopProduct(child)
    rmSync(directory, { recursive: true })
  }
}

console.log(`${machine()}; ${PODS} pods, median of ${RUNS}`)
const runs: Measured[] = []
for (let i = 0; i < RUNS; i++) runs.push(await run())
for (const row of ROWS)
  printRow(
    row,
    runs.map((measured) => measured[row.key]),
  )
