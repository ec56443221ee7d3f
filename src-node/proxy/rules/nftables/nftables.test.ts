import { describe, expect, it } from 'vitest'
import type { ServicePort } from '../model.ts'
import { here, there, port } from '../testing/service-port.ts'
import { nftTable, type NftOptions, type NftTable } from './table.ts'
import { anew, nftInput, tableFound } from './transaction.ts'

const tableOf = (ports: ServicePort[], changes: Partial<NftOptions> = {}): NftTable =>
  nftTable({
    ports,
    hostPorts: [],
    clusterCidr: '10.244.0.0/16',
    serviceCidr: '10.96.0.0/16',
    dnsAddress: '10.96.0.10',
    nodeAddresses: ['172.28.0.11'],
    ...changes,
  })

const elements = (table: NftTable, name: string): Record<string, string> =>
  Object.fromEntries(table.collections.get(name)!.elements as Map<string, string>)
/** The chain of a kind of the one service. */
const named = (table: NftTable, kind: string): string[] =>
  [...table.chains.keys()].filter((name) => new RegExp(`^${kind}-[0-9A-V]{16}-`).test(name))
const rules = (table: NftTable, kind: string): readonly string[] | undefined =>
  table.chains.get(named(table, kind)[0] ?? '')?.rules
const chain = (table: NftTable, name: string): readonly string[] => table.chains.get(name)!.rules!
const SERVICE = /^goto service-[0-9A-V]{16}-shop\/web\/tcp\/http$/

