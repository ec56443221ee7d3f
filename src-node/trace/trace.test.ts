import { decode, encode } from 'dns-packet'
import { describe, expect, it } from 'vitest'
import type { ProbeStep } from '../../src-wire/trace/steps.ts'
import { createTrace } from './index.ts'
import { events, LISTENING, notes } from './testing/captured.ts'
import { FakeNode } from './testing/fake-node.ts'

const step: ProbeStep = {
  pod: { namespace: 'default', name: 'p1' },
  host: '10.96.20.1',
  port: 80,
  protocol: 'tcp',
  timeout: 2_000,
}
const reply = { source: '10.244.2.7', sourcePort: 8080, target: '10.244.1.5', targetPort: 61374 }

/** Name servers that know some names. */
const answering =
  (names: Record<string, string[]>, rcode = 3) =>
  (input: Buffer) => {
    const query = decode(input)
    const [question] = query.questions!
    const found = names[question!.name]
    const answers = (found ?? []).map((data) => ({ type: 'A', name: question!.name, ttl: 5, data }))
    const bytes = encode({ id: query.id!, type: 'response', flags: found ? 0 : rcode, questions: [question!], answers })
    return Buffer.from(bytes)
  }
const STANDS = 'N starting data transfer loop with FDs [0,1] and [5,5]\n'

describe('a probe', () => {
  it('tells what the kernel did with a connection: entry, rules, route and the way into the overlay', async () => {
    const node = new FakeNode()
    node.speeches.push(['conntrack -E', { stdout: events.connected }], ['socat', { stderr: notes.connected }])
    const report = await createTrace(node.options).probe(step)
    expect(report).toMatchObject({
      node: 'n1',
      source: { address: '10.244.1.5', hostNetwork: false, link: 'vethaaaaaaaa' },
      address: '10.96.20.1',
      attempt: { outcome: 'connected' },
      flow: { reply: { source: '10.244.2.7', sourcePort: 8080 }, state: 'ESTABLISHED' },
      rules: { endpoint: { address: '10.244.2.7', port: 8080 } },
      route: { device: 'flannel.1', gateway: '10.244.2.0' },
      overlay: { vni: 1, port: 8472, mac: '0e:d0:ac:1c:00:0c', peer: '172.28.0.12' },
    })
    expect(report.evidence.source?.[0]?.lines).toEqual(['vethaaaaaaaa@if2 UP 92:0b:dc:45:4f:62'])
    expect(report.evidence.overlay?.[1]?.lines).toEqual(['0e:d0:ac:1c:00:0c dst 172.28.0.12 self permanent'])
    expect(report).not.toHaveProperty('name')
    expect(node.running.size).toBe(0)
  })

  it('goes out of the namespace of the pod, and of none for a node', async () => {
    const node = new FakeNode()
    node.speeches.push(['conntrack -E', { stdout: events.connected }], ['socat', { stderr: notes.connected }])
    await createTrace(node.options).probe(step)
    expect(node.commands.some((line) => line.startsWith('nsenter -t 7 -n socat'))).toBe(true)
    node.commands.length = 0
    const { pod: _, ...own } = step
    const report = await createTrace(node.options).probe(own)
    expect(report.source).toEqual({ address: '172.28.0.11', hostNetwork: false })
    expect(node.commands.some((line) => line.startsWith('nsenter'))).toBe(false)
    expect(node.commands).toContain('ip -j route get 10.244.2.7')
  })

  it('of a pod on the network of its node is the node’s own', async () => {
    const node = new FakeNode()
    node.pods[0] = { ...node.pods[0]!, address: '', link: '' }
    node.speeches.push(['conntrack -E', { stdout: events.connected }], ['socat', { stderr: notes.connected }])
    const report = await createTrace(node.options).probe(step)
    expect(report.source).toEqual({ address: '172.28.0.11', hostNetwork: true })
  })

  it('looks a name up in the pod’s own search list, one after the other', async () => {
    const node = new FakeNode()
    node.speeches.push(
      [
        'socat -d -d - UDP4:10.96.0.10:53',
        { stderr: STANDS, answer: answering({ 'web.svc.cluster.local': ['10.96.20.1'] }) },
      ],
      ['conntrack -E', { stdout: events.connected }],
      ['socat', { stderr: notes.connected }],
    )
    const { name, evidence, address } = await createTrace(node.options).probe({ ...step, host: 'web' })
    expect(name).toMatchObject({ server: '10.96.0.10', address: '10.96.20.1' })
    expect(name!.queries.map((query) => [query.name, query.result])).toEqual([
      ['web.default.svc.cluster.local', 'no-name'],
      ['web.svc.cluster.local', 'found'],
    ])
    expect(address).toBe('10.96.20.1')
    expect(evidence.name?.[1]?.lines[0]).toContain('NXDOMAIN')
  })

  it.each([
    ['no-name', 3, ['no-name', 'no-name', 'no-name']],
    ['failed', 2, ['failed', 'failed', 'failed']],
    ['no-data', 0, ['no-data', 'no-data', 'no-data']],
  ])('sends nothing where no name has an address: %s', async (_, rcode, results) => {
    const node = new FakeNode()
    node.speeches.push(['socat', { stderr: STANDS, answer: answering({}, rcode) }])
    const report = await createTrace(node.options).probe({ ...step, host: 'none' })
    expect(report.name!.queries.map(({ result }) => result)).toEqual(results)
    expect(report).not.toHaveProperty('attempt')
  })

  it('asks no more of a name server that is silent, or says what is no answer', async () => {
    for (const speech of [{ ends: true }, { stderr: STANDS, answer: () => Buffer.from('x') }]) {
      const node = new FakeNode()
      node.speeches.push(['socat', speech])
      const { name } = await createTrace(node.options).probe({ ...step, host: 'web' })
      expect(name!.queries.map(({ result }) => result)).toEqual(['silent'])
    }
  })

  it('reads the table where the kernel tells of no changes', async () => {
    const node = new FakeNode()
    node.speeches.push(['conntrack -E', { ends: true }], ['socat', { stderr: notes.connected }])
    const port = 63_268
    node.said[`conntrack -L -p tcp --orig-port-src ${port}`] =
      `tcp      6 106 TIME_WAIT src=10.244.1.5 dst=10.96.20.1 sport=${port} dport=80 src=10.244.2.7 dst=10.244.1.5 sport=8080 dport=${port} [ASSURED] mark=0 use=1\n`
    const { flow, evidence } = await createTrace(node.options).probe(step)
    expect(flow).toMatchObject({ state: 'TIME_WAIT', unreplied: false })
    expect(evidence.flow?.[0]?.command).toContain('conntrack -L')
  })

  it('takes another port when one is taken', async () => {
    const node = new FakeNode()
    const speech = { stderr: notes.taken, ends: true }
    node.speeches.push(['conntrack -E', { stdout: events.connected }], ['socat', speech])
    await createTrace(node.options).probe(step)
    expect(node.commands.filter((line) => line.includes('socat'))).toHaveLength(4)
  })

  it('by UDP sends a datagram, a question where names are answered', async () => {
    const node = new FakeNode()
    let sent: Buffer = Buffer.alloc(0)
    const answer = (input: Buffer): Buffer => {
      sent = input
      return Buffer.from('yes')
    }
    node.speeches.push(['conntrack -E', {}], ['socat', { stderr: notes.udp, answer }])
    const report = await createTrace(node.options).probe({ ...step, protocol: 'udp', port: 53 })
    expect(report.attempt?.outcome).toBe('answered')
    expect(decode(sent).questions?.[0]).toMatchObject({ name: 'kubernetes.default.svc.cluster.local' })
    await createTrace(node.options).probe({ ...step, protocol: 'udp', port: 99 })
    expect(sent.toString()).toBe('drydock trace\n')
  })

  it('is refused for what is no destination, no port, or no pod of this node', async () => {
    const { probe } = createTrace(new FakeNode().options)
    for (const wrong of [
      { host: 'a,b' },
      { port: 0 },
      { port: 1.5 },
      { protocol: 'sctp' as 'tcp' },
      { timeout: 60_000 },
    ])
      await expect(probe({ ...step, ...wrong })).rejects.toMatchObject({ code: 400 })
    await expect(probe({ ...step, pod: { namespace: 'default', name: 'none' } })).rejects.toMatchObject({ code: 404 })
  })
})

