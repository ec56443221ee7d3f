import type { FlowSchema, PriorityLevelConfiguration } from '#types/flowcontrol.apiserver.k8s.io/v1'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import type { ObjectListener, UserInfo } from '../../admission/admission.ts'
import { parseRequest } from '../http/request-info.ts'
import { dump, dumpPaths } from './dump.ts'
import { collectedHeap, lastingHeap } from '../../testing/lasting-heap.ts'
import { FlowControl, LONGEST_HELD, LONGEST_WAIT, type TakenSeats } from './flow-control.ts'
import { formatMetrics } from '../../../../src-kube/machinery/metrics/prometheus.ts'
import { flowControlMetrics } from './metrics.ts'

const listeners: Record<string, ObjectListener> = {}
const stored: Record<string, KubeObject[]> = {}
let clock = new FakeClock()
let control = new FlowControl(clock)

beforeEach(async () => {
  stored['flowschemas'] = []
  stored['prioritylevelconfigurations'] = []
  clock = new FakeClock()
  control = new FlowControl(clock)
  await control.start({
    get: () => Promise.resolve(undefined),
    list: (_, resource) => Promise.resolve(stored[resource]!),
    observe(_, resource, listener) {
      listeners[resource] = listener
      return () => void delete listeners[resource]
    },
  })
})
afterEach(() => control.stop())

type Spec = NonNullable<PriorityLevelConfiguration['spec']>

function level(name: string, limited: Spec['limited']): void {
  const object = { metadata: { name, uid: `level ${name}` }, spec: { type: 'Limited', limited } }
  listeners['prioritylevelconfigurations']!(partial<KubeObject>(object), undefined)
}

function schema(name: string, to: string, more: Partial<FlowSchema['spec']> = {}): void {
  const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }
  const object = {
    metadata: { name, uid: `schema ${name}` },
    spec: {
      matchingPrecedence: 1000,
      priorityLevelConfiguration: { name: to },
      distinguisherMethod: { type: 'ByUser' },
      rules: [{ subjects: [{ kind: 'Group', group: { name: 'people' } }], resourceRules: [everything] }],
      ...more,
    },
  }
  listeners['flowschemas']!(partial<KubeObject>(object), undefined)
}

const person = (name: string): UserInfo => ({ name, groups: ['people', 'system:authenticated'] })
const pods = parseRequest('GET', '/api/v1/namespaces/d/pods')
const never = new AbortController().signal

function enter(user: UserInfo, wanted = 1, gone = never): TakenSeats | Promise<TakenSeats> {
  return control.enter(control.flowOf(user, pods)!, { user, asked: pods }, wanted, () => gone)
}

const queue = { queues: 4, handSize: 1, queueLengthLimit: 3 }
/** Two seats: with `catch-all` (5 shares) the others' part of 600. */
const twoSeats = {
  nominalConcurrencyShares: 1,
  borrowingLimitPercent: 0,
  limitResponse: { type: 'Queue', queuing: queue },
}
const rest = { nominalConcurrencyShares: 294, limitResponse: { type: 'Reject' } }

function narrow(limited: object = twoSeats): void {
  level('narrow', limited as Spec['limited'])
  level('rest', rest as Spec['limited'])
  schema('people', 'narrow')
}

describe('a request that finds its seats free', () => {
  it('sits down at once, and stands up again', () => {
    narrow()
    const seats = enter(person('jane')) as TakenSeats
    expect(seats.value.flow).toMatchObject({
      schemaUid: 'schema people',
      levelUid: 'level narrow',
      distinguisher: 'jane',
    })
    expect(seats.value.flow.level.inUse).toBe(1)
    control.leave(seats)
    expect(seats.value.flow.level.inUse).toBe(0)
    expect(control.running.size).toBe(0)
  })

  it('is garbage as soon as it is over, not only when all of the heap is collected', () => {
    narrow({ ...twoSeats, nominalConcurrencyShares: 294 })
    const size = 1024
    const requests = 8_000
    const ballast = (): object => ({ ballast: Array.from({ length: size / 8 }, () => 1) })
    const sitting = [enter(person('jane')) as TakenSeats]
    const before = collectedHeap()
    for (let i = 0; i < requests; i++) {
      sitting.push(enter(Object.assign(person('jane'), ballast())) as TakenSeats)
      if (sitting.length === 16) control.leave(sitting.shift()!)
    }
    expect(lastingHeap() - before).toBeLessThan((requests * size) / 4)
  })

  it('belongs to the schema that there is now', () => {
    narrow()
    expect(control.flowOf(person('jane'), pods)?.schema.metadata.name).toBe('people')
    schema('first', 'rest', { matchingPrecedence: 10 })
    expect(control.flowOf(person('jane'), pods)?.schema.metadata.name).toBe('first')
    listeners['flowschemas']!(undefined, { metadata: { name: 'first' } } as KubeObject)
    expect(control.flowOf(person('jane'), pods)?.schema.metadata.name).toBe('people')
  })

  it('is not led to a level that there is not, and never to none', () => {
    schema('people', 'nowhere')
    expect(control.flowOf(person('jane'), pods)?.schema.metadata.name).toBe('catch-all')
    expect(control.flowOf({ name: 'a', groups: ['system:masters'] }, pods)?.level.name).toBe('exempt')
    expect(control.flowOf({ name: 'a', groups: [] }, pods)).toBeUndefined()
  })

  it('of the exempt level always does', () => {
    const admin = { name: 'a', groups: ['system:masters'] }
    const all = Array.from({ length: 1000 }, () => enter(admin))
    expect(all.every((one) => !(one instanceof Promise))).toBe(true)
  })

  it('tells flows apart by namespace where the schema says so', () => {
    narrow()
    schema('people', 'narrow', { distinguisherMethod: { type: 'ByNamespace' } })
    expect(control.flowOf(person('jane'), pods)?.distinguisher).toBe('d')
  })
})

