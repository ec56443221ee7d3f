import { describe, expect, it } from 'vitest'
import type { ResourceQuota } from '#types/core/v1'
import { conflict } from '../../../../src-kube/machinery/errors.ts'
import { attributes, FakeObjects, run } from '../testing/arrange.ts'
import { limitRanger } from './limit-ranger.ts'
import { resourceQuota } from './resource-quota.ts'

const pod = (resources: object = {}, spec: object = {}) => ({
  metadata: { name: 'p', namespace: 'shop' } as { annotations?: Record<string, string> },
  spec: { containers: [{ name: 'c', image: 'i', resources }], ...spec },
})

describe('LimitRanger', () => {
  const arrange = (...limits: object[]) => {
    const objects = new FakeObjects()
    objects.put('', 'limitranges', { metadata: { name: 'l', namespace: 'shop' }, spec: { limits } })
    const create = (kind: string, object: object) => run([limitRanger(objects)], attributes('', kind, object))
    return { objects, create }
  }

  it('fills in what a container does not say, and tells of it', async () => {
    const { create } = arrange({
      type: 'Container',
      default: { cpu: '1', memory: '1Gi' },
      defaultRequest: { cpu: '100m' },
    })
    const made = pod({ limits: { memory: '2Gi' } })
    await create('Pod', made)
    expect(made.spec.containers[0]!.resources).toEqual({
      limits: { cpu: '1', memory: '2Gi' },
      requests: { cpu: '100m' },
    })
    expect(made.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger': 'LimitRanger plugin set: cpu request for container c; cpu limit for container c',
    })
  })

  it('leaves a pod without containers to validation', async () => {
    const { objects } = arrange({ type: 'Container', default: { cpu: '1' } })
    const made = { metadata: { name: 'p', namespace: 'shop' }, spec: {} }
    await limitRanger(objects).admit!(attributes('', 'Pod', made))
    expect(made.spec).toEqual({})
  })

  it.each([
    [
      { min: { cpu: '100m' } },
      { requests: { cpu: '50m' } },
      'minimum cpu usage per Container is 100m, but request is 50m',
    ],
    [{ min: { cpu: '100m' } }, {}, 'minimum cpu usage per Container is 100m.  No request is specified'],
    [{ max: { cpu: '1' } }, { limits: { cpu: '2' } }, 'maximum cpu usage per Container is 1, but limit is 2'],
    [{ max: { cpu: '1' } }, {}, 'maximum cpu usage per Container is 1.  No limit is specified'],
    [
      { maxLimitRequestRatio: { cpu: '2' } },
      { requests: { cpu: '1' }, limits: { cpu: '3' } },
      'cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000',
    ],
  ])('holds containers to %j', async (item, resources, words) => {
    const { create } = arrange({ type: 'Container', ...item })
    await expect(create('Pod', pod(resources))).rejects.toMatchObject({
      code: 403,
      message: `pods "p" is forbidden: ${words}`,
    })
  })

  it('says all that is wrong at once, adds containers up for the pod, and holds claims by their request', async () => {
    const { create } = arrange(
      { type: 'Pod', max: { cpu: '1', memory: '1Gi' } },
      { type: 'PersistentVolumeClaim', max: { storage: '1Gi' } },
    )
    const two = pod({}, { containers: [1, 2].map((n) => ({ name: `c${n}`, resources: { limits: { cpu: '600m' } } })) })
    await expect(create('Pod', two)).rejects.toMatchObject({
      message:
        'pods "p" is forbidden: [maximum cpu usage per Pod is 1, but limit is 1200m, maximum memory usage per Pod is 1Gi.  No limit is specified]',
    })
    const claim = { metadata: { name: 'd', namespace: 'shop' }, spec: { resources: { requests: { storage: '2Gi' } } } }
    await expect(create('PersistentVolumeClaim', claim)).rejects.toMatchObject({
      message:
        'persistentvolumeclaims "d" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi',
    })
  })

  it('concerns its own namespace only, and no longer than it is there', async () => {
    const { objects, create } = arrange({ type: 'Container', min: { cpu: '1' } })
    await expect(create('Pod', { ...pod(), metadata: { name: 'p', namespace: 'else' } })).resolves.toBeUndefined()
    objects.remove('', 'limitranges', 'shop', 'l')
    await expect(create('Pod', pod())).resolves.toBeUndefined()
  })
})

