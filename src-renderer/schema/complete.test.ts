import { describe as suite, expect, it } from 'vitest'
import { complete, describe } from './complete.ts'
import { placeAt } from './place.ts'
import { appsV1 } from './testing/apps-v1.ts'

const schemas = new Map([['apps/v1', appsV1]])
const kinds = [
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
]
const head = 'apiVersion: apps/v1\nkind: Deployment\n'

/** Splits a text at its `|`, the cursor. */
function at(marked: string): [text: string, line: number, column: number] {
  const before = marked.slice(0, marked.indexOf('|'))
  return [marked.replace('|', ''), before.split('\n').length, before.length - before.lastIndexOf('\n')]
}
const offered = (marked: string): string[] =>
  complete(...at(marked), schemas, kinds)?.items.map(({ label }) => label) ?? []

suite('completion in manifests', () => {
  it('offers the fields of the object around the cursor, required ones first, without those that are there', () => {
    expect(offered(`${head}spec:\n  re|\n  paused: true\n`)).toEqual(['selector', 'template', 'replicas', 'strategy'])
    expect(offered(`${head}|\nspec: {}\n`)).toEqual(['metadata'])
    expect(offered(`${head}metadata:\n  labels:\n    a: b\n  |`)).toEqual(['annotations', 'name', 'namespace'])
  })

  it('knows the items of lists, indented or not, in the first and in later lines', () => {
    const pod = `${head}spec:\n  template:\n    spec:\n`
    expect(offered(`${pod}      containers:\n      - |`)).toEqual(['name', 'args', 'image', 'resources'])
    expect(offered(`${pod}      containers:\n        - name: a\n          |`)).toEqual(['args', 'image', 'resources'])
    expect(offered(`${pod}      containers:\n      - name: a\n        args:\n        - x\n      - i|`)).toContain(
      'image',
    )
    expect(offered(`${pod}      |\n      containers:\n      - name: a\n`)).toEqual(['restartPolicy'])
  })

  it('offers values: closed sets, yes and no, kinds and their versions', () => {
    expect(offered(`${head}spec:\n  strategy:\n    type: R|`)).toEqual(['Recreate', 'RollingUpdate'])
    expect(offered(`${head}spec:\n  paused: |`)).toEqual(['true', 'false'])
    expect(offered(`${head}spec:\n  replicas: |`)).toEqual(['1'])
    expect(offered('apiVersion: |\n')).toEqual(['v1', 'apps/v1'])
    expect(offered('apiVersion: |\nkind: Pod\n')).toEqual(['v1'])
    expect(offered('apiVersion: apps/v1\nkind: |')).toEqual(['Deployment', 'StatefulSet'])
    expect(offered('apiVersion: none/v1\nkind: |')).toHaveLength(3)
  })

  it('begins an object that has no kind yet', () => {
    expect(offered('|')).toEqual(['apiVersion', 'kind', 'metadata'])
    expect(offered(`${head}---\nkind: Pod\na|`)).toEqual(['apiVersion', 'metadata'])
  })

  it('opens objects and lists as they are written', () => {
    const items = complete(...at(`${head}spec:\n  |`), schemas, kinds)!.items
    expect(items.find((i) => i.label === 'template')).toMatchObject({ insert: 'template:\n  ', detail: 'object' })
    expect(items.find((i) => i.label === 'replicas')).toMatchObject({ insert: 'replicas: ', detail: 'integer' })
    const [container] = complete(...at(`${head}spec:\n  template:\n    spec:\n      c|`), schemas, kinds)!.items
    expect(container).toMatchObject({ insert: 'containers:\n  - ', detail: '[]object', required: true })
  })

  it('stays silent in comments, block texts, braces and fields it does not know', () => {
    expect(offered(`${head}# spec|`)).toEqual([])
    expect(offered(`${head}metadata:\n  annotations:\n    text: |\n`.replace('|', '>') + '      a|')).toEqual([])
    expect(offered(`${head}metadata: {na|`)).toEqual([])
    expect(offered(`${head}spec:\n  nonsense:\n    |`)).toEqual([])
    expect(offered(`${head}spec:|`)).toEqual([])
  })

  it('tells where the text to be replaced begins', () => {
    expect(complete(...at(`${head}spec:\n  repl|`), schemas, kinds)!.column).toBe(3)
    expect(placeAt(...at('"a": 1\nb:\n  "c": d|'))).toMatchObject({ path: ['b', 'c'], kind: 'value', prefix: 'd' })
  })

  it('has the words of a field for whoever points at it', () => {
    expect(describe(...at(`${head}spec:\n  replicas|: 2\n`), schemas)).toEqual({
      name: 'replicas',
      type: 'integer',
      description: 'Number of pods wanted.',
    })
    expect(describe(...at(`${head}spec:\n  replicas: 2|\n`), schemas)).toBeUndefined()
    expect(describe(...at(`${head}spec:\n  nonsense|: 2\n`), schemas)).toBeUndefined()
  })
})
