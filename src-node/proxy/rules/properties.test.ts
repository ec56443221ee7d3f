import type { Service } from '#types/core/v1'
import type { Endpoint, EndpointSlice } from '#types/discovery.k8s.io/v1'
import { expect, it } from 'vitest'
import { forSeeds, type Random } from '../../../src-kube/machinery/testing/random.ts'
import { iptablesRules, type Chains } from './iptables.ts'
import { servicePorts } from './model.ts'
import { dynamicChains } from './restore.ts'

const policies = ['Cluster', 'Local'] as const

function service(random: Random, i: number): Service {
  const ingress = random.chance(0.4) ? [{ ip: `192.0.2.${i}` }] : []
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `s${i}`, namespace: 'a', uid: `u${i}`, resourceVersion: '1' },
    spec: {
      clusterIP: `10.96.1.${i}`,
      ports: [{ name: 'p', port: 80, protocol: 'TCP', nodePort: random.chance(0.5) ? 30_000 + i : undefined }],
      internalTrafficPolicy: random.pick(policies),
      externalTrafficPolicy: random.pick(policies),
      sessionAffinity: random.pick(['None', 'ClientIP'] as const),
      externalIPs: random.chance(0.3) ? [`198.51.100.${i}`] : undefined,
      loadBalancerSourceRanges: random.chance(0.5) ? ['203.0.113.0/24'] : undefined,
    },
    status: { loadBalancer: { ingress } },
  }
}

function slice(random: Random): EndpointSlice {
  const conditions = () =>
    random.pick([{ ready: true }, { ready: false }, { ready: false, serving: true, terminating: true }])
  const endpoint = (): Endpoint => ({
    addresses: [`10.244.${random.int(0, 3)}.${random.int(2, 9)}`],
    nodeName: random.pick(['n1', 'n2']),
    conditions: conditions(),
  })
  const metadata = { name: 's', namespace: 'a', uid: 's', resourceVersion: '1' }
  const ports = [{ name: 'p', port: 8080, protocol: 'TCP' as const }]
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    addressType: 'IPv4',
    ports,
    endpoints: random.list(endpoint),
  }
}

const targets = (chains: Chains): Set<string> =>
  new Set([...chains.values()].flat().map((rule) => / ?-j (\S+)/.exec(rule)?.[1] ?? ''))

it('whatever the services, each rule leads to a chain that is there, and each chain of a service is led to', () => {
  forSeeds(200, (random) => {
    const ports = Array.from({ length: 4 }, (_, i) =>
      servicePorts(service(random, i + 1), [slice(random)], 'n1'),
    ).flat()
    const rules = iptablesRules({ ports, hostPorts: [], clusterCidr: '10.244.0.0/16', dnsAddress: '10.96.0.10' })
    for (const chains of [rules.nat, rules.filter]) {
      const led = targets(chains)
      expect([...led].filter((name) => name.startsWith('KUBE-') && !chains.has(name))).toEqual([])
      const dynamic = dynamicChains([...chains.keys()].map((name) => `:${name}`).join('\n'))
      expect(dynamic.filter((name) => !led.has(name))).toEqual([])
    }
  })
})

it('whatever the services, each address is either translated or refused, never both and never neither', () => {
  forSeeds(200, (random) => {
    const [port] = servicePorts(service(random, 1), [slice(random)], 'n1')
    const rules = iptablesRules({ ports: [port!], hostPorts: [], clusterCidr: '10.244.0.0/16', dnsAddress: '' })
    const match = `-d ${port!.clusterIp}/32 `
    const translated = rules.nat.get('KUBE-SERVICES')!.filter((rule) => rule.startsWith(match)).length
    const refused = rules.filter.get('KUBE-SERVICES')!.filter((rule) => rule.startsWith(match)).length
    expect(translated + refused).toBe(1)
    for (const ip of [...port!.externalIps, ...port!.balancerIps]) {
      const leads = rules.nat.get('KUBE-SERVICES')!.some((rule) => rule.startsWith(`-d ${ip}/32 `))
      const refuses = rules.filter.get('KUBE-EXTERNAL-SERVICES')!.find((rule) => rule.startsWith(`-d ${ip}/32 `))
      // With a local policy and no local endpoint both hold: pods and the node get through, all others are dropped.
      if (leads && refuses) expect(refuses).toMatch(/-j DROP$/)
      expect(leads || refuses !== undefined).toBe(true)
    }
  })
})
