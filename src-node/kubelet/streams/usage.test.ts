import type Dockerode from 'dockerode'
import { expect, it } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import type { MachineFacts } from '../../host/index.ts'
import { measurePods } from './usage.ts'

const PARENT = '/kubepods/podu'

/** A node of the second version of control groups; containers `[id, name, whether it is in its pod's group]` of one pod. */
function arrange(containers: ReadonlyArray<readonly [id: string, name: string, within: boolean]>) {
  const docker = partial<Dockerode>({
    listContainers: () =>
      Promise.resolve(
        containers.map(([Id, name, within]) => ({
          Id,
          Created: 7,
          Image: 'i',
          Names: [`/${Id}`],
          Labels: {
            'io.kubernetes.pod.uid': 'u',
            'io.kubernetes.pod.name': 'p',
            'io.kubernetes.pod.namespace': 'ns',
            'io.kubernetes.container.name': name,
            ...(within ? { 'dev.drydock.container.cgroup-parent': PARENT } : {}),
          },
        })),
      ),
  })
  const state = { micros: 10, limit: 'max' }
  const asked: string[] = []
  const host = {
    facts: () => Promise.resolve(partial<MachineFacts>({ memory: 10_000 })),
    readFile(path: string) {
      asked.push(path)
      if (path === '/proc/net/dev') return Promise.resolve('')
      if (path.endsWith('cpu.stat')) return Promise.resolve(`usage_usec ${state.micros}`)
      if (path.endsWith('memory.current')) return Promise.resolve(path.includes(`${PARENT}/memory`) ? '1000' : '300')
      if (path.endsWith('memory.max')) return Promise.resolve(state.limit)
      return Promise.resolve('inactive_file 100\nanon 50')
    },
  }
  return { docker, host, state, asked }
}

it('what a pod uses is what its control group has counted, also of containers that have ended', async () => {
  const { docker, host, state, asked } = arrange([
    ['box', 'POD', true],
    ['c', 'app', true],
  ])
  state.limit = '2000'
  const clock = new FakeClock()
  const measuring = measurePods({ docker, host }, { clock })
  await clock.advance(0)
  state.micros = 510
  await clock.advance(1000)
  const { pods, containers } = await measuring
  expect(pods.get('u')).toEqual({
    pod: { name: 'p', namespace: 'ns', uid: 'u' },
    group: PARENT,
    createdAt: 7000,
    cpu: 510_000,
    rate: 500_000,
    memory: 1000,
    workingSet: 900,
    rss: 50,
    pageFaults: 0,
    majorPageFaults: 0,
    limit: 2000,
  })
  expect(containers.find(({ name }) => name === 'app')).toMatchObject({ memory: 300, group: `${PARENT}/c` })
  // What counts for the pod need not be read for its sandbox.
  expect(asked.filter((path) => path.includes('/box/'))).toEqual([])
  const whole = await measurePods({ docker, host }, { sandboxes: true })
  expect(whole.containers.find(({ id }) => id === 'box')).toMatchObject({ memory: 300, limit: 2000 })
})

it('a pod some of whose containers were made without has what they use together', async () => {
  const { docker, host } = arrange([
    ['box', 'POD', false],
    ['c', 'app', true],
  ])
  const { pods, containers } = await measurePods({ docker, host })
  expect(pods.get('u')).toMatchObject({ group: undefined, memory: 600, workingSet: 400, limit: Infinity })
  expect(containers.map(({ group }) => group)).toEqual(['/docker/box', `${PARENT}/c`])
})
