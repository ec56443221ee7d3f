/**
 * The load client of the API server's benchmark: a process of its own, over HTTPS with the administrator's certificate. Its target comes as
 * the first message from its parent; it answers with the figures of one run.
 */
import { benchPod } from '../lib/pod.ts'
import { Connection } from './connection.ts'
import type { Figures, LoadTarget } from './figures.ts'

const CLIENTS = 16
const WATCHERS = 10
const PODS = '/api/v1/namespaces/default/pods'
/** Where the first creations go, which find code that was never run: they have a row of their own, and the others a server that is warm. */
const FIRST_PODS = '/api/v1/namespaces/kube-public/pods'
const FIRST = 1000
const NAME = '"NAME"'

const template = JSON.stringify(benchPod('NAME'))

/** `count` calls by so many clients at once; calls a second. */
async function rate(clients: number, count: number, call: (i: number, client: number) => Promise<unknown>) {
  let next = 0
  const start = performance.now()
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let i = next++; i < count; i = next++) await call(i, client)
    }),
  )
  return (count / (performance.now() - start)) * 1000
}

/** Counts the lines (events) of a watch; resolves when the server has answered. */
function watch(connection: Connection, revision: string, onEvents: (count: number) => void): Promise<void> {
  let begun = false
  return connection.stream(`${PODS}?watch=1&resourceVersion=${revision}`, (chunk) => {
    // Every event ends with a line feed, and so do the head and the size of each chunk, after a carriage return.
    let lines = 0
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) if (chunk[at - 1] !== 13) lines++
    if (begun && chunk[0] === 10) lines--
    begun = true
    onEvents(lines)
  })
}

/** Patches with watchers beside: patches a second and events delivered a second, until the last arrived. */
async function patches(clients: Connection[], watchers: Connection[], count: number) {
  const list = JSON.parse((await clients[0]!.request(200, 'GET', `${PODS}?limit=1`)).toString()) as {
    metadata: { resourceVersion: string }
  }
  let events = 0
  const all = Promise.withResolvers<void>()
  const seen = (more: number): void => {
    events += more
    if (events >= WATCHERS * count) all.resolve()
  }
  await Promise.all(watchers.map((connection) => watch(connection, list.metadata.resourceVersion, seen)))
  const start = performance.now()
  const patch = await rate(CLIENTS, count, (i, client) => {
    const body = `{"metadata":{"labels":{"round":"${i}"}}}`
    return clients[client]!.request(200, 'PATCH', `${PODS}/pod-${i}`, { body, type: 'application/merge-patch+json' })
  })
  await all.promise
  return { patch, watch: (events / (performance.now() - start)) * 1000 }
}

async function run({ port, admin, pods }: LoadTarget): Promise<Figures> {
  const open = (): Promise<Connection> => Connection.open(port, admin)
  const clients = await Promise.all(Array.from({ length: CLIENTS }, open))
  const watchers = await Promise.all(Array.from({ length: WATCHERS }, open))
  const postTo = (path: string) => (i: number, client: number) =>
    clients[client]!.request(201, 'POST', path, { body: template.replace(NAME, `"pod-${i}"`) })
  const first = await rate(CLIENTS, FIRST, postTo(FIRST_PODS))
  const post = postTo(PODS)
  const alone = Math.round(pods / 5)
  const create = await rate(CLIENTS, pods - alone, post)
  const createAlone = await rate(1, alone, (i, client) => post(pods - alone + i, client))
  const get = await rate(CLIENTS, pods, (i, client) => clients[client]!.request(200, 'GET', `${PODS}/pod-${i}`))
  const lists: number[] = []
  for (let i = 0; i < 5; i++) {
    const start = performance.now()
    await clients[0]!.request(200, 'GET', PODS)
    lists.push(performance.now() - start)
  }
  const list = lists.toSorted((a, b) => a - b)[2]!
  const patched = await patches(clients, watchers, pods)
  for (const connection of [...clients, ...watchers]) connection.close()
  return { first, create, createAlone, get, list, ...patched }
}

process.once('message', (target: LoadTarget) => {
  void run(target).then((figures) => process.send!(figures, () => process.exit(0)))
})
