import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { docsOf } from './examples.ts'
import { views } from './index.ts'

it('has examples that are the kind of their view, with a name', () => {
  const shown = views.filter((view) => view.example)
  expect(shown.length).toBeGreaterThan(12)
  for (const view of shown) {
    const manifest = parse(view.example!) as { apiVersion: string; kind: string; metadata: { name: string } }
    const apiVersion = view.group ? `${view.group}/${view.version}` : view.version
    expect(manifest).toMatchObject({ apiVersion, kind: view.kind, metadata: { name: expect.any(String) as string } })
  }
})

it('knows where kubernetes.io explains a kind', () => {
  expect(docsOf('pods')).toBe('https://kubernetes.io/docs/concepts/workloads/pods/')
  expect(docsOf('widgets.example.com')).toBeUndefined()
})
