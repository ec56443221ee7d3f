import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { PodFiles } from './pod-files.ts'

const root = await mkdtemp(join(tmpdir(), 'pod-files-'))
afterAll(() => rm(root, { recursive: true }))

it('what a resolver is not told for want of room is told of once a pod', async () => {
  const told: string[] = []
  const files = new PodFiles({
    stateDirectory: root,
    clusterDns: '10.96.0.10',
    clusterDomain: 'cluster.local',
    host: { readFile: () => Promise.resolve('') },
    dnsLimited: (pod, words) => void told.push(`${pod.metadata.name}: ${words}`),
  })
  const dnsConfig = { nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3'] }
  const pod = partial<Pod>({
    metadata: { name: 'p', namespace: 'ns', uid: 'u' },
    spec: { containers: [], dnsConfig },
  })
  await files.write(pod, '10.244.0.2')
  await files.write(pod, '10.244.0.2')
  expect(told).toEqual([
    'p: Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.96.0.10 1.1.1.1 1.1.1.2',
  ])
})
