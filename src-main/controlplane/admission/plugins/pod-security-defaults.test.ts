import { expect, it } from 'vitest'
import { podSecurityConfiguration } from '../pod-security/configuration.ts'
import { attributes, FakeObjects, run } from '../testing/arrange.ts'
import { podSecurity } from './pod-security.ts'

const configuration = podSecurityConfiguration({
  apiVersion: 'pod-security.admission.config.k8s.io/v1',
  kind: 'PodSecurityConfiguration',
  defaults: { enforce: 'baseline', warn: 'restricted', audit: 'restricted' },
  exemptions: { usernames: ['robot'], runtimeClasses: ['sandboxed'], namespaces: ['kube-system'] },
})
const podIn = (namespace: string, spec: object = {}) => ({
  metadata: { name: 'p', namespace },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
})
const onHost = { hostNetwork: true }

function arrange(namespace: string, labels: object = {}) {
  const objects = new FakeObjects()
  objects.put('', 'namespaces', { metadata: { name: namespace, labels } })
  const plugins = [podSecurity(objects, configuration)]
  const [warnings, notes]: [string[], string[]] = [[], []]
  const create = (spec: object, more: object = {}) =>
    run(plugins, {
      ...attributes('', 'Pod', podIn(namespace, spec)),
      warn: (words: string) => void warnings.push(words),
      annotate: (key: string, value: string) => void notes.push(`${key}=${value}`),
      ...more,
    })
  return { objects, plugins, warnings, notes, create }
}

it('a namespace that does not say has the standards of the cluster', async () => {
  const { create, warnings } = arrange('shop')
  await expect(create(onHost)).rejects.toThrow('violates PodSecurity "baseline:latest": host namespaces')
  await create({})
  expect(warnings).toEqual([expect.stringMatching(/^would violate PodSecurity "restricted:latest": allowPrivilege/)])
})

it('a namespace that says has its own, and the rest of the cluster’s', async () => {
  const { create, warnings } = arrange('shop', { 'pod-security.kubernetes.io/enforce': 'privileged' })
  await create(onHost)
  expect(warnings).toEqual([expect.stringContaining('would violate PodSecurity "restricted:latest"')])
})

it.each<[string, object, object, string]>([
  ['kube-system', onHost, {}, 'namespace'],
  ['shop', onHost, { user: { name: 'robot', groups: [] } }, 'user'],
  ['shop', { ...onHost, runtimeClassName: 'sandboxed' }, {}, 'runtimeClass'],
])('who is exempt is held to nothing: in %s %j %j', async (namespace, spec, more, why) => {
  const { create, warnings, notes } = arrange(namespace)
  await create(spec, more)
  expect(warnings).toEqual([])
  expect(notes).toEqual([`pod-security.kubernetes.io/exempt=${why}`])
})

it('a stricter label of a namespace that is exempt is tried on no pods', async () => {
  const { objects, plugins, warnings } = arrange('kube-system')
  objects.put('', 'pods', podIn('kube-system', onHost))
  const space = (labels: object) => ({ metadata: { name: 'kube-system', labels } })
  await run(plugins, {
    ...attributes('', 'Namespace', space({ 'pod-security.kubernetes.io/enforce': 'restricted' })),
    operation: 'UPDATE',
    oldObject: space({}) as never,
    warn: (words: string) => void warnings.push(words),
  })
  expect(warnings).toEqual([])
})
