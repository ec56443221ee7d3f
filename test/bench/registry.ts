/**
 * What the registry does in one process, without HTTP: `node test/bench/registry.ts [pods] [memory]`. Writes are durable (SQLite) unless `memory`
 * is named.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findKind, kinds } from '../../src-kube/kinds/index.ts'
import { systemClock } from '../../src-kube/machinery/clock.ts'
import { createAdmission } from '../../src-main/controlplane/admission/index.ts'
import { createRegistry } from '../../src-main/controlplane/registry/index.ts'
import type { Registry, Target, WriteOptions } from '../../src-main/controlplane/registry/registry.ts'
import { createStrategies } from '../../src-main/controlplane/registry/strategies/index.ts'
import { memoryStore, openStore } from '../../src-main/controlplane/store/index.ts'
import { benchPod } from './lib/pod.ts'

const countAsked = Number(process.argv[2] ?? 5000)
const CLIENTS = 16
const WATCHERS = 10

const descriptor = findKind('', 'Pod')!
const pods: Target = { descriptor, served: descriptor.served[0]!, namespace: 'default', name: '', subresource: '' }
const write: WriteOptions = {
  user: { name: 'bench', groups: ['system:masters'] },
  dryRun: false,
  fieldManager: 'bench',
  fieldValidation: 'Warn',
  warn: () => {},
}

/** `count` calls by so many clients at once; prints the rate. */
async function measure(what: string, clients: number, count: number, call: (i: number) => Promise<unknown>) {
  let next = 0
  const start = performance.now()
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let i = next++; i < count; i = next++) await call(i)
    }),
  )
  const took = performance.now() - start
  console.log(`${what.padEnd(44)} ${Math.round((count / took) * 1000)} / s`)
}

/** Reads and encodes everything of a watch, as the API server would. */
async function watch(registry: Registry, signal: AbortSignal, seen: { events: number; bytes: number }) {
  const events = await registry.watch(pods, { bookmarks: false, resourceVersion: String(registry.revision), signal })
  void (async () => {
    for await (const batch of events) {
      for (const event of batch) if (event.type !== 'BOOKMARK') seen.bytes += event.entry.json(pods.served).length
      seen.events += batch.length
    }
  })()
}

async function run(registry: Registry): Promise<void> {
  const body = JSON.stringify(benchPod('NAME'))
  const bodies = Array.from({ length: countAsked }, (_, i) => body.replace('NAME', `pod-${i}`))
  const create = (i: number) => registry.create(pods, JSON.parse(bodies[i]!), write).then((e) => e.json(pods.served))
  const alone = Math.min(1000, countAsked / 5)
  await measure('create, 1 client', 1, alone, create)
  await measure(`create, ${CLIENTS} clients`, CLIENTS, countAsked - alone, (i) => create(i + alone))
  await measure('get', CLIENTS, countAsked, async (i) =>
    (await registry.read({ ...pods, name: `pod-${i}` })).json(pods.served),
  )
  const start = performance.now()
  for (let i = 0; i < 10; i++) {
    const { entries } = await registry.listEntries(pods, {})
    Buffer.concat(entries.map((entry) => entry.json(pods.served)))
  }
  console.log(`list of ${countAsked}, as bytes`.padEnd(44), ((performance.now() - start) / 10).toFixed(1), 'ms')
  const abort = new AbortController()
  const seen = { events: 0, bytes: 0 }
  for (let i = 0; i < WATCHERS; i++) await watch(registry, abort.signal, seen)
  const before = performance.now()
  await measure(`strategic patch, ${WATCHERS} watchers, ${CLIENTS} clients`, CLIENTS, countAsked, (i) =>
    registry.patch(
      { ...pods, name: `pod-${i}` },
      'application/strategic-merge-patch+json',
      { metadata: { labels: { round: String(i) } } },
      write,
    ),
  )
  while (seen.events < WATCHERS * countAsked) await new Promise((resolve) => setTimeout(resolve, 1))
  const rate = Math.round((seen.events / (performance.now() - before)) * 1000)
  console.log('events to watchers meanwhile'.padEnd(44), rate, '/ s')
  abort.abort()
  console.log('resident'.padEnd(44), Math.round(process.memoryUsage().rss / 2 ** 20), 'MB')
}

const directory = mkdtempSync(join(tmpdir(), 'drydock-bench-'))
const store = process.argv.includes('memory') ? memoryStore() : await openStore({ directory })
const strategies = createStrategies({ serviceCidr: '10.96.0.0/16', nodePortRange: { first: 30_000, last: 32_767 } })
const admission = createAdmission([])
const registry = createRegistry({ store, kinds, strategies, admission, clock: systemClock })
await registry.ready
const alive = setInterval(() => {}, 1000)
await run(registry)
clearInterval(alive)
await store.close()
rmSync(directory, { recursive: true })
