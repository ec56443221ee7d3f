import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { draftOf } from './draft.ts'
import { views } from './index.ts'

const viewOf = (id: string) => views.find((view) => view.id === id)!
const namespaceOf = (id: string, namespaces: string[]): unknown =>
  (parse(draftOf(viewOf(id), namespaces)) as { metadata: { namespace?: string } }).metadata.namespace

it('begins in the namespace that is shown, and in none when several or all are', () => {
  expect(namespaceOf('configmaps', ['shop'])).toBe('shop')
  expect(namespaceOf('configmaps', ['shop', 'other'])).toBeUndefined()
  expect(draftOf(viewOf('configmaps'), [])).toBe(viewOf('configmaps').example)
})

it('has no namespace for a kind without', () => {
  expect(namespaceOf('namespaces', ['shop'])).toBeUndefined()
  const { example: _example, ...bare } = viewOf('nodes')
  expect(draftOf(bare, ['shop'])).toBe('')
})
