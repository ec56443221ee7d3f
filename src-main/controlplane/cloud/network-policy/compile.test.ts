import { describe, expect, it } from 'vitest'
import type { NetworkPolicySpec } from '#types/networking.k8s.io/v1'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { compileDocument, nothing } from './compile.ts'
import { type ParsedPolicy, parsePolicy } from './parse-policy.ts'
import type { PodFacts } from './pod-facts.ts'
import { PodIndex } from './pod-index.ts'

const podOf = (name: string, ip: string, more: Partial<PodFacts> = {}): PodFacts => ({
  key: `d/${name}`,
  uid: name,
  namespace: 'd',
  labels: { app: name },
  node: `n${ip.split('.')[2]}`,
  ip,
  leaving: false,
  ports: [],
  ...more,
})
const parse = (spec: NetworkPolicySpec | undefined, namespace = 'd'): ParsedPolicy =>
  parsePolicy(
    partial({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'p', namespace },
      spec,
    }),
  )

function compile(policies: readonly ParsedPolicy[], pods: readonly PodFacts[], node = 'n1') {
  const index = new PodIndex()
  for (const pod of pods) index.set(pod.key, pod)
  index.follow(
    policies.flatMap((one) => one.selectors),
    policies.flatMap((one) => one.namedPorts),
  )
  return compileDocument(
    node,
    Map.groupBy(policies, ({ namespace }) => namespace),
    index,
  )
}

const [web, db] = [podOf('web', '10.244.1.2'), podOf('db', '10.244.2.2')]

