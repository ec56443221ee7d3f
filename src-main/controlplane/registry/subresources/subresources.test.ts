import { describe, expect, test } from 'vitest'
import type { StatusError } from '../../../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { arrange, at, configMap, deployment, pod, type Arranged } from '../testing/arrange.ts'

const pods = at('v1', 'Pod', 'd')
const p = at('v1', 'Pod', 'd', 'p')
const web = at('apps/v1', 'Deployment', 'd', 'web')
const sub = <T extends object>(target: T, subresource: string) => ({ ...target, subresource })
const MERGE = 'application/merge-patch+json'

async function withPod(): Promise<Arranged> {
  const arranged = await arrange()
  await arranged.registry.create(pods, pod('p', { labels: { app: 'x' } }), arranged.write)
  return arranged
}

test('a subresource that the kind does not have is refused, and so is a verb it does not have', async () => {
  const { registry, write } = await withPod()
  const map = at('v1', 'ConfigMap', 'd', 'a')
  await registry.create(map, configMap('a'), write)
  await expect(registry.update(sub(map, 'status'), configMap('a'), write)).rejects.toMatchObject({ code: 405 })
  await expect(registry.read(sub(map, 'scale'))).rejects.toMatchObject({ code: 405 })
  await expect(registry.patch(sub(p, 'binding'), MERGE, {}, write)).rejects.toMatchObject({ code: 405 })
})

describe('scale', () => {
  test.each([
    ['apps/v1', 'Deployment', 'deployments/scale.apps', 'deployments.apps'],
    ['apps/v1', 'ReplicaSet', 'replicasets/scale.apps', 'replicasets.apps'],
    ['apps/v1', 'StatefulSet', 'statefulsets.apps', 'statefulsets.apps'],
    ['v1', 'ReplicationController', 'replicationcontrollers/scale.autoscaling', 'replicationcontrollers'],
  ])('of what is not there is told of in the words of %s %s', async (version, kind, read, written) => {
    const { registry, write } = await arrange()
    const target = at(version, kind, 'd', 'x', 'scale')
    const missing = (what: string) => ({ reason: 'NotFound', message: `${what} "x" not found` })
    await expect(registry.read(target)).rejects.toMatchObject(missing(read))
    await expect(registry.patch(target, MERGE, { spec: { replicas: 2 } }, write)).rejects.toMatchObject(
      missing(written),
    )
    const scale = { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name: 'x', namespace: 'd' } }
    await expect(registry.update(target, scale, write)).rejects.toMatchObject(missing(written))
    await expect(registry.read({ ...target, subresource: 'status' })).rejects.toMatchObject(missing(written))
  })

  test('shows replicas and the selector as text', async () => {
    const { registry, write } = await arrange()
    await registry.create(web, deployment('web', 3), write)
    const scale = await registry.read(sub(web, 'scale'))
    expect(scale.object).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name: 'web', namespace: 'd', resourceVersion: '1' },
      spec: { replicas: 3 },
      status: { replicas: 0, selector: 'app=web' },
    })
  })

  test('shows the selector of a replication controller, which is labels alone', async () => {
    const { registry, write } = await arrange()
    const target = at('v1', 'ReplicationController', 'd', 'web')
    const template = {
      metadata: { labels: { app: 'web', tier: 'a' } },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    }
    const metadata = { name: 'web', namespace: 'd' }
    const made = { apiVersion: 'v1', kind: 'ReplicationController', metadata, spec: { template } }
    await registry.create({ ...target, name: '' }, made, write)
    const { object } = await registry.read(sub(target, 'scale'))
    expect(object).toMatchObject({ status: { selector: 'app=web,tier=a' } })
  })

  test('writes replicas alone, as a new generation', async () => {
    const { registry, write } = await arrange()
    await registry.create(web, deployment('web', 3), write)
    const scale = await registry.read(sub(web, 'scale'))
    const put = await registry.update(sub(web, 'scale'), { ...scale.object, spec: { replicas: 5 } }, write)
    expect(put.object).toMatchObject({ kind: 'Scale', spec: { replicas: 5 }, metadata: { resourceVersion: '2' } })
    const patched = await registry.patch(sub(web, 'scale'), MERGE, { spec: { replicas: 1 } }, write)
    expect(patched.object).toMatchObject({ kind: 'Scale', spec: { replicas: 1 } })
    const { object } = await registry.read(web)
    expect(object).toMatchObject({ spec: { replicas: 1 }, metadata: { generation: 3 } })
  })

  test('refuses old revisions and negative numbers', async () => {
    const { registry, write } = await arrange()
    await registry.create(web, deployment('web', 3), write)
    const { object } = await registry.read(sub(web, 'scale'))
    await registry.update(sub(web, 'scale'), { ...object, spec: { replicas: 5 } }, write)
    await expect(registry.update(sub(web, 'scale'), object, write)).rejects.toMatchObject({ code: 409 })
    const negative = registry.patch(sub(web, 'scale'), MERGE, { spec: { replicas: -1 } }, write)
    await expect(negative).rejects.toMatchObject({ code: 422 })
  })

  test('refuses what is no number of replicas, in the words for any other kind', async () => {
    const { registry, write } = await arrange()
    await registry.create(web, deployment('web', 3), write)
    const patched = registry.patch(sub(web, 'scale'), MERGE, { spec: { replicas: 99_999_999_999 } }, write)
    const words = 'json: cannot unmarshal number 99999999999 into Go struct field ScaleSpec.spec.replicas of type int32'
    await expect(patched).rejects.toMatchObject({ code: 422, message: expect.stringContaining(words) })
    const { object } = await registry.read(sub(web, 'scale'))
    const put = registry.update(sub(web, 'scale'), { ...object, spec: { replicas: 'x' } }, write)
    await expect(put).rejects.toMatchObject({
      code: 400,
      message: expect.stringMatching(/^Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal/),
    })
  })
})

