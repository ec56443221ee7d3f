/**
 * How many pods a second the scheduler binds, with a fake API server in the same process:
 * `node test/bench/scheduler.ts [pods] [nodes …]`.
 */
import { createClient } from '../../src-kube/client/typed-client.ts'
import { informerFactory } from '../../src-kube/client/informer-factory.ts'
import { refs } from '../../src-kube/client/refs.ts'
import { FakeTransport } from '../../src-kube/client/testing/fake-transport.ts'
import { systemClock } from '../../src-kube/machinery/clock.ts'
import { startScheduler } from '../../src-main/controlplane/scheduler/index.ts'
import { cpus, node, pod } from '../../src-main/controlplane/scheduler/testing/arrange.ts'
import { machine, printRow, type Row } from './lib/report.ts'

/** Milliseconds from the creation of the first pod to the binding of the last. */
async function run(pods: number, nodes: number): Promise<number> {
  const server = new FakeTransport()
  const abort = new AbortController()
  const { signal } = abort
  const client = createClient(server)
  const clock = systemClock
  const informers = informerFactory({ client, clock, signal })
  for (let i = 0; i < nodes; i++) server.put(refs.nodes, node(`n${i}`, { cpu: '32', memory: '64Gi' }))
  const log = { info() {}, warn: console.warn, error: console.error }
  const scheduler = startScheduler({ transport: server, informers, clock, signal, log })
  await scheduler.synced
  const { promise, resolve } = Promise.withResolvers<void>()
  const bound = new Set<string>()
  informers.informer(refs.pods).on({
    update(object) {
      if (object.spec.nodeName) bound.add(object.metadata.name)
      if (bound.size === pods) resolve()
    },
  })
  const start = performance.now()
  for (let i = 0; i < pods; i++) server.put(refs.pods, pod(`p${i}`, { containers: cpus('100m') }))
  const alive = setInterval(() => {}, 1000)
  await promise
  clearInterval(alive)
  const took = performance.now() - start
  await scheduler.stop()
  abort.abort()
  return took
}

console.log(`${machine()}; a fake API server in the same process`)
const [pods = 2000, ...sizes] = process.argv.slice(2).map(Number)
for (const nodes of sizes.length ? sizes : [100, 1000]) {
  const took = await run(pods, nodes)
  const budget = nodes <= 100 ? 1200 : 1000
  const row: Row = { what: `schedule ${pods} pods on ${nodes} nodes`, unit: '/s', budget }
  printRow(row, [(pods * 1000) / took])
}