describe('a request that finds none', () => {
  it('waits for its turn', async () => {
    narrow()
    const [first] = [enter(person('jane')), enter(person('jane'))] as TakenSeats[]
    const third = enter(person('jane')) as Promise<TakenSeats>
    expect(first!.value.flow.level.waiting).toBe(1)
    control.leave(first!)
    const seats = await third
    expect(seats.value.flow.level).toMatchObject({ waiting: 0, inUse: 2, executing: 2 })
    control.leave(seats)
    expect([...seats.value.flow.level.queues!.active]).toEqual([])
  })

  it('is refused when its queue is full', async () => {
    narrow()
    const sitting = [enter(person('jane')), enter(person('jane'))] as TakenSeats[]
    const waiting = [1, 2, 3].map(() => enter(person('jane')) as Promise<TakenSeats>)
    await expect(enter(person('jane'))).rejects.toMatchObject({ reason: 'queue-full' })
    expect(sitting[0]!.value.flow.level.counts.rejected).toBe(1)
    control.leave(sitting[0]!)
    await waiting[0]
  })

  it('is refused at once where nobody waits', () => {
    narrow({ ...twoSeats, limitResponse: { type: 'Reject' } })
    void [enter(person('jane')), enter(person('jane'))]
    expect(() => enter(person('jane'))).toThrow(expect.objectContaining({ reason: 'concurrency-limit' }) as Error)
  })

  it('is refused when it waited too long', async () => {
    narrow()
    const [sitting] = [enter(person('jane')), enter(person('jane'))] as TakenSeats[]
    const third = enter(person('jane')) as Promise<TakenSeats>
    void clock.advance(LONGEST_WAIT)
    await expect(third).rejects.toMatchObject({ reason: 'time-out' })
    expect(sitting!.value.flow.level).toMatchObject({ waiting: 0, counts: { timedOut: 1 } })
  })

  it('no longer waits when its client went', async () => {
    narrow()
    const [sitting] = [enter(person('jane')), enter(person('jane'))] as TakenSeats[]
    const gone = new AbortController()
    const third = enter(person('jane'), 1, gone.signal) as Promise<TakenSeats>
    gone.abort()
    await expect(third).rejects.toMatchObject({ reason: 'cancelled' })
    await expect(enter(person('jane'), 1, gone.signal)).rejects.toMatchObject({ reason: 'cancelled' })
    expect(sitting!.value.flow.level.waiting).toBe(0)
  })

  it('waits behind its own flow, not behind others that flood the level', async () => {
    narrow()
    const sitting = [enter(person('flood')), enter(person('flood'))] as TakenSeats[]
    const order: string[] = []
    const wait = (name: string): Promise<unknown> =>
      (enter(person(name)) as Promise<TakenSeats>).then((seats) => {
        order.push(name)
        void clock.advance(1_000)
        control.leave(seats)
      })
    const all = ['flood', 'flood', 'flood', 'jane'].map(wait)
    control.leave(sitting[0]!)
    await Promise.all(all)
    expect(order.indexOf('jane')).toBeLessThan(2)
  })

  it('of a level without seats is held until its time is up', async () => {
    narrow({ ...twoSeats, nominalConcurrencyShares: 0 })
    const held = enter(person('jane')) as Promise<TakenSeats>
    void clock.advance(LONGEST_WAIT)
    await expect(held).rejects.toMatchObject({ reason: 'time-out' })
  })

  it('takes as many seats as it is wide, and no more than the level has', () => {
    narrow()
    const wide = enter(person('jane'), 10) as TakenSeats
    expect(wide.value.seats).toBe(2)
    expect(enter(person('jane'))).toBeInstanceOf(Promise)
  })
})

