import { expect, it } from 'vitest'
import { kubeletConfig } from './configz.ts'

it('a node tells what it goes by', () => {
  const { kubeletconfig } = kubeletConfig({ clusterDns: '10.96.0.10', clusterDomain: 'cluster.local' })
  expect(kubeletconfig).toMatchObject({
    kind: 'KubeletConfiguration',
    clusterDNS: ['10.96.0.10'],
    imageGCHighThresholdPercent: 85,
    imageGCLowThresholdPercent: 80,
    maxPods: 110,
    podPidsLimit: -1,
    cgroupsPerQOS: true,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '10%', 'imagefs.available': '15%' },
  })
})
