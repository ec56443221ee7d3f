import { expect, it, test } from 'vitest'
import { defaultNodeSettings, nodeSettings } from './settings.ts'

it.each([undefined, null, {}, { seccompDefault: false, crashLoopBackOff: {} }])(
  'a node whose configuration says %j goes by what upstream does',
  (configuration) => {
    expect(nodeSettings(configuration)).toEqual(defaultNodeSettings)
  },
)

it('a node goes by what its configuration says', () => {
  const configuration = {
    staticPodPath: '/etc/kubelet.d',
    seccompDefault: true,
    allowedUnsafeSysctls: ['kernel.msg*', 'net.core.somaxconn'],
    crashLoopBackOff: { maxContainerRestartPeriod: '100s' },
    imagePullCredentialsVerificationPolicy: 'AlwaysVerify',
  }
  expect(nodeSettings(configuration)).toEqual({
    staticPodPath: '/etc/kubelet.d',
    seccompDefault: true,
    allowedUnsafeSysctls: ['kernel.msg*', 'net.core.somaxconn'],
    longestRestartWait: 100_000,
    imageVerification: 'AlwaysVerify',
  })
})

test.each([
  [{ imagePullCredentialsVerificationPolicy: 'Ask' }, 'is none of AlwaysVerify'],
  [{ staticPodPath: 5 }, 'staticPodPath: 5 is no text'],
  [{ allowedUnsafeSysctls: 'net.*' }, 'allowedUnsafeSysctls: "net.*" is no list'],
  [{ allowedUnsafeSysctls: ['vm.swappiness'] }, 'the sysctl "vm.swappiness" is not known to be namespaced'],
  [{ crashLoopBackOff: { maxContainerRestartPeriod: '10m' } }, 'must be between 1s and 300s'],
  [{ crashLoopBackOff: { maxContainerRestartPeriod: '2' } }, 'missing unit in duration'],
])('%j cannot be meant', (configuration, words) => {
  expect(() => nodeSettings(configuration)).toThrow(words)
})