describe('levels', () => {
  it('lend each other what they do not use, and no more', () => {
    level('lender', { nominalConcurrencyShares: 1, lendablePercent: 50, limitResponse: { type: 'Reject' } })
    level('narrow', { nominalConcurrencyShares: 1, limitResponse: { type: 'Reject' } })
    level('rest', { nominalConcurrencyShares: 293, limitResponse: { type: 'Reject' } })
    schema('people', 'narrow')
    // Two of its own and the one that the other may lend.
    const mine = [1, 2, 3].map(() => enter(person('jane')) as TakenSeats)
    expect(() => enter(person('jane'))).toThrow('Too many requests')
    control.leave(mine[0]!)
    expect(enter(person('jane'))).not.toBeInstanceOf(Promise)
  })

  it('get back what was borrowed from them as soon as it is free', async () => {
    level('lender', { ...twoSeats, lendablePercent: 100 })
    level('narrow', { nominalConcurrencyShares: 0, limitResponse: { type: 'Reject' } })
    level('rest', { ...rest })
    schema('people', 'narrow')
    schema('lent', 'lender', {
      rules: [
        {
          subjects: [{ kind: 'User', user: { name: 'owner' } }],
          resourceRules: [{ verbs: ['list'], apiGroups: [''], resources: ['pods'], namespaces: ['d'] }],
        },
      ],
      matchingPrecedence: 1,
    })
    const borrowed = [enter(person('jane')), enter(person('jane'))] as TakenSeats[]
    const first = enter({ name: 'owner', groups: [] }) as Promise<TakenSeats> | TakenSeats
    const second = enter({ name: 'owner', groups: [] }) as Promise<TakenSeats>
    control.leave(borrowed[0]!)
    control.leave(borrowed[1]!)
    expect((await second).value.flow.level.name).toBe('lender')
    expect((await first).value.flow.level.inUse).toBe(2)
  })

  /** `flood` may take all that `lender` lends, and queues for more. */
  function lentAll(): { owner: () => TakenSeats | Promise<TakenSeats>; borrowed: TakenSeats[] } {
    level('lender', { ...twoSeats, lendablePercent: 100 })
    level('narrow', { nominalConcurrencyShares: 0, limitResponse: { type: 'Queue', queuing: queue } })
    level('rest', { ...rest })
    schema('people', 'narrow')
    const resourceRules = [{ verbs: ['list'], apiGroups: [''], resources: ['pods'], namespaces: ['d'] }]
    const rules = [{ subjects: [{ kind: 'User', user: { name: 'owner' } }], resourceRules }]
    schema('lent', 'lender', { rules, matchingPrecedence: 1 })
    const borrowed = [enter(person('flood')), enter(person('flood'))] as TakenSeats[]
    return { owner: () => enter({ name: 'owner', groups: [] }), borrowed }
  }

  it('get their own seats before those who borrow more of them, however long these wait', async () => {
    const { owner, borrowed } = lentAll()
    const greedy = enter(person('flood')) as Promise<TakenSeats>
    const own = owner() as Promise<TakenSeats>
    control.leave(borrowed[0]!)
    expect((await own).value.flow.level).toMatchObject({ name: 'lender', inUse: 1 })
    control.leave(borrowed[1]!)
    expect((await greedy).value.flow.level.name).toBe('narrow')
  })

  it('that are deleted and made again while requests go on are one level', () => {
    narrow()
    const sitting = enter(person('jane')) as TakenSeats
    listeners['prioritylevelconfigurations']!(undefined, { metadata: { name: 'narrow' } } as KubeObject)
    control.flowOf(person('jane'), pods)
    narrow()
    expect(control.flowOf(person('jane'), pods)?.level).toBe(sitting.value.flow.level)
    expect(sitting.value.flow.level.quiescing).toBe(false)
    expect(control.configuration.levels.filter(({ name }) => name === 'narrow')).toHaveLength(1)
  })

  it('that are given more seats, or need none, let go at once who waits', async () => {
    narrow({ ...twoSeats, nominalConcurrencyShares: 0 })
    const held = enter(person('jane')) as Promise<TakenSeats>
    narrow()
    control.flowOf(person('jane'), pods)
    expect((await held).value.flow.level.waiting).toBe(0)
  })

  it('do not go without the seats of requests that last too long', () => {
    narrow({ ...twoSeats, limitResponse: { type: 'Reject' } })
    const stuck = [enter(person('jane')), enter(person('jane'))] as TakenSeats[]
    void clock.advance(LONGEST_HELD)
    const seats = enter(person('jane')) as TakenSeats
    expect(seats.value.flow.level.inUse).toBe(1)
    // They end after all: nothing is given back twice.
    for (const one of stuck) control.leave(one)
    expect(seats.value.flow).toMatchObject({ level: { inUse: 1 }, tally: { executing: 1 } })
  })

  it('that are deleted end with their last request', async () => {
    narrow()
    const sitting = enter(person('jane')) as TakenSeats
    listeners['prioritylevelconfigurations']!(undefined, { metadata: { name: 'narrow' } } as KubeObject)
    expect(control.flowOf(person('jane'), pods)?.level.name).toBe('catch-all')
    expect(dump(control, { path: dumpPaths[0]!, query: new URLSearchParams() })).toMatch(/^narrow, +0, +false, +true,/m)
    control.leave(sitting)
    level('rest', { ...rest, nominalConcurrencyShares: 10 })
    control.flowOf(person('jane'), pods)
    expect(control.configuration.levels.map(({ name }) => name).toSorted()).toEqual(['catch-all', 'exempt', 'rest'])
  })

  it('let those wait on whose queues change', async () => {
    narrow()
    const sitting = [enter(person('jane')), enter(person('jane'))] as TakenSeats[]
    const waiting = [1, 2, 3].map(() => enter(person('jane')) as Promise<TakenSeats>)
    narrow({ ...twoSeats, limitResponse: { type: 'Queue', queuing: { queues: 1, handSize: 1, queueLengthLimit: 1 } } })
    control.flowOf(person('jane'), pods)
    expect(sitting[0]!.value.flow.level.waiting).toBe(3)
    narrow({ ...twoSeats, limitResponse: { type: 'Reject' } })
    expect(() => enter(person('jane'))).toThrow('Too many requests')
    for (const seats of sitting) control.leave(seats)
    control.leave(await waiting[0]!)
    await Promise.all(waiting)
  })
})

