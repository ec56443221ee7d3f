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
        message: '--proxy-mode takes iptables, nftables, ipvs or userspace, not "nftable".',
        remedy: 'For example --proxy-mode nftables.',
      }),
    )
    expect(() => networkModes({ flannelBackend: 'wireguard' })).toThrow('takes vxlan, host-gw or udp, not "wireguard"')
    expect(() => networkModes({ proxyMode: 'ipvs', ipvsScheduler: 'wrr' })).toThrow('takes rr, lc, dh, sh, sed or nq')
  })

  it('take a scheduler with ipvs alone', () => {
    expect(() => networkModes({ ipvsScheduler: 'lc' })).toThrow("this cluster's is iptables")
    expect(networkModes({ ipvsScheduler: 'sh' }, { proxyMode: 'ipvs' }).ipvsScheduler).toBe('sh')
  })
})
