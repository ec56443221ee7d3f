import { expect, it, vi } from 'vitest'
import type { Pod } from '#types/core/v1'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { noDevices } from './devices/testing/no-devices.ts'
import { defaultNodeSettings } from './plan/settings.ts'
import type { PodContext } from './pod-context.ts'
import { PodWorker } from './pod-worker.ts'
import { noGroups } from './runtime/testing/no-groups.ts'

const podOf = (metadata: object = {}): Pod =>
  partial<Pod>({
    metadata: { name: 'p', namespace: 'ns', uid: 'u', ...metadata },
    spec: { containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'v', emptyDir: {} }] },
    status: { phase: 'Failed', reason: 'Evicted' },
  })

/** A node on which a pod has ended whose volumes stand. */
function arrange() {
  const clock = new FakeClock()
  const done: string[] = []
  const tearDown = vi.fn<(uid: string) => Promise<void>>(async (uid) => void done.push(`volumes of ${uid}`))
  const context = partial<PodContext>({
    devices: noDevices,
    settings: defaultNodeSettings,
    engine: { up: true, ofPod: () => [] },
    volumes: { tearDown },
    files: { remove: async (uid: string) => void done.push(`files of ${uid}`) },
    groups: noGroups(),
    logs: { remove: () => Promise.resolve() },
    prober: { stop: () => undefined, stopLiveness: () => undefined },
    resizable: () => undefined,
    clock,
    sendStatus: () => Promise.resolve(true),
    deletePod: async () => void done.push('object'),
    finished: () => undefined,
    log: (message: string) => void done.push(message.split('\n')[0]!),
  })
  return { worker: new PodWorker(podOf(), context), tearDown, done, clock }
}

it('a pod that has ended lets its volumes go while it is kept, once', async () => {
  const { worker, done } = arrange()
  worker.kick()
  await vi.waitFor(() => expect(done).toEqual(['volumes of u']))
  worker.update(podOf({ resourceVersion: '2' }))
  worker.update(podOf({ resourceVersion: '3', deletionTimestamp: '2026-01-01T00:00:00Z' }))
  await vi.waitFor(() => expect(done).toEqual(['volumes of u', 'files of u', 'object']))
})

it('what holds a volume of an ended pod is tried again', async () => {
  const { worker, done, tearDown, clock } = arrange()
  tearDown.mockRejectedValueOnce(new Error('umount: target is busy'))
  worker.kick()
  await vi.waitFor(() => expect(done).toEqual(['pod ns/p: Error: umount: target is busy']))
  await clock.advance(60_000)
  await vi.waitFor(() => expect(done).toContain('volumes of u'))
})
