import { describe, expect, it } from 'vitest'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import type { NetworkPolicyDocument, PolicyPort } from '../../../src-wire/node/network-policy.ts'
import { policyChains } from './chains.ts'
import { isOurChain, isOurSet, ruleChain, setName } from './names.ts'
import { chainsFound, restoreInput } from './restore.ts'
import { addressSets, setsInput } from './sets.ts'

const DNS_ADDRESS = '10.96.0.10'
const empty: NetworkPolicyDocument = { peers: {}, ports: {}, rules: {}, pods: [] }
const web = { ip: '10.244.1.2', name: 'default/web' }
const tcp = (first: number, last = first): PolicyPort => ({ protocol: 'TCP', range: [first, last] })
const out = (document: Partial<NetworkPolicyDocument>, { sets = true } = {}): string[] => {
  const pods = [{ ...web, egress: 'e' }]
  return policyChains({ ...empty, pods, ...document }, { sets, dnsAddress: DNS_ADDRESS }).get('DRYDOCK-NP-E-e')!
}
const into = (document: Partial<NetworkPolicyDocument>, { sets = true } = {}): string[] => {
  const pods = [{ ...web, ingress: 'i' }]
  return policyChains({ ...empty, pods, ...document }, { sets, dnsAddress: DNS_ADDRESS }).get('DRYDOCK-NP-I-i')!
}

