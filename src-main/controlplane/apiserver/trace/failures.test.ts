import { describe, expect, it } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import type { ArrivalReport, Attempt, ProbeReport } from '../../../../src-wire/trace/steps.ts'
import { come, flow, good, pod, service, traced, world, type World } from './testing/world.ts'

const lost: Attempt = { sourcePort: 61001, outcome: 'timeout', words: 'Connection timed out' }
const refused: Attempt = { sourcePort: 61001, outcome: 'refused', ms: 0.2, words: 'Connection refused' }
const silent: Attempt = { sourcePort: 61001, outcome: 'silent', words: '' }
const unanswered = { ...flow, state: 'SYN_SENT', unreplied: true }
const objects = (changes: World['objects']): World['objects'] => ({ ...world().objects, ...changes })
const nothing = partial<ProbeReport>({ flow: undefined, rules: undefined })

describe('a packet that is refused', () => {
  const rejected: Partial<ProbeReport> = partial<ProbeReport>({
    attempt: refused,
    flow: undefined,
    rules: { way: [], refusal: { table: 'filter', chain: 'KUBE-SERVICES', target: 'REJECT' } },
  })

  it.each<[string, World['objects']]>([
    ['noPodsMatch', { pods: [pod('client', '10.244.1.5', 'n1')] }],
    ['podsNotReady', { pods: [pod('client', '10.244.1.5', 'n1'), pod('web-1', '10.244.2.7', 'n2', { ready: false })] }],
    ['noEndpoints', {}],
    ['noEndpointsByHand', { services: [service('web', { clusterIP: '10.96.0.7', selector: {} })] }],
  ])('by a service without endpoints is told why there are none: %s', async (reason, changes) => {
    const { outcome, conclusion, said } = await traced({
      probe: rejected,
      objects: objects({ endpointslices: [], ...changes }),
    })
    expect({ outcome, reason: conclusion.reason }).toEqual({ outcome: 'refused', reason })
    expect(said).toBe('source pod, name found, service rejected, answer refused')
    if (reason === 'podsNotReady') expect(conclusion.values).toMatchObject({ unready: 'web-1', count: '1' })
    if (reason === 'noPodsMatch') expect(conclusion.values).toMatchObject({ selector: 'app=web' })
  })

  const reset = { ...flow, state: 'CLOSE', unreplied: true, reset: true }
  it.each<[string, Partial<ArrivalReport>]>([
    [
      'listensElsewhere',
      {
        listening: [
          { address: '0.0.0.0', port: 9090 },
          { address: '127.0.0.1', port: 1 },
        ],
      },
    ],
    ['nothingListens', { listening: [] }],
    ['loopbackOnly', { listening: [{ address: '127.0.0.1', port: 8080 }] }],
    ['refusedThere', partial<ArrivalReport>({ listening: undefined })],
  ])('by the pod is told what listens there: %s', async (reason, arrival) => {
    const { conclusion } = await traced({
      probe: { attempt: refused, flow: reset },
      arrival: { flow: { ...come.flow!, ...reset, original: come.flow!.original }, ...arrival },
    })
    expect(conclusion.reason).toBe(reason)
    if (reason === 'listensElsewhere')
      expect(conclusion.values).toMatchObject({ listening: '9090', endpointPort: '8080', target: 'shop/web-1' })
  })

  it('tells nothing of what listens in a pod, or on a node, that one may not see', async () => {
    const ss = { command: 'ss', lines: ['LISTEN 0 128 0.0.0.0:9090 0.0.0.0:*'] }
    const rule = {
      command: 'iptables-save',
      lines: [
        '-A A -m comment --comment "shop/web" -m comment --comment x -j B',
        'goto service-0009G7DPMCV0V5VA-shop/web/tcp/http }',
      ],
    }
    const said = {
      probe: { attempt: refused, flow: reset, evidence: { rules: [rule], policy: [rule] } },
      arrival: {
        flow: { ...come.flow!, ...reset, original: come.flow!.original },
        listening: [{ address: '0.0.0.0', port: 9090 }],
        evidence: { listening: [ss], policy: [rule] },
      },
    }
    const hidden = ['pods/web-1', 'services/web']
    const unseen = await traced({ ...said, hidden })
    expect(unseen.conclusion.reason).toBe('refusedThere')
    expect(JSON.stringify(unseen.hops)).not.toMatch(/9090|shop\/web|comment/)
    expect(JSON.stringify(unseen.hops)).toContain('-A A -j B')
    expect(JSON.stringify(unseen.hops)).toContain('goto service-0009G7DPMCV0V5VA }')
    const onNode = { ...said, arrival: partial<ArrivalReport>({ ...said.arrival, pod: undefined }) }
    expect(JSON.stringify(await traced({ ...onNode, hidden: ['nodes/n2'] }))).not.toContain('9090')
    expect(JSON.stringify(await traced(onNode))).toContain('9090')
  })

  it('by somebody outside of the cluster is theirs to explain', async () => {
    const out = { ...reset, reply: { ...flow.reply, source: '192.0.2.9' } }
    const { conclusion, said } = await traced({ probe: { attempt: refused, flow: out } })
    expect(conclusion.reason).toBe('refusedOutside')
    expect(said).toContain('arrival outside')
  })

  it('for a port that the service does not have is told its ports', async () => {
    const own = {
      original: { ...flow.original, targetPort: 81 },
      reply: { ...flow.reply, source: '10.96.0.7', sourcePort: 81 },
    }
    const none = { ...reset, ...own }
    const wrong = { rules: { way: [] }, flow: none }
    // Whoever connects from outside of the cluster is not the service.
    for (const attempt of [refused, lost, { ...refused, outcome: 'connected' as const }]) {
      const { conclusion, said } = await traced({ probe: { attempt, ...wrong } }, { port: 81 })
      expect(conclusion).toMatchObject({ reason: 'noServicePort', values: { ports: '80 (http)', port: '81' } })
      expect(said).toContain('service noRule')
    }
  })
})

