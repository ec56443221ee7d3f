/** Devices as people deploy them, on a real node: a device plugin, a driver of claims, an agent that dies, and the end of it all. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Event, Node, Pod } from '#types/core/v1'
import { TestCluster } from '../helpers/cluster.ts'
import { eventually } from '../helpers/eventually.ts'
import { buildFixtureImage } from '../helpers/fixture-image.ts'
import { buildTestImages } from '../helpers/images.ts'

const cluster = new TestCluster('devices')
const manifests = (name: string): string => join(import.meta.dirname, '../fixtures/device-plugins', `${name}.yaml`)
const list = async <T>(...args: string[]): Promise<T[]> => (await cluster.json<{ items: T[] }>('get', ...args)).items
const environment = (pod: string): Promise<string> => cluster.k('exec', pod, '--', 'env')
const allocatable = async (): Promise<unknown> => (await list<Node>('nodes'))[0]?.status?.allocatable?.['test.dev/gpu']
const health = async (): Promise<Array<string | undefined>> => {
  const { status } = await cluster.json<Pod>('get', 'pod', 'gpus')
  const [given] = status?.containerStatuses?.[0]?.allocatedResourcesStatus ?? []
  return (given?.resources ?? []).map((one) => one.health)
}
let node = ''

beforeAll(async () => {
  buildTestImages()
  await buildFixtureImage('device-plugins', 'device-plugins:test')
  await cluster.drydock('up', '--nodes', '1', '--detach')
  node = (await list<Node>('nodes'))[0]!.metadata.name
  await cluster.k('apply', '-f', manifests('plugins'))
})
afterAll(() => cluster.delete())

describe('devices of a real node', () => {
  it('are offered by their plugins and drivers, and given to containers', async () => {
    await cluster.k('apply', '-f', manifests('pods'))
    await cluster.k('wait', 'pod/gpus', 'pod/claimer', 'pod/extended', '--for=condition=Ready', '--timeout=60s')
    expect(await allocatable()).toBe('3')
    const variables = await environment('gpus')
    for (const name of ['GPUS=gpu-2,gpu-1', 'CDI_GPU_1=yes', 'CDI_GPU_2=yes']) expect(variables).toContain(name)
    expect(variables).not.toContain('CDI_GPU_0')
    expect(await cluster.k('exec', 'gpus', '--', 'ls', '-l', '/dev/gpu-1', '/dev/plain-gpu-1')).toMatch(/1, +3.*1, +5/s)
    expect(await environment('claimer')).toMatch(/CHIP_\d=claimer-chip-/)
    expect(await environment('extended')).toMatch(/CHIP_\d=extended-/)
  })

  it('are told of to whoever asks', async () => {
    const { metadata } = (await list<Pod>('pods', '-n', 'kube-system', '-l', 'app=devices'))[0]!
    const plugin = ['-n', 'kube-system', 'exec', metadata.name, '-c', 'plugin', '--']
    const lines = (await cluster.k(...plugin, '/usr/bin/node', '/main.mjs', 'ask')).trim().split('\n').toSorted()
    expect(lines).toEqual([
      expect.stringMatching(/^claimer\/c: chip-/),
      expect.stringMatching(/^extended\/c: chip-/),
      'gpus/c: gpu-1',
      'gpus/c: gpu-2',
    ])
    await cluster.onNode(node, 'sh', '-c', 'echo gpu-1 >/var/run/cdi/sick')
    await eventually('the device that fails', health, (found) => found.join() === 'Healthy,Unhealthy')
    expect(await allocatable()).toBe('2')
    await cluster.onNode(node, 'rm', '/var/run/cdi/sick')
  })

  it('stay with those who have them when the agent dies', async () => {
    await cluster.onNode(node, 'pkill', '-f', 'agent.mjs')
    await eventually(
      'a plugin that is back',
      () => cluster.k('-n', 'kube-system', 'logs', 'daemonset/devices', '-c', 'plugin'),
      (lines) => lines.split('registered').length > 2,
    )
    await eventually('devices that are well', health, (found) => found.join() === 'Healthy,Healthy')
    await eventually('devices to be had', allocatable, (found) => found === '3')
    const limits = { limits: { 'test.dev/gpu': '2' } }
    const containers = [{ name: 'c', image: 'busybox', imagePullPolicy: 'IfNotPresent', resources: limits }]
    const overrides = JSON.stringify({ spec: { nodeName: node, containers } })
    await cluster.k('run', 'late', '--image=busybox', `--overrides=${overrides}`)
    const { status } = await eventually(
      'the pod that came late',
      () => cluster.json<Pod>('get', 'pod', 'late'),
      (found) => found.status?.phase === 'Failed',
    )
    expect([status?.reason, status?.message]).toEqual([
      'UnexpectedAdmissionError',
      'Pod was rejected: Allocate failed due to requested number of devices unavailable for test.dev/gpu. Requested: 2, Available: 1, which is unexpected',
    ])
  })

  it('are taken back at the end of their pods, and the node’s no more without those who offer them', async () => {
    await cluster.k('delete', 'pod', 'gpus', 'extended', 'claimer', 'late', '--timeout=60s')
    const { stdout } = await cluster.onNode(node, 'ls', '/var/run/cdi')
    expect(stdout.trim()).toBe('gpus.json')
    await cluster.k('delete', '-n', 'kube-system', 'daemonset', 'devices')
    await eventually('devices that are gone', allocatable, (found) => found === '0')
    await cluster.k('apply', '-f', manifests('pods'))
    const waits = await eventually(
      'a pod that waits for its driver',
      () => list<Event>('events', '--field-selector', 'reason=FailedPrepareDynamicResources'),
      (found) => found.length > 0,
    )
    expect(waits[0]?.message).toBe(
      'Failed to prepare dynamic resources: prepare dynamic resources: DRA driver chips.test.dev is not registered',
    )
    await cluster.k('delete', '-f', manifests('pods'), '--timeout=60s')
  })
})
