/** Documents of network policies in a real kernel: what a node's agent runs, in a namespace that stands for the node, judged by connections. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NetworkPolicy, NetworkPolicySpec } from '#types/networking.k8s.io/v1'
import { compileDocument } from '../../src-main/controlplane/cloud/network-policy/compile.ts'
import { parsePolicy } from '../../src-main/controlplane/cloud/network-policy/parse-policy.ts'
import { PodIndex } from '../../src-main/controlplane/cloud/network-policy/pod-index.ts'
import { NetworkPolicies } from '../../src-node/policy/index.ts'
import { iptablesRules, jumps } from '../../src-node/proxy/rules/iptables.ts'
import type { ServicePort } from '../../src-node/proxy/rules/model.ts'
import { restoreInput } from '../../src-node/proxy/rules/restore.ts'
import type { NetworkPolicyDocument } from '../../src-wire/node/network-policy.ts'
import { NodeNetwork, whyNoNodeNetwork } from '../helpers/node-network.ts'

const why = whyNoNodeNetwork()
const WEB = '10.244.1.2'
const CLIENT = '10.244.1.3'
const OTHER = '10.244.1.4'
const FARAWAY = '10.244.2.5'
const INTERNET = '203.0.113.7'
const DNS = '10.96.0.10'
const empty: NetworkPolicyDocument = { peers: {}, ports: {}, rules: {}, pods: [] }
const node = new NodeNetwork('np')
const told: string[] = []

it.each(why ? [why] : [])('cannot be tried here: %s', (reason) => expect(reason).toBe(why))

async function build(): Promise<void> {
  await node.start()
  await node.addPod('web', WEB)
  await node.addPod('client', CLIENT)
  await node.addPod('other', OTHER)
  for (const address of [FARAWAY, INTERNET]) await node.beyond(address)
  await Promise.all([
    node.serve('web', 80, 8080),
    node.serve('client', 80),
    node.serve('other', 80, 8080),
    node.serveEcho('web', 9090),
    node.serve('world', 80, 8080),
    node.serve('node', 80),
  ])
  // A Service as kube-proxy translates it, and what it accepts for itself.
  const rules = [
    '*nat',
    `-A PREROUTING -d 10.96.0.50/32 -p tcp --dport 80 -j DNAT --to-destination ${WEB}:80`,
    `-A POSTROUTING -s ${WEB}/32 -d ${WEB}/32 -j MASQUERADE`,
    'COMMIT',
    '*filter',
    ':KUBE-FORWARD - [0:0]',
    '-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP',
    '-A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-I FORWARD 1 -j KUBE-FORWARD',
    'COMMIT',
    '',
  ]
  await node.host.run('iptables-restore', ['--noflush'], { stdin: rules.join('\n') })
}

const agent = (host = node.host) => new NetworkPolicies({ host, dnsAddress: DNS, log: (message) => told.push(message) })

/** A kernel without sets of addresses. */
const poorer = {
  run: (program: string, args: readonly string[], options?: { stdin?: string }) =>
    program === 'ipset'
      ? Promise.reject(new Error('Cannot open session to kernel'))
      : node.host.run(program, args, options),
}

const document = (changes: Partial<NetworkPolicyDocument>): NetworkPolicyDocument => ({ ...empty, ...changes })
const pod = (ip: string, sides: { ingress?: string; egress?: string }) => ({ ip, name: `default/${ip}`, ...sides })

