import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { containerLogSize } from './container-logs.ts'

const root = await mkdtemp(join(tmpdir(), 'container-logs-'))
afterAll(() => rm(root, { recursive: true }))

it('the log of a container is all its parts and nothing else that the engine keeps of it', async () => {
  await mkdir(join(root, 'a'))
  for (const name of ['a-json.log', 'a-json.log.1', 'config.v2.json']) {
    await writeFile(join(root, 'a', name), Buffer.alloc(10_000, 1))
  }
  const { bytes, inodes } = await containerLogSize('a', root)
  expect(inodes).toBe(2)
  expect(bytes).toBeGreaterThanOrEqual(20_000)
  expect(bytes).toBeLessThan(30_000)
  expect(await containerLogSize('gone', root)).toEqual({ bytes: 0, inodes: 0 })
})
