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
    enforceNodeAllocatable: ['pods'],
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '10%', 'imagefs.available': '15%' },
  })
})

it("tells what the node's owner has otherwise", () => {
  const settings = {
    staticPodPath: '/etc/kubelet.d',
    seccompDefault: true,
    allowedUnsafeSysctls: ['kernel.msg*'],
    longestRestartWait: 100_000,
    imageVerification: 'AlwaysVerify' as const,
  }
  const { kubeletconfig } = kubeletConfig({ clusterDns: '10.96.0.10', clusterDomain: 'cluster.local', settings })
  expect(kubeletconfig).toMatchObject({
    staticPodPath: '/etc/kubelet.d',
    seccompDefault: true,
    allowedUnsafeSysctls: ['kernel.msg*'],
    crashLoopBackOff: { maxContainerRestartPeriod: '1m40s' },
    imagePullCredentialsVerificationPolicy: 'AlwaysVerify',
  })
})

it('a node tells what its owner has it keep from pods, as it was written', () => {
  const said = { systemReserved: { memory: '1Gi' } }
  const reservation = { reserved: undefined, enforced: false, said }
  const { kubeletconfig } = kubeletConfig({ clusterDns: '10.96.0.10', clusterDomain: 'cluster.local', reservation })
  expect(kubeletconfig).toMatchObject({ enforceNodeAllocatable: ['none'], ...said })
})