describe('the document of a node', () => {
  it('is nothing where no pod is isolated', () => {
    expect(compile([], [web])).toBe(nothing)
    expect(compile([parse({ podSelector: { matchLabels: { app: 'db' } } })], [web, db])).toBe(nothing)
    expect(compile([parse({ podSelector: {} }, 'other')], [web])).toBe(nothing)
    expect(compile([parse({ podSelector: {} })], [web, db], 'n3')).toBe(nothing)
  })

  it('has no port that is none, and takes a policy that says nothing for one about all pods of its namespace', () => {
    const beyond = compile([parse({ podSelector: {}, ingress: [{ ports: [{ port: 443, endPort: 70_000 }] }] })], [web])
    expect(Object.values(beyond.rules)).toEqual([[{ ports: [{ protocol: 'TCP', range: [443, 65_535] }] }]])
    expect(compile([parse(undefined)], [web]).pods).toMatchObject([{ name: 'd/web', ingress: expect.any(String) }])
  })

  it('isolates in the directions of its policies alone, by lists of nothing where they allow nothing', () => {
    const document = compile([parse({ podSelector: {}, policyTypes: ['Ingress'] })], [web, db])
    const [list] = Object.keys(document.rules)
    expect(document).toEqual({
      peers: {},
      ports: {},
      rules: { [list!]: [] },
      pods: [{ ip: web.ip, name: 'd/web', ingress: list }],
    })
    const both = compile([parse({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })], [web])
    expect(both.pods).toEqual([{ ip: web.ip, name: 'd/web', ingress: list, egress: list }])
    expect(compile([parse({})], [web]).pods).toEqual(document.pods)
  })

  it('adds up what several policies allow, each thing once, in the same order whatever theirs', () => {
    const one = parse({ podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] })
    const two = parse({
      podSelector: { matchLabels: { app: 'web' } },
      ingress: [{ ports: [{ port: 443, endPort: 444 }] }],
    })
    const document = compile([one, two, one], [web])
    expect(Object.values(document.rules)).toEqual([
      [{ ports: [{ protocol: 'TCP', range: [443, 444] }] }, { ports: [{ protocol: 'TCP', range: [80, 80] }] }],
    ])
    expect(JSON.stringify(compile([two, one], [web]))).toBe(JSON.stringify(document))
  })

  it('has equal rules and equal peers once, under names that do not depend on the rest', () => {
    const from = [{ podSelector: { matchLabels: { app: 'db' } } }]
    const policies = [parse({ podSelector: {}, ingress: [{ from }] })]
    const second = podOf('second', '10.244.1.3')
    const document = compile(policies, [web, second, db])
    expect(document.pods.map(({ ingress }) => ingress)).toEqual(Array(2).fill(Object.keys(document.rules)[0]))
    const more = compile(
      [...policies, parse({ podSelector: {}, egress: [{ to: from }], policyTypes: ['Egress'] })],
      [web, db],
    )
    expect(Object.keys(more.peers)).toEqual(Object.keys(document.peers))
    expect(Object.values(more.peers)).toEqual([[db.ip]])
  })

  it('takes a list of peers or ports without entries for everybody and everything', () => {
    const document = compile([parse({ podSelector: {}, ingress: [{ from: [], ports: [] }] })], [web])
    expect(Object.values(document.rules)).toEqual([[{}]])
  })

  it('takes a block of IPv6 for nobody, not for everybody', () => {
    const document = compile([parse({ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '::/0' } }] }] })], [web])
    expect(Object.values(document.rules)).toEqual([[]])
  })

  it('joins the blocks of a rule, each without its own exceptions', () => {
    const to = [
      { ipBlock: { cidr: '10.0.0.0/30', except: ['10.0.0.0/31'] } },
      { ipBlock: { cidr: '10.0.0.0/31' } },
      { ipBlock: { cidr: '10.0.0.0/31' } },
    ]
    const document = compile([parse({ podSelector: {}, egress: [{ to }], policyTypes: ['Egress'] })], [web])
    expect(Object.values(document.peers)).toEqual([['10.0.0.2/31', '10.0.0.0/31']])
    expect(Object.values(document.rules)).toEqual([[{ peers: Object.keys(document.peers) }]])
  })

  it('gives named ports the number of each pod: its own where it is asked, everybody’s where it asks', () => {
    const http = (port: number, protocol = 'TCP') => ({ ports: [{ name: 'http', protocol, port }] })
    const pods = [
      podOf('web', '10.244.1.2', http(80)),
      podOf('db', '10.244.2.2', http(8080)),
      podOf('u', '10.244.2.3', http(1, 'UDP')),
    ]
    const ports = [{ port: 'http' }, { protocol: 'UDP' as const }]
    const document = compile(
      [parse({ podSelector: {}, ingress: [{ ports }], egress: [{ ports }], policyTypes: ['Ingress', 'Egress'] })],
      pods,
    )
    const [pod] = document.pods
    const placesOf = (list: string | undefined) => document.ports[document.rules[list!]![0]!.ports![0]!.named!]
    expect(placesOf(pod!.ingress)).toEqual([{ ip: '10.244.1.2', port: 80 }])
    expect(placesOf(pod!.egress)).toEqual([
      { ip: '10.244.1.2', port: 80 },
      { ip: '10.244.2.2', port: 8080 },
    ])
    expect(document.rules[pod!.ingress!]![0]!.ports![1]).toEqual({ protocol: 'UDP' })
  })
})