describe('an arrival', () => {
  const target = (): FakeNode => {
    const node = new FakeNode()
    node.pods[0] = {
      namespace: 'default',
      pod: 'p2',
      pid: 9,
      address: '10.244.2.7',
      link: 'vethbbbbbbbb',
      resolver: '',
    }
    node.speeches.push(['conntrack -E', { stdout: events.arrived }])
    node.said['ss -Hltn'] = LISTENING
    node.said['nsenter -t 9 -n ss -Hltn'] = LISTENING
    return node
  }

  it('tells what was seen while it was watched, and the way to the pod and its ports', async () => {
    const node = target()
    const trace = createTrace(node.options)
    await trace.watch({ id: 'w', protocol: 'tcp', sources: ['10.244.1.5'] })
    const report = await trace.arrival({ watch: 'w', protocol: 'tcp', reply })
    expect(report).toMatchObject({
      flow: { state: 'ESTABLISHED', original: { source: '10.244.1.5' } },
      route: { device: 'docker0' },
      neighbour: { mac: '1a:1a:b3:f1:d2:09' },
      bridgePort: 'vethbbbbbbbb',
      pod: { namespace: 'default', name: 'p2' },
    })
    expect(report.listening).toContainEqual({ address: '127.0.0.1', port: 9090 })
    expect(node.running.size).toBe(0)
  })

  it('does not count what came from others', async () => {
    const node = target()
    const trace = createTrace(node.options)
    await trace.watch({ id: 'w', protocol: 'tcp', sources: ['10.244.1.99'] })
    expect(await trace.arrival({ watch: 'w', protocol: 'tcp', reply })).not.toHaveProperty('flow')
  })

  it('is read of the table where nobody watched', async () => {
    const node = target()
    node.said['conntrack -L -p tcp --orig-src 10.244.1.5 --orig-dst 10.244.2.7'] = events.arrived
      .split('\n')[2]!
      .replace(/^.*\] tcp/, 'tcp')
    expect(await createTrace(node.options).arrival({ protocol: 'tcp', reply })).toMatchObject({
      flow: { unreplied: false },
    })
  })

  it('looks no further where nobody has the address', async () => {
    const node = target()
    node.pods.length = 0
    node.said['ip -j neigh show 10.244.2.7 dev docker0'] = '[{"dst":"10.244.2.7","state":["INCOMPLETE"]}]'
    const report = await createTrace(node.options).arrival({ protocol: 'tcp', reply })
    expect(report).toMatchObject({ neighbour: { mac: '', state: 'INCOMPLETE' } })
    expect(report).not.toHaveProperty('listening')
  })

  it('names the policy that dropped it, by the counters since the watch began', async () => {
    const node = target()
    const chain = 'DRYDOCK-NP-I-bbbbbbbbbbbb'
    const rules = (count: number): string =>
      `[${count}:60] -A DRYDOCK-NP-IN -d 10.244.2.7/32 -m comment --comment "default/p2" -g ${chain}\n[${count}:60] -A ${chain} -j DROP\n`
    node.said['iptables-save -c -t filter'] = rules(3)
    const trace = createTrace(node.options)
    await trace.watch({ id: 'w', protocol: 'tcp', sources: ['10.244.1.99'] })
    node.said['iptables-save -c -t filter'] = rules(5)
    const { policy } = await trace.arrival({ watch: 'w', protocol: 'tcp', reply })
    expect(policy).toMatchObject({ direction: 'ingress', rule: { chain, grew: 2 } })
  })

  it('is refused for what is no connection, and watches that cannot be', async () => {
    const trace = createTrace(target().options)
    const watch = { id: 'w', protocol: 'tcp' as const, sources: ['10.244.1.5'] }
    await expect(trace.arrival({ protocol: 'tcp', reply: { ...reply, source: 'x' } })).rejects.toMatchObject({
      code: 400,
    })
    for (const wrong of [{ id: '../x' }, { sources: ['web'] }, { protocol: 'sctp' as 'tcp' }])
      await expect(trace.watch({ ...watch, ...wrong })).rejects.toMatchObject({ code: 400 })
    await trace.watch(watch)
    await expect(trace.watch(watch)).rejects.toMatchObject({ code: 400 })
    await trace.unwatch(watch)
    await trace.unwatch({ id: 'none' })
    await trace.watch(watch)
  })
})