describe('the chains of a document', () => {
  it('are none without isolated pods', () => {
    expect(policyChains(empty, { sets: true, dnsAddress: DNS_ADDRESS })).toEqual(new Map())
  })

  it('judge what pods send before what is sent to them, and leave alone what stands and what is nobody else', () => {
    const pods = [
      { ...web, ingress: 'i', egress: 'e' },
      { ip: '10.244.1.3', name: 'default/two', ingress: 'i' },
    ]
    const chains = policyChains({ ...empty, pods, rules: { i: [], e: [{}] } }, { sets: true, dnsAddress: DNS_ADDRESS })
    const standing = '-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN'
    expect(Object.fromEntries(chains)).toEqual({
      'DRYDOCK-NP': [
        standing,
        '-s 10.244.1.2/32 -d 10.244.1.2/32 -j RETURN',
        '-s 10.244.1.3/32 -d 10.244.1.3/32 -j RETURN',
        '-s 10.244.1.2/32 -m comment --comment "default/web" -g DRYDOCK-NP-E-e',
        '-g DRYDOCK-NP-IN',
      ],
      'DRYDOCK-NP-IN': [
        '-d 10.244.1.2/32 -m comment --comment "default/web" -g DRYDOCK-NP-I-i',
        '-d 10.244.1.3/32 -m comment --comment "default/two" -g DRYDOCK-NP-I-i',
      ],
      'DRYDOCK-NP-DNS': [standing, '-s 10.244.1.2/32 -m comment --comment "default/web" -g DRYDOCK-NP-E-e'],
      'DRYDOCK-NP-I-i': ['-j DROP'],
      'DRYDOCK-NP-E-e': ['-g DRYDOCK-NP-IN', '-j DROP'],
    })
  })

  it('deny all by rules that are not there', () => {
    expect(into({})).toEqual(['-j DROP'])
  })

  it('match each port with each set of peers', () => {
    const rule = { peers: ['a', 'b'], ports: [tcp(80), tcp(8000, 8080), { protocol: 'UDP' as const }] }
    expect(into({ rules: { i: [rule] } })).toEqual([
      '-p tcp -m tcp --dport 80 -m set --match-set drydock-np-a src -j RETURN',
      '-p tcp -m tcp --dport 80 -m set --match-set drydock-np-b src -j RETURN',
      '-p tcp -m tcp --dport 8000:8080 -m set --match-set drydock-np-a src -j RETURN',
      '-p tcp -m tcp --dport 8000:8080 -m set --match-set drydock-np-b src -j RETURN',
      '-p udp -m set --match-set drydock-np-a src -j RETURN',
      '-p udp -m set --match-set drydock-np-b src -j RETURN',
      '-j DROP',
    ])
  })

  it('allow nothing to a rule whose peers or ports are none', () => {
    expect(into({ rules: { i: [{ peers: [] }] } })).toEqual(['-j DROP'])
    expect(into({ rules: { i: [{ peers: ['a'] }] }, peers: { a: [] } }, { sets: false })).toEqual(['-j DROP'])
  })

  it('do without the match of SCTP, which many kernels lack', () => {
    expect(into({ rules: { i: [{ ports: [{ protocol: 'SCTP', range: [7, 9] }] }] } })[0]).toBe(
      '-p sctp -m multiport --dports 7:9 -j RETURN',
    )
  })

  it('find named ports by the address they are on', () => {
    const rules = { i: [{ peers: ['a'], ports: [{ protocol: 'TCP' as const, named: 'n' }] }] }
    const ports = { n: [{ ip: web.ip, port: 8080 }] }
    expect(into({ rules, ports })[0]).toBe(
      '-p tcp -m set --match-set drydock-np-n dst,dst -m set --match-set drydock-np-a src -j RETURN',
    )
    expect(into({ rules, ports, peers: { a: ['10.0.0.0/8'] } }, { sets: false })[0]).toBe(
      '-s 10.0.0.0/8 -d 10.244.1.2/32 -p tcp -m tcp --dport 8080 -j RETURN',
    )
  })

  it('without sets have a rule for each address, and for each named port that is among the peers', () => {
    const peers = { a: ['10.244.2.2', '192.168.0.0/16'] }
    const places = ['10.244.2.2', '10.244.2.3', '192.168.1.1'].map((ip) => ({ ip, port: 80 }))
    const named = { protocol: 'TCP' as const, named: 'n' }
    expect(out({ peers, rules: { e: [{ peers: ['a'] }] } }, { sets: false })).toEqual([
      '-d 10.244.2.2 -g DRYDOCK-NP-IN',
      '-d 192.168.0.0/16 -g DRYDOCK-NP-IN',
      '-j DROP',
    ])
    const ports = { n: places }
    expect(out({ peers, ports, rules: { e: [{ peers: ['a'], ports: [named] }] } }, { sets: false })).toEqual([
      '-d 10.244.2.2/32 -p tcp -m tcp --dport 80 -g DRYDOCK-NP-IN',
      '-d 192.168.1.1/32 -p tcp -m tcp --dport 80 -g DRYDOCK-NP-IN',
      '-j DROP',
    ])
    expect(out({ ports, rules: { e: [{ ports: [named] }] } }, { sets: false })).toHaveLength(4)
    expect(out({ rules: { e: [{ ports: [named] }] } }, { sets: false })).toEqual(['-j DROP'])
  })

  describe('for DNS that other nodes answer', () => {
    const asked = '-m conntrack --ctorigdst 10.96.0.10/32'
    const allowed = (ports: PolicyPort[] | undefined, peers: string[] | undefined, places: object[] = []): string[] => {
      const rule = { ...(ports ? { ports } : {}), ...(peers ? { peers } : {}) }
      const document = { peers: { d: [DNS_ADDRESS], w: ['10.96.0.0/16'], x: ['10.0.0.1'] }, rules: { e: [rule] } }
      return out({ ...document, ports: { n: partial(places) } }).filter((line) => line.includes('ctorigdst'))
    }

    it('go by the address that was asked for', () => {
      expect(allowed(undefined, ['d'])).toEqual([`${asked} -g DRYDOCK-NP-IN`])
      expect(allowed([{ protocol: 'UDP', range: [53, 53] }], ['w'])).toEqual([
        `-p udp -m udp --dport 53 ${asked} -g DRYDOCK-NP-IN`,
      ])
      expect(allowed([{ protocol: 'UDP' }], ['x', 'd'])).toEqual([`-p udp ${asked} -g DRYDOCK-NP-IN`])
    })

    it('need nothing where everybody may be asked, or DNS may not', () => {
      expect(allowed(undefined, undefined)).toEqual([])
      expect(allowed([tcp(53)], undefined)).toEqual([])
      expect(allowed([tcp(53)], ['x'])).toEqual([])
      expect(allowed([tcp(80), { protocol: 'SCTP', range: [53, 53] }], ['d'])).toEqual([])
      expect(allowed([tcp(53)], ['gone'])).toEqual([])
    })

    it('know its port by name', () => {
      const named: PolicyPort = { protocol: 'UDP', named: 'n' }
      expect(allowed([named], undefined, [{ ip: DNS_ADDRESS, port: 53 }])).toEqual([
        `-p udp -m udp --dport 53 ${asked} -g DRYDOCK-NP-IN`,
      ])
      expect(allowed([named], ['d'], [{ ip: web.ip, port: 53 }])).toEqual([])
      expect(allowed([{ protocol: 'UDP', named: 'gone' }], ['d'])).toEqual([])
    })
  })

  it('cut comments where iptables would refuse them', () => {
    const pods = [{ ip: '10.244.1.2', name: `a/${'b'.repeat(300)}`, ingress: 'i' }]
    const [rule] = policyChains({ ...empty, pods }, { sets: true, dnsAddress: DNS_ADDRESS }).get('DRYDOCK-NP-IN')!
    expect(/"(.*)"/.exec(rule!)![1]).toHaveLength(255)
  })

  it('have names within what the kernel allows', () => {
    expect(ruleChain('ingress', 'abcdef012345').length).toBeLessThanOrEqual(28)
    expect(`${setName('abcdef012345')}-new`.length).toBeLessThanOrEqual(31)
    expect(['DRYDOCK-NP', 'DRYDOCK-NP-I-x', 'DRYDOCK-DNS', 'DRYDOCK-NPX'].map(isOurChain)).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect([setName('a'), 'KUBE-SRC'].map(isOurSet)).toEqual([true, false])
  })
})