describe('a packet that is lost', () => {
  const gone = { attempt: lost, flow: unanswered }
  const empty = partial<ArrivalReport>({ flow: undefined })
  const policy = (direction: 'egress' | 'ingress') => ({
    direction,
    rule: { table: 'filter' as const, chain: 'DRYDOCK-NP-E-a', target: 'DROP', grew: 2 },
  })

  it.each<[string, Partial<World>]>([
    ['policyEgress', { probe: { ...gone, ...nothing, policy: policy('egress') } }],
    ['policyIngress', { probe: gone, arrival: { ...empty, policy: policy('ingress') } }],
    ['nodeAway', { probe: gone, there: ['n1'] }],
    ['lostBetween', { probe: gone, arrival: empty }],
    ['noAnswer', { probe: gone, arrival: { flow: { ...come.flow!, state: 'SYN_SENT', unreplied: true } } }],
    ['lostAnswer', { probe: gone, arrival: { flow: { ...come.flow!, state: 'SYN_RECV' } } }],
    ['noSuchAddress', { probe: gone, arrival: { neighbour: { mac: '', state: 'FAILED' } } }],
    ['overlayBroken', { probe: { ...gone, overlay: { ...good.overlay!, peer: '172.28.0.13' } } }],
    ['noRoute', { probe: { ...gone, route: { kind: 'unreachable', device: '' } } }],
    ['lostOutside', { probe: { ...gone, flow: { ...unanswered, reply: { ...flow.reply, source: '192.0.2.9' } } } }],
    [
      'unreachable',
      {
        probe: {
          attempt: { ...lost, outcome: 'unreachable' },
          flow: { ...unanswered, reply: { ...flow.reply, source: '192.0.2.9' } },
        },
      },
    ],
    ['neverLeft', { probe: { ...gone, ...nothing } }],
    [
      'noLocalEndpoints',
      {
        probe: {
          ...nothing,
          attempt: lost,
          rules: { way: [], refusal: { table: 'filter', chain: 'KUBE-SERVICES', target: 'DROP' } },
        },
      },
    ],
  ])('is told by where it was last seen: %s', async (reason, changes) => {
    const { conclusion, hops } = await traced(changes)
    expect(conclusion.reason).toBe(reason)
    expect(hops.some(({ state }) => state !== 'ok')).toBe(true)
  })

  it.each<[string, Partial<ProbeReport>]>([
    ['noNeighbour', { overlay: { device: 'flannel.1', vni: 1, port: 8472, gateway: '10.244.2.0' } }],
    [
      'noForwarding',
      { overlay: { device: 'flannel.1', vni: 1, port: 8472, gateway: '10.244.2.0', mac: '0e:d0:ac:1c:00:02' } },
    ],
    ['otherLease', { overlay: { ...good.overlay!, mac: '0e:00:00:00:00:00' } }],
  ])('in the overlay is told by the entry that is wrong: %s', async (word, probe) => {
    const { said, conclusion } = await traced({ probe: { ...gone, ...probe } })
    expect(said).toContain(`overlay ${word}`)
    expect(conclusion.reason).toBe('overlayBroken')
  })

  it('by UDP is delivered when the other end saw it, though nobody answers', async () => {
    const udp = { attempt: silent, flow: { ...unanswered, protocol: 'udp' as const, state: '' } }
    expect((await traced({ probe: udp }, { protocol: 'UDP' })).conclusion.reason).toBe('delivered')
    expect((await traced({ probe: udp, arrival: empty }, { protocol: 'UDP' })).conclusion.reason).toBe('lostBetween')
  })
})

