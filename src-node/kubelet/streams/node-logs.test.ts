import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { nodeLog } from './node-logs.ts'

const directory = await mkdtemp(join(tmpdir(), 'node-logs-'))
afterAll(() => rm(directory, { recursive: true }))
const root = join(directory, 'log')
await mkdir(join(root, 'pods'), { recursive: true })
await writeFile(join(directory, 'secret'), 'outside')
await writeFile(join(root, 'a<b.log'), 'one\ntwo\n')
await symlink(join(root, 'a<b.log'), join(root, 'pods', '0.log'))

it('logs of a node are listed with links, and read', async () => {
  expect((await nodeLog(root, ''))?.text).toBe(
    '<pre>\n<a href="a%3Cb.log">a&lt;b.log</a>\n<a href="pods/">pods/</a>\n</pre>\n',
  )
  expect(await nodeLog(root, 'pods/0.log')).toEqual({ contentType: 'text/plain; charset=utf-8', text: 'one\ntwo\n' })
})

it('of a long log its end is read', async () => {
  expect((await nodeLog(root, 'pods/0.log', 5))?.text).toBe('\ntwo\n')
})

it('there is no way out of the logs of a node, nor one to what is not there', async () => {
  for (const path of ['../secret', 'pods/../../secret', 'none', 'a<b.log/x']) {
    expect(await nodeLog(root, path)).toBeUndefined()
  }
})