describe('the sets of a document', () => {
  const document: NetworkPolicyDocument = {
    peers: { a: ['10.244.1.2', '10.0.0.0/8'] },
    ports: { n: [{ ip: '10.244.1.2', port: 53 }], m: [] },
    rules: { i: [{ ports: [{ protocol: 'UDP', named: 'n' }, tcp(1)] }, {}] },
    pods: [{ ...web, ingress: 'i' }],
  }

  it('are of addresses, and of addresses with the port and protocol that rules know them by', () => {
    expect(Object.fromEntries(addressSets(document))).toEqual({
      'drydock-np-a': { type: 'hash:net', entries: ['10.244.1.2', '10.0.0.0/8'] },
      'drydock-np-n': { type: 'hash:ip,port', entries: ['10.244.1.2,udp:53'] },
      'drydock-np-m': { type: 'hash:ip,port', entries: [] },
    })
    expect(addressSets({ ...document, pods: [] }).size).toBe(0)
  })

  it('have room for all that a policy lists: one that is full would keep those of all others from being filled', () => {
    const networks = Array.from({ length: 1_100_000 }, () => '10.0.0.1/32')
    const input = setsInput(new Map([['drydock-np-a', { type: 'hash:net' as const, entries: networks }]]))!
    expect(input.slice(0, input.indexOf('\n'))).toBe('create drydock-np-a hash:net family inet maxelem 2097152')
  })

  it('are filled beside those in use, and only where they differ', () => {
    const sets = addressSets({ ...document, ports: {} })
    const input = [
      'create drydock-np-a hash:net family inet maxelem 1048576',
      'create drydock-np-a-new hash:net family inet maxelem 1048576',
      'flush drydock-np-a-new',
      'add drydock-np-a-new 10.244.1.2',
      'add drydock-np-a-new 10.0.0.0/8',
      'swap drydock-np-a drydock-np-a-new',
      'destroy drydock-np-a-new',
      '',
    ].join('\n')
    expect(setsInput(sets)).toBe(input)
    expect(setsInput(sets, sets)).toBeUndefined()
    expect(setsInput(sets, new Map([['drydock-np-a', undefined]]))).toBe(input)
    const fewer = { type: 'hash:net' as const, entries: ['10.244.1.2'] }
    expect(setsInput(sets, new Map([['drydock-np-a', fewer]]))).toBe(input)
    const others = { type: 'hash:net' as const, entries: ['10.244.1.2', '10.0.0.0/9'] }
    expect(setsInput(sets, new Map([['drydock-np-a', others]]))).toBe(input)
  })
})

