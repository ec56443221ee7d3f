import { advance } from '../../../../src-kube/client/testing/advance.ts'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { attributes, FakeObjects, run } from '../testing/arrange.ts'
import { certificateAccess, certificateSubjectRestriction } from './certificates.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { priority } from './priority.ts'
import { serviceAccount } from './service-account.ts'
import { claimResize, defaultIngressClass, defaultStorageClass } from './storage-defaults.ts'

const asDefault = (key: string) => ({ annotations: { [`${key}.kubernetes.io/is-default-class`]: 'true' } })

describe('tolerations of lost nodes', () => {
  const own = { key: 'disk', operator: 'Exists', effect: 'NoSchedule' }
  const made = (key: string) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })
  const both = [made('node.kubernetes.io/not-ready'), made('node.kubernetes.io/unreachable')]
  const tolerating = (...tolerations: object[]) => ({
    metadata: { name: 'p', namespace: 'shop' },
    spec: Object.freeze({ tolerations: Object.freeze(tolerations) }),
  })

  it.each(['CREATE', 'UPDATE'] as const)('are added at %s to those that a manifest names', async (operation) => {
    const pod = tolerating(own)
    const oldObject = operation === 'UPDATE' ? { oldObject: partial<KubeObject>(tolerating(own, ...both)) } : {}
    await run([defaultTolerationSeconds()], attributes('', 'Pod', pod, { operation, ...oldObject }))
    expect(pod.spec).toEqual({ tolerations: [own, ...both] })
  })

  it('are left to a pod that has its own', async () => {
    const everything = { operator: 'Exists' }
    const pod = tolerating(everything)
    await run([defaultTolerationSeconds()], attributes('', 'Pod', pod))
    expect(pod.spec).toEqual({ tolerations: [everything] })
  })
})

describe('default classes', () => {
  const claim = (spec: object) =>
    ({ metadata: { name: 'd', namespace: 'shop' }, spec }) as { spec: { storageClassName?: string } }

  it('gives a claim the newest default class, unless it names one or names none on purpose', async () => {
    const objects = new FakeObjects()
    const put = (name: string, creationTimestamp: string) =>
      objects.put('storage.k8s.io', 'storageclasses', {
        metadata: { name, creationTimestamp, ...asDefault('storageclass') },
      })
    put('old', '2026-01-01T00:00:00Z')
    put('new', '2026-02-01T00:00:00Z')
    const given = async (spec: object) => {
      const made = claim(spec)
      await run([defaultStorageClass(objects)], attributes('', 'PersistentVolumeClaim', made))
      return made.spec.storageClassName
    }
    expect(await given({})).toBe('new')
    expect(await given({ storageClassName: 'old' })).toBe('old')
    expect(await given({ storageClassName: '' })).toBe('')
  })

  it('refuses an ingress when two classes are the default', async () => {
    const objects = new FakeObjects()
    for (const name of ['a', 'b'])
      objects.put('networking.k8s.io', 'ingressclasses', { metadata: { name, ...asDefault('ingressclass') } })
    const ingress = { metadata: { name: 'i', namespace: 'shop' }, spec: {} }
    await expect(
      run([defaultIngressClass(objects)], attributes('networking.k8s.io', 'Ingress', ingress)),
    ).rejects.toMatchObject({
      message: 'ingresses.networking.k8s.io "i" is forbidden: 2 default IngressClasses were found, only 1 allowed',
    })
  })

  it('lets only bound claims of a growing class grow', async () => {
    const objects = new FakeObjects()
    objects.put('storage.k8s.io', 'storageclasses', { metadata: { name: 'grows' }, allowVolumeExpansion: true })
    const sized = (storage: string, storageClassName: string, phase = 'Bound') => ({
      ...claim({ storageClassName, resources: { requests: { storage } } }),
      status: { phase },
    })
    const resize = (oldObject: object, object: object) =>
      run(
        [claimResize(objects)],
        attributes('', 'PersistentVolumeClaim', object, { operation: 'UPDATE', oldObject: partial(oldObject) }),
      )
    await expect(resize(sized('1Gi', 'grows'), sized('2Gi', 'grows'))).resolves.toBeUndefined()
    await expect(resize(sized('1Gi', 'fixed'), sized('2Gi', 'fixed'))).rejects.toMatchObject({ code: 403 })
    await expect(resize(sized('1Gi', 'grows', 'Pending'), sized('2Gi', 'grows'))).rejects.toMatchObject({
      message: 'persistentvolumeclaims "d" is forbidden: Only bound persistent volume claims can be expanded',
    })
  })
})

