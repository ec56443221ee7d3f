/**
 * The whole control plane under load: `node test/bench/apiserver.ts [pods] [runs]`. It runs in its thread in this process, with its controllers and
 * scheduler; the client is another process over HTTPS. Prints medians of the runs beside their budgets.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { hostControlPlane } from '../../src-main/cluster/control-plane-host.ts'
import type { Figures, LoadTarget } from './apiserver/figures.ts'

const PODS = Number(process.argv[2] ?? 5000)
const RUNS = Number(process.argv[3] ?? 3)

type Measured = Figures & { memory: number }

const ROWS: Array<{ what: string; key: keyof Measured; unit: string; budget: number; most?: boolean }> = [
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

/** A fresh control plane, one run, its memory. */
async function run(): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), 'drydock-bench-'))
  const controlPlane = await hostControlPlane({
    cluster: 'bench',
    directory,
    port: 16_443,
    fixedPort: false,
    addresses: [],
    token: 'abcdef.0123456789abcdef',
    clusterCidr: '10.244.0.0/16',
    serviceCidr: '10.96.0.0/16',
    log: (line) => console.error(line),
  })
  try {
    // The namespace's service account, without which pods are refused, is made by a controller.
    await wait(1500)
    const figures = await load({ port: controlPlane.port, admin: controlPlane.admin, pods: PODS })
    return { ...figures, memory: process.memoryUsage().rss / 2 ** 20 }
  } finally {
    await controlPlane.stop()
    rmSync(directory, { recursive: true })
  }
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

const [cpu] = cpus()
console.log(
  `${cpu?.model ?? 'unknown CPU'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}; ${PODS} pods, median of ${RUNS}`,
)
const runs: Measured[] = []
for (let i = 0; i < RUNS; i++) runs.push(await run())
for (const { what, key, unit, budget, most } of ROWS) {
  const value = median(runs.map((measured) => measured[key]))
  const holds = most ? value <= budget : value >= budget
  const figure = `${value.toFixed(0)} ${unit}`.padStart(16)
  console.log(
    `${what.padEnd(38)} ${figure}   ${most ? '≤' : '≥'} ${budget} ${unit} ${holds ? '' : '  misses'}`.trimEnd(),
  )
}
