import { describe, expect, it } from 'vitest'
import { networkModes } from './network-modes.ts'

describe('networkModes', () => {
  it('are those of kube-proxy and flannel when nobody asks for others', () => {
    expect(networkModes({})).toEqual({ proxyMode: 'iptables', ipvsScheduler: 'rr', flannelBackend: 'vxlan' })
  })

  it('stay as they were, but for what is asked for', () => {
    const had = networkModes({ proxyMode: 'nftables', flannelBackend: 'host-gw' })
    expect(networkModes({}, had)).toEqual(had)
    expect(networkModes({ proxyMode: 'ipvs', ipvsScheduler: 'lc' }, had)).toEqual({
      proxyMode: 'ipvs',
      ipvsScheduler: 'lc',
      flannelBackend: 'host-gw',
    })
  })

  it('of other names are refused, with those that there are', () => {
    expect(() => networkModes({ proxyMode: 'nftable' })).toThrow(
      expect.objectContaining({
        message: '--proxy-mode takes iptables, nftables or ipvs, not "nftable".',
        remedy: 'For example --proxy-mode nftables.',
      }),
    )
    expect(() => networkModes({ flannelBackend: 'wireguard' })).toThrow('takes vxlan or host-gw, not "wireguard"')
    expect(() => networkModes({ proxyMode: 'ipvs', ipvsScheduler: 'wrr' })).toThrow('takes rr, lc, dh, sh, sed or nq')
  })

  it('that others have and we have not are refused in one sentence', () => {
    expect(() => networkModes({ proxyMode: 'userspace' })).toThrow('removed from Kubernetes in 1.26')
    expect(() => networkModes({ flannelBackend: 'udp' })).toThrow('is not part of Drydock')
  })

  it('take a scheduler with ipvs alone', () => {
    expect(() => networkModes({ ipvsScheduler: 'lc' })).toThrow("this cluster's is iptables")
    expect(networkModes({ ipvsScheduler: 'sh' }, { proxyMode: 'ipvs' }).ipvsScheduler).toBe('sh')
  })
})
