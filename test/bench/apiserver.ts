/**
 * The product under load: `node test/bench/apiserver.ts [pods] [runs]`. `drydock up --nodes 0` as users have it (bundled, with controllers,
 * scheduler and the app's gateway); the client is another process over HTTPS. Prints medians of the runs beside their budgets.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { adminAccess } from '../../src-main/cluster/kubeconfig.ts'
import type { Figures, LoadTarget } from './apiserver/figures.ts'
import { machine, printRow, type Row } from './lib/report.ts'

const PODS = Number(process.argv[2] ?? 5000)
const RUNS = Number(process.argv[3] ?? 3)

type Measured = Figures & { memory: number }

const ROWS: Array<Row & { key: keyof Measured }> = [
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

/** `drydock up` of a cluster without nodes; resolves when it says that it is up. */
async function start(directory: string): Promise<ChildProcess> {
  const drydock = new URL('../../out/cli/drydock.js', import.meta.url).pathname
  const child = spawn(process.execPath, [drydock, 'up', '--nodes', '0', '--data', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes(' is up ')) resolve()
    })
    child.once('exit', (code) => reject(new Error(`drydock up ended with ${code}: ${said}`)))
  })
  return child
}

/** From the kubeconfig that `up` wrote. */
function targetOf(directory: string): LoadTarget {
  const { server, ca, cert, key } = adminAccess(readFileSync(join(directory, 'kubeconfig'), 'utf8'))
  return { port: Number(new URL(server).port), admin: { ca, cert, key }, pods: PODS }
}

/** MiB. */
function residentMemory(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}

/** A fresh cluster on a real disk, one run, its memory. */
async function run(): Promise<Measured> {
  const directory = mkdtempSync(join('/var/tmp', 'drydock-bench-'))
  const child = await start(directory)
  try {
    const figures = await load(targetOf(directory))
    return { ...figures, memory: residentMemory(child.pid!) }
  } finally {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill()
    await gone
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