describe('what the server tells of it', () => {
  const text = (path: string, query = ''): string =>
    dump(control, { path, query: new URLSearchParams(query) }) ?? 'nothing'

  it('lists levels, queues and requests', () => {
    narrow()
    const user = person('jane')
    void [enter(user), enter(user), enter(user)]
    const [levels, queues, requests] = dumpPaths.map((path) => text(path).split('\n'))
    expect(levels![0]).toBe(
      'PriorityLevelName, ActiveQueues, IsIdle, IsQuiescing, WaitingRequests, ExecutingRequests, DispatchedRequests, RejectedRequests, TimedoutRequests, CancelledRequests',
    )
    expect(levels![3]!.replaceAll(/ +/g, '')).toBe('narrow,1,false,false,1,2,2,0,0,0')
    expect(queues![1]!.replaceAll(/ +/g, '')).toMatch(/^narrow,\d,1,0,0,0.00000000ss,1,1,1.00000000ss$/)
    expect(requests).toHaveLength(5)
    expect(requests![3]!.replaceAll(/ +/g, '')).toMatch(
      /^narrow,people,\d,0,jane,2026-01-01T00:00:00.000Z,1,0,0s,0001-01-01T00:00:00Z$/,
    )
    expect(text(dumpPaths[2]!, 'includeRequestDetails=1')).toMatch(
      /jane, +list, +\/api\/v1\/namespaces\/d\/pods, d, +, +v1, +pods, +\n/,
    )
    expect(text('/debug/other')).toBe('nothing')
  })

  it('counts in metrics', async () => {
    narrow()
    const user = person('jane')
    const all = [1, 2, 3, 4, 5].map(() => enter(user))
    await expect(enter(user)).rejects.toThrow('Too many requests')
    const metrics = formatMetrics(flowControlMetrics(control))
    for (const line of [
      'nominal_limit_seats{priority_level="narrow"} 2',
      'current_executing_requests{flow_schema="people",priority_level="narrow"} 2',
      'current_inqueue_requests{flow_schema="people",priority_level="narrow"} 3',
      'dispatched_requests_total{flow_schema="people",priority_level="narrow"} 2',
      'rejected_requests_total{flow_schema="people",priority_level="narrow",reason="queue-full"} 1',
    ])
      expect(metrics).toContain(`apiserver_flowcontrol_${line}\n`)
    expect(all).toHaveLength(5)
  })
})
