import { expect, test } from 'vitest'
import { arrange, at, pod } from '../../testing/arrange.ts'
import { isDeletionCost } from './deletion-cost.ts'

const costs = (cost: string) => ({ annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } })

test.each([
  ['0', true],
  ['-10', true],
  ['2147483647', true],
  ['-2147483648', true],
  ['2147483648', false],
  ['+10', false],
  ['008', false],
  ['1.5', false],
  ['', false],
])('the deletion cost %j is one: %s', (text, expected) => {
  expect(isDeletionCost(text)).toBe(expected)
})

test('a pod, and a template, with a deletion cost that is no number is refused', async () => {
  const { registry, write } = await arrange()
  const pods = at('v1', 'Pod', 'd')
  const words = (path: string) => ({
    code: 422,
    message: expect.stringContaining(
      `${path}[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "x": must be a 32bit integer`,
    ),
  })
  await expect(registry.create(pods, pod('p', costs('x')), write)).rejects.toMatchObject(words('metadata.annotations'))
  await registry.create(pods, pod('p', costs('1')), write)
  const template = { metadata: { labels: { a: 'b' }, ...costs('x') }, spec: pod('p')['spec'] }
  const set = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'r' } }
  const spec = { selector: { matchLabels: { a: 'b' } }, template }
  await expect(registry.create(at('apps/v1', 'ReplicaSet', 'd', 'r'), { ...set, spec }, write)).rejects.toMatchObject(
    words('spec.template.annotations'),
  )
})
