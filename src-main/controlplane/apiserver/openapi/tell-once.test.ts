import { expect, test } from 'vitest'
import { tellOnce } from './tell-once.ts'

test('A type whose words its fields show has none of its own; others keep theirs', () => {
  const definitions = {
    'a.Pod': {
      description: 'A pod.',
      'x-kubernetes-group-version-kind': [{}],
      properties: {
        affinity: { description: 'Rules.', allOf: [{ $ref: '#/components/schemas/a.Affinity' }] },
        list: { description: 'Many.', items: { $ref: '#/components/schemas/a.Item' } },
        spec: { description: 'The spec.', $ref: '#/definitions/a.Spec' },
        other: { description: 'Another pod.', $ref: '#/definitions/a.Other' },
        pod: { description: 'A pod.', $ref: '#/definitions/a.Pod' },
        gone: { description: 'x', $ref: '#/definitions/a.Gone' },
      },
    },
    'a.Affinity': { description: 'Rules.' },
    'a.Item': { description: 'One.' },
    'a.Spec': { description: 'The spec.' },
    'a.Other': { description: 'A pod of another kind.' },
  }
  tellOnce(definitions)
  const described = Object.entries(definitions).filter(([, one]) => one.description !== undefined)
  expect(described.map(([name]) => name)).toEqual(['a.Pod', 'a.Item', 'a.Spec', 'a.Other'])
})
