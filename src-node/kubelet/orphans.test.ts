import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, it, vi } from 'vitest'
import type { Pod } from '#types/core/v1'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { keepFreeOfOrphans, removeOrphans } from './orphans.ts'
import type { Observed } from './plan/observed.ts'
import type { PodContext } from './pod-context.ts'

const root = await mkdtemp(join(tmpdir(), 'orphans-'))
afterAll(() => rm(root, { recursive: true }))

const stops: AbortController[] = []
afterEach(() => stops.splice(0).forEach((stop) => stop.abort()))

function arrange(fails = '') {
  const done: string[] = []
  const state = { fails, containers: ['kept', 'gone', 'ending'], late: [] as string[], up: true }
  const say = (words: string) =>
    words === state.fails ? Promise.reject(new Error('busy')) : Promise.resolve(done.push(words))
  const context = partial<PodContext>({
    engine: {
      get up() {
        return state.up
      },
      async discover() {
        state.containers.push(...state.late.splice(0))
      },
      pods: () => state.containers.map((uid) => ({ uid, name: uid, namespace: 'ns' })),
      ofPod: (uid: string) => [{ id: `${uid}-0` } as Observed],
      remove: (id: string) => say(`remove ${id}`),
    },
    volumes: { tearDown: (uid: string) => say(`tear down ${uid}`) },
    files: { remove: (uid: string) => say(`files ${uid}`) },
    logs: {
      remove: ({ uid }: { uid: string }) => say(`logs ${uid}`),
      keep: (known: () => ReadonlySet<string>) => say(`logs but of ${[...known()].join(', ')}`),
    },
    log: (words: string) => void done.push(words),
  })
  const uids = ['kept', 'volumes']
  const podsOf = (list: string[]) => list.map((uid) => ({ metadata: { uid } }) as Pod)
  const clock = new FakeClock()
  const stop = new AbortController()
  stops.push(stop)
  const options = {
    pods: { list: () => podsOf(uids) },
    workers: { pods: () => podsOf(['ending']) },
    clock,
    signal: stop.signal,
  }
  return {
    done,
    uids,
    state,
    clock,
    remove: (stateDirectory: string) => removeOrphans({ ...options, stateDirectory }, context),
    keepFree: (stateDirectory: string) => keepFreeOfOrphans({ ...options, stateDirectory }, context),
  }
}

it('what is left of pods that are gone is removed, with containers or without', async () => {
  for (const uid of ['kept', 'gone', 'volumes', 'bare']) await mkdir(join(root, 'pods', uid), { recursive: true })
  await writeFile(join(root, 'pods', 'note'), '')
  const { done, remove } = arrange()
  await remove(root)
  expect(done.toSorted()).toEqual([
    'files bare',
    'files gone',
    'logs but of kept, volumes, ending',
    'logs gone',
    'remove gone-0',
    'removing what is left of ns/gone',
    'tear down bare',
    'tear down gone',
  ])
})

it('what cannot be removed is told of, and keeps nothing else from going', async () => {
  const engine = arrange('remove gone-0')
  await engine.remove(root)
  expect(engine.done).toContain('removing ns/gone: Error: busy')
  expect(engine.done).toContain('tear down bare')
  const volumes = arrange('tear down bare')
  await volumes.remove(root)
  expect(volumes.done).toContain('removing volumes of pod bare: Error: busy')
  const fresh = arrange()
  await fresh.remove(join(root, 'none'))
  expect(fresh.done).toContain('tear down gone')
})

it('a pod that comes meanwhile is none of them', async () => {
  const { done, uids, remove } = arrange()
  const removed = remove(root)
  uids.push('bare')
  await removed
  expect(done).not.toContain('tear down bare')
})

it('what could not be removed, or came to light later, goes within a minute', async () => {
  const { done, state, clock, keepFree } = arrange('remove gone-0')
  await keepFree(join(root, 'none'))
  expect(done).toContain('removing ns/gone: Error: busy')
  state.fails = ''
  state.late.push('late')
  await clock.advance(60_000)
  await vi.waitFor(() => expect(done).toEqual(expect.arrayContaining(['remove gone-0', 'logs gone', 'remove late-0'])))
  expect(done).not.toContain('remove kept-0')
  expect(done).not.toContain('remove ending-0')
})

it('an engine that is away is not asked for what it has', async () => {
  const { state, clock, keepFree } = arrange()
  await keepFree(join(root, 'none'))
  state.up = false
  state.late.push('late')
  await clock.advance(60_000)
  expect(state.late).toEqual(['late'])
})
