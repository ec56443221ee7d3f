import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { setUpEmptyDir } from './empty-dir.ts'

const root = await mkdtemp(join(tmpdir(), 'empty-dir-'))
afterAll(() => rm(root, { recursive: true }))

it.each([
  ['2Mi', undefined, 'size=2097152'],
  ['2Mi', '1Mi', 'size=1048576'],
])('a directory in the memory of a pod of %s with the limit %s is mounted with %s', async (memory, sizeLimit, size) => {
  const ran: string[] = []
  const host = {
    run: (command: string, args: readonly string[]) => {
      ran.push([command, ...args].join(' '))
      return Promise.resolve({ stdout: '', stderr: '' })
    },
    readFile: () => Promise.resolve(''),
  }
  const pod = { spec: { containers: [{ name: 'c' }], resources: { limits: { memory } } } } as unknown as Pod
  const source = { medium: 'Memory', ...(sizeLimit ? { sizeLimit } : {}) }
  await setUpEmptyDir(host, join(root, 'v'), source, pod)
  expect(ran).toEqual([`mount -t tmpfs -o ${size} tmpfs ${join(root, 'v')}`])
})
