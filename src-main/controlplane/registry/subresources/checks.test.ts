import { describe, expect, test } from 'vitest'
import { findKind, kinds } from '../../../../src-kube/kinds/index.ts'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { memoryStore } from '../../store/index.ts'
import { createRegistry } from '../index.ts'
import type { WriteOptions } from '../registry.ts'
import { createStrategies } from '../strategies/index.ts'
import { admin, arrange, at, open, pod, type Arranged } from '../testing/arrange.ts'

const MERGE = 'application/merge-patch+json'
const p = at('v1', 'Pod', 'd', 'p')
const sub = <T extends object>(target: T, subresource: string) => ({ ...target, subresource })

async function withPod(spec: object = {}): Promise<Arranged> {
  const arranged = await arrange()
  await arranged.registry.create(at('v1', 'Pod', 'd'), pod('p', { labels: { app: 'x' } }, spec), arranged.write)
  return arranged
}

describe('a binding', () => {
  test.each([
    [{ metadata: { name: 'q' }, target: { name: 'n' } }, 400, 'name in URL does not match name in Binding object'],
    [{ target: { name: 'n' } }, 400, 'name in URL does not match name in Binding object'],
    [
      { metadata: { name: 'p', namespace: 'e' }, target: { name: 'n' } },
      400,
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [{ metadata: { name: 'p' }, target: {} }, 422, 'Binding "p" is invalid: target.name: Required value'],
    [
      { metadata: { name: 'p' }, target: { kind: 'Pod', name: 'n' } },
      422,
      'Binding "p" is invalid: target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"',
    ],
    [{ target: [] }, 400, expect.stringContaining('cannot be handled as a Binding: json: cannot unmarshal array')],
    [{ target: { name: 5 } }, 400, expect.stringContaining('json: cannot unmarshal number')],
  ])('that is wrong is refused: %j', async (body, code, message) => {
    const { registry, write } = await withPod()
    await expect(registry.create(sub(p, 'binding'), body, write)).rejects.toMatchObject({ code, message })
  })

  test('of a pod that gates hold back is a conflict', async () => {
    const { registry, write } = await withPod({ schedulingGates: [{ name: 'a.b/c' }] })
    await expect(
      registry.create(sub(p, 'binding'), { metadata: { name: 'p' }, target: { name: 'n' } }, write),
    ).rejects.toMatchObject({
      code: 409,
      message: 'Operation cannot be fulfilled on pods/binding "p": pod p has non-empty .spec.schedulingGates',
    })
  })

  test('of another pod of the same name is a conflict', async () => {
    const { registry, write } = await withPod()
    const body = { metadata: { name: 'p', uid: 'other' }, target: { name: 'n' } }
    await expect(registry.create(sub(p, 'binding'), body, write)).rejects.toMatchObject({
      code: 409,
      message: expect.stringContaining('Precondition failed: UID in precondition: other, UID in object meta:'),
    })
  })
})

describe('an eviction', () => {
  async function guarded(status: object): Promise<Arranged> {
    const arranged = await withPod()
    const { registry, write } = arranged
    const target = at('policy/v1', 'PodDisruptionBudget', 'd', 'b')
    const budget = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b' },
      spec: { selector: { matchLabels: { app: 'x' } }, minAvailable: 1 },
    }
    await registry.create(target, budget, write)
    // The old version takes any counts.
    const old = at('policy/v1beta1', 'PodDisruptionBudget', 'd', 'b')
    await registry.update(sub(old, 'status'), { ...budget, apiVersion: 'policy/v1beta1', status }, write)
    const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
    await registry.patch(sub(p, 'status'), MERGE, { status: ready }, write)
    return arranged
  }
  const evict = ({ registry, write }: Arranged, body: object = {}) =>
    registry.create(sub(p, 'eviction'), { metadata: { name: 'p' }, ...body }, write)

  test.each([
    [{ deleteOptions: { dryRun: 'All' } }, 'string'],
    [{ metadata: [] }, 'array'],
  ])('is decoded as one: %j', async (body, found) => {
    const { registry, write } = await withPod()
    await expect(registry.create(sub(p, 'eviction'), body, write)).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining(`cannot be handled as a Eviction: json: cannot unmarshal ${found}`),
    })
  })

  test('names the pod of its path', async () => {
    const message = 'name in URL does not match name in Eviction object'
    const arranged = await withPod()
    for (const metadata of [{ name: 'q' }, {}])
      await expect(evict(arranged, { metadata })).rejects.toMatchObject({ code: 400, message })
    await expect(evict(arranged, { metadata: { name: 'p', namespace: 'e' } })).rejects.toMatchObject({
      code: 400,
      message: 'the namespace of the provided object does not match the namespace sent on the request',
    })
  })

  test('runs dry when its own options say so', async () => {
    const arranged = await withPod()
    await evict(arranged, { deleteOptions: { dryRun: ['All'] } })
    await arranged.registry.read(p)
    await expect(evict(arranged, { deleteOptions: { dryRun: ['Some'] } })).rejects.toMatchObject({ code: 422 })
  })

  test.each([
    [{}, 'The disruption budget b is still being processed by the server.', 10],
    [
      { observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 },
      'The disruption budget b needs 1 healthy pods and has 1 currently',
      undefined,
    ],
    [
      { observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 3, desiredHealthy: 1 },
      'The disruption budget b does not allow evicting pods currently',
      undefined,
    ],
    [
      {
        observedGeneration: 1,
        disruptionsAllowed: 0,
        currentHealthy: 3,
        desiredHealthy: 1,
        conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'Frozen', message: 'by hand' }],
      },
      'The disruption budget b does not allow evicting pods currently (Frozen): by hand',
      undefined,
    ],
    [
      {
        observedGeneration: 1,
        disruptionsAllowed: 0,
        conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message: 'no scale' }],
      },
      'The disruption budget b does not allow evicting pods currently because it failed sync: no scale',
      undefined,
    ],
  ])('under the budget %j is refused, and told why', async (status, words, retryAfterSeconds) => {
    const details: object = { causes: [{ reason: 'DisruptionBudget', message: words }] }
    await expect(evict(await guarded(status))).rejects.toMatchObject({
      code: 429,
      details: retryAfterSeconds ? { ...details, retryAfterSeconds } : details,
    })
  })

  test('waits for a controller that has not seen the last ones', async () => {
    const disruptedPods = Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [`p${i}`, '2026-01-01T00:00:00Z']))
    const status = { observedGeneration: 1, disruptionsAllowed: 1, disruptedPods }
    await expect(evict(await guarded(status))).rejects.toMatchObject({ code: 403 })
    const negative = { observedGeneration: 1, disruptionsAllowed: -1 }
    await expect(evict(await guarded(negative))).rejects.toMatchObject({
      code: 403,
      message: 'poddisruptionbudget.policy "b" is forbidden: pdb disruptions allowed is negative',
    })
  })
})

