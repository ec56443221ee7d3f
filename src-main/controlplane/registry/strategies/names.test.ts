import { expect, test } from 'vitest'
import { arrange, at } from '../testing/arrange.ts'

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
