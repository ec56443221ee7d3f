/**
 * The load client of the API server's benchmark: a process of its own, HTTPS with HTTP/2 and the administrator's certificate. Its target comes as
 * the first message from its parent; it answers with the figures of one run.
 */
import { connect, type ClientHttp2Session } from 'node:http2'
import type { Figures, LoadTarget } from './figures.ts'

const CLIENTS = 16
const SESSIONS = 4
const WATCHERS = 10
const PODS = '/api/v1/namespaces/default/pods'
const NAME = '"NAME"'

/** One pod of about 2.6 KB as stored. */
const template = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'NAME', labels: { app: 'bench', tier: 'web' }, annotations: { note: 'x'.repeat(400) } },
  spec: {
    containers: [1, 2].map((i) => ({
      name: `c${i}`,
      image: 'registry.example.com/team/app:1.2.3',
      env: Array.from({ length: 8 }, (_, n) => ({ name: `VARIABLE_${n}`, value: `value of ${n}` })),
      ports: [{ containerPort: 8000 + i }],
      resources: { requests: { cpu: '100m', memory: '64Mi' } },
    })),
  },
})

interface Answer {
  status: number
  body: Buffer
}

/** One request; rejects when the stream fails. */
function request(session: ClientHttp2Session, method: string, path: string, body?: string, type = 'application/json') {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const headers = { ':method': method, ':path': path, accept: 'application/json' }
  const stream = session.request(body === undefined ? headers : { ...headers, 'content-type': type })
  const chunks: Buffer[] = []
  let status = 0
  stream.on('response', (head) => (status = Number(head[':status'])))
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('error', reject)
  stream.on('end', () => resolve({ status, body: Buffer.concat(chunks) }))
  stream.end(body)
  return promise
}

/** The same, for an answer that must have that status. */
async function expectStatus(answer: Promise<Answer>, wanted: number): Promise<Answer> {
  const got = await answer
  if (got.status !== wanted) throw new Error(`${got.status}, not ${wanted}: ${got.body.toString()}`)
  return got
}

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
async function watch(session: ClientHttp2Session, revision: string, onEvents: (count: number) => void) {
  const path = `${PODS}?watch=1&allowWatchBookmarks=false&resourceVersion=${revision}`
  const stream = session.request({ ':path': path, accept: 'application/json' })
  stream.on('data', (chunk: Buffer) => {
    let lines = 0
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++
    onEvents(lines)
  })
  await new Promise((resolve, reject) => {
    stream.on('response', resolve)
    stream.on('error', reject)
  })
}

/** Patches with watchers beside: patches a second and events delivered a second, until the last arrived. */
async function patches(sessions: ClientHttp2Session[], watching: ClientHttp2Session, count: number) {
  const { body } = await expectStatus(request(watching, 'GET', `${PODS}?limit=1`), 200)
  const { metadata } = JSON.parse(body.toString()) as { metadata: { resourceVersion: string } }
  let events = 0
  const all = Promise.withResolvers<void>()
  const seen = (more: number): void => {
    events += more
    if (events >= WATCHERS * count) all.resolve()
  }
  await Promise.all(Array.from({ length: WATCHERS }, () => watch(watching, metadata.resourceVersion, seen)))
  const start = performance.now()
  const patch = await rate(CLIENTS, count, (i, client) => {
    const body = `{"metadata":{"labels":{"round":"${i}"}}}`
    const session = sessions[client % SESSIONS]!
    return expectStatus(request(session, 'PATCH', `${PODS}/pod-${i}`, body, 'application/merge-patch+json'), 200)
  })
  await all.promise
  return { patch, watch: (events / (performance.now() - start)) * 1000 }
}

async function run({ port, admin, pods }: LoadTarget): Promise<Figures> {
  const open = (): ClientHttp2Session => {
    const session = connect(`https://127.0.0.1:${port}`, { ...admin, settings: { initialWindowSize: 4 << 20 } })
    session.on('connect', () => session.setLocalWindowSize(32 << 20))
    return session
  }
  const sessions = Array.from({ length: SESSIONS }, open)
  const watching = open()
  const post = (i: number, client: number) =>
    expectStatus(request(sessions[client % SESSIONS]!, 'POST', PODS, template.replace(NAME, `"pod-${i}"`)), 201)
  const alone = Math.round(pods / 5)
  const createAlone = await rate(1, alone, post)
  const create = await rate(CLIENTS, pods - alone, (i, client) => post(i + alone, client))
  const get = await rate(CLIENTS, pods, (i, client) =>
    expectStatus(request(sessions[client % SESSIONS]!, 'GET', `${PODS}/pod-${i}`), 200),
  )
  const lists: number[] = []
  for (let i = 0; i < 5; i++) {
    const start = performance.now()
    await expectStatus(request(watching, 'GET', PODS), 200)
    lists.push(performance.now() - start)
  }
  const list = lists.toSorted((a, b) => a - b)[2]!
  const patched = await patches(sessions, watching, pods)
  for (const session of [...sessions, watching]) session.destroy()
  return { create, createAlone, get, list, ...patched }
}

process.once('message', (target: LoadTarget) => {
  void run(target).then((figures) => process.send!(figures, () => process.exit(0)))
})
