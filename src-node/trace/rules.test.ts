import { describe, expect, it } from 'vitest'
import { policyDrop } from './policy.ts'
import { parseRules, rulesTaken, type Sent } from './rules.ts'
import { FILTER, NAT, POLICY } from './testing/captured.ts'

const after = [...parseRules('nat', NAT), ...parseRules('filter', FILTER)]
/** The counters as they were before the packet took rules that match. */
const before = (...taken: RegExp[]) =>
  after.map((rule) =>
    taken.some((one) => one.test(`${rule.chain} ${rule.spec}`)) ? { ...rule, packets: rule.packets - 1 } : rule,
  )

const web: Sent = {
  protocol: 'tcp',
  address: '10.96.20.1',
  port: 80,
  endpoint: { address: '10.244.2.7', port: 8080 },
  own: ['172.28.0.11', '10.244.1.1'],
}
const chains = (seen: ReturnType<typeof rulesTaken>): string[] => seen.report.way.map(({ chain }) => chain)

describe('the way through the rules', () => {
  it('leads from the cluster IP to the endpoint that the entry names, with how much each counter grew', () => {
    const seen = rulesTaken(before(/default\/web/), after, web)
    expect(seen.report.way).toEqual([
      { table: 'nat', chain: 'KUBE-SERVICES', target: 'KUBE-SVC-0006A3259A797AC3', grew: 1 },
      { table: 'nat', chain: 'KUBE-SVC-0006A3259A797AC3', target: 'KUBE-SEP-000DU93I422HREOG', grew: 1 },
      { table: 'nat', chain: 'KUBE-SEP-000DU93I422HREOG', target: 'DNAT', grew: 1 },
    ])
    expect(seen.report.endpoint).toEqual(web.endpoint)
    expect(seen.lines[0]).toContain('[11 packets] -A KUBE-SERVICES -d 10.96.20.1/32')
    expect(seen.report).not.toHaveProperty('refusal')
  })

  it('leads from a node port too, on an address of the node', () => {
    const sent = { ...web, address: '172.28.0.11', port: 30080 }
    expect(chains(rulesTaken(after, after, sent))).toEqual([
      'KUBE-NODEPORTS',
      'KUBE-EXT-0006A3259A797AC3',
      'KUBE-SVC-0006A3259A797AC3',
      'KUBE-SEP-000DU93I422HREOG',
    ])
    expect(rulesTaken(after, after, { ...sent, address: '172.28.0.12' }).report.way).toEqual([])
  })

  it('is found by counters alone where the packet was dropped before it had an entry', () => {
    const { endpoint: _, ...sent } = web
    const seen = rulesTaken(before(/default\/web/), after, sent)
    expect(seen.report.endpoint).toEqual({ address: '10.244.2.7', port: 8080 })
    expect(chains(rulesTaken(after, after, sent))).toEqual(['KUBE-SERVICES'])
  })

  it('says whether a client was kept with its endpoint, or chosen one by chance', () => {
    const two: Sent = { ...web, address: '10.96.20.4' }
    const kept = rulesTaken(
      before(/default\/two cluster IP" -j KUBE-SVC/, /--rcheck.*000A6HI1/, /SEP-000A6.*DNAT/),
      after,
      two,
    )
    expect(kept.report.affinity).toEqual({ seconds: 10_800, kept: true })
    const chosen = rulesTaken(before(/two -> 10.244.2.7/, /SEP-000A6.*DNAT/), after, two)
    expect(chosen.report.affinity).toEqual({ seconds: 10_800, kept: false })
    expect(chosen.lines[1]).toContain('--mode random')
  })

  it('leads nowhere for an endpoint that no rule names, or another port or protocol', () => {
    expect(chains(rulesTaken(after, after, { ...web, endpoint: { address: '10.244.9.9', port: 1 } }))).toEqual([
      'KUBE-SERVICES',
    ])
    expect(rulesTaken(after, after, { ...web, port: 81 }).report).toEqual({ way: [] })
    expect(rulesTaken(after, after, { ...web, protocol: 'udp' }).report).toEqual({ way: [] })
  })

  it('ends where a service without endpoints refuses', () => {
    const { endpoint: _, ...sent } = { ...web, address: '10.96.20.2' }
    const seen = rulesTaken(before(/default\/empty/), after, sent)
    expect(seen.report).toEqual({
      way: [],
      refusal: { table: 'filter', chain: 'KUBE-SERVICES', target: 'REJECT', grew: 1 },
    })
    expect(seen.lines[0]).toContain('default/empty has no endpoints')
  })

  it('names the rule that replaced the source, when its counter grew', () => {
    const seen = rulesTaken(before(/FLANNEL.*MASQUERADE/), after, web)
    expect(seen.report.masquerade).toMatchObject({ chain: 'FLANNEL-POSTRTG' })
    expect(seen.masqueraded[0]).toContain('pods leave with the address of their node')
    expect(rulesTaken(after, after, web).report).not.toHaveProperty('masquerade')
  })

  it('knows nothing of counters that were set back', () => {
    const higher = after.map((rule) => ({ ...rule, packets: rule.packets + 5 }))
    expect(rulesTaken(higher, after, web).report.way[0]).not.toHaveProperty('grew')
  })
})

describe('a NetworkPolicy', () => {
  const rules = parseRules('filter', POLICY)
  const less = rules.map((rule) => ({ ...rule, packets: Math.max(0, rule.packets - 2) }))

  it('is told by the last rule of a chain that an end of the packet is sent to', () => {
    const found = policyDrop(less, rules, { source: '10.244.1.5', target: '10.244.2.7' })
    expect(found?.drop).toEqual({
      direction: 'egress',
      rule: { table: 'filter', chain: 'DRYDOCK-NP-E-aaaaaaaaaaaa', target: 'DROP', grew: 2 },
    })
    expect(found?.lines).toHaveLength(2)
  })

  it('of the receiver is told the same way', () => {
    const turned = POLICY.replaceAll('NP-E-', 'NP-I-').replace('-s 10.244.1.5', '-d 10.244.2.7')
    const found = policyDrop(
      less.map((rule) => ({ ...rule, ...parseRules('filter', turned)[less.indexOf(rule)], packets: 0 })),
      parseRules('filter', turned),
      {
        source: '10.244.1.5',
        target: '10.244.2.7',
      },
    )
    expect(found?.drop.direction).toBe('ingress')
  })

  it('is not blamed for what others sent, nor when nothing was dropped', () => {
    expect(policyDrop(less, rules, { source: '10.244.1.9' })).toBeUndefined()
    expect(policyDrop(rules, rules, { source: '10.244.1.5' })).toBeUndefined()
    expect(policyDrop(less, rules.slice(0, 2), { source: '10.244.1.5' })).toBeUndefined()
  })
})
