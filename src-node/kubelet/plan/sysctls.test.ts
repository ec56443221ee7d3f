import { expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { forbiddenSysctl, isNamespaced, normalSysctl } from './sysctls.ts'

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

it.each([
  ['kernel.msgmax', ['kernel.msg*'], undefined],
  ['net/core/somaxconn', ['net.core.somaxconn'], undefined],
  ['net.core.somaxconn', ['net/core/*'], undefined],
  ['net.core.somaxconn2', ['net.core.somaxconn'], 'forbidden sysctl: "net.core.somaxconn2" not allowlisted'],
  ['vm.swappiness', ['kernel.msg*'], 'forbidden sysctl: "vm.swappiness" not allowlisted'],
])('%s where the node allows %j: %s', (name, allowed, words) => {
  const securityContext = { sysctls: [{ name, value: '1' }] }
  expect(forbiddenSysctl(partial<Pod>({ spec: { securityContext } }), allowed)).toBe(words)
})

it.each(['kernel.sem', 'kernel.shm*', 'kernel/msgmax', 'fs.mqueue.*', 'net.*'])('%s is of a pod alone', (pattern) => {
  expect(isNamespaced(pattern)).toBe(true)
})

it.each(['kernel.*', 'kernel.semaphore', 'vm.*', '*'])('%s is of the node', (pattern) => {
  expect(isNamespaced(pattern)).toBe(false)
})

it('a pod without a word about them is taken', () => {
  expect(forbiddenSysctl(partial<Pod>({ metadata: {}, spec: { containers: [] } }))).toBeUndefined()
})

it('names are told apart by their first separator', () => {
  expect(normalSysctl('net.ipv4.conf.eth0/1.rp_filter')).toBe('net.ipv4.conf.eth0/1.rp_filter')
  expect(normalSysctl('net/ipv4/conf/eth0.1/rp_filter')).toBe('net.ipv4.conf.eth0/1.rp_filter')
  expect(normalSysctl('plain')).toBe('plain')
})
