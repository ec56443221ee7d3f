import { describe, expect, it } from 'vitest'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { Kube } from '../api/kube.ts'
import { views } from '../kinds/index.ts'
import { completeNames } from './complete-names.ts'
import { wantedAt, type Wanted } from './name-places.ts'
import { createNameSource } from './name-source.ts'
import { placeAt } from './place.ts'

/** What is wanted where `▮` stands. */
function wanted(marked: string): Wanted | undefined {
  const at = marked.indexOf('▮')
  const before = marked.slice(0, at).split('\n')
  const place = placeAt(marked.replace('▮', ''), before.length, before.at(-1)!.length + 1)
  return place && wantedAt(place)
}
const head =
  'kind: Deployment\napiVersion: apps/v1\nmetadata:\n  name: web\n  namespace: shop\nspec:\n  template:\n    spec:\n'
const container = `${head}      containers:\n        - name: web\n`

describe('fields that name objects', () => {
  it('are known by the end of their path, in the namespace of their document', () => {
    expect(wanted(`${head}      serviceAccountName: ▮`)).toEqual({
      of: 'names',
      view: 'serviceaccounts',
      namespace: 'shop',
    })
    expect(wanted(`${head}      nodeName: n▮`)).toEqual({ of: 'names', view: 'nodes', namespace: undefined })
    expect(
      wanted(`${container}          envFrom:\n            - configMapRef:\n                name: ▮`),
    ).toMatchObject({
      view: 'configmaps',
    })
    expect(
      wanted(`${head}      volumes:\n        - name: x\n          secret:\n            secretName: ▮`),
    ).toMatchObject({
      view: 'secrets',
    })
    expect(wanted('kind: Pod\nmetadata:\n  namespace: ▮')).toMatchObject({ view: 'namespaces' })
    expect(wanted(`${container}          image: ▮`)).toEqual({ of: 'images' })
  })

  it('do not include an object’s own name', () => {
    expect(wanted('kind: ConfigMap\nmetadata:\n  name: ▮')).toBeUndefined()
    expect(wanted(`${head}      containers:\n        - name: ▮`)).toBeUndefined()
  })

  it('take their kind, or the object whose keys are meant, from beside', () => {
    const ref = 'kind: HorizontalPodAutoscaler\nmetadata: { name: a, namespace: shop }\nspec:\n  scaleTargetRef:\n'
    expect(wanted(`${ref}    kind: Deployment\n    name: ▮`)).toEqual({
      of: 'names',
      view: 'deployments.apps',
      namespace: 'shop',
    })
    expect(wanted(`${ref}    name: ▮\n    kind: StatefulSet`)).toMatchObject({ view: 'statefulsets.apps' })
    expect(wanted(`${ref}    name: ▮`)).toBeUndefined()
    const env = `${container}          env:\n            - name: P\n              valueFrom:\n                secretKeyRef:\n`
    expect(wanted(`${env}                  name: login\n                  key: ▮`)).toEqual({
      of: 'keys',
      view: 'secrets',
      namespace: 'shop',
      name: 'login',
    })
  })
})

describe('names of the cluster', () => {
  const lists: Record<string, object> = {
    '/api/v1/namespaces/default/configmaps': {
      items: [{ metadata: { name: 'b', namespace: 'default' } }, { metadata: { name: 'a', namespace: 'default' } }],
    },
    '/api/v1/namespaces/default/secrets/login': { data: { user: '', password: '' } },
    '/api/v1/nodes': {
      items: [{ status: { images: [{ names: ['web@sha256:abc', 'web:2'] }, { names: ['web:2'] }] } }],
    },
  }
  const asked: string[] = []
  const kube = partial<Kube>({
    cluster: 'dev',
    get: (path: string) => (
      asked.push(path),
      lists[path] ? Promise.resolve(lists[path]) : Promise.reject(new Error('no'))
    ),
  })
  const source = createNameSource(kube, (id) => views.find((view) => view.id === id))

  it('are offered sorted and each once, and asked for once in a while', async () => {
    const text = 'kind: Pod\nspec:\n  containers:\n    - envFrom:\n        - configMapRef: \n            name: '
    const found = await completeNames(text, 6, 19, source)
    expect(found).toMatchObject({ column: 19, items: [{ label: 'a', detail: 'default' }, { label: 'b' }] })
    await completeNames(text, 6, 19, source)
    expect(asked).toEqual(['/api/v1/namespaces/default/configmaps'])
    expect(await source({ of: 'images' })).toEqual(['web:2'])
    expect(await source({ of: 'keys', view: 'secrets', namespace: 'default', name: 'login' })).toEqual([
      'password',
      'user',
    ])
  })

  it('are none where the cluster refuses, and where nothing is named', async () => {
    expect(await source({ of: 'names', view: 'nodes', namespace: 'x' })).toEqual([])
    expect(await source({ of: 'names', view: 'unknown', namespace: undefined })).toEqual([])
    expect(await source({ of: 'keys', view: 'secrets', namespace: 'default', name: 'gone' })).toEqual([])
    expect(await completeNames('kind: Pod\n', 2, 1, source)).toBeUndefined()
  })
})
