import { describe, expect, it } from 'vitest'
import { ControlGroups } from './control-groups.ts'
import { settingsOf, weightOf } from './group-limits.ts'
import { FakeControlGroups } from './testing/fake-control-groups.ts'

const ROOT = '/sys/fs/cgroup'
const POD = '/kubepods/burstable/podu'
const limits = { shares: 512, quota: 50_000, memory: 1000, processes: 64 }

describe('control groups of the first version', () => {
  it('are made in the tree of every controller that is there, and limited', async () => {
    const files = new FakeControlGroups({ trees: ['cpu,cpuacct', 'memory', 'freezer'] })
    await new ControlGroups(files).make(POD, limits)
    expect(files.directories()).toContain(`${ROOT}/cpu,cpuacct${POD}`)
    expect(files.directories()).not.toContain(`${ROOT}/freezer${POD}`)
    expect(files.written).toEqual([
      `${ROOT}/cpu,cpuacct${POD}/cpu.shares 512`,
      `${ROOT}/cpu,cpuacct${POD}/cpu.cfs_quota_us 50000`,
      `${ROOT}/memory${POD}/memory.limit_in_bytes 1000`,
    ])
  })

  it('are removed from all trees with what the engine left in them, unless something runs there', async () => {
    const files = new FakeControlGroups({ trees: ['cpu', 'memory', 'freezer'] })
    const groups = new ControlGroups(files)
    await groups.make(POD, {})
    for (const tree of ['memory', 'freezer']) await files.makeDirectory(`${ROOT}/${tree}${POD}/left`)
    expect(await groups.childrenOf('/kubepods/burstable')).toEqual(['podu'])
    files.busy.add(`${ROOT}/memory${POD}/left`)
    expect(await groups.remove(POD)).toBe(false)
    expect(await groups.childrenOf('/kubepods/burstable')).toEqual(['podu'])
    files.busy.clear()
    expect(await groups.remove(POD)).toBe(true)
    expect(files.directories().filter((path) => path.includes('podu'))).toEqual([])
    expect(await groups.childrenOf('/none')).toEqual([])
  })
})

describe('control groups of the second version', () => {
  it('are made below groups that hand all their controllers down, one by one, once', async () => {
    const files = new FakeControlGroups({ controllers: ['cpu', 'memory', 'pids'] })
    const groups = new ControlGroups(files)
    await groups.make(POD, limits)
    const opened = ['', '/kubepods', '/kubepods/burstable'].flatMap((group) =>
      ['cpu', 'memory', 'pids'].map((one) => `${ROOT}${group}/cgroup.subtree_control +${one}`),
    )
    const set = ['cpu.weight 59', 'cpu.max 50000 100000', 'memory.max 1000', 'pids.max 64']
    expect(files.written).toEqual([...opened, ...set.map((words) => `${ROOT}${POD}/${words}`)])
    files.written.length = 0
    await groups.make('/kubepods/burstable/podv', { quota: Infinity, memory: Infinity })
    expect(files.written).toEqual([
      `${ROOT}/kubepods/burstable/podv/cpu.max max 100000`,
      `${ROOT}/kubepods/burstable/podv/memory.max max`,
    ])
  })

  it('do without a controller that the kernel does not hand down', async () => {
    const files = new FakeControlGroups({ controllers: ['cpu', 'memory'], kept: ['cpu'] })
    await new ControlGroups(files).make(POD, limits)
    expect(files.written.filter((line) => line.includes('podu'))).toEqual([`${ROOT}${POD}/memory.max 1000`])
  })

  it('tell what else the kernel refuses', async () => {
    const files = new FakeControlGroups({ controllers: ['memory'], refused: ['memory.max'] })
    await expect(new ControlGroups(files).make(POD, limits)).rejects.toThrow('EINVAL')
  })
})

it('no limit is written in the words of each version', () => {
  const none = { quota: Infinity, memory: Infinity, processes: Infinity }
  expect(settingsOf(none, 1).map(({ value }) => value)).toEqual(['-1', '-1', 'max'])
  expect(settingsOf({}, 2)).toEqual([])
})

it('shares become weights on a curve through the default of both', () => {
  expect([1, 2, 102, 1024, 2048, 262_144, 300_000].map(weightOf)).toEqual([1, 1, 17, 100, 174, 10_000, 10_000])
})
