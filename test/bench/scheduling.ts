/**
 * Pods a second from their creation to their binding, in the product: `node test/bench/scheduling.ts [pods] [nodes …]`. Nodes are objects without
 * a machine behind them; pods are created over HTTPS by 16 clients and their bindings seen by a watch.
 */
import { machine, printRow, type Row } from './lib/report.ts'
import { scheduleInProduct } from './scheduling/measure.ts'

const [count = 2000, ...sizes] = process.argv.slice(2).map(Number)
console.log(`${machine()}; create to bound`)
for (const nodes of sizes.length ? sizes : [100, 1000]) {
  const row: Row = { what: `schedule ${count} pods on ${nodes} nodes`, unit: '/s', budget: nodes <= 100 ? 1200 : 1000 }
  printRow(row, [await scheduleInProduct({ pods: count, nodes })])
}