test.each([
  ['v1', 'Service', { type: 'LoadBalancer', ports: [{ port: 80 }] }],
  ['v1', 'PersistentVolumeClaim', { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }],
  ['v1', 'Pod', { containers: [{ name: 'c', image: 'busybox' }] }],
  ['v1', 'Node', {}],
  ['v1', 'Namespace', {}],
  ['apps/v1', 'Deployment', deployment('x').spec],
  ['apps/v1', 'DaemonSet', { selector: deployment('x').spec.selector, template: deployment('x').spec.template }],
  ['apps/v1', 'StatefulSet', { ...deployment('x').spec, serviceName: 's' }],
  ['batch/v1', 'Job', { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'b' }] } } }],
])('status of a %s %s changes with the rest shared and unharmed', async (apiVersion, kind, spec) => {
  const { registry, write } = await arrange()
  const target = at(apiVersion, kind, 'd', 'x')
  if (target.descriptor.scope === 'Cluster') target.namespace = ''
  const made = await registry.create(target, { apiVersion, kind, metadata: { name: 'x' }, spec }, write)
  const annotations = { seen: 'yes' }
  const { object } = await registry.patch(sub(target, 'status'), MERGE, { metadata: { annotations } }, write)
  expect(object.metadata.annotations).toMatchObject(annotations)
  expect(object['spec']).toEqual(made.object['spec'])
})

describe('binding', () => {
  const to = (name: string) => ({ metadata: { name: 'p', annotations: { by: 'scheduler' } }, target: { name } })

  test('puts a pod on a node, says so in its conditions, and counts no generation', async () => {
    const { registry, write } = await withPod()
    await registry.create(sub(p, 'binding'), to('n1'), write)
    const { object } = await registry.read(p)
    expect(object).toMatchObject({
      metadata: { annotations: { by: 'scheduler' }, generation: 1 },
      spec: { nodeName: 'n1' },
      status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }] },
    })
  })

  test('ends the nomination of a node', async () => {
    const { registry, write } = await withPod()
    const nominate = async ({ object }: Awaited<ReturnType<typeof registry.read>>) =>
      registry.update(
        sub(p, 'status'),
        { ...object, status: { ...(object['status'] as object), nominatedNodeName: 'n2' } },
        write,
      )
    await nominate(await registry.read(p))
    await registry.create(sub(p, 'binding'), to('n1'), write)
    expect((await registry.read(p)).object['status']).not.toHaveProperty('nominatedNodeName')
  })

  test('is done once', async () => {
    const { registry, write } = await withPod()
    await registry.create(sub(p, 'binding'), to('n1'), write)
    await expect(registry.create(sub(p, 'binding'), to('n2'), write)).rejects.toMatchObject({
      code: 409,
      message: 'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n1"',
    })
  })

  test('of the same moment has one winner', async () => {
    const { registry, write } = await withPod()
    const both = await Promise.allSettled(['n1', 'n2'].map((n) => registry.create(sub(p, 'binding'), to(n), write)))
    expect(both.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
  })
})

