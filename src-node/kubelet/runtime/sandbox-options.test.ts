import { describe, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { hostNames, sandboxOptions } from './sandbox-options.ts'

const pod = (spec: Partial<Pod['spec']> = {}, name = 'web') =>
  ({ metadata: { name, namespace: 'ns', uid: 'u' }, spec: { containers: [], ...spec } }) as Pod
const facts = {
  image: 'pause',
  attempt: 3,
  group: '/kubepods/podu',
  clusterDomain: 'cluster.local',
  address: '10.244.1.7',
}
const made = (spec: Partial<Pod['spec']>, grants = { privileged: true, lowOomScore: true }, name?: string) =>
  sandboxOptions(pod(spec, name), facts, grants)

describe('the sandbox', () => {
  it('holds namespaces of its own', () => {
    expect(made({})).toMatchObject({
      name: 'k8s_POD_web_ns_u_3',
      Hostname: 'web',
      Labels: { 'dev.drydock.sandbox.address': '10.244.1.7', 'dev.drydock.container.cgroup-parent': '/kubepods/podu' },
      NetworkDisabled: true,
      HostConfig: {
        CgroupParent: '/kubepods/podu',
        NetworkMode: 'none',
        IpcMode: 'shareable',
        Sysctls: {},
        OomScoreAdj: -998,
      },
    })
    expect(made({}).HostConfig).not.toHaveProperty('PidMode')
    expect(made({}, { privileged: true, lowOomScore: false }).HostConfig?.OomScoreAdj).toBe(0)
  })

  it("holds the node's where the pod says so", () => {
    const shared = made({ hostNetwork: true, hostIPC: true, hostPID: true })
    expect(shared.HostConfig).toMatchObject({ NetworkMode: 'host', IpcMode: 'host', PidMode: 'host' })
    expect(shared).not.toHaveProperty('Hostname')
    expect(shared).not.toHaveProperty('NetworkDisabled')
  })

  it('is not made for a pod that wants users of its own', () => {
    expect(() => made({ hostUsers: false })).toThrow(
      "can't set `spec.hostUsers: false`, runtime does not support user namespaces",
    )
    expect(() => sandboxOptions(pod({ hostUsers: false }), { ...facts, runtime: 'kata' }, partial({}))).toThrow(
      'RuntimeClass handler "kata" does not support user namespaces',
    )
    expect(made({ hostUsers: true }).Hostname).toBe('web')
  })

  it("has the pod's kernel parameters", () => {
    const sysctls = [
      { name: 'kernel.shm_rmid_forced', value: '1' },
      { name: 'net/ipv4/tcp_syncookies', value: '0' },
    ]
    expect(made({ securityContext: { sysctls } }).HostConfig?.Sysctls).toEqual({
      'kernel.shm_rmid_forced': '1',
      'net.ipv4.tcp_syncookies': '0',
    })
  })

  it('is called as the pod overrides it, and then has no name in the DNS', () => {
    const spec = { hostnameOverride: 'me.example.org', hostname: 'h', subdomain: 'sub', setHostnameAsFQDN: true }
    expect(made(spec).Hostname).toBe('me.example.org')
    expect(hostNames(pod(spec), 'cluster.local')).toEqual({ name: 'me.example.org', full: undefined })
  })

  it('is called by its full name where the pod wants it, if the kernel can', () => {
    const named = { hostname: 'h', subdomain: 'sub', setHostnameAsFQDN: true }
    expect(made(named).Hostname).toBe('h.sub.ns.svc.cluster.local')
    expect(made({ ...named, setHostnameAsFQDN: false }).Hostname).toBe('h')
    expect(made({ setHostnameAsFQDN: true }).Hostname).toBe('web')
    const hostname = 'h'.repeat(63)
    expect(() => made({ ...named, hostname })).toThrow(
      `FQDN ${hostname}.sub.ns.svc.cluster.local is too long (64 characters is the max, 88 characters requested)`,
    )
  })

  it('is called by what fits of a long name', () => {
    const name = `${'a'.repeat(61)}.-b`
    expect(made({}, undefined, name).Hostname).toBe('a'.repeat(61))
    expect(hostNames(pod({}, name), 'x').full).toBeUndefined()
  })
})