describe('a resize', () => {
  const container = { name: 'c', image: 'busybox', resources: { requests: { cpu: '100m' } } }
  const ask = (resources: object, more: object = {}) => ({ spec: { containers: [{ name: 'c', resources, ...more }] } })
  const strategic = 'application/strategic-merge-patch+json'

  test('changes resources alone, as a new generation', async () => {
    const { registry, write } = await withPod({ containers: [container] })
    await registry.patch(sub(p, 'resize'), strategic, ask({ requests: { cpu: '200m' } }, { image: 'other' }), write)
    expect((await registry.read(p)).object).toMatchObject({
      metadata: { generation: 2 },
      spec: { containers: [{ image: 'busybox', resources: { requests: { cpu: '200m' } } }] },
    })
  })

  test.each([
    [{ requests: { cpu: '200m' }, limits: { cpu: '300m', memory: '1Gi' } }, undefined],
    [{ requests: { cpu: null } }, 'resource requests cannot be removed'],
    [
      { requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } },
      'only cpu and memory resources are mutable',
    ],
    [{ requests: { cpu: null, memory: null } }, 'Pod QOS Class may not change as a result of resizing'],
  ])('to %j is judged', async (resources, words) => {
    const { registry, write } = await withPod({ containers: [container] })
    const answer = registry.patch(sub(p, 'resize'), strategic, ask(resources), write)
    if (words) await expect(answer).rejects.toMatchObject({ code: 422, message: expect.stringContaining(words) })
    else await answer
  })

  test.each([
    [{ requests: { cpu: '200m' }, limits: { cpu: '300m' } }, undefined],
    [{ requests: { memory: null } }, 'spec.resources.requests: Forbidden: resource requests cannot be removed'],
    [{ requests: { cpu: '1' } }, 'must be less than or equal to cpu limit'],
  ])('of what a pod asks for as a whole to %j is judged', async (resources, words) => {
    const whole = { requests: { cpu: '100m', memory: '1Mi' }, limits: { cpu: '500m' } }
    const { registry, write } = await withPod({ containers: [{ name: 'c', image: 'busybox' }], resources: whole })
    const answer = registry.patch(sub(p, 'resize'), strategic, { spec: { resources } }, write)
    if (words) return expect(answer).rejects.toMatchObject({ code: 422, message: expect.stringContaining(words) })
    await answer
    expect((await registry.read(p)).object).toMatchObject({
      metadata: { generation: 2 },
      spec: { resources: { requests: { cpu: '200m', memory: '1Mi' }, limits: { cpu: '300m' } } },
    })
  })

  test('keeps to the containers that there are, in their order', async () => {
    const two = [container, { ...container, name: 'd' }]
    const { registry, write } = await withPod({ containers: two })
    const order = (names: string[]) => ({ '$setElementOrder/containers': names.map((name) => ({ name })) })
    const reordered = registry.patch(sub(p, 'resize'), strategic, { spec: order(['d', 'c']) }, write)
    const moved = (i: number) =>
      `spec.containers[${i}].name: Forbidden: containers may not be renamed or reordered on resize`
    await expect(reordered).rejects.toMatchObject({
      code: 422,
      message: expect.stringContaining(`${moved(0)}, ${moved(1)}`),
    })
    const one = registry.patch(
      sub(p, 'resize'),
      'application/merge-patch+json',
      { spec: { containers: [container] } },
      write,
    )
    await expect(one).rejects.toThrow('spec.containers: Forbidden: containers may not be added or removed on resize')
    const init = registry.patch(
      sub(p, 'resize'),
      strategic,
      { spec: { initContainers: [{ ...container, name: 'i' }] } },
      write,
    )
    await expect(init).rejects.toThrow(
      'spec.initContainers: Forbidden: initContainers may not be added or removed on resize',
    )
  })

  test('comes too late for a pod that is done', async () => {
    const { registry, write } = await withPod({ containers: [container] })
    await registry.patch(sub(p, 'status'), MERGE, { status: { phase: 'Succeeded' } }, write)
    await expect(registry.patch(sub(p, 'resize'), MERGE, {}, write)).rejects.toMatchObject({ code: 400 })
  })
})

