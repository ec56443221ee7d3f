import { expect, test } from 'vitest'
import { arrange, at } from '../testing/arrange.ts'
import { refusal, template } from '../testing/refusals.ts'

test.each([
  ['policy/v1', 'PodDisruptionBudget', { minAvailable: 1, selector: {} }],
  ['rbac.authorization.k8s.io/v1', 'Role', undefined],
])('%s %s may have any name that is one part of a path', async (apiVersion, kind, spec) => {
  const { registry, write } = await arrange()
  const target = at(apiVersion, kind, 'd')
  const made = (name: string) => registry.create(target, { metadata: { name }, ...(spec ? { spec } : {}) }, write)
  expect((await made('Team_A:web')).object.metadata.name).toBe('Team_A:web')
  await expect(made('a%b')).rejects.toThrow("may not contain '%'")
})

test.each(['priorityClassName', 'runtimeClassName'])('a template whose %s is no name is refused', async (field) => {
  const { metadata, spec } = template({ a: 'b' })
  const selector = { matchLabels: metadata.labels }
  const body = { spec: { selector, template: { metadata, spec: { ...spec, [field]: 'Not_a name' } } } }
  expect(await refusal('apps/v1', 'Deployment', body)).toContain(
    `spec.template.spec.${field}: Invalid value: "Not_a name": a lowercase RFC 1123 subdomain must consist of`,
  )
})

test('the value of a priority class that does not say it is zero', async () => {
  const { registry, write } = await arrange()
  const target = { ...at('scheduling.k8s.io/v1', 'PriorityClass', ''), namespace: '' }
  expect((await registry.create(target, { metadata: { name: 'none' } }, write)).object).toMatchObject({ value: 0 })
})