describe('certificates', () => {
  const csr = (request: string, status: object = {}) => ({
    metadata: { name: 'c' },
    spec: { signerName: 'kubernetes.io/kube-apiserver-client', request },
    status,
  })
  const group = 'certificates.k8s.io'
  const withOrganization = (name: string) => {
    const der = Buffer.concat([
      Buffer.from([0x30, 0x17, 0x06, 0x03, 0x55, 0x04, 0x0a, 0x0c, name.length]),
      Buffer.from(name),
    ])
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
    return Buffer.from(pem).toString('base64')
  }

  it('make nobody an administrator', async () => {
    const create = (name: string) =>
      run(
        [certificateSubjectRestriction()],
        attributes(group, 'CertificateSigningRequest', csr(withOrganization(name))),
      )
    await expect(create('system:masters')).rejects.toMatchObject({ code: 403 })
    await expect(create('system:mastery')).resolves.toBeUndefined()
  })

  it('are approved and signed by who may for their signer', async () => {
    const may = (allowed: string) =>
      certificateAccess({
        may: (_user, { verb, resource, name }) => Promise.resolve(`${verb} ${resource} ${name}` === allowed),
        rules: () => Promise.resolve([]),
      })
    const update = (allowed: string, subresource: string) =>
      run(
        [may(allowed)],
        attributes(group, 'CertificateSigningRequest', csr('', { certificate: 'x' }), {
          operation: 'UPDATE',
          oldObject: partial(csr('')),
          subresource,
        }),
      )
    await expect(update('approve signers kubernetes.io/*', 'approval')).resolves.toBeUndefined()
    await expect(update('sign signers kubernetes.io/kube-apiserver-client', 'status')).resolves.toBeUndefined()
    await expect(update('', 'approval')).rejects.toMatchObject({
      message:
        'certificatesigningrequests.certificates.k8s.io "c" is forbidden: user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"',
    })
  })
})