describe('nftTable', () => {
  it('leads a cluster IP to its chain by one element, and spreads over its endpoints by even chance', () => {
    const table = tableOf([port()])
    expect(elements(table, 'service-ips')).toEqual({ '10.96.1.1 . tcp . 80': expect.stringMatching(SERVICE) })
    const [one, two] = named(table, 'endpoint')
    expect(rules(table, 'service')).toEqual([
      'ip daddr 10.96.1.1 tcp dport 80 ip saddr != 10.244.0.0/16 jump mark-for-masquerade',
      `numgen random mod 2 vmap { 0 : goto ${one}, 1 : goto ${two} }`,
    ])
    expect(elements(table, 'cluster-ips')).toEqual({ '10.96.1.1': '' })
  })

  it('needs no chance for one endpoint', () => {
    const table = tableOf([port({ id: 'shop/web', all: [here] })])
    expect(rules(table, 'service')?.at(-1)).toMatch(/^goto endpoint-\w{16}-shop\/web\/tcp\/__10\.244\.1\.2\/8080$/)
  })

  it('translates to the endpoint and masks a pod that reaches itself', () => {
    expect(rules(tableOf([port({ all: [here] })]), 'endpoint')).toEqual([
      'ip saddr 10.244.1.2 jump mark-for-masquerade',
      'meta l4proto tcp dnat to 10.244.1.2:8080',
    ])
  })

  it('refuses a service without endpoints at once, by every address and by node port', () => {
    const table = tableOf([port({ all: [], local: [], nodePort: 30_003, externalIps: ['192.0.2.1'] })])
    expect(elements(table, 'no-endpoint-services')).toEqual({
      '10.96.1.1 . tcp . 80': 'goto reject-chain',
      '192.0.2.1 . tcp . 80': 'goto reject-chain',
    })
    expect(elements(table, 'no-endpoint-nodeports')).toEqual({ 'tcp . 30003': 'goto reject-chain' })
    expect(elements(table, 'service-ips')).toEqual({})
    expect(named(table, '\\w+')).toEqual([])
  })

  it('answers a node port on the addresses of the node alone, with the source replaced', () => {
    const table = tableOf([port({ nodePort: 30_003 })])
    expect(elements(table, 'service-nodeports')).toEqual({ 'tcp . 30003': expect.stringMatching(/^goto external-/) })
    expect(elements(table, 'nodeport-ips')).toEqual({ '172.28.0.11': '' })
    expect(chain(table, 'services')[1]).toMatch(/^ip daddr @nodeport-ips .* @service-nodeports$/)
    expect(rules(table, 'external')).toEqual(['jump mark-for-masquerade', expect.stringMatching(SERVICE)])
  })

  it('keeps the source address with a local external policy, but for what the node itself sends', () => {
    const table = tableOf([port({ nodePort: 30_003, externalLocal: true })])
    expect(rules(table, 'external')).toEqual([
      expect.stringMatching(/^ip saddr 10\.244\.0\.0\/16 goto service-/),
      'fib saddr type local jump mark-for-masquerade',
      expect.stringMatching(/^fib saddr type local goto service-/),
      expect.stringMatching(/^goto local-/),
    ])
    expect(rules(table, 'local')).toEqual([expect.stringMatching(/^goto endpoint-.*__10\.244\.1\.2\/8080$/)])
  })

  it('drops traffic from outside where no endpoint is local; pods and the node still reach the others', () => {
    const table = tableOf([port({ nodePort: 30_003, externalLocal: true, all: [there], local: [] })])
    expect(elements(table, 'no-endpoint-nodeports')).toEqual({ 'tcp . 30003': 'drop' })
    expect(elements(table, 'service-nodeports')).toEqual({ 'tcp . 30003': expect.stringMatching(/^goto external-/) })
    expect(rules(table, 'external')).toHaveLength(3)
    expect(named(table, 'local')).toEqual([])
  })

  it('keeps traffic to the cluster IP on the node with a local internal policy, and drops it where nobody is', () => {
    const table = tableOf([port({ internalLocal: true })])
    expect(elements(table, 'service-ips')['10.96.1.1 . tcp . 80']).toMatch(/^goto local-/)
    expect(rules(table, 'local')?.[0]).toContain('ip saddr != 10.244.0.0/16 jump mark-for-masquerade')
    expect(named(table, 'service')).toEqual([])
    const nobody = tableOf([port({ internalLocal: true, all: [there], local: [] })])
    expect(elements(nobody, 'no-endpoint-services')).toEqual({ '10.96.1.1 . tcp . 80': 'drop' })
  })

  it('sends external traffic to the endpoints of all nodes also when the internal policy is local', () => {
    const table = tableOf([port({ internalLocal: true, nodePort: 30_003 })])
    expect(rules(table, 'external')?.at(-1)).toMatch(SERVICE)
    expect(rules(table, 'service')).toEqual([expect.stringContaining('10.244.2.2/8080')])
  })

  it('asks for the endpoint that a client has before chance, and notes it with its time', () => {
    const table = tableOf([port({ affinitySeconds: 10_800 })])
    const [endpoint] = named(table, 'endpoint')
    const set = endpoint!.replace('endpoint-', 'affinity-')
    expect(rules(table, 'service')?.[1]).toBe(`ip saddr @${set} goto ${endpoint}`)
    expect(rules(table, 'endpoint')?.[1]).toBe(`update @${set} { ip saddr timeout 10800s }`)
    expect(table.collections.get(set)).toMatchObject({ elements: 'kernel' })
  })

  it('lets only the allowed ranges reach a load balancer, and everybody external IPs', () => {
    const table = tableOf([
      port({ externalIps: ['192.0.2.1'], balancerIps: ['192.0.2.2'], sourceRanges: ['198.51.100.0/24'] }),
    ])
    expect(elements(table, 'firewall-ips')).toEqual({
      '192.0.2.2 . tcp . 80': expect.stringMatching(/^goto firewall-/),
    })
    expect(rules(table, 'firewall')).toEqual(['ip saddr 198.51.100.0/24 return', 'drop'])
    expect(Object.keys(elements(table, 'service-ips'))).toHaveLength(3)
    const open = tableOf([port({ balancerIps: ['192.0.2.2'] })])
    expect(elements(open, 'firewall-ips')).toEqual({})
  })

  it('has no firewall where ranges are but no load balancer', () => {
    expect(named(tableOf([port({ nodePort: 30_003, sourceRanges: ['198.51.100.0/24'] })]), 'firewall')).toEqual([])
  })

  it('gives an address and port that two services claim to the first', () => {
    const table = tableOf([port({ externalIps: ['192.0.2.1'] }), port({ id: 'shop/z', externalIps: ['192.0.2.1'] })])
    expect(elements(table, 'service-ips')['192.0.2.1 . tcp . 80']).toContain('shop/web')
  })

  it('leaves the DNS address alone: the node answers it itself', () => {
    const table = tableOf([port({ clusterIp: '10.96.0.10' })])
    expect(elements(table, 'service-ips')).toEqual({})
    expect(chain(table, 'cluster-ips-check')).toEqual([
      'ip daddr 10.96.0.10 return',
      'ip daddr @cluster-ips goto reject-chain',
      'ip daddr 10.96.0.0/16 drop',
    ])
  })

  it('leads host ports to their pod', () => {
    const hostPort = { hostIp: '', hostPort: 8081, protocol: 'TCP', podIp: '10.244.1.9', containerPort: 80 }
    const boundTo = (hostIp: string) => chain(tableOf([], { hostPorts: [{ ...hostPort, hostIp }] }), 'host-ports')
    expect(boundTo('')).toEqual([
      'ip saddr 10.244.1.9 fib daddr type local tcp dport 8081 jump mark-for-masquerade',
      'ip saddr 127.0.0.0/8 fib daddr type local tcp dport 8081 jump mark-for-masquerade',
      'fib daddr type local tcp dport 8081 dnat to 10.244.1.9:80',
    ])
    expect(boundTo('0.0.0.0')).toHaveLength(3)
    expect(boundTo('172.28.0.11')).toHaveLength(2)
    expect(boundTo('127.0.0.1')[1]).toMatch(/^ip saddr 127\.0\.0\.0\/8 ip daddr 127\.0\.0\.1 /)
  })

  it('keeps names within what tools show, and apart', () => {
    const long = (name: string) => port({ id: `${'n'.repeat(63)}/${name.repeat(63)}:${'p'.repeat(63)}`, all: [here] })
    const names = [...tableOf([long('a'), long('b'), { ...long('a'), protocol: 'udp' }]).chains.keys()]
    expect(names.every((name) => name.length <= 200)).toBe(true)
    expect(names.filter((name) => name.startsWith('endpoint-'))).toHaveLength(3)
  })
})

