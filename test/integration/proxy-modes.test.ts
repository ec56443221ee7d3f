/** kube-proxy's other modes in a real kernel: what a node's agent writes, in a namespace that stands for the node, judged by connections. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src-kube/machinery/clock.ts'
import { failoverTables } from '../../src-node/dns/plan/failover.ts'
import { overlayJumps, overlayRules } from '../../src-node/flannel/plan/masquerade.ts'
import { NetworkPolicies } from '../../src-node/policy/index.ts'
import {
  type Backend,
  chooseBackend,
  cleanupLeftovers,
  type ProxyMode,
  type Written,
} from '../../src-node/proxy/backends/index.ts'
import { conntrackArguments, staleHostFlows } from '../../src-node/proxy/rules/conntrack.ts'
import type { HostPort } from '../../src-node/proxy/rules/iptables.ts'
import type { ServicePort } from '../../src-node/proxy/rules/model.ts'
import { nftKeeping, nftTaken } from '../../src-node/trace/nft-rules.ts'
import type { Sent } from '../../src-node/trace/rules.ts'
import { NodeNetwork, whyNoNodeNetwork } from '../helpers/node-network.ts'

const why = whyNoNodeNetwork()
const A = '10.244.1.2'
const B = '10.244.1.3'
const CLIENT = '10.244.1.4'
const ELSEWHERE = '10.244.2.5'
const INTERNET = '203.0.113.7'
const NODE_IP = '172.28.0.11'
const DNS = '10.96.0.10'
const SERVICE = '10.96.1.1'
const net = new NodeNetwork('nft')
const standIns = failoverTables(DNS, ['172.28.0.1'])
const told: string[] = []

it.each(why ? [why] : [])('cannot be tried here: %s', (reason) => expect(reason).toBe(why))

const options = {
  host: net.host,
  clusterCidr: '10.244.0.0/16',
  serviceCidr: '10.96.0.0/16',
  dnsAddress: DNS,
  nodeIp: NODE_IP,
  ipvsScheduler: 'rr',
  clock: systemClock,
  signal: new AbortController().signal,
  log: (message: string) => void told.push(message),
}
const at = (ip: string, port = 80) => ({ ip, port, local: ip !== ELSEWHERE })

function port(changes: Partial<ServicePort> = {}): ServicePort {
  const policies = { internalLocal: false, externalLocal: false, affinitySeconds: undefined, sourceRanges: [] }
  const addresses = { clusterIp: SERVICE, port: 80, nodePort: undefined, externalIps: [], balancerIps: [] }
  return {
    id: 'shop/web',
    protocol: 'tcp',
    ...addresses,
    all: [at(A), at(B)],
    local: [at(A), at(B)],
    ...policies,
    ...changes,
  }
}

async function build(): Promise<void> {
  await net.start()
  for (const [name, address] of Object.entries({ a: A, b: B, client: CLIENT })) await net.addPod(name, address)
  for (const address of [ELSEWHERE, INTERNET]) await net.beyond(address)
  await Promise.all([net.serve('a', 80), net.serve('b', 80), net.serve('world', 80), net.serve('node', 8080)])
  // The others' rules of a node, in the order in which its agent makes them.
  await net.host.run('iptables-restore', ['--noflush'], { stdin: overlayRules('10.244.0.0/16') })
  for (const { table, from, to } of overlayJumps) await net.host.run('iptables', ['-t', table, '-A', from, '-j', to])
  for (const { name, rules, jumps } of standIns) {
    await net.host.run('iptables-restore', ['--noflush'], { stdin: rules })
    for (const { chain, rule } of jumps) await net.host.run('iptables', ['-t', name, '-A', chain, ...rule])
  }
  await net.inside('node', 'sysctl', '-qw', 'net.ipv4.conf.all.route_localnet=1')
}

const begin = async (mode: ProxyMode): Promise<Backend> => (await chooseBackend(mode, options)).backend
/** Who answers several connections, each once. */
async function answers(sender: string, address: string, number: number, count = 12): Promise<string[]> {
  const heard = new Set<string>()
  for (let i = 0; i < count; i++) heard.add((await net.dial(sender, address, number)) ?? 'nobody')
  return [...heard].toSorted()
}
const listed = async (): Promise<string> => (await net.host.run('nft', ['list', 'ruleset', 'ip'])).stdout

