import type Docker from 'dockerode'
import { afterEach, describe, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { advance } from '../../src-kube/client/testing/advance.ts'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import type { Host } from '../host/index.ts'
import { NodePressure } from './node-pressure.ts'
import { LABEL } from './plan/naming.ts'
import type { Observed } from './plan/observed.ts'

const MIB = 2 ** 20
const GIB = 2 ** 30
const stops: AbortController[] = []
afterEach(() => stops.splice(0).forEach((stop) => stop.abort()))

/** A node of a gibibyte and two pods, of which `b` uses more of everything. */
function arrange() {
  const clock = new FakeClock()
  const stop = new AbortController()
  stops.push(stop)
  const state = {
    used: 100 * MIB,
    cached: 0,
    free: 50 * GIB,
    freedByImages: 0,
    told: [] as string[],
    turns: 0,
    fails: false,
  }
  const host = {
    facts: () => (state.fails ? Promise.reject(new Error('no facts')) : Promise.resolve({ memory: GIB })),
    readFile: (path: string) =>
      Promise.resolve(
        path.endsWith('docker/b/memory.current')
          ? `${200 * MIB}`
          : path.endsWith('docker/a/memory.current')
            ? `${100 * MIB}`
            : path.endsWith('memory.current')
              ? `${state.used}\n`
              : `usage_usec 1\nactive_file ${state.cached}\n`,
      ),
    disk: () => Promise.resolve({ total: 100 * GIB, free: state.free, inodes: { total: 100, free: 50 } }),
    run: () => Promise.resolve({ stdout: '5\t/v', stderr: '' }),
  } as unknown as Host
  const docker = {
    listContainers: () =>
      Promise.resolve(
        ['a', 'b'].map((name) => ({ Id: name, Labels: { [LABEL.uid]: name, [LABEL.container]: 'c' }, Created: 0 })),
      ),
    getContainer: (id: string) => ({
      inspect: () => Promise.resolve({ SizeRw: id === 'b' ? 20 : 10 }),
    }),
  } as unknown as Docker
  const workers = ['a', 'b'].map((name) => ({
    pod: {
      metadata: { name, uid: name },
      spec: { containers: [{ name: 'c' }], volumes: [{ name: 'v', emptyDir: {} }] },
    } as unknown as Pod,
    observed: [{ id: name, name: 'c', state: 'running' } as Observed],
    takesRoom: true,
    evict({ words }: { words: string }) {
      this.takesRoom = false
      state.told.push(`${name}: ${words}`)
    },
  }))
  const pressure = new NodePressure({
    docker,
    host,
    clock,
    stateDirectory: '/state',
    signal: stop.signal,
    workers: () => workers,
    removeImages: () => Promise.resolve((state.free += state.freedByImages)),
    reclaiming: (words) => void state.told.push(words),
    onChange: () => void state.turns++,
    log: (words) => void state.told.push(words),
  })
  pressure.start()
  return { clock, state, pressure }
}

describe('a node that runs low', () => {
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
