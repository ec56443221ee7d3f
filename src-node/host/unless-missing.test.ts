import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { unlessMissing } from './unless-missing.ts'

const here = import.meta.filename

test('what is there is answered', async () => {
  expect((await unlessMissing(stat(here)))?.isFile()).toBe(true)
})

test.each([
  ['a name that nothing has', join(import.meta.dirname, 'nobody')],
  ['a path through a file', join(here, 'below')],
])('%s is missing', async (_what, path) => {
  expect(await unlessMissing(stat(path))).toBeUndefined()
})

test('a directory that cannot be read is no missing one', async () => {
  const refused = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
  await expect(unlessMissing(Promise.reject<string[]>(refused))).rejects.toBe(refused)
  expect(await unlessMissing(readdir(import.meta.dirname))).toContain('unless-missing.ts')
})
