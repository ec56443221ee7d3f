import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { PullRecordFile } from './pull-record-file.ts'

const root = await mkdtemp(join(tmpdir(), 'pull-records-'))
afterAll(() => rm(root, { recursive: true }))

const secret = { namespace: 'ns', name: 's', uid: 'u', hash: 'h' }
const told: string[] = []
const open = (stateDirectory: string, images = ['one', 'two']) =>
  new PullRecordFile({ stateDirectory, images: () => Promise.resolve(images), log: (words) => void told.push(words) })

it('what was pulled is known to the next agent, of images that are still there', async () => {
  const directory = join(root, 'kept')
  const first = open(directory)
  expect(await first.of('one', 'r/a')).toBeUndefined()
  await Promise.all([first.note('one', 'r/a', secret), first.note('two', 'r/b', undefined)])
  const next = open(directory, ['one'])
  expect(await next.of('one', 'r/a')).toEqual({ everybody: false, secrets: [secret] })
  expect(await next.of('one', 'r/other'), 'pulled, but not from there').toEqual({ everybody: false, secrets: [] })
  expect(await next.of('two', 'r/b')).toBeUndefined()
})

it('a file that tells nothing, or cannot be kept, is told of', async () => {
  const directory = join(root, 'broken')
  await open(directory).note('one', 'r/a', secret)
  const file = join(directory, 'image_manager', 'pulled.json')
  await writeFile(file, '{')
  expect(await open(directory).of('one', 'r/a')).toBeUndefined()
  expect(told).toHaveLength(1)
  const nowhere = open(file)
  await nowhere.note('one', 'r/a', secret)
  expect(told, 'neither read nor written').toHaveLength(3)
  expect(await nowhere.of('one', 'r/a')).toBeDefined()
  expect(await readFile(file, 'utf8')).toBe('{')
})
