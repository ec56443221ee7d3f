import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { removeShared, setUpShared } from './shared.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shared-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

it('makes a directory that everybody may write to, and leaves one that is there alone', async () => {
  const path = join(root, 'volumes', 'pvc-1')
  expect(await setUpShared(path)).toBe(path)
  expect((await stat(path)).mode & 0o777).toBe(0o777)
  await writeFile(join(path, 'kept'), 'x')
  await setUpShared(path)
  expect(await readdir(path)).toEqual(['kept'])
})

it('says what is wrong when it cannot', async () => {
  await writeFile(join(root, 'file'), '')
  await expect(setUpShared(join(root, 'file', 'pvc-1'))).rejects.toThrow(/ENOTDIR|EEXIST/)
})

it('removes a volume with all that is in it, and nothing else', async () => {
  await setUpShared(join(root, 'pvc-1'))
  await writeFile(join(root, 'pvc-1', 'data'), 'x')
  await setUpShared(join(root, 'pvc-2'))
  await removeShared(root, 'pvc-1')
  await removeShared(root, 'pvc-1')
  expect(await readdir(root)).toEqual(['pvc-2'])
  for (const name of ['', '.', '..', 'pvc-../x', '/etc', 'other'])
    await expect(removeShared(root, name)).rejects.toMatchObject({ code: 400 })
})