describe('a packet that is never sent', () => {
  const unnamed = (result: 'no-name' | 'no-data' | 'failed' | 'silent'): Partial<ProbeReport> =>
    partial<ProbeReport>({
      ...nothing,
      attempt: undefined,
      address: undefined,
      name: {
        server: '10.96.0.10',
        search: [],
        ndots: 5,
        queries: [{ name: 'web', result, addresses: [], aliases: [] }],
      },
    })
  const host = { destination: { kind: 'host' as const, host: 'wob' }, port: 80 }

  it.each<[string, string, Partial<World>]>([
    ['noSuchName', 'noName', { probe: unnamed('no-name') }],
    ['noSuchName', 'noData', { probe: unnamed('no-data') }],
    ['dnsFailed', 'serverFailed', { probe: unnamed('failed') }],
    ['dnsSilent', 'silent', { probe: unnamed('silent') }],
    [
      'dnsFailed',
      'noServer',
      { probe: { ...unnamed('silent'), name: { server: '', search: [], ndots: 1, queries: [] } } },
    ],
  ])('has no address: %s (%s)', async (reason, word, changes) => {
    const { outcome, conclusion, said } = await traced(changes, host)
    expect({ outcome, reason: conclusion.reason }).toEqual({ outcome: 'unsent', reason })
    expect(said).toBe(`source pod, name ${word}`)
  })

  it('was not let to ask for the name: the policy is told, not the silence', async () => {
    const rule = { table: 'filter' as const, chain: 'DRYDOCK-NP-E-a', target: 'DROP', grew: 1 }
    const { said, conclusion } = await traced(
      { probe: { ...unnamed('silent'), policy: { direction: 'egress', rule } } },
      host,
    )
    expect(said).toBe('source pod, name silent, policy egress')
    expect(conclusion).toMatchObject({ reason: 'policyDns', values: { source: 'shop/client', server: '10.96.0.10' } })
  })

  it('finds the name in another namespace, among those that one may see', async () => {
    const other = { ...service('wob', { clusterIP: '10.96.0.8' }), metadata: { name: 'wob', namespace: 'bar' } }
    const changes = { probe: unnamed('no-name'), objects: objects({ services: [other] }) }
    const { conclusion } = await traced(changes, host)
    expect(conclusion).toMatchObject({ reason: 'nameElsewhere', values: { namespaces: 'bar', service: 'wob' } })
    expect((await traced({ ...changes, hidden: ['services/wob'] }, host)).conclusion.reason).toBe('noSuchName')
  })

  it.each<[string, Record<string, unknown>]>([
    ['headlessEmpty', { clusterIP: 'None' }],
    ['externalUnknown', { type: 'ExternalName', externalName: 'www.example.com' }],
  ])('is for a service whose name has no address: %s', async (reason, spec) => {
    const changes = { probe: unnamed('no-name'), objects: objects({ services: [service('web', spec)] }) }
    expect((await traced(changes)).conclusion.reason).toBe(reason)
  })

  it('is from a node that is away, or from a pod on none', async () => {
    expect((await traced({ there: [] })).conclusion).toEqual({ reason: 'sourceNodeAway', values: { node: 'n1' } })
    const unbound = [{ ...pod('client', '', ''), spec: { containers: [] } }]
    const { conclusion, said } = await traced({ objects: objects({ pods: unbound }) })
    expect(conclusion.reason).toBe('sourceUnbound')
    expect(said).toBe('source unbound')
  })

  it('could not be sent by the node’s own tools', async () => {
    const { conclusion } = await traced({ probe: { attempt: { ...lost, outcome: 'failed', words: 'no socat' } } })
    expect(conclusion).toMatchObject({ reason: 'notSent', values: { words: 'no socat' } })
  })
})
