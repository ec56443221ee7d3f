import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import type { ArrivalReport, Attempt, ProbeReport } from '../../../../src-wire/trace/steps.ts'
import { flow, good, pod, service, slice, traced, world, type World } from './testing/world.ts'

const lost: Attempt = { sourcePort: 61001, outcome: 'timeout', words: 'Connection timed out' }
const refused: Attempt = { sourcePort: 61001, outcome: 'refused', ms: 0.2, words: 'Connection refused' }
const unanswered = { ...flow, state: 'SYN_SENT', unreplied: true }
const objects = (changes: World['objects']): World['objects'] => ({ ...world().objects, ...changes })

describe('a packet that is answered', () => {
  it('is told station by station, with who was behind the name', async () => {
    const { said, outcome, conclusion, hops } = await traced()
    expect(said).toBe(
      'source pod, name found, service chosen, address kept, route overlay, overlay sent, arrival seen, endpoint pod, answer connected',
    )
    expect({ outcome, reason: conclusion.reason }).toEqual({ outcome: 'answered', reason: 'connected' })
    expect(conclusion.values).toMatchObject({
      source: 'shop/client',
      target: 'shop/web-1',
      endpoint: '10.244.2.7:8080',
      node: 'n2',
      ms: '1.3',
    })
    expect(hops.every(({ state }) => state === 'ok')).toBe(true)
    expect(hops.find(({ id }) => id === 'endpoint')).toMatchObject({ node: 'n2', ms: 0.5, values: { link: 'vethb' } })
    expect(hops.find(({ id }) => id === 'service')?.evidence).toHaveLength(2)
  })

  it('does not name a pod or a service that the user may not see', async () => {
    const { conclusion, hops } = await traced({ hidden: ['pods/web-1', 'services/web'] })
    expect(conclusion.values).toMatchObject({ target: '10.244.2.7:8080' })
    expect(JSON.stringify([conclusion, hops])).not.toMatch(/shop\/web/)
  })

  it.each<[string, Partial<ProbeReport>, Partial<ArrivalReport>]>([
    ['service kept', { rules: { ...good.rules!, affinity: { seconds: 10_800, kept: true } } }, {}],
    ['service chosenSticky', { rules: { ...good.rules!, affinity: { seconds: 10_800, kept: false } } }, {}],
    ['service translated', { rules: { way: [] } }, {}],
    [
      'name foundAfter',
      { name: { ...good.name!, queries: [{ ...good.name!.queries[0]!, result: 'no-name' }, ...good.name!.queries] } },
      {},
    ],
    ['name alias', { name: { ...good.name!, queries: [{ ...good.name!.queries[0]!, aliases: ['a.example'] }] } }, {}],
    ['address replaced', { flow: { ...flow, reply: { ...flow.reply, target: '10.244.1.0' } } }, {}],
    ['route link', partial<ProbeReport>({ route: { kind: 'unicast', device: 'docker0' }, overlay: undefined }), {}],
    [
      'route gateway',
      partial<ProbeReport>({
        route: { kind: 'unicast', device: 'eth0', gateway: '172.28.0.1' },
        overlay: undefined,
      }),
      {},
    ],
    ['endpoint node', {}, { route: { kind: 'local', device: 'lo' } }],
    ['endpoint onward', {}, partial<ArrivalReport>({ pod: undefined, neighbour: undefined })],
    ['answer answered', { attempt: { ...refused, outcome: 'answered' } }, {}],
    ['source hostPod', { source: { address: '172.28.0.11', hostNetwork: true } }, {}],
  ])('may have the station "%s"', async (station, probe, arrival) => {
    const { said, outcome } = await traced({ probe, arrival })
    expect(said.split(', ')).toContain(station)
    expect(outcome).toBe('answered')
  })

  it('of one node is seen there once', async () => {
    const there = { ...flow, reply: { ...flow.reply, source: '10.244.1.9' } }
    const { said } = await traced({ probe: { flow: there }, arrival: { node: 'n1' } })
    expect(said).toContain('arrival sameNode')
  })

  it('that the node itself takes is answered by its own DNS', async () => {
    const dns = service('dns', { clusterIP: '10.96.0.7' })
    const own = { ...flow, reply: { ...flow.reply, source: '10.96.0.7', sourcePort: 80 } }
    const { said } = await traced(
      {
        objects: objects({ services: [dns] }),
        probe: partial<ProbeReport>({
          rules: { way: [] },
          flow: own,
          route: { kind: 'local', device: 'lo' },
          overlay: undefined,
        }),
      },
      { destination: { kind: 'service', namespace: 'shop', name: 'dns' } },
    )
    expect(said).toContain('service ownDns, address kept, route local, arrival sameNode')
  })
})

