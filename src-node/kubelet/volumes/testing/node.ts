import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach } from 'vitest'
import type { Pod, Volume } from '#types/core/v1'
import { FakeTransport } from '../../../../src-kube/client/testing/fake-transport.ts'
import { createClient } from '../../../../src-kube/client/typed-client.ts'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { noDrivers } from '../../csi/testing/no-drivers.ts'
import { createVolumes } from '../index.ts'

/** Of this test file alone; gone after its last test. */
export const root = await mkdtemp(join(tmpdir(), 'pod-volumes-'))
afterAll(() => rm(root, { recursive: true }))
const stops: AbortController[] = []
afterEach(() => stops.splice(0).forEach((stop) => stop.abort()))
let serial = 0

/** A node with its own state, an API server, and tools that only remember what they were asked. */
export function makeNode() {
  const clock = new FakeClock()
  const server = new FakeTransport({ clock })
  const stop = new AbortController()
  stops.push(stop)
  const stateDirectory = join(root, String(++serial))
  const ran: string[] = []
  const logged: string[] = []
  const mounts: string[] = []
  const volumes = createVolumes({
    csi: noDrivers(),
    client: createClient(server),
    stateDirectory,
    memoryDirectory: `${stateDirectory}-memory`,
    nodeName: 'n1',
    nodeIp: '172.28.0.2',
    nodeFacts: { allocatable: () => Promise.resolve({ memory: '2Gi', cpu: '4' }) },
    layersOf: (_pod, { reference }) => Promise.resolve(reference === 'one' ? ['/a'] : ['/c', '/b', '/a']),
    host: {
      run(command, args) {
        ran.push([command, ...args].join(' ').replaceAll(stateDirectory, ''))
        return Promise.resolve({ stdout: '', stderr: '' })
      },
      readFile: () => Promise.resolve(mounts.map((path) => `tmpfs ${stateDirectory}${path} tmpfs rw\n`).join('')),
    },
    event: () => undefined,
    clock,
    signal: stop.signal,
    log: (message) => logged.push(message),
  })
  /** Tokens count up; each lives for an hour, or says otherwise. */
  const issued = { count: 0, seconds: 3600, fails: false }
  server.intercept = (call) => {
    if (call.subresource !== 'token') return undefined
    if (issued.fails) throw new Error('the server is away')
    const expirationTimestamp = formatTime(clock.now() + issued.seconds * 1000)
    return partial({ status: { token: `token-${++issued.count}`, expirationTimestamp } })
  }
  return { clock, server, stateDirectory, ran, logged, mounts, volumes, issued }
}

/** A pod whose init container mounts the one volume. */
export const podWith = (volume: Omit<Volume, 'name'>, spec: object = {}, metadata: object = {}) =>
  ({
    metadata: { name: 'p', namespace: 'a', uid: 'u', ...metadata },
    spec: {
      initContainers: [{ name: 'i', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
      containers: [{ name: 'c' }],
      volumes: [{ name: 'v', ...volume }],
      ...spec,
    },
  }) as Pod
/** In octal, as `stat` prints it. */
export const modeOf = async (...path: string[]) => ((await stat(join(...path))).mode & 0o7777).toString(8)
export const textOf = (...path: string[]) => readFile(join(...path), 'utf8')
