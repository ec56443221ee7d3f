import type { Pod } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { columns as facts } from '#generated/facts'
import type { KubeObject } from '../machinery/meta.ts'
import { formatApiVersion } from '../machinery/gvk.ts'
import { schemaOf } from '../machinery/schema/index.ts'
import { randomObject } from '../machinery/testing/random-object.ts'
import { forSeeds } from '../machinery/testing/random.ts'
import { summarisePod } from './core/pod-status.ts'
import { kinds } from './index.ts'

const now = Date.UTC(2026, 0, 1)

/** `Name:string:name:0` by `group resource`: the columns a 1.20 server sends. */
const documented = new Map<string, string[]>()
for (const line of facts.split('\n')) {
  if (line === '' || line.startsWith('#')) continue
  const [version = '', resource, name, type, format, priority] = line.split('\t')
  const key = `${version.includes('/') ? version.split('/')[0] : ''} ${resource}`
  documented.set(key, [...(documented.get(key) ?? []), `${name}:${type}:${format}:${priority}`])
}

/** What later versions changed: columns that came, by the one they stand before. */
const since120: Record<string, Array<[added: string, before: string | undefined]>> = {
  ' persistentvolumeclaims': [['VolumeAttributesClass:string:-:0', 'Age']],
  ' persistentvolumes': [['VolumeAttributesClass:string:-:0', 'Reason']],
  'batch jobs': [['Status:string:-:0', 'Completions']],
  'certificates.k8s.io certificatesigningrequests': [['RequestedDuration:string:-:0', 'Condition']],
  'storage.k8s.io csidrivers': [
    ['StorageCapacity:boolean:-:0', 'Modes'],
    ['TokenRequests:string:-:0', 'Modes'],
    ['RequiresRepublish:boolean:-:0', 'Modes'],
  ],
  'scheduling.k8s.io priorityclasses': [['PreemptionPolicy:string:-:0', undefined]],
}

function expected(key: string): string[] | undefined {
  const found = documented.get(key)
  if (!found) return undefined
  // "2 (5m ago)" is no number (1.22), and the age of a quota went to the end.
  if (key === ' pods') return found.map((column) => column.replace('Restarts:integer', 'Restarts:string'))
  if (key === ' resourcequotas') return [found[0]!, found[2]!, found[3]!, found[1]!]
  // FlowSchemas and levels are documented as of their first beta version, whose shares had another name.
  const result = found.map((column) => column.replace('AssuredConcurrencyShares', 'NominalConcurrencyShares'))
  for (const [added, before] of since120[key] ?? []) {
    const at = before === undefined ? result.length : result.findIndex((column) => column.startsWith(`${before}:`))
    result.splice(at, 0, added)
  }
  return result
}

