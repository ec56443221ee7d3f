import { beforeEach, describe, expect, test } from 'vitest'
import { aggregatedContent } from './content.ts'
import type { Question } from './index.ts'

const user = { name: 'me', groups: [] }
const resource = (name: string, scope: string, verbs: string[]) => ({
  resource: name,
  responseKind: { group: 'o.example.com', version: 'v1', kind: 'Thing' },
  scope,
  singularResource: '',
  verbs,
})
const asked: string[] = []
const content = aggregatedContent(
  {
    served: () => [
      {
        group: 'o.example.com',
        version: 'v1',
        resources: [
          resource('things', 'Namespaced', ['list', 'delete', 'deletecollection']),
          resource('others', 'Namespaced', ['list', 'delete']),
          resource('figures', 'Namespaced', ['list', 'get']),
          resource('wholes', 'Cluster', ['list', 'delete']),
        ],
      },
      { group: 'gone.example.com', version: 'v1', resources: [], stale: true },
    ],
    ask(_group: string, _version: string, { method, url, body }: Question) {
      asked.push([method, url, ...(body ? [JSON.stringify(body)] : [])].join(' '))
      return Promise.resolve({ items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }] })
    },
  },
  user,
)
const [things, others] = content.list()
const BASE = '/apis/o.example.com/v1/namespaces/n'
const BODY = '{"propagationPolicy":"Background"}'
beforeEach(() => void asked.splice(0))

describe('what other servers hold in namespaces', () => {
  test('is what can be listed and deleted there', () => {
    expect(content.list().map((one) => one.resource)).toEqual(['things', 'others'])
    expect(content.silent()).toEqual(['gone.example.com/v1'])
  })

  test('is deleted as a whole', async () => {
    await content.empty(things!, 'n')
    expect(asked).toEqual([`DELETE ${BASE}/things ${BODY}`])
  })

  test('is deleted one by one where it cannot be as a whole', async () => {
    await content.empty(others!, 'n')
    expect(asked).toEqual([`GET ${BASE}/others`, `DELETE ${BASE}/others/a ${BODY}`, `DELETE ${BASE}/others/b ${BODY}`])
  })
})
