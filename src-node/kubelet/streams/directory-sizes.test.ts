import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createHost } from '../../host/index.ts'
import { directorySizes } from './directory-sizes.ts'

let root = ''
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'sizes-'))))
afterEach(() => rm(root, { recursive: true }))

it('directories are counted with all below them, also behind a link, each once; what is not there is left out', async () => {
  const [full, empty, link, gone] = ['full', 'empty', 'link', 'gone'].map((name) => join(root, name)) as [
    string,
    string,
    string,
    string,
  ]
  await mkdir(join(full, 'below'), { recursive: true })
  await mkdir(empty)
  await writeFile(join(full, 'below', 'file'), Buffer.alloc(100_000, 1))
  const target = join(root, 'target')
  await mkdir(target)
  await writeFile(join(target, 'file'), Buffer.alloc(50_000, 1))
  await symlink(target, link)
  const sizes = await directorySizes(createHost(), [full, empty, full, link, gone])
  expect([...sizes.keys()].toSorted()).toEqual([empty, full, link].toSorted())
  expect(sizes.get(full)).toMatchObject({ inodes: 3 })
  expect(sizes.get(full)!.bytes).toBeGreaterThanOrEqual(100_000)
  expect(sizes.get(empty)).toMatchObject({ inodes: 1 })
  expect(sizes.get(link)).toMatchObject({ inodes: 2 })
  expect(sizes.get(link)!.bytes).toBeGreaterThanOrEqual(50_000)
})

it('of nothing nothing is asked', async () => {
  const run = () => Promise.reject(new Error('asked'))
  expect(await directorySizes({ run }, [])).toEqual(new Map())
})
