import { describe, expect, it } from 'vitest'
import { groupProcesses, processCounts } from './processes.ts'

const reads = (files: Record<string, string>) => (path: string) => {
  const text = files[path]
  return text === undefined ? Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' })) : Promise.resolve(text)
}
const machine = {
  '/proc/sys/kernel/pid_max': '32768\n',
  '/proc/sys/kernel/threads-max': '63457\n',
  '/proc/loadavg': '0.10 0.20 0.30 2/700 12345\n',
}

describe('processes', () => {
  it('are those of the machine where nothing limits the node', async () => {
    expect(await processCounts(reads(machine))).toEqual({ most: 32_768, running: 700 })
    const unlimited = { ...machine, '/sys/fs/cgroup/pids.max': 'max\n', '/sys/fs/cgroup/pids.current': '5\n' }
    expect(await processCounts(reads(unlimited))).toEqual({ most: 32_768, running: 700 })
  })

  it.each(['/sys/fs/cgroup', '/sys/fs/cgroup/pids'])(
    'are those of the node where %s leaves less room',
    async (root) => {
      const own = { [`${root}/pids.max`]: '1000\n', [`${root}/pids.current`]: '900\n' }
      expect(await processCounts(reads({ ...machine, ...own }))).toEqual({ most: 1000, running: 900 })
      expect(await processCounts(reads(own))).toEqual({ most: 1000, running: 900 })
      const wide = { [`${root}/pids.max`]: '1000000\n', [`${root}/pids.current`]: '9\n' }
      expect(await processCounts(reads({ ...machine, ...wide }))).toEqual({ most: 32_768, running: 700 })
    },
  )

  it('are not known where nothing tells', async () => {
    expect(await processCounts(reads({}))).toBeUndefined()
    expect(await processCounts(reads({ '/proc/loadavg': 'odd', '/proc/sys/kernel/pid_max': '5' }))).toBeUndefined()
    await expect(processCounts(() => Promise.reject(new Error('odd')))).rejects.toThrow('odd')
  })

  it('of a container are counted while it is there', async () => {
    expect(await groupProcesses(reads({ '/sys/fs/cgroup/docker/c/pids.current': '3\n' }), '/docker/c')).toBe(3)
    expect(await groupProcesses(reads({ '/sys/fs/cgroup/pids/docker/c/pids.current': '4\n' }), '/docker/c')).toBe(4)
    expect(await groupProcesses(reads({}), '/docker/c')).toBeUndefined()
  })
})
