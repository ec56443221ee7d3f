import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import type { Pod } from '#types/core/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import { FakeTransport } from '../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { noDrivers } from '../csi/testing/no-drivers.ts'
import { createVolumes } from './index.ts'

const abort = new AbortController()
const stateDirectory = await mkdtemp(join(tmpdir(), 'volumes-'))
afterAll(async () => {
  abort.abort()
  await rm(stateDirectory, { recursive: true })
})

it('makes volumes, follows their objects, and takes them away', async () => {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const volumes = createVolumes({
    csi: noDrivers(),
    client: createClient(server),
    stateDirectory,
    memoryDirectory: `${stateDirectory}-memory`,
    nodeName: 'n1',
    nodeIp: '10.0.0.1',
    nodeFacts: { allocatable: () => Promise.resolve({ memory: '2Gi' }) },
    layersOf: (_pod, { reference }) => Promise.resolve(reference === 'one' ? ['/a'] : ['/c', '/b', '/a']),
    host: { run: () => Promise.resolve({ stdout: '', stderr: '' }), readFile: () => Promise.resolve('') },
    event: () => undefined,
    clock,
    signal: abort.signal,
    log: () => undefined,
  })
  const pod = partial<Pod>({
    metadata: { name: 'p', namespace: 'a', uid: 'u' },
    spec: {
      containers: [{ name: 'c', volumeMounts: ['v', 'e'].map((name) => ({ name, mountPath: `/${name}` })) }],
      volumes: [
        { name: 'v', configMap: { name: 'settings' } },
        { name: 'e', emptyDir: {} },
      ],
    },
  })
  await expect(volumes.setUp(pod, {})).rejects.toThrow('configmap "settings" not found')

  const settings = (level: string) => ({ metadata: { name: 'settings', namespace: 'a' }, data: { level } })
  server.put(refs.configMaps, settings('low'))
  const paths = await volumes.setUp(pod, {})
  expect(paths.get('e')).toBe(join(stateDirectory, 'pods/u/volumes/kubernetes.io~empty-dir/e'))
  const read = () => readFile(join(paths.get('v') ?? '', 'level'), 'utf8')
  expect(await read()).toBe('low')
  server.put(refs.configMaps, settings('high'))
  await vi.waitFor(async () => expect(await read()).toBe('high'))

  await volumes.tearDown('u')
  await expect(read()).rejects.toThrow('ENOENT')
})