describe('who listens for it', () => {
  it('are the nodes of the endpoints, told every address that it may come from', async () => {
    const made = world()
    await traced(made)
    expect(made.watched.map(({ sources }) => sources)).toEqual([
      ['10.244.1.5', '172.28.0.11', '10.244.1.0', '10.244.1.1'],
    ])
  })

  it('are all that are connected, where a name may lead anywhere', async () => {
    const made = world({ there: ['n1', 'n2'] })
    await traced(made, { destination: { kind: 'host', host: 'web' }, port: 80 })
    expect(made.watched).toHaveLength(2)
    const [n1] = made.watched.map(({ id }) => id)
    expect(made.unwatched).toEqual([n1])
  })

  it('is the node of an address', async () => {
    const made = world()
    await traced(made, { destination: { kind: 'host', host: '172.28.0.13' }, port: 80 })
    expect(made.watched).toHaveLength(1)
  })
})

describe('what is sent', () => {
  it.each([
    [{ port: 'http' }, '80'],
    [{ port: 8443 }, '8443'],
    [{ destination: { kind: 'pod', namespace: 'shop', name: 'web-1' } }, '8080'],
    [{ destination: { kind: 'pod', namespace: 'shop', name: 'web-1' }, port: 'http' }, '8080'],
    [{ source: { kind: 'node', name: 'n1' } }, '80'],
  ] as const)('goes to the port that is meant by %j', async (asked, port) => {
    expect((await traced({}, asked)).conclusion.values['port']).toBe(port)
  })

  it.each([
    [{ port: 'none' }, 400],
    [{ destination: { kind: 'host', host: 'web' } }, 400],
    [{ destination: { kind: 'pod', namespace: 'shop', name: 'web-1' }, port: 'none' }, 400],
    [{ destination: { kind: 'pod', namespace: 'shop', name: 'none' } }, 404],
    [{ destination: { kind: 'service', namespace: 'shop', name: 'none' } }, 404],
    [{ source: { kind: 'pod', namespace: 'shop', name: 'none' } }, 404],
    [{ source: { kind: 'node', name: 'none' } }, 404],
  ] as const)('is nothing for %j', async (asked, code) => {
    await expect(traced({}, asked)).rejects.toMatchObject({ code })
  })

  it('cannot be of SCTP, nor to a service without ports or a pod without an address', async () => {
    const wrong = [{ ports: [{ port: 80, protocol: 'SCTP' }] }, { ports: [] }]
    for (const spec of wrong)
      await expect(traced({ objects: objects({ services: [service('web', spec)] }) })).rejects.toMatchObject({
        code: 400,
      })
    const pods = [pod('client', '10.244.1.5', 'n1'), pod('web-1', '', 'n2')]
    const asked = { destination: { kind: 'pod' as const, namespace: 'shop', name: 'web-1' } }
    await expect(traced({ objects: objects({ pods }) }, asked)).rejects.toMatchObject({ code: 400 })
    const headless = {
      services: [service('web', { clusterIP: 'None' })],
      endpointslices: [slice('web', '10.244.2.7', 'n2')],
    }
    await expect(
      traced({ objects: objects(headless) }, { source: { kind: 'node', name: 'n1' } }),
    ).rejects.toMatchObject({ code: 400 })
  })
})

describe('a node that is asked', () => {
  const gone = new StatusError(502, 'BadGateway', 'the connection to the node was lost')

  it('and is lost meanwhile is away', async () => {
    expect((await traced({ failures: { probe: gone } })).conclusion.reason).toBe('sourceNodeAway')
    const { said } = await traced({ failures: { arrival: gone }, probe: { attempt: lost, flow: unanswered } })
    expect(said).toContain('arrival nodeAway')
  })

  it('and cannot listen is done without', async () => {
    const full = new StatusError(400, 'BadRequest', 'too many packets are followed at once')
    expect((await traced({ failures: { watch: full } })).outcome).toBe('answered')
  })

  it('and fails otherwise says so itself', async () => {
    const failure = new StatusError(500, 'InternalError', 'no iptables-save')
    await expect(traced({ failures: { probe: failure } })).rejects.toThrow('no iptables-save')
  })

  it('and is silent for too long is away', async () => {
    const clock = new FakeClock()
    const answer = traced({ failures: { probe: 'silent' }, clock })
    for (let i = 0; i < 30; i++) await clock.advance(1_000)
    expect((await answer).conclusion.reason).toBe('sourceNodeAway')
  })
})
