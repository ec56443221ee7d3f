import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { Admission, AdmissionAttributes } from '../../admission/admission.ts'
import { arrange, at, deployment, pod } from '../testing/arrange.ts'

// What webhooks and policies see of a request to a subresource (kubernetes.io, "Dynamic Admission Control").

const p = at('v1', 'Pod', 'd', 'p')
const web = at('apps/v1', 'Deployment', 'd', 'web')
const kindAnd = (object: KubeObject | undefined) => object && `${object.apiVersion} ${object.kind}`

/** A registry whose admission writes down what it is asked about, and does `change` to it before it is judged. */
async function watched(change: (asked: AdmissionAttributes) => void = () => undefined) {
  const seen: unknown[] = []
  const note = (asked: AdmissionAttributes): void => {
    const { operation, subresource, name, object, oldObject, dryRun } = asked
    seen.push([operation, subresource, name, kindAnd(object), kindAnd(oldObject), dryRun])
  }
  const admission: Admission = {
    admit: (asked) => Promise.resolve(change(asked)),
    validate: (asked) => Promise.resolve(note(asked)),
  }
  const { registry, write } = await arrange({ admission })
  await registry.create(at('v1', 'Pod', 'd'), pod('p', { labels: { app: 'x' } }), write)
  await registry.create(at('apps/v1', 'Deployment', 'd'), deployment('web'), write)
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
  await registry.patch({ ...p, subresource: 'status' }, 'application/merge-patch+json', { status }, write)
  seen.length = 0
  return { registry, write, seen }
}

const binding = { ...p, subresource: 'binding' }
const eviction = { ...p, subresource: 'eviction' }

test('a binding is one that is created, not a change of its pod', async () => {
  const { registry, write, seen } = await watched()
  await registry.create(binding, { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n1' } }, write)
  expect(seen).toEqual([['CREATE', 'binding', 'p', 'v1 Binding', undefined, false]])
})

test('what they make of a binding is what the pod gets', async () => {
  const { registry, write } = await watched(({ subresource, object }) => {
    if (subresource !== 'binding') return
    object!['target'] = { kind: 'Node', name: 'n2' }
    object!.metadata = { ...object!.metadata, annotations: { by: 'hook' }, labels: { app: 'y' } }
  })
  await registry.create(binding, { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n1' } }, write)
  expect((await registry.read(p)).object).toMatchObject({
    metadata: { annotations: { by: 'hook' }, labels: { app: 'y' } },
    spec: { nodeName: 'n2' },
  })
})

test('an eviction is one that is created; neither the deletion nor what the budget is told is another request', async () => {
  const { registry, write, seen } = await watched()
  const budgets = at('policy/v1', 'PodDisruptionBudget', 'd')
  const spec = { selector: { matchLabels: { app: 'x' } }, minAvailable: 0 }
  const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b' }, spec }
  await registry.create(budgets, budget, write)
  const status = { disruptionsAllowed: 1, observedGeneration: 1, currentHealthy: 1, desiredHealthy: 0, expectedPods: 1 }
  const ofBudget = { ...budgets, name: 'b', subresource: 'status' }
  await registry.patch(ofBudget, 'application/merge-patch+json', { status }, write)
  seen.length = 0
  await registry.create(eviction, { metadata: { name: 'p' }, deleteOptions: { dryRun: ['All'] } }, write)
  await registry.create(eviction, { metadata: { name: 'p' } }, write)
  expect(seen).toEqual([
    ['CREATE', 'eviction', 'p', 'policy/v1 Eviction', undefined, false],
    ['CREATE', 'eviction', 'p', 'policy/v1 Eviction', undefined, false],
  ])
  await expect(registry.read(p)).rejects.toMatchObject({ code: 404 })
})

test('a scale is a Scale, before and after, and the number that they make of it counts', async () => {
  const { registry, write, seen } = await watched(({ subresource, object }) => {
    if (subresource === 'scale') object!['spec'] = { replicas: 7 }
  })
  const scale = { ...web, subresource: 'scale' }
  await registry.patch(scale, 'application/merge-patch+json', { spec: { replicas: 5 } }, write)
  expect(seen).toEqual([['UPDATE', 'scale', 'web', 'autoscaling/v1 Scale', 'autoscaling/v1 Scale', false]])
  expect((await registry.read(web)).object['spec']).toMatchObject({ replicas: 7 })
})
