import type Docker from 'dockerode'
import { afterEach, describe, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { advance } from '../../src-kube/client/testing/advance.ts'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { Host } from '../host/index.ts'
import { NodePressure } from './node-pressure.ts'
import { containerLabels } from './plan/naming.ts'
import type { Observed } from './plan/observed.ts'

const MIB = 2 ** 20
const GIB = 2 ** 30
const stops: AbortController[] = []
afterEach(() => stops.splice(0).forEach((stop) => stop.abort()))

/** A node of a gibibyte and two pods, of which `b` uses more of everything. */
function arrange(config?: string) {
  const clock = new FakeClock()
  const stop = new AbortController()
  stops.push(stop)
  const state = {
    used: 100 * MIB,
    cached: 0,
    free: 50 * GIB,
    freedByImages: 0,
    freedByEnded: 0,
    order: [] as string[],
    told: [] as string[],
    turns: 0,
    processes: 100,
    graces: [] as unknown[],
    fails: false,
    /** What all pods together use and may use; undefined before there are any. */
    ofPods: undefined as { used: number; limit: number } | undefined,
  }
  const host = partial<Host>({
    facts: () => (state.fails ? Promise.reject(new Error('no facts')) : Promise.resolve({ memory: GIB })),
    readFile: (path: string) => {
      const small: Record<string, string | undefined> = {
        '/state/config.yaml': config,
        '/proc/sys/kernel/pid_max': '1000',
        '/proc/loadavg': `0.1 0.2 0.3 1/${state.processes} 77`,
        '/sys/fs/cgroup/docker/a/pids.current': '10',
        '/sys/fs/cgroup/docker/b/pids.current': '600',
        '/sys/fs/cgroup/kubepods/cpu.stat': state.ofPods && 'usage_usec 1',
        '/sys/fs/cgroup/kubepods/memory.current': state.ofPods && String(state.ofPods.used),
        '/sys/fs/cgroup/kubepods/memory.max': state.ofPods && String(state.ofPods.limit),
      }
      if (path in small || path.includes('/kubepods/')) {
        const text = small[path]
        return text === undefined
          ? Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' }))
          : Promise.resolve(text)
      }
      return Promise.resolve(
        path.endsWith('docker/b/memory.current')
          ? `${200 * MIB}`
          : path.endsWith('docker/a/memory.current')
            ? `${100 * MIB}`
            : path.endsWith('memory.current')
              ? `${state.used}\n`
              : `usage_usec 1\nactive_file ${state.cached}\n`,
      )
    },
    disk: () => Promise.resolve({ total: 100 * GIB, free: state.free, inodes: { total: 100, free: 50 } }),
    run: () => Promise.resolve({ stdout: '5\t/v', stderr: '' }),
  })
  const docker = partial<Docker>({
    listContainers: () =>
      Promise.resolve(
        ['a', 'b'].map((name) => ({
          Id: name,
          Labels: { [containerLabels.uid]: name, [containerLabels.container]: 'c' },
          Created: 0,
          Names: [],
        })),
      ),
    getContainer: (id: string) => ({
      inspect: () => Promise.resolve({ SizeRw: id === 'b' ? 20 : 10 }),
    }),
  })
  const workers = ['a', 'b'].map((name) => ({
    pod: {
      metadata: { name, uid: name },
      spec: { containers: [{ name: 'c' }], volumes: [{ name: 'v', emptyDir: {} }] },
    } as Pod,
    observed: [{ id: name, name: 'c', group: `/docker/${name}`, state: 'running' } as Observed],
    takesRoom: true,
    evict({ words, grace }: { words: string; grace?: number }) {
      this.takesRoom = false
      state.graces.push(grace)
      state.told.push(`${name}: ${words}`)
    },
  }))
  const pressure = new NodePressure({
    docker,
    host,
    clock,
    stateDirectory: '/state',
    logSize: () => Promise.resolve({ bytes: 0, inodes: 0 }),
    signal: stop.signal,
    workers: () => workers,
    removeEnded: () => {
      state.free += state.freedByEnded
      state.order.push('ended')
      return Promise.resolve()
    },
    removeImages: () => {
      state.order.push('images')
      return Promise.resolve((state.free += state.freedByImages))
    },
    reclaiming: (words) => void state.told.push(words),
    onChange: () => void state.turns++,
    log: (words) => void state.told.push(words),
  })
  pressure.start()
  return { clock, state, pressure }
}

describe('a node that runs low', () => {
  it('on memory that its owner leaves to pods evicts, though it has enough for itself', async () => {
    const { clock, state, pressure } = arrange()
    state.ofPods = { used: 300 * MIB, limit: 500 * MIB }
    await advance(clock, 10_000)
    expect([state.told, pressure.pressures.size]).toEqual([[], 0])
    state.ofPods.used = 450 * MIB
    await advance(clock, 10_000)
    expect([...pressure.pressures]).toEqual(['MemoryPressure'])
    expect(state.told.at(-1)).toContain('Threshold quantity: 100Mi, available: 50Mi.')
  })

  it('on memory evicts one pod at a look, the greediest first', async () => {
    const { clock, state, pressure } = arrange()
    await advance(clock, 100)
    expect([state.told, pressure.pressures.size]).toEqual([[], 0])
    state.used = 950 * MIB
    await advance(clock, 10_000)
    expect([...pressure.pressures]).toEqual(['MemoryPressure'])
    expect(state.told).toEqual([
      'Attempting to reclaim memory',
      'b: The node was low on resource: memory. Threshold quantity: 100Mi, available: 74Mi. Container c was using 200Mi, request is 0, has larger consumption of memory. ',
    ])
    await advance(clock, 20_000)
    expect(state.told.filter((words) => words.startsWith('a:'))).toHaveLength(1)
    expect(state.told.at(-1)).toBe('memory is short, and no pod may be evicted for it')
    expect(state.turns).toBe(1)
  })

  it('is not one whose memory is full of what it has read', async () => {
    const { clock, state, pressure } = arrange()
    state.used = 950 * MIB
    state.cached = 500 * MIB
    await advance(clock, 10_000)
    expect([state.told, pressure.pressures.size]).toEqual([[], 0])
  })

  it('on disk removes images first, and pods only when that is not enough', async () => {
    const { clock, state, pressure } = arrange()
    state.free = GIB
    state.freedByImages = 10 * GIB
    await advance(clock, 10_000)
    expect(state.told).toEqual(['Attempting to reclaim ephemeral-storage'])
    expect([...pressure.pressures]).toEqual(['DiskPressure'])
    state.freedByImages = 0
    state.free = GIB
    await advance(clock, 10_000)
    expect(state.told.at(-1)).toBe(
      'b: The node was low on resource: ephemeral-storage. Threshold quantity: 2Gi, available: 1Gi. Container c was using 20, request is 0, has larger consumption of ephemeral-storage. ',
    )
  })

  it('on processes evicts the pod that has most of them', async () => {
    const { clock, state, pressure } = arrange()
    state.processes = 960
    await advance(clock, 100)
    expect([...pressure.pressures]).toEqual(['PIDPressure'])
    expect(state.told).toEqual([
      'Attempting to reclaim pids',
      'b: The node was low on resource: pids. Threshold quantity: 50, available: 40. ',
    ])
    expect(state.graces).toEqual([undefined])
  })

  it('as its own configuration says waits with a soft threshold, and gives pods time', async () => {
    const { clock, state, pressure } = arrange(`
      evictionHard: { memory.available: 50Mi }
      evictionSoft: { memory.available: 20% }
      evictionSoftGracePeriod: { memory.available: 1m30s }
      evictionMaxPodGracePeriod: 60
      evictionPressureTransitionPeriod: 30s`)
    state.used = 900 * MIB
    await advance(clock, 80_000)
    expect([...pressure.pressures]).toEqual(['MemoryPressure'])
    expect(state.told).toEqual([])
    await advance(clock, 20_000)
    expect(state.told[0]).toBe('Attempting to reclaim memory')
    expect(state.graces[0]).toBe(60)
    state.used = 100 * MIB
    await advance(clock, 50_000)
    expect(pressure.pressures.size).toBe(0)
  })

  it('reclaims as much more as its configuration wants', async () => {
    const { clock, state } = arrange('evictionMinimumReclaim: { nodefs.available: 20Gi }')
    state.free = GIB
    state.freedByImages = 10 * GIB
    await advance(clock, 10_000)
    expect(state.told.some((words) => words.startsWith('b:'))).toBe(true)
  })

  it('with a configuration that cannot be meant goes by the defaults and says so', async () => {
    const { clock, state, pressure } = arrange('evictionSoft: { memory.available: 1Gi }')
    await advance(clock, 100)
    expect(state.told).toEqual([
      '/state/config.yaml: Error: grace period must be specified for the soft eviction threshold memory.available',
    ])
    expect(pressure.settings.thresholds).toHaveLength(6)
  })

  it('on disk removes what ended pods have left before images', async () => {
    const { clock, state } = arrange()
    state.free = GIB
    state.freedByEnded = 10 * GIB
    await advance(clock, 100)
    expect([state.order, state.told]).toEqual([['ended', 'images'], ['Attempting to reclaim ephemeral-storage']])
  })

  it('is looked at again when a look fails', async () => {
    const { clock, state } = arrange()
    state.fails = true
    await advance(clock, 20_000)
    expect(state.told).toContain('node pressure: no facts')
    state.fails = false
    state.used = GIB
    await advance(clock, 10_000)
    expect(state.told).toContain('Attempting to reclaim memory')
  })
})
