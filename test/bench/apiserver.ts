/**
 * The product under load: `node test/bench/apiserver.ts [pods] [runs]`. `drydock up --nodes 0` as users have it (bundled, with controllers,
 * scheduler and the app's gateway); the client is another process over HTTPS. Prints medians of the runs beside their budgets.
 */
import { measureProduct } from './apiserver/measure.ts'
import { rows, type Measured } from './apiserver/rows.ts'
import { machine, printRow } from './lib/report.ts'

const PODS = Number(process.argv[2] ?? 5000)
const RUNS = Number(process.argv[3] ?? 3)

console.log(`${machine()}; ${PODS} pods, median of ${RUNS}`)
const runs: Measured[] = []
for (let i = 0; i < RUNS; i++) runs.push(await measureProduct(PODS))
for (const row of rows(PODS))
  printRow(
    row,
    runs.map((measured) => measured[row.key]),
  )
