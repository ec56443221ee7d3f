/**
 * Pods a second from their creation to their binding, in the product: `node test/bench/scheduling.ts [pods] [nodes …]`. Nodes are objects without
 * a machine behind them; pods are created over HTTPS by 16 clients and their bindings seen by a watch.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import type { Node, Pod } from '#types/core/v1'
import { refs } from '../../src-kube/client/refs.ts'
import { createClient, type Client } from '../../src-kube/client/typed-client.ts'
import { adminTransport } from '../../src-main/cluster/api.ts'
import { startProduct, stopProduct } from './lib/product.ts'
import { machine, printRow, type Row } from './lib/report.ts'

const CLIENTS = 16

const nodeNamed = (name: string) =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
  }) as unknown as Node

const ready = {
  allocatable: { cpu: '32', memory: '64Gi', pods: '110' },
  capacity: { cpu: '32', memory: '64Gi', pods: '110' },
  conditions: [
    { type: 'Ready', status: 'True', reason: 'KubeletReady', message: '', lastHeartbeatTime: '2026-01-01T00:00:00Z' },
  ],
}

const podNamed = (name: string) =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'app:1', resources: { requests: { cpu: '100m', memory: '64Mi' } } }] },
  }) as unknown as Pod

/** Runs the calls, so many at once. */
async function all(count: number, call: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      for (let i = next++; i < count; i = next++) await call(i)
    }),
  )
}

async function makeNodes(client: Client, count: number): Promise<void> {
  const nodes = client.resource(refs.nodes)
  const type = 'application/merge-patch+json'
  await all(count, async (i) => {
    await nodes.create(nodeNamed(`n${i}`))
    await nodes.patch({ name: `n${i}`, type, subresource: 'status', body: { status: ready } })
  })
  // Bindings wait for the taint of a new node to go.
  while ((await nodes.list({})).items.some((node) => node.spec.taints?.length)) await new Promise(setImmediate)
}

/** Pods a second. */
async function run(count: number, nodes: number): Promise<number> {
  const directory = mkdtempSync('/var/tmp/drydock-bench-')
  const { child, access } = await startProduct(directory)
  const transport = adminTransport(access)
  try {
    const client = createClient(transport)
    await makeNodes(client, nodes)
    const pods = client.resource(refs.pods)
    const { metadata } = await pods.list({ namespace: 'default' })
    const stop = new AbortController()
    const bound = new Set<string>()
    const watching = (async () => {
      const query = { resourceVersion: metadata.resourceVersion! }
      for await (const { object } of pods.watch({ namespace: 'default', query, signal: stop.signal })) {
        if (object.spec.nodeName) bound.add(object.metadata.name)
        if (bound.size === count) return
      }
    })()
    const start = performance.now()
    await all(count, (i) => pods.create(podNamed(`p${i}`)))
    await watching
    const took = performance.now() - start
    stop.abort()
    return (count * 1000) / took
  } finally {
    transport.close()
    await stopProduct(child)
    rmSync(directory, { recursive: true })
  }
}

const [count = 2000, ...sizes] = process.argv.slice(2).map(Number)
console.log(`${machine()}; create to bound`)
for (const nodes of sizes.length ? sizes : [100, 1000]) {
  const row: Row = { what: `schedule ${count} pods on ${nodes} nodes`, unit: '/s', budget: nodes <= 100 ? 1200 : 1000 }
  printRow(row, [await run(count, nodes)])
}