describe('the table of', () => {
  const known = kinds.filter(({ group, plural }) => expected(`${group} ${plural}`))

  it.each(known)('$plural has the columns that kubectl users know', ({ group, plural, columns }) => {
    expect(
      columns.map(({ name, type, format, priority }) => `${name}:${type}:${format || '-'}:${priority ?? 0}`),
    ).toEqual(expected(`${group} ${plural}`))
  })

  // Upstream's columns of text whose cells are numbers all the same.
  const counted: Record<string, readonly string[]> = {
    ConfigMap: ['Data'],
    Deployment: ['Up-to-date', 'Available'],
    Secret: ['Data'],
    ServiceAccount: ['Secrets'],
  }
  const types = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean', date: 'string' }

  it.each(kinds)('$plural has a cell of the right type for each column, whatever the object', (descriptor) => {
    const { group, storageVersion, kind, columns, row } = descriptor
    const apiVersion = formatApiVersion(group, storageVersion)
    const schema = schemaOf(apiVersion, kind)
    forSeeds(10, (random) => {
      const object = { ...randomObject(random, schema), apiVersion, kind } as KubeObject
      // What the server gives every object, and validation demands.
      object.metadata = { ...object.metadata, name: 'x', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' }
      if (schema.fields.get('spec')?.type.kind === 'struct') object['spec'] ??= {}
      const cells = row(object, now)
      expect(cells).toHaveLength(columns.length)
      const fits = ({ name, type }: (typeof columns)[number], cell: unknown): boolean =>
        cell === null || typeof cell === (counted[kind]?.includes(name) ? 'number' : types[type])
      const wrong = columns.filter((column, i) => !fits(column, cells[i]))
      expect(wrong.map(({ name }) => name)).toEqual([])
    })
  })
})

describe('what a cell says more since 1.36', () => {
  const cells = (kind: string, object: object) =>
    kinds.find((one) => one.kind === kind)?.row({ metadata: { name: 'x' }, ...object } as KubeObject, now)

  it('the class of ingresses that name none is the default one', () => {
    const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' }
    expect(cells('IngressClass', { metadata: { name: 'x', annotations } })?.[0]).toBe('x (default)')
    expect(cells('IngressClass', {})?.[0]).toBe('x')
  })

  it("a node's kernel is told with the processors it is for", () => {
    const told = (nodeInfo?: object) => cells('Node', { status: { nodeInfo } })?.[8]
    expect(told({ kernelVersion: '6.8.0', architecture: 'amd64' })).toBe('6.8.0 (amd64)')
    expect([told({ kernelVersion: '6.8.0' }), told({ architecture: 'amd64' }), told()]).toEqual([
      '6.8.0',
      '<unknown>',
      '<unknown>',
    ])
  })
})

// kubernetes.io, "Pod Lifecycle": what kubectl prints in Status; reference: the server's printer of pods.
describe('the status of a pod', () => {
  const running = (more: object = {}) => ({ name: 'c', ready: true, restartCount: 0, state: { running: {} }, ...more })
  const terminated = (more: object) => running({ ready: false, state: { terminated: { exitCode: 0, ...more } } })
  const waiting = (reason: string) => running({ ready: false, state: { waiting: { reason } } })
  const init = [{ name: 'i' }, { name: 'j' }]
  const sidecar = [{ name: 'i', restartPolicy: 'Always' }]
  const summary = ({ spec = {}, status = {}, meta = {} }: { spec?: object; status?: object; meta?: object }) =>
    summarisePod(
      {
        metadata: { name: 'p', ...meta },
        spec: { containers: [{ name: 'c' }], ...spec },
        status: { phase: 'Running', ...status },
      } as Pod,
      now,
    )

  it.each<[string, string, Parameters<typeof summary>[0]]>([
    ['Pending', '0/1', { status: { phase: 'Pending' } }],
    [
      'SchedulingGated',
      '0/1',
      { status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', reason: 'SchedulingGated' }] } },
    ],
    ['Running', '1/1', { status: { containerStatuses: [running()] } }],
    ['Running', '0/1', { status: { containerStatuses: [running({ ready: false })] } }],
    ['ContainerCreating', '0/1', { status: { phase: 'Pending', containerStatuses: [waiting('ContainerCreating')] } }],
    ['CrashLoopBackOff', '0/1', { status: { containerStatuses: [waiting('CrashLoopBackOff')] } }],
    [
      'ImagePullBackOff',
      '1/2',
      { spec: { containers: [{}, {}] }, status: { containerStatuses: [waiting('ImagePullBackOff'), running()] } },
    ],
    ['Completed', '0/1', { status: { phase: 'Succeeded', containerStatuses: [terminated({ reason: 'Completed' })] } }],
    [
      'Error',
      '0/1',
      { status: { phase: 'Failed', containerStatuses: [terminated({ reason: 'Error', exitCode: 1 })] } },
    ],
    ['ExitCode:3', '0/1', { status: { containerStatuses: [terminated({ exitCode: 3 })] } }],
    ['Signal:9', '0/1', { status: { containerStatuses: [terminated({ signal: 9 })] } }],
    [
      'NotReady',
      '1/2',
      {
        spec: { containers: [{}, {}] },
        status: { containerStatuses: [terminated({ reason: 'Completed' }), running()] },
      },
    ],
    [
      'Running',
      '1/2',
      {
        spec: { containers: [{}, {}] },
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          containerStatuses: [terminated({ reason: 'Completed' }), running()],
        },
      },
    ],
    ['Evicted', '0/1', { status: { phase: 'Failed', reason: 'Evicted' } }],
    ['Terminating', '1/1', { meta: { deletionTimestamp: 'now' }, status: { containerStatuses: [running()] } }],
    [
      'Completed',
      '0/1',
      {
        meta: { deletionTimestamp: 'now' },
        status: { phase: 'Succeeded', containerStatuses: [terminated({ reason: 'Completed' })] },
      },
    ],
    ['Unknown', '0/1', { meta: { deletionTimestamp: 'now' }, status: { reason: 'NodeLost' } }],
    [
      'Init:0/2',
      '0/1',
      { spec: { initContainers: init }, status: { phase: 'Pending', initContainerStatuses: [running({ name: 'i' })] } },
    ],
    [
      'Init:1/2',
      '0/1',
      {
        spec: { initContainers: init },
        status: { phase: 'Pending', initContainerStatuses: [terminated({ name: 'i' }), waiting('PodInitializing')] },
      },
    ],
    [
      'Init:Error',
      '0/1',
      {
        spec: { initContainers: init },
        status: { phase: 'Pending', initContainerStatuses: [terminated({ exitCode: 1, reason: 'Error' })] },
      },
    ],
    [
      'Init:ExitCode:7',
      '0/1',
      {
        spec: { initContainers: init },
        status: { phase: 'Pending', initContainerStatuses: [terminated({ exitCode: 7 })] },
      },
    ],
    [
      'Init:Signal:15',
      '0/1',
      {
        spec: { initContainers: init },
        status: { phase: 'Pending', initContainerStatuses: [terminated({ exitCode: 143, signal: 15 })] },
      },
    ],
    [
      'Init:CrashLoopBackOff',
      '0/1',
      {
        spec: { initContainers: init },
        status: { phase: 'Pending', initContainerStatuses: [waiting('CrashLoopBackOff')] },
      },
    ],
    [
      'PodInitializing',
      '0/1',
      {
        spec: { initContainers: [{ name: 'i' }] },
        status: {
          phase: 'Pending',
          initContainerStatuses: [terminated({ name: 'i' })],
          containerStatuses: [waiting('PodInitializing')],
        },
      },
    ],
    [
      'Running',
      '2/2',
      {
        spec: { initContainers: sidecar },
        status: { initContainerStatuses: [running({ name: 'i', started: true })], containerStatuses: [running()] },
      },
    ],
    [
      'Running',
      '1/2',
      {
        spec: { initContainers: sidecar },
        status: {
          initContainerStatuses: [running({ name: 'i', started: true, ready: false })],
          containerStatuses: [running()],
        },
      },
    ],
    [
      'Init:0/1',
      '0/2',
      {
        spec: { initContainers: sidecar },
        status: { phase: 'Pending', initContainerStatuses: [running({ name: 'i', started: false })] },
      },
    ],
  ])('is %s with %s ready', (status, ready, given) => {
    const told = summary(given)
    expect([told.status, `${told.ready}/${told.total}`]).toEqual([status, ready])
  })

  it.each([
    ['0', [running()]],
    ['2', [running({ restartCount: 2 })]],
    ['2 (5m ago)', [running({ restartCount: 2, lastState: { terminated: { finishedAt: '2025-12-31T23:55:00Z' } } })]],
    [
      '3 (60s ago)',
      [
        running({ restartCount: 2, lastState: { terminated: { finishedAt: '2025-12-31T23:55:00Z' } } }),
        running({ restartCount: 1, lastState: { terminated: { finishedAt: '2025-12-31T23:59:00Z' } } }),
      ],
    ],
  ])('counts restarts: %s', (restarts, containerStatuses) => {
    expect(summary({ status: { containerStatuses } }).restarts).toBe(restarts)
  })

  it('counts the restarts of sidecars beside those of containers, and of init containers while they run', () => {
    const restarted = running({ name: 'i', started: true, restartCount: 4 })
    expect(
      summary({
        spec: { initContainers: sidecar },
        status: { initContainerStatuses: [restarted], containerStatuses: [running({ restartCount: 1 })] },
      }).restarts,
    ).toBe('5')
    expect(summary({ spec: { initContainers: init }, status: { initContainerStatuses: [restarted] } }).restarts).toBe(
      '4',
    )
    const over = { ...restarted, state: { terminated: { exitCode: 0 } } }
    expect(
      summary({
        spec: { initContainers: [{ name: 'i' }] },
        status: { initContainerStatuses: [over], containerStatuses: [running({ restartCount: 1 })] },
      }).restarts,
    ).toBe('1')
  })
})
