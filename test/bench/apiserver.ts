/**
 * The product under load: `node test/bench/apiserver.ts [pods] [runs]`. `drydock up --nodes 0` as users have it (bundled, with controllers,
 * scheduler and the app's gateway); the client is another process over HTTPS. Prints medians of the runs beside their budgets.
 */
import { measureProduct } from './apiserver/measure.ts'
import { rows, type Measured } from './apiserver/rows.ts'
import { machine, printRow } from './lib/report.ts'

const pods = Number(process.argv[2] ?? 5000)
const runsAsked = Number(process.argv[3] ?? 3)

console.log(`${machine()}; ${pods} pods, median of ${runsAsked}`)
const runs: Measured[] = []
for (let i = 0; i < runsAsked; i++) runs.push(await measureProduct(pods))
for (const row of rows(pods))
  printRow(
    row,
    runs.map((measured) => measured[row.key]),
  )
