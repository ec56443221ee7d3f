import { mkdtempSync, rmSync } from 'node:fs'
import type { Node, Pod } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { createClient, type Client } from '../../../src-kube/client/typed-client.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { adminTransport } from '../../../src-main/cluster/api.ts'
import type { AdminAccess } from '../../../src-main/cluster/kubeconfig.ts'
import { startProduct, stopProduct } from '../lib/product.ts'
import { startReal } from '../lib/real.ts'

const CLIENTS = 16

const nodeNamed = (name: string) =>
  partial<Node>({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
  })

const ready = {
  allocatable: { cpu: '32', memory: '64Gi', pods: '110' },
  capacity: { cpu: '32', memory: '64Gi', pods: '110' },
  conditions: [
    { type: 'Ready', status: 'True', reason: 'KubeletReady', message: '', lastHeartbeatTime: '2026-01-01T00:00:00Z' },
  ],
}

const podNamed = (name: string) =>
  partial<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'app:1', resources: { requests: { cpu: '100m', memory: '64Mi' } } }] },
  })

/** Runs the calls, so many at once. */
async function all(count: number, call: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      for (let i = next++; i < count; i = next++) await call(i)
    }),
  )
}

async function makeNodes(client: Client, count: number, controllers: boolean): Promise<void> {
  const nodes = client.resource(refs.nodes)
  const type = 'application/merge-patch+json'
  await all(count, async (i) => {
    const name = `n${i}`
    await nodes.create(nodeNamed(name))
    await nodes.patch({ name, type, subresource: 'status', body: { status: ready } })
    if (!controllers) await nodes.patch({ name, type, body: { spec: { taints: null } } })
  })
  // Bindings wait for the taint of a new node to go.
  while ((await nodes.list({})).items.some((node) => node.spec.taints?.length)) await new Promise(setImmediate)
}

interface Amounts {
  pods: number
  nodes: number
}

/** Pods a second, from the first creation to the last binding. `controllers`: whether any take the taints of new nodes away. */
async function bindingRate(
  access: AdminAccess,
  { pods: count, nodes }: Amounts,
  controllers: boolean,
): Promise<number> {
  const transport = adminTransport(access)
  try {
    const client = createClient(transport)
    await makeNodes(client, nodes, controllers)
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
  }
}

/** A fresh cluster of the product. */
export async function scheduleInProduct(amounts: Amounts): Promise<number> {
  const directory = mkdtempSync('/var/tmp/drydock-bench-')
  const { child, access } = await startProduct(directory)
  try {
    return await bindingRate(access, amounts, true)
  } finally {
    await stopProduct(child)
    rmSync(directory, { recursive: true })
  }
}

/** The same of kube-apiserver, etcd and kube-scheduler, whose binaries are in a folder. */
export async function scheduleInReal(binaries: string, amounts: Amounts): Promise<number> {
  const directory = mkdtempSync('/var/tmp/drydock-bench-')
  const real = await startReal(binaries, directory, { port: 26443, scheduler: true })
  try {
    return await bindingRate({ server: `https://127.0.0.1:${real.port}`, ...real.admin }, amounts, false)
  } finally {
    await real.stop()
    rmSync(directory, { recursive: true })
  }
}
