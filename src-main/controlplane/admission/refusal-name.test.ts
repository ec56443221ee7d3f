import { expect, it } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import { namespaceLifecycle } from './plugins/namespace-lifecycle.ts'
import { priority } from './plugins/priority.ts'
import { runtimeClass } from './plugins/runtime-class.ts'
import { serviceAccount } from './plugins/service-account.ts'
import { refusalName } from './refusal-name.ts'
import { attributes, FakeObjects, run } from './testing/arrange.ts'

const named = (metadata: object): KubeObject => ({ metadata }) as KubeObject

it.each([
  ['the request', { name: 'asked', object: named({ name: 'own', generateName: 'own-' }) }, 'asked'],
  ['the object', { name: '', object: named({ name: 'own', generateName: 'own-' }) }, 'own'],
  ['what its name is made of', { name: '', object: named({ generateName: 'own-' }) }, 'own-'],
  ['nobody where it says nothing', { name: '', object: named({}) }, 'Unknown'],
  ['nobody where there is no metadata', { name: '', object: {} as KubeObject }, 'Unknown'],
  ['nobody where there is no object', { name: '', object: undefined }, 'Unknown'],
])('takes the name of %s', (_of, attributes, name) => {
  expect(refusalName(attributes)).toBe(name)
})

it.each([
  ['namespaceLifecycle', 'unable to create new content in namespace shop because it is being terminated'],
  ['priority', 'no PriorityClass with name high was found'],
  ['runtimeClass', 'pod rejected: RuntimeClass "sand" not found'],
  ['serviceAccount', 'error looking up service account shop/shopper: serviceaccount "shopper" not found'],
])('%s tells of a new pod by what its name is made of', async (plugin, words) => {
  const objects = new FakeObjects()
  objects.put('', 'namespaces', { metadata: { name: 'shop', deletionTimestamp: '2026-01-01T00:00:00Z' } })
  const plugins = {
    namespaceLifecycle: namespaceLifecycle(objects),
    priority: priority(objects),
    runtimeClass: runtimeClass(objects),
    serviceAccount: serviceAccount(objects, new FakeClock()),
  }
  const pod = {
    metadata: { generateName: 'web-abc-', namespace: 'shop' },
    spec: { priorityClassName: 'high', runtimeClassName: 'sand', serviceAccountName: 'shopper' },
  }
  const admitted = run([plugins[plugin as keyof typeof plugins]], attributes('', 'Pod', pod))
  await expect(admitted).rejects.toMatchObject({
    message: `pods "web-abc-" is forbidden: ${words}`,
    details: { name: 'web-abc-', kind: 'pods' },
  })
})
