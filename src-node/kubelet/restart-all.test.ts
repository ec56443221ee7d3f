import { expect, it, vi } from 'vitest'
import type { Pod, PodStatus } from '#types/core/v1'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { noDevices } from './devices/testing/no-devices.ts'
import type { Observed } from './plan/observed.ts'
import { defaultNodeSettings } from './plan/settings.ts'
import type { PodContext } from './pod-context.ts'
import { PodWorker } from './pod-worker.ts'

const rules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [88] } }]
const pod = {
  metadata: { name: 'p', namespace: 'd', uid: 'u' },
  spec: { restartPolicy: 'Never', containers: [{ name: 'main' }, { name: 'watcher', restartPolicyRules: rules }] },
  status: { startTime: '2026-01-01T00:00:00Z' },
} as Pod
const ran = (name: string, over: Partial<Observed>): Observed =>
  ({
    id: name,
    name,
    podUid: 'u',
    attempt: 0,
    hash: '',
    startedAt: '2026-01-01T00:00:01Z',
    error: '',
    ...over,
  }) as Observed

it('a pod that starts anew as a whole ends what runs at once, and says so', async () => {
  const observed = [
    ran('POD', { state: 'running', startedAt: '2026-01-01T00:00:00Z' }),
    ran('main', { state: 'running' }),
    ran('watcher', { state: 'exited', exitCode: 88, finishedAt: '2026-01-01T00:00:05Z' }),
  ]
  const [killed, events, statuses]: [string[], string[], PodStatus[]] = [[], [], []]
  const docker = { getContainer: (id: string) => ({ kill: () => Promise.resolve(void killed.push(id)) }) }
  const context = partial<PodContext>({
    devices: noDevices,
    settings: defaultNodeSettings,
    engine: { docker, up: true, ofPod: () => observed, look: () => Promise.resolve() },
    volumes: { setUp: () => Promise.resolve(new Map()), groupsOf: () => [] },
    prober: { start: () => undefined, stop: () => undefined },
    resizable: () => undefined,
    clock: new FakeClock(),
    sendStatus: (_pod: Pod, status: PodStatus) => Promise.resolve(Boolean(statuses.push(status))),
    event: (_about: unknown, type: string, reason: string) => void events.push(`${type} ${reason}`),
    log: () => undefined,
  })
  new PodWorker(pod, context).kick()
  await vi.waitFor(() => expect(killed).toEqual(['main']))
  expect(events).toEqual(['Normal Killing'])
  expect(statuses[0]).toMatchObject({ phase: 'Running' })
  expect(statuses[0]?.conditions?.find(({ type }) => type === 'AllContainersRestarting')?.status).toBe('True')
})
