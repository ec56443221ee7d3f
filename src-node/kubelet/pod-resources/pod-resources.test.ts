import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { withSocket } from '../plugins/rpc/client.ts'
import { getAllocatable, getPod, listPods } from './messages.ts'
import type { DeviceFacts } from './plan.ts'
import { servePodResources } from './serve.ts'

const GPU = 'example.com/gpu'
const pod = partial<Pod>({
  metadata: { name: 'p', namespace: 'ns', uid: 'u' },
  spec: {
    resourceClaims: [{ name: 'nics', resourceClaimName: 'fast' }],
    initContainers: [{ name: 'init' }, { name: 'side', restartPolicy: 'Always' }],
    containers: [{ name: 'c', resources: { claims: [{ name: 'nics', request: 'nic' }] } }],
  },
})
const answer = { envs: {}, mounts: [], devices: [], annotations: {}, cdiDevices: [] }
const given = (container: string, ids: string[]) => ({ pod: 'u', container, resource: GPU, ids, answer })
const nic = { pool: 'n1', share: '' }
const facts: DeviceFacts = {
  assignments: [
    given('init', ['g0']),
    given('side', ['g1']),
    given('c', ['g0', 'gone']),
    { ...given('c', ['x']), pod: 'v' },
  ],
  claims: [
    {
      uid: 'k',
      name: 'fast',
      namespace: 'ns',
      pods: ['u'],
      drivers: {
        'nic.example.com': [
          { ...nic, device: 'nic-0', requests: ['nic'], cdiDevices: ['example.com/nic=0'] },
          { ...nic, device: 'nic-1', requests: ['other'], cdiDevices: [] },
        ],
      },
    },
  ],
  devices: new Map([
    [
      GPU,
      new Map([
        ['g0', { healthy: true, nodes: [1] }],
        ['g1', { healthy: false, nodes: [] }],
      ]),
    ],
  ]),
}
const device = (id: string, ...nodes: number[]) => ({
  resource: GPU,
  ids: [id],
  topology: nodes.length > 0 ? { nodes: nodes.map((node) => ({ id: node })) } : undefined,
})
const told = {
  name: 'p',
  namespace: 'ns',
  containers: [
    { name: 'side', devices: [device('g1')], dynamic: [] },
    {
      name: 'c',
      devices: [device('g0', 1), device('gone')],
      dynamic: [
        {
          claim: 'fast',
          namespace: 'ns',
          resources: [
            {
              cdiDevices: [{ name: 'example.com/nic=0' }],
              driver: 'nic.example.com',
              pool: 'n1',
              device: 'nic-0',
              share: '',
            },
          ],
        },
      ],
    },
  ],
}

it('monitors are told which containers have which devices, and what there is to be had', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pod-resources-'))
  const path = join(directory, 'kubelet.sock')
  const server = await servePodResources({ path, pods: () => [pod], facts: () => facts })
  const timeout = 5_000
  await withSocket(path, async (client) => {
    expect(await client.call(listPods, {}, { timeout })).toEqual({ pods: [told] })
    expect(await client.call(getPod, { name: 'p', namespace: 'ns' }, { timeout })).toEqual({ pod: told })
    await expect(client.call(getPod, { name: 'q', namespace: 'ns' }, { timeout })).rejects.toThrow(
      'rpc error: code = Unknown desc = pod q in namespace ns not found',
    )
    expect(await client.call(getAllocatable, {}, { timeout })).toEqual({ devices: [device('g0', 1)] })
  })
  server.stop()
  await rm(directory, { recursive: true })
})