describe('ResourceQuota', () => {
  const arrange = (hard: Record<string, string>, used: Record<string, string>, spec: object = {}) => {
    const objects = new FakeObjects()
    const quota = {
      metadata: { name: 'q', namespace: 'shop', resourceVersion: '1' },
      spec: { hard, ...spec },
      status: { hard, used },
    }
    objects.put('', 'resourcequotas', quota)
    let lost = 0
    let revision = 1
    const write = (next: object) => {
      const metadata = { ...quota.metadata, resourceVersion: String(++revision) }
      objects.put('', 'resourcequotas', { ...next, metadata })
    }
    /** Another's write is seen only when it is durable. */
    const charge = async (next: ResourceQuota) => {
      await Promise.resolve()
      if (lost-- > 0) {
        setImmediate(write, quota)
        throw conflict({ group: '', resource: 'resourcequotas' }, 'q')
      }
      write(next)
    }
    const plugin = resourceQuota(objects, charge)
    const create = (kind: string, object: object, more: object = {}) =>
      run([plugin], attributes('', kind, object, more))
    const usedNow = async () => (await objects.get('', 'resourcequotas', 'shop', 'q'))?.['status'] as { used: object }
    return { create, usedNow, lose: (times: number) => (lost = times) }
  }
  const cm = (name: string) => ({ metadata: { name, namespace: 'shop' } })

  it('charges what is created', async () => {
    const { create, usedNow, lose } = arrange(
      { configmaps: '2', 'count/configmaps': '5' },
      { configmaps: '0', 'count/configmaps': '0' },
    )
    lose(2)
    await create('ConfigMap', cm('a'))
    expect((await usedNow()).used).toEqual({ configmaps: '1', 'count/configmaps': '1' })
  })

  it('refuses what is too much, in the words of upstream', async () => {
    const { create } = arrange({ 'requests.cpu': '1', pods: '5' }, { 'requests.cpu': '750m', pods: '1' })
    await expect(create('Pod', pod({ requests: { cpu: '500m' } }))).rejects.toMatchObject({
      code: 403,
      message:
        'pods "p" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=750m, limited: requests.cpu=1',
    })
  })

  it('lets no more in than fit when many ask at once', async () => {
    const { create, usedNow } = arrange({ configmaps: '3' }, { configmaps: '0' })
    const asked = await Promise.allSettled(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => create('ConfigMap', cm(name))))
    expect(asked.filter((one) => one.status === 'fulfilled')).toHaveLength(3)
    expect((await usedNow()).used).toEqual({ configmaps: '3' })
  })

  it('asks pods to say what the quota limits', async () => {
    const { create } = arrange({ 'limits.cpu': '1', 'requests.memory': '1Gi' }, {})
    await expect(create('Pod', pod())).rejects.toMatchObject({
      message: 'pods "p" is forbidden: failed quota: q: must specify limits.cpu for: c; requests.memory for: c',
    })
  })

  it('asks nothing of the containers of a pod that says it as a whole', async () => {
    const { create, usedNow } = arrange({ 'requests.cpu': '1' }, { 'requests.cpu': '0' })
    const whole = pod()
    await create('Pod', { ...whole, spec: { ...whole.spec, resources: { requests: { cpu: '200m' } } } })
    expect((await usedNow()).used).toEqual({ 'requests.cpu': '200m' })
  })

  it('waits for the first count', async () => {
    const { create } = arrange({ pods: '1' }, {})
    await expect(create('Pod', pod())).rejects.toMatchObject({
      message: 'pods "p" is forbidden: status unknown for quota: q, resources: pods',
    })
  })

  it('is for the pods of its scope', async () => {
    const { create } = arrange({ pods: '0' }, { pods: '0' }, { scopes: ['BestEffort'] })
    await expect(create('Pod', pod({ requests: { cpu: '1' } }))).resolves.toBeUndefined()
    await expect(create('Pod', pod())).rejects.toMatchObject({ code: 403 })
  })

  it('charges a claim whole that is given a class of its scope', async () => {
    const matchExpressions = [{ scopeName: 'VolumeAttributesClass', operator: 'In', values: ['gold'] }]
    const hard = { persistentvolumeclaims: '1' }
    const { create, usedNow } = arrange(hard, { persistentvolumeclaims: '0' }, { scopeSelector: { matchExpressions } })
    const claim = (name: string, volumeAttributesClassName: string) => ({
      metadata: { name, namespace: 'shop' },
      spec: { volumeAttributesClassName, resources: { requests: { storage: '1Gi' } } },
    })
    const change = (name: string, from: string) =>
      create('PersistentVolumeClaim', claim(name, 'gold'), { operation: 'UPDATE', oldObject: claim(name, from) })
    await change('a', 'silver')
    expect((await usedNow()).used).toEqual({ persistentvolumeclaims: '1' })
    await change('a', 'gold')
    await expect(change('b', 'silver')).rejects.toMatchObject({ code: 403 })
  })

  it('charges a change by what it adds, and nothing on a dry run', async () => {
    const { create, usedNow } = arrange({ 'services.nodeports': '1' }, { 'services.nodeports': '0' })
    const service = (type: string) => ({
      metadata: { name: 's', namespace: 'shop' },
      spec: { type, ports: [{ port: 80 }] },
    })
    const more = { operation: 'UPDATE', oldObject: service('ClusterIP') }
    await create('Service', service('NodePort'), { ...more, dryRun: true })
    expect((await usedNow()).used).toEqual({ 'services.nodeports': '0' })
    await create('Service', service('NodePort'), more)
    expect((await usedNow()).used).toEqual({ 'services.nodeports': '1' })
  })
})