describe('nftInput', () => {
  const lines = (input: string | undefined, start: string): string[] =>
    (input ?? '').split('\n').filter((line) => line.startsWith(start))

  it('writes everything at first: what is named stands before what names it', () => {
    const { change, removal } = nftInput(tableOf([port({ affinitySeconds: 5 })]), undefined)
    const at = (start: string): number => change!.split('\n').findIndex((line) => line.startsWith(start))
    expect(at('add table ip kube-proxy')).toBe(0)
    expect(at('add map')).toBeLessThan(at('add chain'))
    expect(at('add chain')).toBeLessThan(at('add element'))
    expect(at('add element')).toBeLessThan(at('add rule'))
    expect(lines(change, 'flush')).toEqual([])
    expect(lines(change, 'add chain ip kube-proxy nat-prerouting')).toEqual([
      'add chain ip kube-proxy nat-prerouting { type nat hook prerouting priority -100; }',
    ])
    expect(removal).toBeUndefined()
  })

  it('writes nothing when nothing differs', () => {
    expect(nftInput(tableOf([port()]), tableOf([port()]))).toEqual({ change: undefined, removal: undefined })
  })

  it('rewrites the chain of a service that got an endpoint, and leaves the others and all elements alone', () => {
    const other = port({ id: 'shop/other', clusterIp: '10.96.1.9' })
    const { change, removal } = nftInput(tableOf([port(), other]), tableOf([port({ all: [here] }), other]))
    expect(lines(change, 'add chain')).toHaveLength(2)
    expect(lines(change, 'flush chain')).toEqual([expect.stringMatching(/ service-/)])
    expect(change).not.toMatch(/element|other/)
    expect(removal).toBeUndefined()
  })

  it('removes a service in two steps: its elements, then its chains, emptied first, and its sets', () => {
    const { change, removal } = nftInput(tableOf([]), tableOf([port({ all: [here], affinitySeconds: 5 })]))
    expect(change).toBe(
      [
        'add table ip kube-proxy',
        'delete element ip kube-proxy cluster-ips { 10.96.1.1 }',
        'delete element ip kube-proxy service-ips { 10.96.1.1 . tcp . 80 }',
        '',
      ].join('\n'),
    )
    expect(removal!.split('\n').map((line) => line.split('-')[0])).toEqual([
      'flush chain ip kube',
      'flush chain ip kube',
      'delete chain ip kube',
      'delete chain ip kube',
      'delete set ip kube',
      '',
    ])
  })

  it('moves an address from one chain to another at one stroke', () => {
    const { change } = nftInput(tableOf([port({ internalLocal: true })]), tableOf([port()]))
    expect(lines(change, 'delete element')).toEqual([
      'delete element ip kube-proxy service-ips { 10.96.1.1 . tcp . 80 }',
    ])
    expect(lines(change, 'add element')).toEqual([expect.stringMatching(/\{ 10\.96\.1\.1 \. tcp \. 80 : goto local-/)])
  })

  it('takes over what is listed of an earlier run: maps are filled anew, the sets of clients kept, the rest removed', () => {
    const wanted = tableOf([port({ affinitySeconds: 5 })])
    const sticky = [...wanted.collections.keys()].at(-1)!
    const listed = [
      'table ip kube-proxy {',
      '\tmap service-ips {',
      '\t\ttype ipv4_addr . inet_proto . inet_service : verdict',
      '\t}',
      `\tset ${sticky} {`,
      '\t\ttype ipv4_addr',
      '\t}',
      '\tset affinity-OLD {',
      '\t}',
      '\tchain services {',
      '\t\tip daddr 1.2.3.4 drop',
      '\t}',
      '\tchain endpoint-OLD {',
      '\t}',
      '}',
    ].join('\n')
    const { change, removal } = nftInput(wanted, tableFound(listed))
    expect(lines(change, 'flush')).toEqual([
      'flush chain ip kube-proxy services',
      'flush map ip kube-proxy service-ips',
    ])
    expect(lines(change, 'add map ip kube-proxy service-ips')).toEqual([])
    expect(change).not.toContain(`add set ip kube-proxy ${sticky}`)
    expect(removal).toBe(
      'flush chain ip kube-proxy endpoint-OLD\ndelete chain ip kube-proxy endpoint-OLD\ndelete set ip kube-proxy affinity-OLD\n',
    )
  })

  it('can make the table anew, whatever is in it', () => {
    expect(anew('add chain ip kube-proxy a\n').split('\n').slice(0, 2)).toEqual([
      'add table ip kube-proxy',
      'delete table ip kube-proxy',
    ])
  })
})
