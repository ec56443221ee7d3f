/**
 * The rows of API server and scheduler beside the real thing, in turns on one machine: `KUBERNETES_BINARIES=DIR node test/bench/beside.ts [pods]
 * [runs]`, where DIR holds `etcd`, `kube-apiserver` and `kube-scheduler` (the budgets were set with 3.5 and 1.20). A machine's speed drifts, a ratio
 * of neighbours hardly: each row shows both medians, ours to theirs, and the ratio of the budget to what the real thing did where it was set.
 */
import { measureProduct, measureReal } from './apiserver/measure.ts'
import { rows } from './apiserver/rows.ts'
import { machine, median, type Row } from './lib/report.ts'
import { scheduleInProduct, scheduleInReal } from './scheduling/measure.ts'

const pods = Number(process.argv[2] ?? 5000)
const runsAsked = Number(process.argv[3] ?? 3)
const scheduling = [
  { nodes: 100, budget: 1200, real: 640 },
  { nodes: 1000, budget: 1000, real: 350 },
]
const binaries = process.env['KUBERNETES_BINARIES']

const figure = (value: number): string => value.toFixed(value < 100 ? 1 : 0).padStart(9)

interface Compared extends Row {
  real?: number
  ours: readonly number[]
  theirs: readonly number[]
}

function print({ what, unit, budget, real, most, ours, theirs }: Compared): void {
  const [mine, other] = [median(ours), median(theirs)]
  const wanted = budget && real ? `${most ? '≤' : '≥'} ${(budget / real).toFixed(2)}` : ''
  const columns = [what.padEnd(40), figure(mine), figure(other), (mine / other).toFixed(2).padStart(9)]
  console.log(`${columns.join(' ')}   ${wanted} (${unit})`)
  const every = (runs: readonly number[]): string => runs.map((run) => figure(run).trim()).join(' · ')
  console.log(`      ${every(ours)}  |  ${every(theirs)}`)
}

/** Measures one after the other, so many times. */
async function inTurns<T>(ours: () => Promise<T>, theirs: () => Promise<T>): Promise<{ ours: T[]; theirs: T[] }> {
  const measured: { ours: T[]; theirs: T[] } = { ours: [], theirs: [] }
  for (let i = 0; i < runsAsked; i++) {
    measured.ours.push(await ours())
    measured.theirs.push(await theirs())
  }
  return measured
}

async function compare(folder: string): Promise<void> {
  console.log(`${'in turns'.padEnd(40)}   Drydock      real     ratio`)
  const api = await inTurns(
    () => measureProduct(pods),
    () => measureReal(folder, pods),
  )
  for (const row of rows(pods))
    print({ ...row, ours: api.ours.map((run) => run[row.key]), theirs: api.theirs.map((run) => run[row.key]) })
  for (const { nodes, budget, real } of scheduling) {
    const amounts = { pods: 2000, nodes }
    const rates = await inTurns(
      () => scheduleInProduct(amounts),
      () => scheduleInReal(folder, amounts),
    )
    print({ what: `schedule 2000 pods on ${nodes} nodes`, unit: '/s', budget, real, ...rates })
  }
}

console.log(`${machine()}; ${pods} pods, median of ${runsAsked}`)
if (binaries) await compare(binaries)
else console.log('not run: KUBERNETES_BINARIES names no folder with etcd, kube-apiserver and kube-scheduler')