describe.runIf(!why)("kube-proxy's nftables mode in the kernel", () => {
  let backend: Backend
  const write = (ports: ServicePort[], hostPorts: HostPort[] = []): Promise<Written> =>
    backend.write({ ports, hostPorts })
  beforeAll(async () => {
    await build()
    backend = await begin('nftables')
  })
  afterAll(() => net.stop())

  it('has all that it needs of this kernel', async () => {
    expect(await chooseBackend('nftables', options)).toMatchObject({ mode: 'nftables', missing: [] })
    expect(await listed()).not.toContain('drydock-trial')
  })

  it('spreads a cluster IP over its endpoints, for pods, for the node and for a pod that is one of them', async () => {
    await write([port()])
    expect(await answers('client', SERVICE, 80)).toEqual(['a', 'b'])
    expect(await answers('node', SERVICE, 80)).toEqual(['a', 'b'])
    expect(await answers('a', SERVICE, 80)).toEqual(['a', 'b'])
  })

  it('answers a node port on the node address, to the world and to itself, but not on loopback', async () => {
    await write([port({ nodePort: 30_003 })])
    expect(await answers('world', NODE_IP, 30_003, 6)).toEqual(['a', 'b'])
    expect(await answers('client', NODE_IP, 30_003, 6)).toEqual(['a', 'b'])
    expect(await answers('node', NODE_IP, 30_003, 6)).toEqual(['a', 'b'])
    expect(await net.dial('node', '127.0.0.1', 30_003)).toBeUndefined()
  })

  it('keeps a client at its endpoint, also when the agent starts anew and another endpoint comes', async () => {
    const sticky = { affinitySeconds: 60 }
    await write([port({ ...sticky, all: [at(A)] })])
    expect(await net.dial('client', SERVICE, 80)).toBe('a')
    await write([port(sticky)])
    expect(await answers('client', SERVICE, 80)).toEqual(['a'])
    backend = await begin('nftables')
    await write([port(sticky)])
    expect(await answers('client', SERVICE, 80)).toEqual(['a'])
    await write([port({ ...sticky, all: [at(B)] })])
    expect(await net.dial('client', SERVICE, 80)).toBe('b')
  })

  it('translates UDP', async () => {
    await write([port({ id: 'shop/names', protocol: 'udp', port: 53, all: [at(B, 53)], nodePort: 30_053 })])
    expect(await net.ask('client', SERVICE)).toBe('b')
    expect(await net.ask('world', NODE_IP, { port: 30_053 })).toBe('b')
  })

  it('refuses at once where there is no endpoint: cluster IP, node port, and ports that a cluster IP has not', async () => {
    await write([port({ all: [], local: [], nodePort: 30_003 }), port({ id: 'shop/z', clusterIp: '10.96.1.2' })])
    for (const [sender, address, number] of [
      ['client', SERVICE, 80],
      ['node', SERVICE, 80],
      ['world', NODE_IP, 30_003],
      ['client', '10.96.1.2', 81],
    ] as const)
      expect(
        await net.inside(sender, 'sh', '-c', `socat -u TCP4:${address}:${number},connect-timeout=1 - 2>&1 || true`),
      ).toContain('Connection refused')
  })

  it('drops what is sent to a cluster IP that nobody has', async () => {
    expect(
      await net.inside('client', 'sh', '-c', 'socat -u TCP4:10.96.9.9:80,connect-timeout=0.5 - 2>&1 || true'),
    ).toContain('timed out')
  })

  it('keeps traffic from outside on the node with a local policy, and pods reach all', async () => {
    const local = { nodePort: 30_003, externalLocal: true }
    await write([port({ ...local, all: [at(A), at(ELSEWHERE)], local: [at(A)] })])
    expect(await answers('world', NODE_IP, 30_003, 6)).toEqual(['a'])
    expect(await answers('client', NODE_IP, 30_003)).toEqual(['a', 'world'])
    await write([port({ ...local, all: [at(ELSEWHERE)], local: [] })])
    expect(await net.dial('world', NODE_IP, 30_003)).toBeUndefined()
    expect(await net.dial('client', NODE_IP, 30_003)).toBe('world')
  })

  it('lets only the allowed ranges reach a load balancer', async () => {
    const balancer = { balancerIps: ['172.28.0.50'] }
    await net.ip('world', 'route', 'replace', '172.28.0.50/32', 'via', NODE_IP)
    await write([port({ ...balancer, sourceRanges: ['203.0.113.0/24'] })])
    expect(await net.dial('world', '172.28.0.50', 80, INTERNET)).toMatch(/^[ab]$/)
    expect(await net.dial('world', '172.28.0.50', 80)).toBeUndefined()
  })

  it('leads host ports to their pod, also by loopback', async () => {
    await write([], [{ hostIp: '', hostPort: 8081, protocol: 'TCP', podIp: A, containerPort: 80 }])
    expect(await net.dial('world', NODE_IP, 8081)).toBe('a')
    expect(await net.dial('node', '127.0.0.1', 8081)).toBe('a')
    expect(await net.dial('a', NODE_IP, 8081)).toBe('a')
  })

  it('leads host ports of UDP to theirs, beside the same port of TCP and for one address alone', async () => {
    const both = { hostIp: '', hostPort: 8053, podIp: A }
    const local = { hostIp: '127.0.0.1', hostPort: 8054, protocol: 'UDP', podIp: B, containerPort: 53 }
    await write(
      [],
      [{ ...both, protocol: 'UDP', containerPort: 53 }, { ...both, protocol: 'TCP', containerPort: 80 }, local],
    )
    for (const [sender, address] of [
      ['world', NODE_IP],
      ['client', NODE_IP],
      ['a', NODE_IP],
      ['node', '127.0.0.1'],
    ] as const)
      expect(await net.ask(sender, address, { port: 8053 })).toBe('a')
    expect(await net.dial('world', NODE_IP, 8053)).toBe('a')
    expect(await net.ask('node', '127.0.0.1', { port: 8054 })).toBe('b')
    expect(await net.ask('world', NODE_IP, { port: 8054 })).toBeUndefined()
  })

  it('has a client that asks from one port find the pod that takes a host port of UDP over', async () => {
    const of = (podIp: string) => ({ hostIp: '', hostPort: 8053, protocol: 'UDP', podIp, containerPort: 53 })
    const ask = () => net.ask('world', NODE_IP, { port: 8053, from: 5_353 })
    await write([], [of(A)])
    expect(await ask()).toBe('a')
    await write([], [of(B)])
    expect(await ask()).toBe('a')
    const [left] = staleHostFlows([of(A)], [of(B)])
    await net.host.run('conntrack', conntrackArguments(left!))
    expect(await ask()).toBe('b')
  })

  it('lets nobody outside send to loopback addresses, which are routed for host ports', async () => {
    await net.inside('world', 'sysctl', '-qw', 'net.ipv4.conf.all.route_localnet=1')
    await net.ip('world', 'addr', 'del', '127.0.0.1/8', 'dev', 'lo')
    await net.ip('world', 'route', 'add', '127.0.0.1/32', 'via', NODE_IP)
    await net.host.run('nft', ['flush', 'chain', 'ip', 'kube-proxy', 'loopback-check'])
    expect(await net.dial('world', '127.0.0.1', 8080, INTERNET)).toBe('node')
    backend = await begin('nftables')
    await write([])
    expect(await net.dial('world', '127.0.0.1', 8080, INTERNET)).toBeUndefined()
    expect(await net.dial('node', '127.0.0.1', 8080)).toBe('node')
  })

  it('lets the node answer DNS itself, whose address other nodes answer while it does not', async () => {
    const mark = async (sign: '+' | '-'): Promise<void> => {
      for (const { list } of standIns)
        await net.inside('node', 'sh', '-c', `echo ${sign}${DNS} > /proc/net/xt_recent/${list}`)
    }
    await write([port({ clusterIp: DNS, protocol: 'udp', port: 53, all: [at(B, 53)] })])
    expect(await net.ask('client', DNS)).toBe('world')
    const again = { from: 20_053 }
    await mark('+')
    expect(await net.ask('client', DNS, again)).toBe('node')
    await mark('-')
    // From the same port, whose earlier question the node answered.
    expect(await net.ask('client', DNS, again)).toBe('world')
    await mark('+')
    expect(await net.ask('client', DNS, again)).toBe('node')
    expect(await net.ask('node', DNS)).toBe('node')
    await mark('-')
  })

  it('is judged by network policies after the translation', async () => {
    const policies = new NetworkPolicies({ host: net.host, dnsAddress: DNS, log: options.log })
    await write([port({ nodePort: 30_003 })])
    const pod = { ip: A, name: 'shop/a', ingress: 'none' }
    await policies.enforce({ peers: {}, ports: {}, rules: { none: [] }, pods: [pod] })
    expect(await answers('client', SERVICE, 80, 8)).toEqual(['b', 'nobody'])
    expect(['b', 'nobody']).toEqual(expect.arrayContaining(await answers('world', NODE_IP, 30_003, 3)))
    await policies.enforce({ peers: {}, ports: {}, rules: {}, pods: [] })
  })

  it('can be traced: the element of an address, the chains to the endpoint, and who refuses', async () => {
    await write([
      port({ nodePort: 30_003, affinitySeconds: 60 }),
      port({ id: 'shop/z', clusterIp: '10.96.1.2', all: [] }),
    ])
    const sent = { protocol: 'tcp' as const, address: SERVICE, port: 80, own: [NODE_IP] }
    const host = {
      run: async (command: string, args: readonly string[]) => net.host.run(command, args),
    }
    const way = (changes: Partial<Sent>) =>
      nftTaken(host, { ...sent, endpoint: { address: B, port: 80 }, ...changes }).then((seen) =>
        seen?.report.way.map(({ chain }) => chain.split('-')[0]),
      )
    expect(await way({})).toEqual(['service', 'service', 'endpoint'])
    const sticky = await nftTaken(host, { ...sent, endpoint: { address: B, port: 80 } })
    expect(sticky?.report.affinity?.seconds).toBe(60)
    const kept = async (): Promise<string[]> =>
      [...(await nftKeeping(host, sent, CLIENT))].map((chain) => chain.replace(/.*__/, ''))
    expect(await kept()).toEqual([])
    const served = (await net.dial('client', SERVICE, 80)) === 'a' ? A : B
    expect(await kept()).toEqual([`${served}/80`])
    expect(await way({ address: NODE_IP, port: 30_003 })).toEqual(['service', 'external', 'service', 'endpoint'])
    expect(await way({ port: 81 })).toEqual([])
    expect(await nftTaken(host, { ...sent, address: '10.96.1.2' })).toEqual({
      report: { way: [], refusal: { table: 'filter', chain: 'no-endpoint-services', target: 'REJECT' } },
      evidence: [
        {
          command: 'nft get element ip kube-proxy no-endpoint-services { 10.96.1.2 . tcp . 80 }',
          lines: ['10.96.1.2 . tcp . 80 : goto reject-chain'],
        },
      ],
    })
  })

  it('makes a table anew that cannot become its own, and forgets what is gone', async () => {
    const stranger =
      'delete table ip kube-proxy\nadd table ip kube-proxy\nadd set ip kube-proxy service-ips { type ipv4_addr; }\n'
    await net.host.run('nft', ['-f', '-'], { stdin: stranger })
    backend = await begin('nftables')
    await write([port({ affinitySeconds: 5, nodePort: 30_003 })])
    expect(await net.dial('client', SERVICE, 80)).toMatch(/^[ab]$/)
    expect(told.join('\n')).toContain('made anew')
    await write([])
    expect(await listed()).not.toMatch(/shop\/web/)
  })

  it.each(['nftables', 'iptables'] as const)(
    'finds what was flushed in mode %s, and only then, and writes it again',
    async (mode) => {
      backend = await begin(mode)
      const sticky = port({ id: 'shop/sticky', clusterIp: '10.96.1.7', affinitySeconds: 60 })
      const none = port({ id: 'shop/none', clusterIp: '10.96.1.8', all: [], local: [], nodePort: 30_008 })
      const balanced = { balancerIps: ['172.28.0.50'], sourceRanges: ['203.0.113.0/24'] }
      const hostPort = { hostIp: '', hostPort: 8181, protocol: 'TCP', podIp: A, containerPort: 80 }
      const ports = [port({ nodePort: 30_003, ...balanced }), sticky, none]
      await write(ports, [hostPort])
      await net.dial('client', '10.96.1.7', 80)
      expect(await backend.missing()).toEqual([])
      const flushes =
        mode === 'nftables'
          ? [
              ['nft', 'delete', 'table', 'ip', 'kube-proxy'],
              ['nft', 'flush', 'chain', 'ip', 'kube-proxy', 'services'],
            ]
          : [
              ['iptables', '-F'],
              ['iptables', '-t', 'nat', '-F'],
              ['iptables', '-t', 'nat', '-D', 'PREROUTING', '1'],
            ]
      for (const [command = '', ...words] of flushes) {
        await net.host.run(command, words)
        expect(await backend.missing()).not.toEqual([])
        expect(await write(ports, [hostPort])).toMatchObject({ isFull: true })
        expect(await backend.missing()).toEqual([])
        expect(await answers('client', SERVICE, 80)).toEqual(['a', 'b'])
      }
      backend = await begin('nftables')
      await write(ports)
      await cleanupLeftovers(net.host, 'nftables')
    },
  )

  it('takes over from iptables and back, without rules of the other or a connection that breaks', async () => {
    await net.serveEcho('b', 9090)
    const ports = [port(), port({ id: 'shop/echo', port: 9090, all: [at(B, 9090)] })]
    await write(ports)
    const held = await net.hold('client', SERVICE, 9090)
    backend = await begin('iptables')
    await write(ports)
    await cleanupLeftovers(net.host, 'iptables')
    expect(await listed()).not.toContain('table ip kube-proxy')
    expect(await answers('client', SERVICE, 80)).toEqual(['a', 'b'])
    expect(await held.echo('one')).toBe('one')
    backend = await begin('nftables')
    await write(ports)
    await cleanupLeftovers(net.host, 'nftables')
    expect(await listed()).not.toContain('KUBE-')
    expect(await listed()).toContain('FLANNEL-POSTRTG')
    expect(await answers('client', SERVICE, 80)).toEqual(['a', 'b'])
    expect(await held.echo('two')).toBe('two')
    held.end()
  })

  it('leaves the node to ipvs and back; without virtual servers of the kernel, whose place an empty tool takes', async () => {
    const commands: string[] = []
    // Many kernels have neither ip_vs nor dummy devices: a bridge has addresses as well.
    const run: typeof net.host.run = (command, args, input) => {
      commands.push([command, ...args].join(' '))
      if (command === 'ipvsadm' || command === 'modprobe' || command === 'sysctl')
        return Promise.resolve({ stdout: '', stderr: '' })
      return net.host.run(
        command,
        args.map((word) => (word === 'dummy' ? 'bridge' : word)),
        input,
      )
    }
    const pretending = { ...options, host: { run } }
    const chosen = await chooseBackend('ipvs', pretending)
    expect(chosen.mode).toBe('ipvs')
    const balanced = { balancerIps: ['172.28.0.50'], sourceRanges: ['203.0.113.0/24'] }
    const ports = [
      port({ nodePort: 30_003, ...balanced }),
      port({ id: 'shop/names', protocol: 'udp', nodePort: 30_053 }),
    ]
    await chosen.backend.write({ ports, hostPorts: [] })
    await cleanupLeftovers(pretending.host, 'ipvs')
    expect(await listed()).not.toContain('table ip kube-proxy')
    expect((await net.host.run('ipset', ['list', 'KUBE-CLUSTER-IP'])).stdout).toContain(`${SERVICE},tcp:80`)
    expect((await net.host.run('iptables-save', ['-t', 'nat'])).stdout).toContain(
      '--match-set KUBE-LOOP-BACK dst,dst,src',
    )
    expect(await net.ip('node', '-br', 'addr', 'show', 'kube-ipvs0')).toContain(`${SERVICE}/32`)
    // The empty tool has no virtual servers to show; all else is there.
    expect(await chosen.backend.missing()).toEqual(['virtual servers'])
    await chosen.backend.write({ ports, hostPorts: [] })
    await chosen.backend.write({ ports: ports.slice(1), hostPorts: [] })
    expect(await net.ip('node', '-br', 'addr', 'show', 'kube-ipvs0')).not.toContain('172.28.0.50')
    backend = await begin('iptables')
    await write([port()])
    await cleanupLeftovers(pretending.host, 'iptables')
    expect((await net.host.run('ipset', ['list', '-name'])).stdout).not.toContain('KUBE-')
    expect(await net.ip('node', 'link')).not.toContain('kube-ipvs0')
    expect(await answers('client', SERVICE, 80)).toEqual(['a', 'b'])
    expect(commands).toContain('ipvsadm -C')
  })
})
