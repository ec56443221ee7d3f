import { expect, it } from 'vitest'
import { readManifests } from '../api/yaml.ts'
import { readManifestFiles, withDocuments } from './manifest-files.ts'

const file = (name: string, text: string): File => new File([text], name)

it('files of manifests become one text, in the order of their names; others are refused', async () => {
  const { text, refused } = await readManifestFiles([
    file('web.yaml', 'kind: Service\n---\nkind: Deployment\n'),
    file('notes.txt', 'buy milk'),
    file('app.JSON', '{ "kind": "ConfigMap" }'),
    file('huge.yml', 'x'.repeat((4 << 20) + 1)),
  ])
  expect(text).toBe('# app.JSON\n{ "kind": "ConfigMap" }\n---\n# web.yaml\nkind: Service\n---\nkind: Deployment\n')
  expect(readManifests(text)).toHaveLength(3)
  expect(refused).toEqual(['huge.yml', 'notes.txt'])
})

it('documents go behind what is in the editor, or take an empty one', () => {
  expect(withDocuments(' \n', 'kind: Pod\n')).toBe('kind: Pod\n')
  expect(withDocuments('kind: Pod\n\n', 'kind: Service\n')).toBe('kind: Pod\n---\nkind: Service\n')
})
