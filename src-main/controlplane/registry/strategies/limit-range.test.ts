import { expect, test } from 'vitest'
import { arrange, at } from '../testing/arrange.ts'

test('A limit range without a name gets one, is found by it, and leaves room for the next', async () => {
  const { registry, write } = await arrange()
  const target = at('v1', 'LimitRange', 'd')
  const [one, two] = [await registry.create(target, {}, write), await registry.create(target, {}, write)]
  expect(one.object.metadata.name).not.toBe(two.object.metadata.name)
  const { name } = one.object.metadata
  expect((await registry.read({ ...target, name })).object.metadata.uid).toBe(one.object.metadata.uid)
  await registry.delete({ ...target, name }, {}, write)
  expect(await registry.list('', 'limitranges')).toHaveLength(1)
})
