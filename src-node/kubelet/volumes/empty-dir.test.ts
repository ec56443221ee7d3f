import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { setUpEmptyDir } from './empty-dir.ts'

const root = await mkdtemp(join(tmpdir(), 'empty-dir-'))
afterAll(() => rm(root, { recursive: true }))

const own = (memory?: string) => ({ name: 'c', resources: memory ? { limits: { memory } } : {} })

it.each([
  [undefined, undefined, [own()], 4194304],
  ['8Gi', undefined, [own()], 4194304],
  ['1Mi', undefined, [own()], 1048576],
  ['1Mi', undefined, [own('512Ki'), own('256Ki')], 786432],
  [undefined, undefined, [own('1Mi')], 1048576],
  [undefined, undefined, [own('1Mi'), own()], 4194304],
  [undefined, '2Mi', [own()], 2097152],
  ['1Mi', '2Mi', [own()], 1048576],
])(
  'in memory with the limit %s, in a pod of %s with %j, it has %i bytes',
  async (sizeLimit, memory, containers, size) => {
    const ran: string[] = []
    const host = {
      run: (command: string, args: readonly string[]) => {
        ran.push([command, ...args].join(' '))
        return Promise.resolve({ stdout: '', stderr: '' })
      },
      readFile: () => Promise.resolve(''),
    }
    const pod = partial<Pod>({ spec: { containers, resources: memory ? { limits: { memory } } : {} } })
    const source = { medium: 'Memory', ...(sizeLimit ? { sizeLimit } : {}) }
    await setUpEmptyDir(join(root, 'v'), source, { host, pod, allocatable: () => Promise.resolve({ memory: '4Mi' }) })
    expect(ran).toEqual([`mount -t tmpfs -o size=${size} tmpfs ${join(root, 'v')}`])
  },
)
