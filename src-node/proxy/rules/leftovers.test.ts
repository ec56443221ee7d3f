import { describe, expect, it } from 'vitest'
import { iptablesRules } from './iptables.ts'
import { withoutProxy } from './leftovers.ts'
import { nftPieces } from './nftables/pieces.ts'

describe('withoutProxy', () => {
  it("takes out kube-proxy's chains and what leads into them, and leaves those of others", () => {
    const saved = [
      '*nat',
      ':PREROUTING ACCEPT [0:0]',
      ':KUBE-SERVICES - [0:0]',
      ':KUBE-SVC-AAAA - [0:0]',
      ':FLANNEL-POSTRTG - [0:0]',
      ':KUBE-OTHERS - [0:0]',
      '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      '-A PREROUTING -j KUBE-OTHERS',
      '-A POSTROUTING -j FLANNEL-POSTRTG',
      '-A KUBE-SERVICES -d 10.96.1.1/32 -p tcp -j KUBE-SVC-AAAA',
      'COMMIT',
    ].join('\n')
    expect(withoutProxy('nat', saved)).toBe(
      [
        '*nat',
        ':KUBE-SERVICES - [0:0]',
        ':KUBE-SVC-AAAA - [0:0]',
        '-D PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
        '-X KUBE-SERVICES',
        '-X KUBE-SVC-AAAA',
        'COMMIT',
        '',
      ].join('\n'),
    )
  })

  it('knows every chain that the iptables mode makes', () => {
    const rules = iptablesRules({ ports: [], hostPorts: [], clusterCidr: '10.244.0.0/16', dnsAddress: '10.96.0.10' })
    for (const table of ['nat', 'filter'] as const) {
      const chains = [...rules[table].keys()]
      const input = withoutProxy(table, chains.map((chain) => `:${chain} - [0:0]`).join('\n'))
      expect(input!.split('\n').filter((line) => line.startsWith('-X'))).toEqual(chains.map((chain) => `-X ${chain}`))
    }
  })

  it('has nothing to do in a table without them', () => {
    expect(withoutProxy('filter', '*filter\n:INPUT ACCEPT [0:0]\n:DRYDOCK-NP - [0:0]\nCOMMIT\n')).toBeUndefined()
  })
})

describe('nftPieces', () => {
  it('name each its option of the kernel', () => {
    expect(nftPieces.filter(({ name }) => !/\(CONFIG_[A-Z0-9_, ]+\)$/.test(name))).toEqual([])
  })
})
