import { describe, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { advance } from '../../../src-kube/client/testing/advance.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { FakeControlGroups } from '../../host/testing/fake-control-groups.ts'
import type { Reservation } from '../plan/reserved.ts'
import { PodGroups } from './pod-groups.ts'

const ROOT = '/sys/fs/cgroup'
const MIB = 2 ** 20
const POD = '/kubepods/burstable/podu'

function arrange(files = new FakeControlGroups({ trees: ['cpu', 'memory', 'freezer'] })) {
  const clock = new FakeClock()
  const machine = { cpus: 2, memory: 1024 * MIB }
  const taking: Pod[] = []
  const logged: string[] = []
  const host = files.host(machine)
  const { signal } = new AbortController()
  const groups = new PodGroups({ host, clock, signal, taking: () => taking, log: (words) => logged.push(words) })
  const value = (path: string): string | undefined => files.valueOf(`${ROOT}${path}`)
  return { clock, machine, taking, logged, groups, files, value }
}

const pod = (cpu: string, uid = 'u', qosClass: 'Guaranteed' | 'Burstable' = 'Burstable'): Pod =>
  partial<Pod>({
    metadata: { name: uid, uid },
    spec: { containers: [{ name: 'c', resources: { limits: { cpu, memory: '64Mi' }, requests: { cpu } } }] },
    status: { qosClass },
  })

describe('control groups of pods', () => {
  it('stand in those of their class, which share the processors of the node', async () => {
    const { groups, value, clock, taking } = arrange()
    taking.push(pod('500m'), pod('250m', 'v'), pod('1', 'w', 'Guaranteed'))
    expect(await groups.settled(taking[0]!)).toBe(POD)
    await advance(clock, 1)
    expect(value('/cpu/kubepods/cpu.shares')).toBe('2048')
    expect(value('/memory/kubepods/memory.limit_in_bytes')).toBe(String(1024 * MIB))
    expect(value('/cpu/kubepods/burstable/cpu.shares')).toBe('768')
    expect(value('/cpu/kubepods/besteffort/cpu.shares')).toBe('2')
    expect(value(`/memory${POD}/memory.limit_in_bytes`)).toBe(String(64 * MIB))
  })

  it('limit processors only once the sandbox is there', async () => {
    const { groups, value } = arrange()
    expect(await groups.forSandbox(pod('500m'))).toBe(POD)
    expect(value(`/cpu${POD}/cpu.cfs_quota_us`)).toBe('-1')
    expect(await groups.settled(pod('500m'))).toBe(POD)
    expect(value(`/cpu${POD}/cpu.cfs_quota_us`)).toBe('50000')
    // Another sandbox of a pod that runs already.
    await groups.forSandbox(pod('500m'))
    expect(value(`/cpu${POD}/cpu.cfs_quota_us`)).toBe('50000')
  })

  it('are removed with their pods, whose part others then have', async () => {
    const { groups, value, clock, taking, files } = arrange()
    taking.push(pod('500m'))
    await groups.settled(taking[0]!)
    await advance(clock, 1)
    taking.length = 0
    await groups.remove(pod('500m'))
    await advance(clock, 1)
    expect(files.directories().filter((path) => path.includes('podu'))).toEqual([])
    expect(value('/cpu/kubepods/burstable/cpu.shares')).toBe('2')
  })

  it('that something still runs in go with a later look', async () => {
    const { groups, clock, files, logged, taking } = arrange()
    groups.start()
    taking.push(pod('1'), pod('1', 'other'))
    for (const one of taking) await groups.settled(one)
    files.busy.add(`${ROOT}/memory${POD}`)
    taking.shift()
    await groups.remove(pod('1'))
    expect(logged).toEqual([`control group ${POD} is still in use`])
    files.busy.clear()
    await advance(clock, 60_000)
    const left = files.directories().filter((path) => path.startsWith(`${ROOT}/memory/kubepods/burstable/`))
    expect(left).toEqual([`${ROOT}/memory/kubepods/burstable/podother`])
  })

  it('of pods that went while no agent was here go at its start, and nothing else does', async () => {
    const { groups, clock, files } = arrange()
    for (const path of ['/kubepods/podgone', '/kubepods/besteffort/podgone/left', '/kubepods/mine'])
      await files.makeDirectory(`${ROOT}/memory${path}`)
    groups.start()
    await advance(clock, 1)
    expect(files.directories().filter((path) => /gone|mine/.test(path))).toEqual([`${ROOT}/memory/kubepods/mine`])
  })

  it('follow the node when it is given more or less', async () => {
    const { groups, value, clock, machine } = arrange()
    groups.start()
    await groups.settled(pod('1'))
    machine.memory = 512 * MIB
    await advance(clock, 60_000)
    expect(value('/memory/kubepods/memory.limit_in_bytes')).toBe(String(512 * MIB))
  })

  it('cannot be made where the kernel does not let them, and are tried anew', async () => {
    const files = new FakeControlGroups({ trees: ['cpu'] })
    const { groups } = arrange(files)
    const state = { full: true }
    const host = {
      ...files.host({ cpus: 1, memory: MIB }),
      makeDirectory: (path: string) =>
        state.full ? Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })) : files.makeDirectory(path),
    }
    const { signal } = new AbortController()
    const options = { host, clock: new FakeClock(), signal, taking: () => [], log: () => undefined }
    const full = new PodGroups(options)
    await expect(full.settled(pod('1'))).rejects.toThrow('ENOSPC')
    state.full = false
    expect(await full.settled(pod('1'))).toBe(POD)
    expect(await groups.settled(pod('1'))).toBe(POD)
  })

  it('leave the node together what its owner has it keep for itself', async () => {
    const files = new FakeControlGroups({ trees: ['cpu', 'memory', 'pids'] })
    files.files.set('/proc/sys/kernel/pid_max', '1000\n').set('/proc/sys/kernel/threads-max', '5000\n')
    files.files.set('/proc/loadavg', '0.1 0.1 0.1 1/300 9\n')
    const clock = new FakeClock()
    const { signal } = new AbortController()
    const host = files.host({ cpus: 2, memory: 1024 * MIB })
    const given = { host, clock, signal, taking: () => [], log: () => undefined }
    const reserved = { milliCpu: 500, memory: 256 * MIB, storage: 0, processes: 100 }
    const limitsOf = async (reservation: Reservation): Promise<unknown[]> => {
      files.written.length = 0
      await new PodGroups({ ...given, reservation: Promise.resolve(reservation) }).settled(pod('1'))
      await advance(clock, 1)
      const names = ['cpu/kubepods/cpu.shares', 'memory/kubepods/memory.limit_in_bytes', 'pids/kubepods/pids.max']
      return names.map((name) => files.valueOf(`${ROOT}/${name}`))
    }
    expect(await limitsOf({ reserved, enforced: true, said: {} })).toEqual(['1536', String(768 * MIB), '900'])
    expect(await limitsOf({ reserved, enforced: false, said: {} })).toEqual(['2048', '-1', undefined])
    const tooMuch = { ...reserved, memory: 2048 * MIB }
    expect((await limitsOf({ reserved: tooMuch, enforced: true, said: {} }))[1]).toBe(String(1024 * MIB))
  })

  it('limit processes where the node says so', async () => {
    const files = new FakeControlGroups({ trees: ['pids'] })
    const host = files.host({ cpus: 1, memory: MIB })
    const { signal } = new AbortController()
    const given = { host, clock: new FakeClock(), signal, taking: () => [], log: () => undefined }
    await new PodGroups({ ...given, processes: Promise.resolve(100) }).settled(pod('1'))
    expect(files.valueOf(`${ROOT}/pids${POD}/pids.max`)).toBe('100')
    await new PodGroups({ ...given, processes: Promise.resolve(undefined) }).settled(pod('1', 'v'))
    expect(files.valueOf(`${ROOT}/pids${POD.replace('podu', 'podv')}/pids.max`)).toBeUndefined()
  })

  it('say what a pod was last given', async () => {
    const { groups } = arrange()
    expect(groups.memoryOf(pod('1'))).toBe(Infinity)
    await groups.settled(pod('1'))
    expect(groups.memoryOf(pod('1'))).toBe(64 * MIB)
  })
})