describe('what is followed at once', () => {
  const watch = { protocol: 'tcp' as const, sources: ['10.244.1.5'] }
  const settled = async (all: Array<Promise<unknown>>): Promise<number> =>
    (await Promise.allSettled(all)).filter(({ status }) => status === 'fulfilled').length

  it('is listened to by so many processes at most, and by one for a name, however soon they are asked for', async () => {
    const node = new FakeNode()
    const trace = createTrace(node.options)
    expect(await settled([1, 2].map(() => trace.watch({ ...watch, id: 'same' })))).toBe(1)
    const names = Array.from({ length: 20 }, (_, i) => `w${i}`)
    expect(await settled(names.map((id) => trace.watch({ ...watch, id })))).toBe(15)
    for (const id of ['same', ...names]) await trace.unwatch({ id })
    expect(node.running.size).toBe(0)
  })

  it('is sent by so many probes at most', async () => {
    const node = new FakeNode()
    node.speeches.push(['conntrack -E', { stdout: events.connected }], ['socat', { stderr: notes.connected }])
    const { probe } = createTrace(node.options)
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => probe(step)))
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused.map(({ reason }) => (reason as { code: number }).code)).toEqual([429, 429, 429, 429])
    expect(await settled([probe(step)])).toBe(1)
    expect(node.running.size).toBe(0)
  })

  it('leaves no process when the list of the kernel’s sockets cannot be read any more', async () => {
    const node = new FakeNode()
    let reads = 0
    const { host } = node.options
    const readFile = (path: string) => (reads++ > 0 ? Promise.reject(new Error('EIO')) : host.readFile(path))
    const trace = createTrace({ ...node.options, host: { ...host, readFile } })
    await expect(trace.watch({ ...watch, id: 'w' })).rejects.toThrow('EIO')
    expect(node.running.size).toBe(0)
    reads = 0
    await expect(trace.watch({ ...watch, id: 'w' })).rejects.toThrow('EIO')
  })
})
