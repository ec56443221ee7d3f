import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import type { Pod } from '#types/core/v1'
import type { InformerHandlers } from '../../src-kube/client/informer.ts'
import { refs } from '../../src-kube/client/refs.ts'
import { FakeTransport } from '../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { keepStaticPods } from './static-pods.ts'

const root = await mkdtemp(join(tmpdir(), 'static-'))
afterAll(() => rm(root, { recursive: true }))
const WEB = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: c, image: i}]}\n'

it('pods of files come and go with them, and what is no pod is told of once', async () => {
  const directory = join(root, 'manifests')
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const logged: string[] = []
  const stop = new AbortController()
  keepStaticPods({
    client: createClient(server),
    nodeName: 'n1',
    nodes: partial({ get: () => ({ metadata: { uid: 'node-uid' } }) }),
    clock,
    signal: stop.signal,
    log: (words) => void logged.push(words),
    directory,
    pods: { list: () => server.all(refs.pods), on: () => () => undefined },
  })
  const next = () => clock.advance(20_000)
  const image = () => server.peek(refs.pods, 'web-n1', 'default')?.spec.containers[0]?.image
  await vi.waitFor(() => expect(clock.pending).toBe(1))
  await mkdir(directory)
  await writeFile(join(directory, 'web.yaml'), WEB)
  await writeFile(join(directory, 'notes.txt'), 'kind: Other')
  await writeFile(join(directory, '.hidden'), 'kind: Other')
  await next()
  await vi.waitFor(() => expect(image()).toBe('i'))
  await writeFile(join(directory, 'web.yaml'), WEB.replace('image: i', 'image: j'))
  await vi.waitFor(async () => {
    await next()
    // The node's own pod worker takes the old one away when it has ended.
    if (server.peek(refs.pods, 'web-n1', 'default')?.metadata.deletionTimestamp)
      server.remove(refs.pods, 'web-n1', 'default')
    expect(image()).toBe('j')
  })
  await rm(join(directory, 'web.yaml'))
  await vi.waitFor(async () => {
    await next()
    const left = server.peek(refs.pods, 'web-n1', 'default')
    expect(left === undefined || left.metadata.deletionTimestamp !== undefined).toBe(true)
  })
  expect(logged).toEqual(['static pods: notes.txt: the file holds no pod'])
  stop.abort()
})

it('a pod that somebody deleted is made again at once', async () => {
  const directory = await mkdtemp(join(root, 'deleted-'))
  await writeFile(join(directory, 'web.yaml'), WEB)
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const stop = new AbortController()
  let deleted: InformerHandlers<Pod>['delete']
  keepStaticPods({
    client: createClient(server),
    nodeName: 'n1',
    nodes: partial({ get: () => ({ metadata: { uid: 'node-uid' } }) }),
    clock,
    signal: stop.signal,
    log: (words) => expect.unreachable(words),
    directory,
    pods: {
      list: () => server.all(refs.pods),
      on: (handlers) => {
        deleted = handlers.delete
        return () => undefined
      },
    },
  })
  const pod = () => server.peek(refs.pods, 'web-n1', 'default')
  await vi.waitFor(() => expect(pod()).toBeDefined())
  const first = pod()!
  server.remove(refs.pods, 'web-n1', 'default')
  deleted!(first)
  await vi.waitFor(() => expect(pod()).toBeDefined())
  stop.abort()
})
