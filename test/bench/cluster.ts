/**
 * A cluster of two real nodes: `node test/bench/cluster.ts [runs]`. How long until it is Ready, until one pod and then thirty are, and what an
 * idle node costs in memory. Everything is measured from outside, through the API, by watches; the images are there before.
 */
import { readFileSync } from 'node:fs'
import { createClient, type Client } from '../../src-kube/client/typed-client.ts'
import { refs } from '../../src-kube/client/refs.ts'
import type { Pod } from '#types/core/v1'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { TestCluster } from '../helpers/cluster.ts'
import { command } from '../helpers/command.ts'
import { buildTestImages } from '../helpers/images.ts'
import { adminTransport } from '../../src-main/cluster/api.ts'
import { adminAccess } from '../../src-main/cluster/kubeconfig.ts'
import { machine, median, printRow, type Row } from './lib/report.ts'

const runsAsked = Number(process.argv[2] ?? 3)
const nodes = ['n1', 'n2']
const MANY = 30

const rows = {
  up: { what: 'cluster of 2 nodes → Ready', unit: 's', budget: 6, most: true },
  one: { what: 'pod create → Ready, image present', unit: 's', budget: 0.6, most: true },
  many: { what: '30 pods on 2 nodes → all Ready', unit: 's', budget: 6, most: true },
  memory: { what: 'idle node with its engine (working set)', unit: 'MB', budget: 180, most: true },
} satisfies Record<string, Row>
type Measured = Record<keyof typeof rows, number>

const podNamed = (name: string): Partial<Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: partial<Pod['metadata']>({ name, namespace: 'default', labels: { app: 'bench' } }),
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'c', image: 'busybox', imagePullPolicy: 'IfNotPresent', command: ['sleep', '3600'] }],
  },
})

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false

/** Creates the pods at once; seconds until the last is Ready. */
async function untilReady(client: Client, names: readonly string[]): Promise<number> {
  const pods = client.resource(refs.pods)
  const { metadata } = await pods.list({ namespace: 'default' })
  const stop = new AbortController()
  const waiting = new Set(names)
  const start = performance.now()
  const all = (async () => {
    const query = { resourceVersion: metadata.resourceVersion! }
    for await (const { object } of pods.watch({ namespace: 'default', query, signal: stop.signal })) {
      if (isReady(object)) waiting.delete(object.metadata.name)
      if (waiting.size === 0) return
    }
  })()
  await Promise.all(names.map((name) => pods.create(podNamed(name) as Pod)))
  await all
  stop.abort()
  return (performance.now() - start) / 1000
}

/** MiB of a container's control group without what the kernel could drop at once. */
async function workingSet(container: string): Promise<number> {
  const read = async (file: string): Promise<string> =>
    (await command('docker', ['exec', container, 'cat', file])).stdout
  const version2 = await read('/sys/fs/cgroup/memory.current')
  const [usage, stat] = version2
    ? [version2, await read('/sys/fs/cgroup/memory.stat')]
    : [await read('/sys/fs/cgroup/memory/memory.usage_in_bytes'), await read('/sys/fs/cgroup/memory/memory.stat')]
  const inactive = /^(?:total_)?inactive_file (\d+)$/m.exec(stat)?.[1] ?? '0'
  return (Number(usage) - Number(inactive)) / 2 ** 20
}

async function run(): Promise<Measured> {
  const cluster = new TestCluster('bench')
  try {
    const start = performance.now()
    await cluster.drydock('up', '--nodes', String(nodes.length), '--detach')
    const up = (performance.now() - start) / 1000
    const memory = Math.max(...(await Promise.all(nodes.map((node) => workingSet(cluster.machine(node))))))
    const transport = adminTransport(adminAccess(readFileSync(cluster.kubeconfig, 'utf8')))
    const client = createClient(transport)
    // The first pod of a node fetches the image from the desktop.
    await untilReady(client, ['warm-1', 'warm-2', 'warm-3', 'warm-4'])
    const singles: number[] = []
    for (let i = 0; i < 5; i++) singles.push(await untilReady(client, [`one-${i}`]))
    const many = await untilReady(
      client,
      Array.from({ length: MANY }, (_, i) => `many-${i}`),
    )
    transport.close()
    return { up, one: median(singles), many, memory }
  } finally {
    await cluster.delete()
  }
}

buildTestImages()
// The node image is made once for all clusters.
const first = new TestCluster('bench')
await first.drydock('up', '--nodes', '1', '--detach')
await first.delete()
console.log(`${machine()}; median of ${runsAsked}`)
const runs: Measured[] = []
for (let i = 0; i < runsAsked; i++) runs.push(await run())
for (const key of Object.keys(rows) as Array<keyof typeof rows>)
  printRow(
    rows[key],
    runs.map((one) => one[key]),
  )
