import { describe, expect, it } from 'vitest'
import type { Service } from '#types/core/v1'
import type { Endpoint, EndpointSlice } from '#types/discovery.k8s.io/v1'
import { conntrackArguments, staleFlows, staleHostFlows } from './conntrack.ts'
import { chainHash } from './hash.ts'
import { iptablesRules, type RuleSet } from './iptables.ts'
import { servicePorts } from './model.ts'
import { dynamicChains, restoreInput } from './restore.ts'

const metadata = { name: 'web', namespace: 'shop', uid: '1', resourceVersion: '1' }

function service(spec: Partial<Service['spec']> = {}): Service {
  const base = { clusterIP: '10.96.1.1', ports: [{ name: 'http', port: 80, protocol: 'TCP' as const }] }
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { ...base, ...spec } }
}

function slice(endpoints: Endpoint[], protocol: 'TCP' | 'UDP' = 'TCP'): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, name: 'web-abc' },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol }],
    endpoints,
  }
}

const here: Endpoint = { addresses: ['10.244.1.2'], nodeName: 'n1', conditions: { ready: true } }
const there: Endpoint = { addresses: ['10.244.2.2'], nodeName: 'n2', conditions: { ready: true } }
const rulesFor = (s: Service, slices: EndpointSlice[]): RuleSet =>
  iptablesRules({
    ports: servicePorts(s, slices, 'n1'),
    hostPorts: [],
    clusterCidr: '10.244.0.0/16',
    dnsAddress: '10.96.0.10',
  })
const chain = (rules: RuleSet, prefix: string): string[] =>
  [...rules.nat].find(([name]) => name.startsWith(prefix))?.[1] ?? []

describe('servicePorts', () => {
  it('has none for headless and external-name services', () => {
    expect(servicePorts(service({ clusterIP: 'None' }), [], 'n1')).toEqual([])
    expect(servicePorts(service({ type: 'ExternalName', clusterIP: undefined }), [], 'n1')).toEqual([])
  })

  it('leaves services to the proxy that they name', () => {
    for (const label of ['service.kubernetes.io/service-proxy-name', 'service.kubernetes.io/headless']) {
      const other = { ...service(), metadata: { ...metadata, labels: { [label]: '' } } }
      expect(servicePorts(other, [slice([here])], 'n1')).toEqual([])
    }
  })

  it('takes ready endpoints once, sorted, and says which are local', () => {
    const unready: Endpoint = { addresses: ['10.244.3.3'], conditions: { ready: false } }
    const [port] = servicePorts(service(), [slice([there, here, unready]), slice([here])], 'n1')
    expect(port?.all).toEqual([
      { ip: '10.244.1.2', port: 8080, local: true },
      { ip: '10.244.2.2', port: 8080, local: false },
    ])
  })

  it('falls back to endpoints that serve while they terminate when none is ready', () => {
    const draining: Endpoint = {
      addresses: ['10.244.3.3'],
      conditions: { ready: false, serving: true, terminating: true },
    }
    const dead: Endpoint = {
      addresses: ['10.244.3.4'],
      conditions: { ready: false, serving: false, terminating: true },
    }
    expect(servicePorts(service(), [slice([draining, dead])], 'n1')[0]?.all.map((e) => e.ip)).toEqual(['10.244.3.3'])
  })

  it('knows which endpoints are on this node, and which policies keep traffic there', () => {
    const [port] = servicePorts(
      service({ type: 'NodePort', externalTrafficPolicy: 'Local' }),
      [slice([here, there])],
      'n1',
    )
    expect(port).toMatchObject({ internalLocal: false, externalLocal: true })
    expect(port?.all).toHaveLength(2)
    expect(port?.local.map((e) => e.ip)).toEqual(['10.244.1.2'])
    expect(servicePorts(service({ internalTrafficPolicy: 'Local' }), [], 'n1')[0]).toMatchObject({
      internalLocal: true,
      externalLocal: false,
    })
  })

  it('lets a node whose last endpoint terminates serve local traffic with it, while others are ready (KEP-1669)', () => {
    const leaving: Endpoint = { ...here, conditions: { ready: false, serving: true, terminating: true } }
    const [port] = servicePorts(service(), [slice([leaving, there])], 'n1')
    expect(port?.all.map((e) => e.ip)).toEqual(['10.244.2.2'])
    expect(port?.local.map((e) => e.ip)).toEqual(['10.244.1.2'])
  })

  it('believes the slice that calls an endpoint ready when another one says that it terminates', () => {
    const leaving: Endpoint = { ...here, conditions: { ready: false, serving: true, terminating: true } }
    for (const slices of [
      [slice([leaving]), slice([here])],
      [slice([here]), slice([leaving])],
    ])
      expect(servicePorts(service(), [...slices, slice([there])], 'n1')[0]?.all).toHaveLength(2)
  })

  it('ignores slices of other address types and ports of other names or protocols', () => {
    const ipv6 = { ...slice([here]), addressType: 'IPv6' as const }
    expect(servicePorts(service(), [ipv6, slice([here], 'UDP')], 'n1')[0]?.all).toEqual([])
  })

  it('takes load-balancer addresses unless a proxy stands before them', () => {
    const lb = service({ type: 'LoadBalancer', externalIPs: ['192.0.2.1'] })
    lb.status = {
      loadBalancer: { ingress: [{ ip: '192.0.2.2' }, { ip: '127.0.0.1', ipMode: 'Proxy' }, { hostname: 'x' }] },
    }
    expect(servicePorts(lb, [], 'n1')[0]).toMatchObject({ externalIps: ['192.0.2.1'], balancerIps: ['192.0.2.2'] })
  })
})

