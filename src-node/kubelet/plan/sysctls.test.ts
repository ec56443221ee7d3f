import { expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { forbiddenSysctl, normalSysctl } from './sysctls.ts'

it.each([
  [[], {}, undefined],
  [['kernel.shm_rmid_forced', 'net.ipv4.tcp_syncookies'], {}, undefined],
  [['net/ipv4/tcp_syncookies'], {}, undefined],
  [['net.ipv4.tcp_syncookies', 'kernel.msgmax'], {}, 'forbidden sysctl: "kernel.msgmax" not allowlisted'],
  [
    ['net.ipv4.tcp_syncookies'],
    { hostNetwork: true },
    'forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled',
  ],
  [
    ['kernel.shm_rmid_forced'],
    { hostIPC: true },
    'forbidden sysctl: "kernel.shm_rmid_forced" not allowed with host ipc enabled',
  ],
])('%j in %j: %s', (names, spec, words) => {
  const sysctls = names.map((name) => ({ name, value: '1' }))
  const pod = partial<Pod>({ metadata: {}, spec: { containers: [], ...spec, securityContext: { sysctls } } })
  expect(forbiddenSysctl(pod)).toBe(words)
})

it('a pod without a word about them is taken', () => {
  expect(forbiddenSysctl(partial<Pod>({ metadata: {}, spec: { containers: [] } }))).toBeUndefined()
})

it('names are told apart by their first separator', () => {
  expect(normalSysctl('net.ipv4.conf.eth0/1.rp_filter')).toBe('net.ipv4.conf.eth0/1.rp_filter')
  expect(normalSysctl('net/ipv4/conf/eth0.1/rp_filter')).toBe('net.ipv4.conf.eth0/1.rp_filter')
  expect(normalSysctl('plain')).toBe('plain')
})