describe('a token request', () => {
  async function granting() {
    const clock = new FakeClock()
    const strategies = createStrategies({ serviceCidr: '10.96.0.0/16', nodePortRange: { first: 30_000, last: 32_767 } })
    const issueToken = ({ audiences = ['server'] }: { audiences?: readonly string[] | undefined }) =>
      Promise.resolve({ token: 't', expirationTimestamp: '2026-01-01T01:00:00Z', audiences })
    const registry = createRegistry({ store: memoryStore(), kinds, strategies, admission: open, clock, issueToken })
    await registry.ready
    const write = { user: admin, dryRun: false, fieldManager: 't', fieldValidation: 'Ignore' as const, warn() {} }
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a' } }
    await registry.create(at('v1', 'ServiceAccount', 'd'), account, write)
    await registry.create(at('v1', 'Pod', 'd'), pod('p', {}, { serviceAccountName: 'b' }), write)
    const target = sub(at('v1', 'ServiceAccount', 'd', 'a'), 'token')
    return (body: object, options: Partial<WriteOptions> = {}) =>
      registry.create(target, body, { ...write, ...options })
  }

  test('is decoded as one, and unknown fields are refused or warned of as the client asks', async () => {
    const ask = await granting()
    const fault = 'TokenRequest in version "v1" cannot be handled as a TokenRequest: json: cannot unmarshal'
    const refused = { code: 400, message: expect.stringContaining(fault) }
    await expect(ask({ spec: { audiences: [5] } })).rejects.toMatchObject(refused)
    await expect(ask({ spec: { expirationSeconds: '900' } })).rejects.toMatchObject(refused)
    const warnings: string[] = []
    const warn = (words: string): void => void warnings.push(words)
    await ask({ spec: { expirationSecond: 900 } }, { fieldValidation: 'Warn', warn })
    expect(warnings).toEqual(['unknown field "spec.expirationSecond"'])
    await expect(ask({ spec: { expirationSecond: 900 } }, { fieldValidation: 'Strict' })).rejects.toMatchObject({
      message: expect.stringContaining('strict decoding error: unknown field "spec.expirationSecond"'),
    })
  })

  test.each([
    [
      { metadata: { name: 'b' } },
      'metadata.name: Invalid value: "b": must match the service account name if specified',
    ],
    [
      { metadata: { namespace: 'e' } },
      'metadata.namespace: Invalid value: "e": must match the service account namespace if specified',
    ],
    [
      { metadata: { uid: 'other' } },
      'the UID in the token request (other) does not match the UID of the service account',
    ],
    [{ spec: { expirationSeconds: 1 } }, 'may not specify a duration less than 10 minutes'],
    [{ spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1' } } }, 'Name parameter required.'],
    [
      { spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p' } } },
      'cannot bind token for serviceaccount "a" to pod running with different serviceaccount name.',
    ],
    [
      { spec: { boundObjectRef: { kind: 'Job', apiVersion: 'batch/v1', name: 'p' } } },
      'cannot bind token for serviceaccount "a" to object of type batch/v1, Kind=Job',
    ],
  ])('%j is refused', async (body, words) => {
    const ask = await granting()
    await expect(ask(body)).rejects.toMatchObject({ message: expect.stringContaining(words) })
    await ask({})
  })

  test('is answered with whom the token is for, who is the server itself unless somebody else was named', async () => {
    const ask = await granting()
    const status = { token: 't', expirationTimestamp: '2026-01-01T01:00:00Z' }
    expect((await ask({})).object).toMatchObject({ spec: { audiences: ['server'], expirationSeconds: 3600 } })
    expect((await ask({ spec: { audiences: ['x'] } })).object).toMatchObject({ spec: { audiences: ['x'] } })
    expect((await ask({})).object['status']).toEqual(status)
  })
})

test('Pods list their resize subresource', () => {
  expect(findKind('', 'Pod')?.subresources.map(({ name }) => name)).toContain('resize')
})