describe('peers', () => {
  const peersOf = (index: PodIndex, policy: ParsedPolicy): string[] => {
    index.follow(policy.selectors, policy.namedPorts)
    return index.addresses(policy.selectors[0]!.name)
  }
  const from = (peer: object) => parse({ podSelector: {}, ingress: [{ from: [peer] }] })
  const arrange = () => {
    const index = new PodIndex()
    index.setNamespace('d', { team: 'a' })
    index.setNamespace('e', { team: 'b' })
    index.set('d/web', web)
    index.set('e/web', podOf('web', '10.244.3.2', { key: 'e/web', namespace: 'e' }))
    index.set('e/db', podOf('db', '10.244.3.3', { key: 'e/db', namespace: 'e' }))
    return index
  }

  it.each([
    ['of the policy’s namespace', { podSelector: {} }, ['10.244.1.2']],
    ['of its namespace with labels', { podSelector: { matchLabels: { app: 'db' } } }, []],
    ['of all namespaces', { namespaceSelector: {} }, ['10.244.1.2', '10.244.3.2', '10.244.3.3']],
    ['of namespaces with labels', { namespaceSelector: { matchLabels: { team: 'b' } } }, ['10.244.3.2', '10.244.3.3']],
    [
      'of both together',
      {
        namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['b'] }] },
        podSelector: { matchLabels: { app: 'db' } },
      },
      ['10.244.3.3'],
    ],
  ])('are pods %s', (_what, peer, addresses) => {
    expect(peersOf(arrange(), from(peer))).toEqual(addresses)
  })

  it('come and go with labels, namespaces and pods, and tell which sets those change', () => {
    const index = arrange()
    const policy = from({
      namespaceSelector: { matchLabels: { team: 'b' } },
      podSelector: { matchLabels: { app: 'db' } },
    })
    const { name } = policy.selectors[0]!
    expect(peersOf(index, policy)).toEqual(['10.244.3.3'])
    index.takeChanges()
    expect(index.setNamespace('d', { team: 'b' })).toBe(true)
    expect(index.setNamespace('d', { team: 'b' })).toBe(false)
    expect(index.takeChanges().names.size).toBe(0)
    index.set('d/web', { ...web, labels: { app: 'db' } })
    expect(index.takeChanges()).toEqual({ names: new Set([name]), nodes: new Set(['n1']) })
    expect(index.addresses(name)).toEqual(['10.244.1.2', '10.244.3.3'])
    index.setNamespace('d', undefined)
    expect(index.addresses(name)).toEqual(['10.244.3.3'])
    index.set('e/db', undefined)
    expect(index.addresses(name)).toEqual([])
    expect(index.set('e/db', undefined)).toBe(false)
    expect(index.setNamespace('gone', undefined)).toBe(false)
  })

  it('are not looked after once nobody asks for them', () => {
    const index = arrange()
    const policy = from({ podSelector: {} })
    const named = parse({ podSelector: {}, ingress: [{ ports: [{ port: 'http' }] }] }).namedPorts
    index.follow(policy.selectors, named)
    index.follow([], [])
    index.takeChanges()
    index.set('d/web', { ...web, ports: [{ name: 'http', protocol: 'TCP', port: 1 }], ip: '10.244.1.9' })
    expect(index.takeChanges().names.size).toBe(0)
    expect(index.addresses(policy.selectors[0]!.name)).toEqual([])
    expect(index.ports(named[0]!.name)).toEqual([])
  })

  it('know named ports that come, change and go with their pods', () => {
    const index = arrange()
    const [named] = parse({
      podSelector: {},
      egress: [{ ports: [{ port: 'http' }] }],
      policyTypes: ['Egress'],
    }).namedPorts
    index.follow([], [named!, named!])
    const withPort = (port: number) => ({ ...web, uid: String(port), ports: [{ name: 'http', protocol: 'TCP', port }] })
    for (const port of [80, 8080]) {
      index.set('d/web', withPort(port))
      expect(index.takeChanges().names).toEqual(new Set([named!.name]))
      expect(index.ports(named!.name)).toEqual([{ ip: web.ip, port }])
    }
    index.set('d/web', undefined)
    expect(index.ports(named!.name)).toEqual([])
  })
})

describe('an address', () => {
  const old = podOf('old', '10.244.1.7')
  const young = podOf('young', '10.244.1.7')
  const owner = (index: PodIndex): string[] => [...index.on('n1')].map(({ key }) => key)

  it('is its last claimant’s, and back its first’s when that one moves on', () => {
    const index = new PodIndex()
    index.set(old.key, old)
    index.set(young.key, young)
    expect(owner(index)).toEqual(['d/young'])
    index.set(young.key, { ...young, ip: '10.244.1.8' })
    expect(owner(index)).toEqual(['d/old', 'd/young'])
    index.set(old.key, undefined)
    expect(owner(index)).toEqual(['d/young'])
  })

  it('is not that of a pod that leaves while another claims it', () => {
    const index = new PodIndex()
    index.set(young.key, young)
    index.set(old.key, { ...old, leaving: true })
    expect(owner(index)).toEqual(['d/young'])
    index.set(young.key, undefined)
    expect(owner(index)).toEqual(['d/old'])
  })

  it('gives nothing to its next pod of what the one before was allowed', () => {
    const index = new PodIndex()
    const [selector] = parse({
      podSelector: {},
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'old' } } }] }],
    }).selectors
    index.follow([selector!], [])
    index.set(old.key, old)
    expect(index.addresses(selector!.name)).toEqual(['10.244.1.7'])
    index.set(young.key, young)
    expect(index.addresses(selector!.name)).toEqual([])
  })
})