describe('eviction', () => {
  const budget = (status: object, spec: object = {}) => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b' },
    spec: { selector: { matchLabels: { app: 'x' } }, minAvailable: 1, ...spec },
    status,
  })
  const evict = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } }

  async function guarded(status: object, ready = true, spec: object = {}): Promise<Arranged> {
    const arranged = await withPod()
    const { registry, write } = arranged
    const target = at('policy/v1', 'PodDisruptionBudget', 'd', 'b')
    await registry.create(target, budget({}, spec), write)
    await registry.update(sub(target, 'status'), budget({ observedGeneration: 1, ...status }, spec), write)
    const condition = { type: 'Ready', status: ready ? 'True' : 'False' }
    await registry.patch(sub(p, 'status'), MERGE, { status: { phase: 'Running', conditions: [condition] } }, write)
    return arranged
  }
  const left = async ({ registry }: Arranged): Promise<unknown> => {
    const found = await registry.get('policy', 'poddisruptionbudgets', 'd', 'b')
    return (found?.['status'] as { disruptionsAllowed?: number } | undefined)?.disruptionsAllowed
  }

  test('is a delete where no budget guards the pod', async () => {
    const { registry, write } = await withPod()
    await registry.create(sub(p, 'eviction'), evict, write)
    await expect(registry.read(p)).rejects.toMatchObject({ code: 404 })
  })

  test('takes from the budget', async () => {
    const arranged = await guarded({ disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 })
    await arranged.registry.create(sub(p, 'eviction'), evict, arranged.write)
    expect(await left(arranged)).toBe(0)
    await expect(arranged.registry.read(p)).rejects.toMatchObject({ code: 404 })
    const { status } = (await arranged.registry.read(at('policy/v1', 'PodDisruptionBudget', 'd', 'b'))).object
    const said = { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', observedGeneration: 1 }
    expect(status).toMatchObject({ conditions: [said], disruptedPods: { p: expect.any(String) } })
  })

  test('of two pods at once takes no more than the budget has', async () => {
    const arranged = await guarded({ disruptionsAllowed: 2, currentHealthy: 3, desiredHealthy: 1, expectedPods: 3 })
    const { registry, write } = arranged
    const targets = [p, at('v1', 'Pod', 'd', 'q'), at('v1', 'Pod', 'd', 'r')]
    const status = { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }
    for (const target of targets.slice(1)) {
      await registry.create(pods, pod(target.name, { labels: { app: 'x' } }), write)
      await registry.patch(sub(target, 'status'), MERGE, status, write)
    }
    const all = await Promise.allSettled(
      targets.map((target) => registry.create(sub(target, 'eviction'), { metadata: { name: target.name } }, write)),
    )
    expect(all.filter((one) => one.status === 'fulfilled')).toHaveLength(2)
    expect(await left(arranged)).toBe(0)
  })

  test('is refused with 429 when the budget is used up', async () => {
    const { registry, write } = await guarded({
      disruptionsAllowed: 0,
      currentHealthy: 1,
      desiredHealthy: 1,
      expectedPods: 1,
    })
    await expect(registry.create(sub(p, 'eviction'), evict, write)).rejects.toMatchObject({
      code: 429,
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: { causes: [{ reason: 'DisruptionBudget' }] },
    })
    await registry.read(p)
  })

  test('of an unready pod takes nothing from a healthy budget, and is refused under an unhealthy one', async () => {
    const healthy = await guarded(
      { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 2 },
      false,
    )
    await healthy.registry.create(sub(p, 'eviction'), evict, healthy.write)
    const status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 1, expectedPods: 2 }
    const { registry, write } = await guarded(status, false)
    await expect(registry.create(sub(p, 'eviction'), evict, write)).rejects.toMatchObject({ code: 429 })
    const always = await guarded(status, false, { unhealthyPodEvictionPolicy: 'AlwaysAllow' })
    await always.registry.create(sub(p, 'eviction'), evict, always.write)
  })

  test('of a pod that two budgets guard fails, for no reason that has a name', async () => {
    const { registry, write } = await guarded({ disruptionsAllowed: 1 })
    const other = { ...budget({}), metadata: { name: 'b2' } }
    await registry.create(at('policy/v1', 'PodDisruptionBudget', 'd', 'b2'), other, write)
    const refusal = await registry.create(sub(p, 'eviction'), evict, write).catch((error: StatusError) => error)
    expect((refusal as StatusError).toStatus()).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
      code: 500,
    })
    await registry.read(p)
  })

  test('marks a pod that takes its time with the reason', async () => {
    const { registry, write } = await withPod()
    await registry.create(sub(p, 'binding'), { metadata: { name: 'p' }, target: { name: 'n1' } }, write)
    await registry.create(sub(p, 'eviction'), evict, write)
    const { conditions } = (await registry.read(p)).object['status'] as { conditions: object[] }
    expect(conditions).toContainEqual(
      expect.objectContaining({
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'EvictionByEvictionAPI',
        observedGeneration: 1,
      }),
    )
  })
})

test('ephemeral containers are added to a pod, as a new generation, and change nothing else', async () => {
  const { registry, write } = await withPod()
  const added = { name: 'debug', image: 'busybox', targetContainerName: 'c' }
  const patch = { spec: { ephemeralContainers: [added], hostNetwork: true } }
  const { object } = await registry.patch(sub(p, 'ephemeralcontainers'), MERGE, patch, write)
  expect(object).toMatchObject({ spec: { ephemeralContainers: [added] }, metadata: { generation: 2 } })
  expect(object['spec']).not.toHaveProperty('hostNetwork')
})

test('approval of a signing request writes its conditions', async () => {
  const { registry, write } = await arrange()
  const target = at('certificates.k8s.io/v1', 'CertificateSigningRequest', '', 'c')
  const pem = '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n'
  const request = Buffer.from(pem).toString('base64')
  const spec = { request, signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: ['client auth'] }
  const body = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'c' },
    spec,
  }
  const made = await registry.create(target, body, write)
  const conditions = [{ type: 'Approved', status: 'True', reason: 'Test', message: 'yes' }]
  const sent: KubeObject = { ...structuredClone(made.object), status: { conditions } }
  const { object } = await registry.update(sub(target, 'approval'), sent, write)
  expect(object['status']).toMatchObject({ conditions: [{ type: 'Approved' }] })
})
