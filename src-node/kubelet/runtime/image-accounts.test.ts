import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { ImageAccounts, layersOf } from './image-accounts.ts'

const root = await mkdtemp(join(tmpdir(), 'image-accounts-'))
afterAll(() => rm(root, { recursive: true }))

/** A layer with these files below `/etc`. */
async function layer(name: string, files: Record<string, string>): Promise<string> {
  const path = join(root, name)
  await mkdir(join(path, 'etc'), { recursive: true })
  for (const [file, text] of Object.entries(files)) await writeFile(join(path, 'etc', file), text)
  return path
}
const image = (Id: string, [UpperDir, ...below]: string[]) => ({
  Id,
  GraphDriver: { Name: 'overlay2', Data: { UpperDir: UpperDir!, LowerDir: below.join(':') } as never },
})
const names = async (of: ReturnType<typeof image>) => (await new ImageAccounts().of(of))?.users.map(({ name }) => name)

it('users of an image are those of its uppermost files', async () => {
  const base = await layer('base', { passwd: 'old:x:1:1\n', group: 'g:x:5:new\n' })
  const top = await layer('top', { passwd: 'new:x:2:2\n' })
  await mkdir(join(root, 'bare'))
  const of = image('i', [join(root, 'bare'), top, base])
  expect(await new ImageAccounts().of(of)).toEqual({
    users: [{ name: 'new', uid: 2, gid: 2 }],
    groups: [{ name: 'g', gid: 5, members: ['new'] }],
  })
})

it('users are read once an image, and anew after a failure', async () => {
  const accounts = new ImageAccounts()
  const path = await layer('once', { passwd: 'a:x:1:1\n' })
  const first = await accounts.of(image('i', [path]))
  await writeFile(join(path, 'etc', 'passwd'), 'b:x:1:1\n')
  expect(await accounts.of(image('i', [path]))).toBe(first)
  expect((await accounts.of(image('j', [path])))?.users[0]?.name).toBe('b')
})

it('links in an image lead nowhere: they may lead out of it', async () => {
  const outside = await layer('outside', { passwd: 'host:x:0:0\n' })
  const linked = await layer('linked', {})
  await symlink(join(outside, 'etc', 'passwd'), join(linked, 'etc', 'passwd'))
  expect(await names(image('l', [linked, outside]))).toEqual([])
  await mkdir(join(root, 'etc-linked'))
  await symlink(join(outside, 'etc'), join(root, 'etc-linked', 'etc'))
  expect(await names(image('m', [join(root, 'etc-linked')]))).toEqual([])
})

it('what is larger than any such file is not read', async () => {
  const huge = await layer('huge', { passwd: `a:x:1:1\n${'#'.repeat(1 << 20)}` })
  expect(await names(image('h', [huge]))).toEqual([])
})

it('an engine that keeps images in another way tells of no layers, and so of no users', async () => {
  const other = { Id: 'o', GraphDriver: { Name: 'vfs', Data: null as never } }
  expect(layersOf(other)).toEqual([])
  expect(await new ImageAccounts().of(other)).toBeUndefined()
})
