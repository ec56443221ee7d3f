import { describe, expect, test } from 'vitest'
import { plainEntry } from './entry.ts'
import { join } from './parts.ts'
import type { Entry, Target } from './registry.ts'
import { arrange, at, configMap } from './testing/arrange.ts'
import { aTool, define, tool } from './testing/crd.ts'

const itemOf = (entry: Entry, { served }: Target): unknown => JSON.parse(join(entry.itemParts(served)).toString())
const aloneOf = (entry: Entry, { served }: Target): Record<string, unknown> =>
  JSON.parse(entry.json(served).toString()) as Record<string, unknown>

describe('an item of a list', () => {
  test('of a built-in kind is the object without kind and version, which the list says', async () => {
    const { registry, write } = await arrange()
    const target = at('v1', 'ConfigMap', 'ns', 'a')
    const { kind, apiVersion, ...rest } = aloneOf(
      await registry.create(target, configMap('a', { k: 'v' }), write),
      target,
    )
    expect({ kind, apiVersion }).toEqual({ kind: 'ConfigMap', apiVersion: 'v1' })
    expect(itemOf(await registry.read(target), target)).toEqual(rest)
  })

  test('that is converted leaves them out, too', async () => {
    const { registry, write } = await arrange()
    const old = at('extensions/v1beta1', 'Ingress', 'ns', 'a')
    const spec = { backend: { serviceName: 's', servicePort: 80 } }
    const made = { apiVersion: 'extensions/v1beta1', kind: 'Ingress', metadata: { name: 'a' }, spec }
    const entry = await registry.create(old, made, write)
    const { kind: _, apiVersion, ...rest } = aloneOf(entry, old)
    expect(apiVersion).toBe('extensions/v1beta1')
    expect(itemOf(entry, old)).toEqual(rest)
    expect(rest.spec).toMatchObject(spec)
  })

  test('of a custom kind keeps them', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    await define(arranged)
    const target = tool(registry, 'a')
    const entry = await registry.create(tool(registry), aTool('a'), write)
    expect(itemOf(entry, target)).toEqual(aloneOf(entry, target))
    expect(itemOf(plainEntry(entry.object), target)).toEqual(aloneOf(entry, target))
  })

  test('that stands in no store is as one that does', async () => {
    const { registry, write } = await arrange()
    const target = at('v1', 'ConfigMap', 'ns', 'a')
    const stored = await registry.create(target, configMap('a', { k: 'v' }), write)
    expect(itemOf(plainEntry(stored.object), target)).toEqual(itemOf(stored, target))
  })
})
