import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { daemonSetController } from './index.ts'
import { harness, setReady } from '../testing/harness.ts'
import { agent as set, agentIn } from './testing/agent.ts'

let h = harness([])
const { node, change, begin, status } = agentIn(() => h)
beforeEach(async () => {
  h = harness([daemonSetController()])
  await h.start()
})
afterEach(() => h.finish())

describe('daemon set controller', () => {
  it('puts one pod on every node that fits, and on nodes that join later', async () => {
    node('n1', { labels: { disk: 'ssd' } })
    node('n2')
    h.server.put(refs.daemonSets, set('one', { nodeSelector: { disk: 'ssd' } }))
    await h.pass(1000)
    expect(h.pods()).toHaveLength(1)
    node('n3', { labels: { disk: 'ssd' } })
    await h.pass(1000)
    expect(h.pods()).toHaveLength(2)
    expect(status()).toMatchObject({
      desiredNumberScheduled: 2,
      currentNumberScheduled: 2,
      updatedNumberScheduled: 2,
      numberUnavailable: 2,
    })
  })

  it('makes no revision anew when its own is orphaned while it is deleted', async () => {
    node('n1')
    h.server.put(refs.daemonSets, set())
    await h.pass(1000)
    const made = h.server.peek(refs.daemonSets, 'agent', 'a')!
    const going = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['orphan'] }
    h.server.put(refs.daemonSets, { ...made, metadata: { ...made.metadata, ...going } })
    const [revision] = h.server.all(refs.controllerRevisions)
    const { ownerReferences: _, ...metadata } = revision!.metadata
    h.server.put(refs.controllerRevisions, { ...revision!, metadata })
    node('n2')
    await h.pass(1000)
    expect(h.server.all(refs.controllerRevisions)).toHaveLength(1)
  })

  it('writes down its template again when that revision is deleted, under the same name', async () => {
    node('n1')
    h.server.put(refs.daemonSets, set())
    await h.pass(1000)
    const [first] = h.server.all(refs.controllerRevisions)
    const [made] = h.pods()
    h.server.remove(refs.controllerRevisions, first!.metadata.name, 'a')
    await h.pass(100)
    expect(h.server.all(refs.controllerRevisions).map(({ metadata }) => metadata.name)).toEqual([first!.metadata.name])
    expect(h.pods().map(({ metadata }) => metadata.uid)).toEqual([made!.metadata.uid])
  })

  it('makes nothing where the namespace ends, and does not complain', async () => {
    h.server.intercept = ({ verb, resource }) => {
      if (verb !== 'create' || resource.resource !== 'pods') return undefined
      throw new StatusError(403, 'Forbidden', 'no', { causes: [{ reason: 'NamespaceTerminating', message: 'no' }] })
    }
    node('n1')
    h.server.put(refs.daemonSets, set())
    await h.pass(1000)
    expect(h.eventReasons()).toEqual([])
  })

  it('goes where any term of its affinity lets it, by labels or by name', async () => {
    node('n1', { labels: { zone: 'a' } })
    node('n2', { labels: { zone: 'b' } })
    node('n3', { labels: { zone: 'a' } })
    const nodeSelectorTerms = [
      { matchExpressions: [{ key: 'zone', operator: 'In' as const, values: ['b'] }] },
      { matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: ['n1'] }] },
    ]
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } }
    h.server.put(refs.daemonSets, set('one', { affinity: { nodeAffinity } }))
    await h.pass(1000)
    expect(status()?.desiredNumberScheduled).toBe(2)
    const terms = (at: number) =>
      h.pods()[at]?.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
    const named = (name: string) => [{ key: 'metadata.name', operator: 'In', values: [name] }]
    expect([terms(0)?.[1]?.matchFields, terms(1)?.[1]?.matchFields]).toEqual([named('n1'), named('n2')])
  })

  it('leaves tainted nodes alone unless the template tolerates the taint', async () => {
    node('n1', {}, { taints: [{ key: 'gpu', effect: 'NoSchedule' }] })
    node('n2', {}, { taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] })
    h.server.put(refs.daemonSets, set())
    await h.pass(1000)
    expect(h.pods()).toHaveLength(1)
  })

  it('leaves pods alone whose revision somebody has put another in place of', async () => {
    node('n1')
    const numbered = set()
    const annotations = { 'deprecated.daemonset.template.generation': '1' }
    h.server.put(refs.daemonSets, { ...numbered, metadata: { ...numbered.metadata, annotations } })
    await h.pass(1000)
    const [made] = h.pods()
    expect(made?.metadata.labels?.['pod-template-generation']).toBe('1')
    const [first] = h.server.all(refs.controllerRevisions)
    const { name, labels: own, ownerReferences } = first!.metadata
    const metadata = {
      name: 'agent-other',
      namespace: 'a',
      labels: { ...own, 'controller-revision-hash': 'other' },
      ownerReferences,
    }
    h.server.put(refs.controllerRevisions, { metadata, data: first!.data, revision: 2 })
    await h.pass(100)
    expect(h.server.all(refs.controllerRevisions)).toHaveLength(2)
    h.server.remove(refs.controllerRevisions, name, 'a')
    setReady(h, made!, true)
    await h.pass(1000)
    expect(h.server.all(refs.controllerRevisions).map(({ metadata: { name: left } }) => left)).toEqual(['agent-other'])
    expect(h.pods().map(({ metadata: { uid } }) => uid)).toEqual([made!.metadata.uid])
    expect(status()?.updatedNumberScheduled).toBe(1)
  })

  it('tries a node that refuses its pods at ever longer intervals, until the template changes', async () => {
    node('n1')
    h.server.put(refs.daemonSets, set())
    const attempts: number[] = []
    const bury = (): void => {
      for (const { metadata } of h.server.all(refs.pods))
        if (metadata.deletionTimestamp) h.server.remove(refs.pods, metadata.name, 'a')
    }
    const refuse = (): void => {
      bury()
      const [pod] = h.pods()
      if (!pod || pod.status?.phase === 'Failed') return
      attempts.push(h.clock.monotonic())
      h.server.put(refs.pods, { ...pod, spec: { ...pod.spec, nodeName: 'n1' }, status: { phase: 'Failed' } })
    }
    for (let i = 0; i < 200; i++) {
      await h.pass(100, 1)
      refuse()
    }
    const pauses = attempts.slice(1).map((at, i) => Math.round((at - attempts[i]!) / 1000))
    expect(pauses).toEqual([0, 1, 2, 4, 8])
    const { spec, metadata } = h.server.peek(refs.daemonSets, 'agent', 'a')!
    h.server.put(refs.daemonSets, { metadata: { ...metadata, generation: 9 }, spec: { ...spec, ...set('two').spec } })
    await h.pass(500)
    bury()
    await h.pass(500)
    expect(h.pods().map((pod) => pod.spec.containers[0]?.image)).toEqual(['two'])
  })

  it('keeps the oldest of two pods on one node', async () => {
    await begin(1)
    const [pod] = h.pods()
    const { uid: _, resourceVersion: __, ...metadata } = pod!.metadata
    h.server.put(refs.pods, {
      ...pod!,
      metadata: { ...metadata, name: 'younger', creationTimestamp: '2027-01-01T00:00:00Z' },
    })
    await h.pass(1000)
    expect(h.pods().map((one) => one.metadata.name)).toEqual([pod!.metadata.name])
  })

  it('takes its pods off a node that may not run them any more, and counts those that stay wrongly', async () => {
    await begin(2)
    node('n1', {}, { taints: [{ key: 'maintenance', effect: 'NoExecute' }] })
    node('n2', {}, { taints: [{ key: 'gpu', effect: 'NoSchedule' }] })
    await h.pass(1000)
    expect(h.pods()).toHaveLength(1)
    expect(status()).toMatchObject({ desiredNumberScheduled: 0, currentNumberScheduled: 0, numberMisscheduled: 1 })
  })

  it('gives up pods that wait for a node that is gone; those that ran there are left to the collector', async () => {
    await begin(2)
    const [first, second] = h.pods()
    h.server.put(refs.pods, { ...second!, spec: { ...second!.spec, nodeName: 'n2' } })
    h.server.remove(refs.nodes, 'n1')
    h.server.remove(refs.nodes, 'n2')
    change({ minReadySeconds: 1 })
    await h.pass(1000)
    expect(h.pods().map((pod) => pod.metadata.name)).toEqual([second!.metadata.name])
    expect(first?.spec.nodeName).toBeUndefined()
  })

  it('says why a pod cannot be made, and tries again', async () => {
    let refuse = true
    h.server.intercept = ({ verb, resource }) => {
      if (refuse && verb === 'create' && resource.resource === 'pods') throw new StatusError(403, 'Forbidden', 'quota')
      return undefined
    }
    node('n1')
    h.server.put(refs.daemonSets, set())
    await h.settle()
    expect(h.eventMessages()).toContain('Error creating: quota')
    refuse = false
    await h.pass(5000)
    expect(h.pods()).toHaveLength(1)
    h.warnings.length = 0
  })

  it('counts the pods that are there while others are refused', async () => {
    h.server.intercept = ({ verb, resource }) => {
      if (verb === 'create' && resource.resource === 'pods' && h.pods().length > 0)
        throw new StatusError(403, 'Forbidden', 'quota')
      return undefined
    }
    node('n1')
    node('n2')
    h.server.put(refs.daemonSets, set())
    await h.pass(1000)
    setReady(h, h.pods()[0]!, true)
    await h.pass(10_000)
    expect(status()).toMatchObject({ desiredNumberScheduled: 2, currentNumberScheduled: 1, numberReady: 1 })
    h.warnings.length = 0
  })

  it('pins each pod to its node beside the affinity that the template has', async () => {
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'Exists' }] }],
        },
      },
    }
    node('n1', { labels: { disk: 'ssd' } })
    h.server.put(refs.daemonSets, set('one', { affinity, hostNetwork: true }))
    await h.pass(1000)
    const [pod] = h.pods()
    expect(pod?.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms).toEqual(
      [
        {
          matchExpressions: [{ key: 'disk', operator: 'Exists' }],
          matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }],
        },
      ],
    )
    expect(pod?.spec.tolerations?.map(({ key }) => key)).toContain('node.kubernetes.io/network-unavailable')
  })
})