describe.runIf(!why)('network policies in the kernel', () => {
  beforeAll(build)
  afterAll(() => node.stop())

  describe.each([
    ['with sets of addresses', () => agent()],
    ['with a rule for each address', () => agent(poorer)],
  ])('%s', (_title, create) => {
    let policies: NetworkPolicies
    beforeAll(() => (policies = create()))

    it('lets all pass before there are any', async () => {
      await policies.enforce(empty)
      expect(await node.dial('client', WEB, 80)).toBe('web')
      expect(await node.dial('client', '10.96.0.50', 80)).toBe('web')
      expect(await node.dial('web', '10.96.0.50', 80)).toBe('web')
      expect(await node.ask('client', DNS)).toBe('node')
    })

    it('denies all that comes, but from the node, from the pod itself and as answers', async () => {
      await policies.enforce(document({ rules: { none: [] }, pods: [pod(WEB, { ingress: 'none' })] }))
      expect(await node.dial('client', WEB, 80)).toBeUndefined()
      expect(await node.dial('client', '10.96.0.50', 80)).toBeUndefined()
      expect(await node.dial('world', WEB, 80, FARAWAY)).toBeUndefined()
      expect(await node.dial('node', WEB, 80)).toBe('web')
      expect(await node.dial('web', '10.96.0.50', 80)).toBe('web')
      expect(await node.dial('web', OTHER, 80)).toBe('other')
      expect(await node.dial('client', OTHER, 80)).toBe('other')
    })

    it('lets peers of the node and of others come, to some ports', async () => {
      const peers = { a1: [CLIENT], a2: [FARAWAY] }
      const rules = {
        some: [{ peers: ['a1', 'a2'], ports: [{ protocol: 'TCP' as const, range: [80, 81] as [number, number] }] }],
      }
      await policies.enforce(document({ peers, rules, pods: [pod(WEB, { ingress: 'some' })] }))
      expect(await node.dial('client', WEB, 80)).toBe('web')
      expect(await node.dial('client', '10.96.0.50', 80)).toBe('web')
      expect(await node.dial('client', WEB, 8080)).toBeUndefined()
      expect(await node.dial('other', WEB, 80)).toBeUndefined()
      expect(await node.dial('world', WEB, 80, FARAWAY)).toBe('web')
      expect(await node.dial('world', WEB, 80, INTERNET)).toBeUndefined()
    })

    it('knows ports by name, each pod by its own number', async () => {
      const ports = {
        b1: [
          { ip: WEB, port: 80 },
          { ip: OTHER, port: 8080 },
        ],
      }
      const rules = { named: [{ ports: [{ protocol: 'TCP' as const, named: 'b1' }] }] }
      const pods = [pod(WEB, { ingress: 'named' }), pod(OTHER, { ingress: 'named' })]
      await policies.enforce(document({ ports, rules, pods }))
      expect(await node.dial('client', WEB, 80)).toBe('web')
      expect(await node.dial('client', WEB, 8080)).toBeUndefined()
      expect(await node.dial('client', OTHER, 8080)).toBe('other')
      expect(await node.dial('client', OTHER, 80)).toBeUndefined()
    })

    it('holds what pods begin to its peers, and the DNS of the node with it', async () => {
      const peers = { c1: [WEB], c2: ['203.0.113.0/25'] }
      const rules = { out: [{ peers: ['c1', 'c2'] }] }
      await policies.enforce(document({ peers, rules, pods: [pod(CLIENT, { egress: 'out' })] }))
      expect(await node.dial('client', WEB, 8080)).toBe('web')
      expect(await node.dial('client', '10.96.0.50', 80)).toBe('web')
      expect(await node.dial('client', OTHER, 80)).toBeUndefined()
      expect(await node.dial('client', INTERNET, 80)).toBe('world')
      expect(await node.dial('client', FARAWAY, 80)).toBeUndefined()
      expect(await node.dial('client', '10.244.1.1', 80)).toBe('node')
      expect(await node.ask('client', DNS)).toBeUndefined()
      expect(await node.ask('other', DNS)).toBe('node')
      expect(await node.dial('other', CLIENT, 80)).toBe('client')
    })

    it('lets a pod ask the DNS that may, also while another node answers', async () => {
      const peers = { d1: [DNS] }
      const rules = {
        ask: [{ peers: ['d1'], ports: [{ protocol: 'UDP' as const, range: [53, 53] as [number, number] }] }],
      }
      await policies.enforce(document({ peers, rules, pods: [pod(CLIENT, { egress: 'ask' })] }))
      expect(await node.ask('client', DNS)).toBe('node')
      expect(await node.dial('client', DNS, 80)).toBeUndefined()
      const failover = [
        '-t',
        'nat',
        '-I',
        'PREROUTING',
        '1',
        '-d',
        DNS,
        '-p',
        'udp',
        '-j',
        'DNAT',
        '--to',
        '172.28.0.1:53',
      ]
      await node.inside('node', 'iptables', ...failover)
      expect(await node.ask('client', DNS)).toBe('world')
      await policies.enforce(document({ rules: { none: [] }, pods: [pod(CLIENT, { egress: 'none' })] }))
      expect(await node.ask('client', DNS)).toBeUndefined()
      await node.inside('node', 'iptables', '-t', 'nat', '-D', 'PREROUTING', '1')
    })

    it('asks for both sides: what one may send and the other may receive', async () => {
      const peers = { e1: [WEB], e2: [CLIENT] }
      const rules = { toWeb: [{ peers: ['e1'] }], fromClient: [{ peers: ['e2'] }], none: [] }
      const sending = pod(CLIENT, { egress: 'toWeb' })
      await policies.enforce(document({ peers, rules, pods: [sending, pod(WEB, { ingress: 'fromClient' })] }))
      expect(await node.dial('client', WEB, 80)).toBe('web')
      await policies.enforce(document({ peers, rules, pods: [sending, pod(WEB, { ingress: 'none' })] }))
      expect(await node.dial('client', WEB, 80)).toBeUndefined()
    })

    it('gives an address that is somebody else now what that one may', async () => {
      const peers = { f1: [CLIENT] }
      const rules = { from: [{ peers: ['f1'] }] }
      await policies.enforce(document({ peers, rules, pods: [pod(WEB, { ingress: 'from' })] }))
      expect(await node.dial('client', WEB, 80)).toBe('web')
      await policies.enforce(document({ peers: { f1: [OTHER] }, rules, pods: [pod(WEB, { ingress: 'from' })] }))
      expect(await node.dial('client', WEB, 80)).toBeUndefined()
      expect(await node.dial('other', WEB, 80)).toBe('web')
    })

    it('lets connections go on that stood when they were denied', async () => {
      await policies.enforce(empty)
      const kept = await node.hold('client', WEB, 9090)
      await policies.enforce(document({ rules: { none: [] }, pods: [pod(WEB, { ingress: 'none' })] }))
      expect(await node.dial('client', WEB, 80)).toBeUndefined()
      expect(await kept.echo('still here')).toBe('still here')
      kept.end()
    })

    it('stays before the rules of others', async () => {
      await policies.enforce(document({ rules: { none: [] }, pods: [pod(WEB, { ingress: 'none' })] }))
      await node.inside('node', 'iptables', '-I', 'FORWARD', '1', '-j', 'ACCEPT')
      expect(await node.dial('client', WEB, 80)).toBe('web')
      await policies.stayFirst()
      expect(await node.dial('client', WEB, 80)).toBeUndefined()
      await node.inside('node', 'iptables', '-D', 'FORWARD', '-j', 'ACCEPT')
    })

    it('takes over what an agent before it has left', async () => {
      policies = create()
      expect(await node.dial('client', WEB, 80)).toBeUndefined()
      await policies.enforce(document({ rules: { none: [] }, pods: [pod(OTHER, { ingress: 'none' })] }))
      expect(await node.dial('client', WEB, 80)).toBe('web')
      expect(await node.dial('client', OTHER, 80)).toBeUndefined()
    })

    it('leaves nothing when there are none any more', async () => {
      policies = create()
      await policies.enforce(empty)
      expect(await node.dial('client', OTHER, 80)).toBe('other')
      const rules = await node.inside('node', 'iptables-save')
      expect(rules).not.toContain('DRYDOCK')
      await policies.enforce(empty)
      await expect.poll(() => node.inside('node', 'ipset', 'list', '-name')).toBe('')
    })
  })

  describe('as they are written', () => {
    const policies = agent()
    const podsThere: Array<[name: string, namespace: string, ip: string, port: number]> = [
      ['web', 'shop', WEB, 80],
      ['client', 'shop', CLIENT, 80],
      ['other', 'tools', OTHER, 8080],
      ['faraway', 'tools', FARAWAY, 80],
    ]

    /** The way from policies to the kernel, with the pods of this network. */
    async function apply(...specs: NetworkPolicySpec[]): Promise<void> {
      const metadata = { name: 'p', namespace: 'shop' } as NetworkPolicy['metadata']
      const parsed = specs.map((spec) => parsePolicy({ apiVersion: '', kind: '', metadata, spec }))
      const index = new PodIndex()
      for (const name of ['shop', 'tools', 'kube-system']) index.setNamespace(name, { name })
      for (const [name, namespace, ip, port] of podsThere) {
        const ports = [{ name: 'http', protocol: 'TCP', port }]
        const facts = { uid: name, labels: { app: name }, leaving: false, ports }
        const where = ip.startsWith('10.244.1.') ? 'n1' : 'n2'
        index.set(`${namespace}/${name}`, { ...facts, key: `${namespace}/${name}`, namespace, ip, node: where })
      }
      const dnsLabels = { 'k8s-app': 'kube-dns' }
      const answering = { key: '', uid: '', namespace: 'kube-system', labels: dnsLabels, leaving: false, ports: [] }
      index.set('', { ...answering, ip: DNS, node: '' })
      index.follow(
        parsed.flatMap(({ selectors }) => selectors),
        parsed.flatMap(({ namedPorts }) => namedPorts),
      )
      await policies.enforce(compileDocument('n1', new Map([['shop', parsed]]), index))
    }
    const denyAll: NetworkPolicySpec = { podSelector: {}, policyTypes: ['Ingress'] }

    it('deny by default, and add up', async () => {
      await apply(denyAll)
      expect(await node.dial('client', WEB, 80)).toBeUndefined()
      expect(await node.dial('other', WEB, 80)).toBeUndefined()
      expect(await node.dial('web', OTHER, 80)).toBe('other')
      const from = [
        { namespaceSelector: { matchLabels: { name: 'tools' } }, podSelector: { matchLabels: { app: 'faraway' } } },
      ]
      await apply(denyAll, {
        podSelector: { matchLabels: { app: 'web' } },
        ingress: [{ from, ports: [{ port: 'http' }] }],
      })
      expect(await node.dial('world', WEB, 80, FARAWAY)).toBe('web')
      expect(await node.dial('world', WEB, 8080, FARAWAY)).toBeUndefined()
      expect(await node.dial('other', WEB, 80)).toBeUndefined()
      expect(await node.dial('client', WEB, 80)).toBeUndefined()
    })

    it('let names be asked for, and named ports of others, and nothing else', async () => {
      const to = [{ namespaceSelector: {}, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }]
      const ports = [{ port: 53, protocol: 'UDP' as const }]
      const named = { to: [{ namespaceSelector: {} }], ports: [{ port: 'http' }] }
      await apply({ podSelector: {}, policyTypes: ['Egress'], egress: [{ to, ports }, named] })
      expect(await node.ask('client', DNS)).toBe('node')
      expect(await node.dial('client', OTHER, 8080)).toBe('other')
      expect(await node.dial('client', OTHER, 80)).toBeUndefined()
      expect(await node.dial('client', FARAWAY, 80)).toBe('world')
      expect(await node.dial('client', INTERNET, 80)).toBeUndefined()
      expect(await node.dial('other', INTERNET, 80)).toBe('world')
    })

    it('let networks be reached but for their exceptions', async () => {
      const to = [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }]
      await apply({ podSelector: {}, policyTypes: ['Egress'], egress: [{ to }] })
      expect(await node.dial('client', INTERNET, 80)).toBe('world')
      expect(await node.dial('client', WEB, 80)).toBeUndefined()
      expect(await node.ask('client', DNS)).toBeUndefined()
    })

    it('leave all as it was when they are deleted', async () => {
      await apply()
      expect(await node.dial('client', WEB, 80)).toBe('web')
      expect(await node.ask('client', DNS)).toBe('node')
    })
  })

  it('judges what comes through a node port by who began it, though its source is replaced', async () => {
    const policies = agent()
    const service: ServicePort = {
      id: 'shop/web',
      protocol: 'tcp',
      clusterIp: '10.96.0.60',
      port: 80,
      nodePort: 30_080,
      externalIps: [],
      balancerIps: [],
      all: [{ ip: WEB, port: 80, local: true }],
      local: [],
      internalLocal: false,
      externalLocal: false,
      affinitySeconds: undefined,
      sourceRanges: [],
    }
    const rules = iptablesRules({ ports: [service], hostPorts: [], clusterCidr: '10.244.0.0/16', dnsAddress: DNS })
    const peers = { g1: ['203.0.113.0/24'] }
    const only = document({ peers, rules: { some: [{ peers: ['g1'] }] }, pods: [pod(WEB, { ingress: 'some' })] })
    await policies.enforce(only)
    // The proxy begins later and puts its own before.
    await node.host.run('iptables-restore', ['--noflush'], { stdin: restoreInput(rules)! })
    for (const { table, chain, rule } of jumps.toReversed())
      await node.host.run('iptables-restore', ['--noflush'], { stdin: `*${table}\n-I ${chain} 1 ${rule}\nCOMMIT\n` })
    expect(await node.dial('world', '172.28.0.11', 30_080)).toBe('web')
    await policies.stayFirst()
    expect(await node.dial('world', '172.28.0.11', 30_080)).toBeUndefined()
    expect(await node.dial('world', '172.28.0.11', 30_080, INTERNET)).toBe('web')
    expect(await node.dial('client', '172.28.0.11', 30_080)).toBeUndefined()
    expect(await node.dial('node', '10.96.0.60', 80)).toBe('web')
    expect(await node.dial('web', '10.96.0.60', 80)).toBe('web')
    await policies.enforce(empty)
    expect(await node.dial('client', '172.28.0.11', 30_080)).toBe('web')
  })

  it('says why where it does without sets', () => {
    const words =
      'network policies: no sets of addresses here, a rule for each address instead: Cannot open session to kernel'
    expect([...new Set(told)]).toEqual([words])
  })
})