describe('iptablesRules', () => {
  it('spreads a cluster IP over its endpoints by even chance', () => {
    const third: Endpoint = { addresses: ['10.244.3.2'], nodeName: 'n3' }
    const balancer = chain(rulesFor(service(), [slice([here, there, third])]), 'KUBE-SVC-')
    expect(balancer[0]).toContain('! -s 10.244.0.0/16 -d 10.96.1.1/32 -p tcp -m tcp --dport 80')
    expect(balancer.slice(1).map((rule) => /--probability ([\d.]+)/.exec(rule)?.[1])).toEqual([
      '0.33333333333',
      '0.50000000000',
      undefined,
    ])
  })

  it('translates to the endpoint and masks a pod that reaches itself', () => {
    const endpoint = chain(rulesFor(service(), [slice([here])]), 'KUBE-SEP-')
    expect(endpoint[0]).toContain('-s 10.244.1.2/32')
    expect(endpoint[0]).toContain('-j KUBE-MARK-MASQ')
    expect(endpoint[1]).toContain('-j DNAT --to-destination 10.244.1.2:8080')
  })

  it('refuses a service without endpoints at once, by cluster IP and by node port', () => {
    const rules = rulesFor(service({ type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: 30_003 }] }), [])
    expect(rules.filter.get('KUBE-SERVICES')?.[0]).toContain('REJECT --reject-with icmp-port-unreachable')
    expect(rules.filter.get('KUBE-EXTERNAL-SERVICES')?.[0]).toContain('--dport 30003')
    expect([...rules.nat.keys()].some((name) => name.startsWith('KUBE-SVC'))).toBe(false)
  })

  it('answers a node port on every address of the node, with the source replaced', () => {
    const rules = rulesFor(service({ type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: 30_003 }] }), [
      slice([here]),
    ])
    expect(rules.nat.get('KUBE-NODEPORTS')?.[0]).toContain('--dport 30003')
    expect(chain(rules, 'KUBE-EXT-')[0]).toContain('-j KUBE-MARK-MASQ')
    expect(rules.nat.get('KUBE-SERVICES')?.at(-1)).toContain('-j KUBE-NODEPORTS')
  })

  const nodePort = { type: 'NodePort' as const, ports: [{ name: 'http', port: 80, nodePort: 30_003 }] }

  it('keeps the source address with a local external policy, but for what the node itself sends', () => {
    const spec = { ...nodePort, externalTrafficPolicy: 'Local' as const }
    const rules = rulesFor(service(spec), [slice([here, there])])
    const svc = [...rules.nat.keys()].find((name) => name.startsWith('KUBE-SVC-'))
    const svl = [...rules.nat.keys()].find((name) => name.startsWith('KUBE-SVL-'))
    expect(chain(rules, 'KUBE-EXT-')).toEqual([
      `-s 10.244.0.0/16 -m comment --comment "shop/web:http pod traffic" -j ${svc}`,
      '-m comment --comment "shop/web:http masquerade traffic of the node" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ',
      `-m comment --comment "shop/web:http traffic of the node" -m addrtype --src-type LOCAL -j ${svc}`,
      `-j ${svl}`,
    ])
    expect(chain(rules, 'KUBE-SVL-')).toEqual([expect.stringContaining('10.244.1.2:8080')])
  })

  it('drops traffic from outside where no endpoint is local; pods and the node still reach the others', () => {
    const spec = { ...nodePort, externalTrafficPolicy: 'Local' as const }
    const rules = rulesFor(service(spec), [slice([there])])
    expect(rules.filter.get('KUBE-EXTERNAL-SERVICES')).toEqual([expect.stringMatching(/no local endpoints" -j DROP$/)])
    expect(rules.nat.get('KUBE-NODEPORTS')?.[0]).toContain('--dport 30003')
    expect(chain(rules, 'KUBE-EXT-')).toHaveLength(3)
    expect(chain(rules, 'KUBE-SVC-').join('\n')).toContain('10.244.2.2:8080')
  })

  it('rejects traffic from outside when there is no endpoint anywhere, local policy or not', () => {
    const spec = { ...nodePort, externalTrafficPolicy: 'Local' as const }
    expect(rulesFor(service(spec), []).filter.get('KUBE-EXTERNAL-SERVICES')).toEqual([
      expect.stringMatching(/has no endpoints" -j REJECT --reject-with icmp-port-unreachable$/),
    ])
  })

  it('keeps traffic to the cluster IP on the node with a local internal policy, and drops it where nobody is', () => {
    const spec = { internalTrafficPolicy: 'Local' as const }
    const rules = rulesFor(service(spec), [slice([here, there])])
    expect(rules.nat.get('KUBE-SERVICES')?.[0]).toMatch(/-j KUBE-SVL-/)
    expect(chain(rules, 'KUBE-SVL-')).toHaveLength(2)
    expect(chain(rules, 'KUBE-SVC-')).toEqual([])
    expect(rulesFor(service(spec), [slice([there])]).filter.get('KUBE-SERVICES')).toEqual([
      expect.stringMatching(/no local endpoints" -j DROP$/),
    ])
  })

  it('sends external traffic to the endpoints of all nodes also when the internal policy is local', () => {
    const rules = rulesFor(service({ ...nodePort, internalTrafficPolicy: 'Local' }), [slice([here, there])])
    expect(chain(rules, 'KUBE-SVC-').join('\n')).toContain('10.244.2.2:8080')
    expect(chain(rules, 'KUBE-SVL-').join('\n')).not.toContain('10.244.2.2:8080')
    expect(chain(rules, 'KUBE-EXT-').at(-1)).toMatch(/^-j KUBE-SVC-/)
  })

  it('remembers a client for its affinity, before chance is asked', () => {
    const rules = rulesFor(service({ sessionAffinity: 'ClientIP' }), [slice([here, there])])
    expect(chain(rules, 'KUBE-SVC-')[1]).toContain('--rcheck --seconds 10800 --reap --rsource')
    expect(chain(rules, 'KUBE-SEP-')[1]).toContain('--set --rsource')
  })

  it('lets only the allowed ranges reach a load balancer, and everybody external IPs', () => {
    const spec = {
      type: 'LoadBalancer' as const,
      externalIPs: ['192.0.2.1'],
      loadBalancerSourceRanges: ['198.51.100.0/24'],
    }
    const lb = service(spec)
    lb.status = { loadBalancer: { ingress: [{ ip: '192.0.2.2' }] } }
    const rules = rulesFor(lb, [slice([here])])
    const leading = (ip: string) => rules.nat.get('KUBE-SERVICES')?.find((rule) => rule.includes(ip))
    expect(leading('192.0.2.1')).toMatch(/-j KUBE-EXT-/)
    expect(leading('192.0.2.2')).toMatch(/-j KUBE-FW-/)
    expect(chain(rules, 'KUBE-FW-')).toEqual([expect.stringMatching(/^-s 198\.51\.100\.0\/24 .* -j KUBE-EXT-/)])
    expect(rules.filter.get('KUBE-PROXY-FIREWALL')).toEqual([expect.stringMatching(/^-d 192\.0\.2\.2\/32 .* -j DROP$/)])
  })

  it('admits everybody to a load balancer without ranges, and refuses all when nobody is there', () => {
    const lb = service({ type: 'LoadBalancer' })
    lb.status = { loadBalancer: { ingress: [{ ip: '192.0.2.2' }] } }
    const rules = rulesFor(lb, [slice([here])])
    expect(rules.nat.get('KUBE-SERVICES')?.[1]).toMatch(/^-d 192\.0\.2\.2\/32 .* -j KUBE-EXT-/)
    expect(rules.filter.get('KUBE-PROXY-FIREWALL')).toEqual([])
    expect(rulesFor(lb, []).filter.get('KUBE-EXTERNAL-SERVICES')).toEqual([expect.stringContaining('192.0.2.2')])
  })

  it('leaves the DNS address alone: the node answers it itself', () => {
    const rules = rulesFor(service({ clusterIP: '10.96.0.10' }), [])
    expect(rules.filter.get('KUBE-SERVICES')).toEqual([])
  })

  it('leads host ports to their pod', () => {
    const hostPorts = [{ hostIp: '', hostPort: 8081, protocol: 'TCP', podIp: '10.244.1.9', containerPort: 80 }]
    const rules = iptablesRules({ ports: [], hostPorts, clusterCidr: '10.244.0.0/16', dnsAddress: '10.96.0.10' })
    const match =
      '-p tcp -m tcp --dport 8081 -m addrtype --dst-type LOCAL -m comment --comment "host port of 10.244.1.9:80"'
    expect(rules.nat.get('KUBE-HOSTPORTS')).toEqual([
      `-s 10.244.1.9/32 ${match} -j KUBE-MARK-MASQ`,
      `-s 127.0.0.0/8 ${match} -j KUBE-MARK-MASQ`,
      `${match} -j DNAT --to-destination 10.244.1.9:80`,
    ])
    const boundTo = (hostIp: string) =>
      iptablesRules({ ports: [], hostPorts: [{ ...hostPorts[0]!, hostIp }], clusterCidr: '', dnsAddress: '' }).nat.get(
        'KUBE-HOSTPORTS',
      )
    expect(boundTo('172.28.0.11')).toHaveLength(2)
    expect(boundTo('172.28.0.11')?.[1]).toContain('-d 172.28.0.11/32')
    expect(boundTo('127.0.0.1')?.[1]).toContain('-s 127.0.0.0/8 -d 127.0.0.1/32')
  })

  it('lets nobody outside send to loopback addresses, which it routes', () => {
    const rules = iptablesRules({ ports: [], hostPorts: [], clusterCidr: '', dnsAddress: '' })
    expect(rules.filter.get('KUBE-FIREWALL')).toEqual([
      expect.stringMatching(/^! -s 127\.0\.0\.0\/8 -d 127\.0\.0\.0\/8 .* -j DROP$/),
    ])
  })
})

describe('restoreInput', () => {
  it('writes everything at first, then only chains that changed', () => {
    const one = rulesFor(service(), [slice([here])])
    const two = rulesFor(service(), [slice([here, there])])
    expect(
      restoreInput(one)
        ?.split('\n')
        .filter((line) => line === 'COMMIT'),
    ).toHaveLength(2)
    const change = restoreInput(two, one)!
    expect(change).toContain('KUBE-SVC-')
    expect(change).not.toContain(':KUBE-POSTROUTING')
    expect(change).not.toContain('*filter')
    expect(restoreInput(one, rulesFor(service(), [slice([here])]))).toBeUndefined()
  })

  it('deletes chains of services that are gone, also those of an earlier run', () => {
    const one = rulesFor(service(), [slice([here])])
    const none = iptablesRules({ ports: [], hostPorts: [], clusterCidr: '10.244.0.0/16', dnsAddress: '10.96.0.10' })
    const gone = restoreInput(none, one, ['KUBE-SEP-OLD'])!
      .split('\n')
      .filter((line) => line.startsWith('-X'))
    expect(gone).toHaveLength(3)
    expect(gone).toContain('-X KUBE-SEP-OLD')
  })

  it('finds its own chains in what the kernel has', () => {
    expect(dynamicChains('*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\n:KUBE-SEP-A - [0:0]\n-A X')).toEqual([
      'KUBE-SEP-A',
    ])
  })
})

describe('staleFlows', () => {
  const udp = (endpoints: Endpoint[], nodePort?: number) =>
    servicePorts(
      service({ ports: [{ name: 'http', port: 53, protocol: 'UDP', nodePort }] }),
      [slice(endpoints, 'UDP')],
      'n1',
    )

  it('forgets UDP flows to endpoints that left, by cluster IP and by node port', () => {
    const flows = staleFlows(udp([here, there], 30_053), udp([here], 30_053))
    expect(flows.map(conntrackArguments)).toEqual([
      ['-D', '-p', 'udp', '--orig-dst', '10.96.1.1', '--dst-nat', '10.244.2.2'],
      ['-D', '-p', 'udp', '--dport', '30053', '--dst-nat', '10.244.2.2'],
    ])
  })

  it('forgets flows to external addresses too, and to local endpoints that others no longer use', () => {
    const lb = (endpoints: Endpoint[]) =>
      servicePorts(
        service({ externalIPs: ['192.0.2.1'], ports: [{ name: 'http', port: 53, protocol: 'UDP' }] }),
        [slice(endpoints, 'UDP')],
        'n1',
      )
    const leaving: Endpoint = { ...here, conditions: { ready: false, serving: true, terminating: true } }
    expect(staleFlows(lb([here, there]), lb([leaving, there]))).toEqual([])
    expect(staleFlows(lb([leaving, there]), lb([there])).map((flow) => flow.address)).toEqual([
      '10.96.1.1',
      '192.0.2.1',
    ])
  })

  it('forgets flows that nobody answered once somebody does, and those of deleted services; TCP never', () => {
    expect(staleFlows(udp([]), udp([here])).map(conntrackArguments)).toEqual([
      ['-D', '-p', 'udp', '--orig-dst', '10.96.1.1'],
    ])
    expect(staleFlows([], udp([here]))).toHaveLength(1)
    expect(staleFlows([], udp([]))).toEqual([])
    expect(staleFlows(udp([here]), [])).toHaveLength(1)
    expect(staleFlows(servicePorts(service(), [slice([here])], 'n1'), [])).toEqual([])
  })
})

describe('staleHostFlows', () => {
  const port = (podIp: string, protocol = 'UDP') => ({
    hostIp: '',
    hostPort: 5353,
    protocol,
    podIp,
    containerPort: 53,
  })

  it('forgets UDP flows to the pod that had the port, and those from before', () => {
    expect(staleHostFlows([port('10.244.1.2')], [port('10.244.1.3')]).map(conntrackArguments)).toEqual([
      ['-D', '-p', 'udp', '--dport', '5353', '--dst-nat', '10.244.1.2'],
      ['-D', '-p', 'udp', '--dport', '5353'],
    ])
    expect(staleHostFlows([port('10.244.1.2')], [port('10.244.1.2')])).toEqual([])
    expect(staleHostFlows([], [port('10.244.1.2', 'TCP')])).toEqual([])
  })
})

describe('chainHash', () => {
  it('is sixteen characters, the same every time and different for different names', () => {
    expect(chainHash('a/b:c/tcp')).toMatch(/^[0-9A-V]{16}$/)
    expect(chainHash('a')).toBe(chainHash('a'))
    expect(chainHash('a')).not.toBe(chainHash('b'))
  })
})