describe('what is written', () => {
  const chains = new Map([
    ['DRYDOCK-NP', ['-g DRYDOCK-NP-IN']],
    ['DRYDOCK-NP-DNS', []],
    ['DRYDOCK-NP-I-x', ['-j DROP']],
  ])
  const forward = '-A FORWARD -m comment --comment "network policies" -j DRYDOCK-NP'
  const input = '-A INPUT -d 10.96.0.10/32 -m comment --comment "network policies" -j DRYDOCK-NP-DNS'
  const builtIns = (...rules: string[]) =>
    ['FORWARD', 'INPUT'].map((chain) => ({
      chain,
      saved: [`-P ${chain} ACCEPT`, ...rules.filter((rule) => rule.startsWith(`-A ${chain} `)), ''].join('\n'),
    }))

  it('is everything at first, with the jumps that lead to it', () => {
    expect(restoreInput(chains, new Map(), builtIns('-A FORWARD -j KUBE-FORWARD'), DNS_ADDRESS)).toBe(
      [
        '*filter',
        ':DRYDOCK-NP - [0:0]',
        ':DRYDOCK-NP-DNS - [0:0]',
        ':DRYDOCK-NP-I-x - [0:0]',
        '-A DRYDOCK-NP -g DRYDOCK-NP-IN',
        '-A DRYDOCK-NP-I-x -j DROP',
        '-I FORWARD 1 -m comment --comment "network policies" -j DRYDOCK-NP',
        '-I INPUT 1 -d 10.96.0.10/32 -m comment --comment "network policies" -j DRYDOCK-NP-DNS',
        'COMMIT',
        '',
      ].join('\n'),
    )
  })

  it('is nothing when nothing differs', () => {
    expect(restoreInput(chains, chains, builtIns(forward, input), DNS_ADDRESS)).toBeUndefined()
  })

  it('is the jump alone when others have come before it', () => {
    const saved = builtIns('-A FORWARD -j KUBE-FORWARD', forward, input)
    expect(restoreInput(chains, chains, saved, DNS_ADDRESS)).toBe(
      [
        '*filter',
        forward.replace('-A', '-D'),
        '-I FORWARD 1 -m comment --comment "network policies" -j DRYDOCK-NP',
        'COMMIT',
        '',
      ].join('\n'),
    )
  })

  it('is what changed and what is gone, in one transaction', () => {
    const before = new Map([...chains, ['DRYDOCK-NP-I-x', ['-j RETURN']], ['DRYDOCK-NP-I-y', ['-j DROP']]])
    expect(restoreInput(chains, before, builtIns(forward, input), DNS_ADDRESS)).toBe(
      [
        '*filter',
        ':DRYDOCK-NP-I-x - [0:0]',
        ':DRYDOCK-NP-I-y - [0:0]',
        '-A DRYDOCK-NP-I-x -j DROP',
        '-X DRYDOCK-NP-I-y',
        'COMMIT',
        '',
      ].join('\n'),
    )
  })

  it('takes the jumps away with the last chains', () => {
    const found = chainsFound('-P FORWARD ACCEPT\n-N DRYDOCK-NP\n-N KUBE-FORWARD\n-A FORWARD -j DRYDOCK-NP\n')
    expect(restoreInput(new Map(), found, builtIns('-A FORWARD -j DRYDOCK-NP'), DNS_ADDRESS)).toBe(
      ['*filter', ':DRYDOCK-NP - [0:0]', '-D FORWARD -j DRYDOCK-NP', '-X DRYDOCK-NP', 'COMMIT', ''].join('\n'),
    )
    expect(restoreInput(new Map(), new Map(), [], DNS_ADDRESS)).toBeUndefined()
  })
})