describe('Priority', () => {
  it('keeps what a pod was given when it is written without', async () => {
    const plugin = priority(new FakeObjects())
    const given = { priority: 7, preemptionPolicy: 'Never' }
    const written = async (spec: object, old: object = given) => {
      const pod = { metadata: { name: 'p', namespace: 'shop' }, spec: Object.freeze(spec) as object }
      const oldObject = partial<KubeObject>({ ...pod, spec: Object.freeze(old) })
      await run([plugin], attributes('', 'Pod', pod, { operation: 'UPDATE', oldObject }))
      return pod.spec
    }
    expect(await written({})).toEqual(given)
    expect(await written({ priority: 8 })).toEqual({ ...given, priority: 8 })
    expect(await written({}, {})).toEqual({})
  })

  it('lets no second class become the default', async () => {
    const objects = new FakeObjects()
    const put = (name: string, globalDefault: boolean) =>
      objects.put('scheduling.k8s.io', 'priorityclasses', { metadata: { name }, value: 7, globalDefault })
    put('first', true)
    put('second', false)
    const written = (name: string, operation: 'CREATE' | 'UPDATE') => {
      const made = { metadata: { name }, value: 7, globalDefault: true }
      const old = operation === 'UPDATE' ? { oldObject: partial<KubeObject>(made) } : {}
      return run([priority(objects)], attributes('scheduling.k8s.io', 'PriorityClass', made, { operation, ...old }))
    }
    await written('first', 'UPDATE')
    for (const operation of ['CREATE', 'UPDATE'] as const)
      await expect(written('second', operation)).rejects.toMatchObject({
        message:
          'priorityclasses.scheduling.k8s.io "second" is forbidden: PriorityClass first is already marked as default. Only one default can exist',
      })
  })

  it('refuses a policy that is not the one of the class', async () => {
    const objects = new FakeObjects()
    objects.put('scheduling.k8s.io', 'priorityclasses', {
      metadata: { name: 'meek' },
      value: 5,
      preemptionPolicy: 'Never',
    })
    const given = (spec: object) =>
      run([priority(objects)], attributes('', 'Pod', { metadata: { name: 'p', namespace: 'shop' }, spec }))
    await given({ priorityClassName: 'meek', preemptionPolicy: 'Never' })
    await expect(given({ preemptionPolicy: 'Never' })).rejects.toThrow(
      'the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name',
    )
  })

  it('takes the default class, hears of changes, and lists the classes once', async () => {
    const objects = new FakeObjects()
    const plugin = priority(objects)
    const given = async (spec: object = {}) => {
      const pod = {
        metadata: { name: 'p', namespace: 'shop' },
        spec: { containers: [], ...spec } as { priority?: number },
      }
      await run([plugin], attributes('', 'Pod', pod))
      return pod.spec.priority
    }
    expect(await given()).toBe(0)
    objects.put('scheduling.k8s.io', 'priorityclasses', { metadata: { name: 'high' }, value: 7, globalDefault: true })
    expect(await given()).toBe(7)
    objects.remove('scheduling.k8s.io', 'priorityclasses', '', 'high')
    expect(await given()).toBe(0)
    await expect(given({ priorityClassName: 'high' })).rejects.toMatchObject({
      message: 'pods "p" is forbidden: no PriorityClass with name high was found',
    })
    expect(objects.lists).toBe(1)
  })
})

it('a pod without containers is left to its validation', async () => {
  const objects = new FakeObjects()
  objects.put('', 'serviceaccounts', { metadata: { name: 'default', namespace: 'shop' } })
  const pod = { metadata: { name: 'p', namespace: 'shop' }, spec: {} }
  await run([serviceAccount(objects, new FakeClock())], attributes('', 'Pod', pod))
  expect(pod.spec).toEqual({ serviceAccountName: 'default', serviceAccount: 'default' })
})

describe('a pod in a namespace that is new', () => {
  const account = { metadata: { name: 'default', namespace: 'shop' } }
  const arranged = (spec: object = {}) => {
    const objects = new FakeObjects()
    const clock = new FakeClock()
    const pod = { metadata: { name: 'p', namespace: 'shop' }, spec: { containers: [], ...spec } }
    return { objects, clock, pod, created: run([serviceAccount(objects, clock)], attributes('', 'Pod', pod)) }
  }

  it('waits for the default account that the namespace is about to get', async () => {
    const { objects, pod, created } = arranged()
    await Promise.resolve()
    objects.put('', 'serviceaccounts', { metadata: { name: 'other', namespace: 'shop' } })
    objects.put('', 'serviceaccounts', account)
    await created
    expect(pod.spec).toMatchObject({ serviceAccountName: 'default' })
  })

  it('is refused when it does not come, and at once for want of another', async () => {
    const words = (name: string) =>
      `pods "p" is forbidden: error looking up service account shop/${name}: serviceaccount "${name}" not found`
    const { clock, created } = arranged()
    await Promise.all([expect(created).rejects.toThrow(words('default')), advance(clock, 2000)])
    await expect(arranged({ serviceAccountName: 'mine' }).created).rejects.toThrow(words('mine'))
  })
})
