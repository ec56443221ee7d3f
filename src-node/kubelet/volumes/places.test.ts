import { mkdir, mkdtemp, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Pod, Volume } from '#types/core/v1'
import { VolumePlaces } from './places.ts'

const root = await mkdtemp(join(tmpdir(), 'places-'))
afterAll(() => rm(root, { recursive: true }))
const [stateDirectory, memoryDirectory] = [join(root, 'state'), join(root, 'memory')]
const places = new VolumePlaces({ stateDirectory, memoryDirectory })
const podOf = (uid: string) => ({ metadata: { name: 'p', uid } }) as Pod

it.each<[Omit<Volume, 'name'>, string]>([
  [{ secret: {} }, 'secret'],
  [{ projected: {} }, 'projected'],
  [{ downwardAPI: {} }, 'downward-api'],
])('what %j holds stays in memory, and its usual place leads there', async (volume, plugin) => {
  const pod = podOf(plugin)
  const place = await places.toWrite(pod, { name: 'v', ...volume })
  expect(place).toBe(join(memoryDirectory, plugin, plugin, 'v'))
  expect(await readlink(join(stateDirectory, 'pods', plugin, 'volumes', `kubernetes.io~${plugin}`, 'v'))).toBe(place)
  expect(await places.toWrite(pod, { name: 'v', ...volume })).toBe(place)
})

it.each<[Omit<Volume, 'name'>, string]>([
  [{ configMap: {} }, 'configmap'],
  [{ emptyDir: {} }, 'empty-dir'],
  [{ image: {} }, 'image'],
])('what %j holds is on the disk', async (volume, plugin) => {
  const usual = join(stateDirectory, 'pods/d/volumes', `kubernetes.io~${plugin}`, 'v')
  expect(await places.toWrite(podOf('d'), { name: 'v', ...volume })).toBe(usual)
})

it('a secret that lies on the disk since an older agent is kept up to date there', async () => {
  const usual = places.of(podOf('old'), { name: 'v', secret: {} })
  await mkdir(usual, { recursive: true })
  expect(await places.toWrite(podOf('old'), { name: 'v', secret: {} })).toBe(usual)
})

it('both places of a pod go with it', async () => {
  const pod = podOf('gone')
  const place = await places.toWrite(pod, { name: 'v', secret: {} })
  await mkdir(place, { recursive: true })
  await places.remove('gone')
  for (const path of [place, places.ofPod('gone')]) await expect(stat(path)).rejects.toThrow('ENOENT')
})

it('the usual place of a pod, by which the next agent would know it, goes last', async () => {
  const file = join(root, 'file')
  await writeFile(file, '')
  const stuck = new VolumePlaces({ stateDirectory, memoryDirectory: file })
  await mkdir(stuck.ofPod('stuck'), { recursive: true })
  await expect(stuck.remove('stuck')).rejects.toThrow('ENOTDIR')
  expect((await stat(stuck.ofPod('stuck'))).isDirectory()).toBe(true)
})
