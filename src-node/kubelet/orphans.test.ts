import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { removeOrphans } from './orphans.ts'
import type { Observed } from './plan/observed.ts'
import type { PodContext } from './pod-context.ts'

const root = await mkdtemp(join(tmpdir(), 'orphans-'))
afterAll(() => rm(root, { recursive: true }))

function arrange(fails = '') {
  const done: string[] = []
  const say = (words: string) =>
    words === fails ? Promise.reject(new Error('busy')) : Promise.resolve(done.push(words))
  const context = partial<PodContext>({
    engine: {
      pods: () => ['kept', 'gone'].map((uid) => ({ uid, name: uid, namespace: 'ns' })),
      ofPod: (uid: string) => [{ id: `${uid}-0` } as Observed],
      remove: (id: string) => say(`remove ${id}`),
    },
    volumes: { tearDown: (uid: string) => say(`tear down ${uid}`) },
    files: { remove: (uid: string) => say(`files ${uid}`) },
    logs: { remove: ({ uid }: { uid: string }) => say(`logs ${uid}`) },
    log: (words: string) => void done.push(words),
  })
  const uids = ['kept', 'volumes']
  const pods = { list: () => uids.map((uid) => ({ metadata: { uid } }) as Pod) }
  return { done, uids, remove: (directory: string) => removeOrphans(pods, context, directory) }
}

it('what is left of pods that are gone is removed, with containers or without', async () => {
  for (const uid of ['kept', 'gone', 'volumes', 'bare']) await mkdir(join(root, 'pods', uid), { recursive: true })
  await writeFile(join(root, 'pods', 'note'), '')
  const { done, remove } = arrange()
  await remove(root)
  expect(done.toSorted()).toEqual([
    'files bare',
    'files gone',
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
