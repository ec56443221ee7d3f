import { describe, expect, it } from 'vitest'
import { schemaOf } from '../schema/index.ts'
import { jsonPatch } from './json.ts'
import { mergePatch } from './merge.ts'
import { strategicMergePatch } from './strategic.ts'

const podSchema = schemaOf('v1', 'Pod')
const pod = (spec: Record<string, unknown>) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec })
const patched = (spec: Record<string, unknown>, patch: Record<string, unknown>) =>
  (strategicMergePatch(pod(spec), { spec: patch }, podSchema) as { spec: Record<string, unknown> }).spec

describe('mergePatch', () => {
  it('merges objects, removes by null and replaces all else', () => {
    expect(mergePatch({ a: { b: 1, c: 2 }, d: [1] }, { a: { b: null, e: { f: null } }, d: [2] })).toEqual({
      a: { c: 2, e: {} },
      d: [2],
    })
    expect(mergePatch([1], { a: 1 })).toEqual({ a: 1 })
    expect(mergePatch({ a: 1 }, 'x')).toBe('x')
  })
})

describe('jsonPatch', () => {
  it('applies operations to a copy', () => {
    const document = { a: [1, 2] }
    expect(jsonPatch(document, [{ op: 'add', path: '/a/-', value: 3 }])).toEqual({ a: [1, 2, 3] })
    expect(document).toEqual({ a: [1, 2] })
  })

  it('refuses what is no patch, and what does not apply', () => {
    expect(() => jsonPatch({}, { op: 'add' })).toThrow(/cannot unmarshal object/)
    expect(() => jsonPatch({}, 'x')).toThrow(/^error decoding patch: json: cannot unmarshal string/)
    expect(() => jsonPatch({}, undefined)).toThrow(/^error decoding patch: unexpected end of JSON input$/)
    expect(() => strategicMergePatch({}, 5, podSchema)).toThrow(/^json: cannot unmarshal number/)
    expect(strategicMergePatch({ a: 1 }, null, podSchema)).toEqual({ a: 1 })
    expect(() => jsonPatch({ a: 1 }, [{ op: 'test', path: '/a', value: 2 }])).toThrow(
      'the server rejected our request due to an error in our request',
    )
    expect(() =>
      jsonPatch(
        {},
        Array.from({ length: 10_001 }, () => ({})),
      ),
    ).toThrow('Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001')
    for (const [odd, type] of [
      [1, 'number'],
      [true, 'bool'],
      [[], 'array'],
    ])
      expect(() => jsonPatch({}, [odd])).toThrow(
        `cannot unmarshal ${type as string} into Go value of type jsonpatch.Operation`,
      )
    expect(jsonPatch({ a: 1 }, null)).toEqual({ a: 1 })
  })

  it('counts places from the end of a list, where there are so many', () => {
    const change = (...operations: object[]) => (jsonPatch({ l: ['a', 'b'], m: {} }, operations) as { l: unknown }).l
    expect(change({ op: 'remove', path: '/l/-1' })).toEqual(['a'])
    expect(change({ op: 'add', path: '/l/-1', value: 'c' })).toEqual(['a', 'b', 'c'])
    expect(change({ op: 'replace', path: '/l/-2', value: 'c' })).toEqual(['c', 'b'])
    expect(change({ op: 'copy', from: '/l/-2', path: '/l/-1' })).toEqual(['a', 'b', 'a'])
    expect(change({ op: 'test', path: '/l/-1', value: 'b' })).toEqual(['a', 'b'])
    expect(() => change({ op: 'remove', path: '/l/-3' })).toThrow('rejected our request')
    expect(() => change({ op: 'remove', path: '/m/-1' })).toThrow('rejected our request')
  })

  it('copies and moves to where it could add, and nowhere else', () => {
    const change = (op: string, from: string, path: string) =>
      jsonPatch({ l: ['a', 'b'], m: { x: 1 } }, [{ op, from, path }])
    expect(change('move', '/l/0', '/l/1')).toEqual({ l: ['b', 'a'], m: { x: 1 } })
    expect(change('move', '/m/x', '/m/y')).toEqual({ l: ['a', 'b'], m: { y: 1 } })
    expect(change('copy', '/m', '/m/y')).toEqual({ l: ['a', 'b'], m: { x: 1, y: { x: 1 } } })
    const wrong = [
      ['copy', '/l/0', '/l/9'],
      ['copy', '/n', '/m/y'],
      ['move', '/m', '/m/y'],
    ] as const
    for (const [op, from, path] of wrong) expect(() => change(op, from, path)).toThrow('rejected our request')
  })

  it('takes a value that is left out for null, which is also what is not there', () => {
    expect(jsonPatch({ a: 1 }, [{ op: 'add', path: '/a' }])).toEqual({ a: null })
    expect(jsonPatch({ a: 1 }, [{ op: 'test', path: '/b', value: null }])).toEqual({ a: 1 })
    expect(() => jsonPatch({ a: 1 }, [{ op: 'test', path: '/b/c', value: null }])).toThrow('rejected our request')
    expect(jsonPatch({ 'a/b': null }, [{ op: 'test', path: '/a~1b' }])).toEqual({ 'a/b': null })
    expect(() => jsonPatch({ a: 1 }, [{ op: 'test', path: '/a', value: null }])).toThrow('rejected our request')
  })

  it('changes what is in a document, not the document', () => {
    for (const op of ['add', 'replace', 'remove', 'move', 'copy'])
      expect(() => jsonPatch({ a: 1 }, [{ op, path: '', value: {}, from: '/a' }])).toThrow('rejected our request')
    expect(jsonPatch({ a: 1 }, [{ op: 'test', path: '', value: { a: 1 } }])).toEqual({ a: 1 })
  })
})

describe('what does not apply', () => {
  const cases: Array<[unknown, string]> = [
    [{ op: 'test', path: '/a', value: 2 }, 'testing value /a failed: test failed'],
    [{ op: 'remove', path: '/b' }, 'remove operation does not apply: doc is missing path: "/b": missing value'],
    [
      { op: 'replace', path: '/b', value: 1 },
      'replace operation does not apply: doc is missing path: "/b": missing value',
    ],
    [{ op: 'add', path: '/b/c', value: 1 }, 'add operation does not apply: doc is missing path: "/b/c": missing value'],
    [{ op: 'odd', path: '/a' }, 'Operation `op` property is not one of operations defined in RFC-6902'],
    [null, 'Operation is not an object'],
  ]
  it.each(cases)(
    '%j is refused without details, which kubectl would print instead of the message',
    (operation, why) => {
      const message = 'the server rejected our request due to an error in our request'
      expect(() => jsonPatch({ a: 1 }, [operation])).toThrow(
        expect.objectContaining({
          code: 422,
          reason: 'Invalid',
          message,
          details: {},
          cause: expect.objectContaining({ message: why }),
        }),
      )
    },
  )

  it('never reaches the prototype', () => {
    expect(() => jsonPatch({}, [{ op: 'add', path: '/__proto__/x', value: 1 }])).toThrow(
      expect.objectContaining({
        code: 422,
        cause: expect.objectContaining({ message: expect.stringMatching(/__proto__|prototype/) }),
      }),
    )
    expect({}).not.toHaveProperty('x')
  })
})

describe('strategicMergePatch', () => {
  it('merges a list by the key its field declares, and puts what is new before those that it does not know', () => {
    const spec = {
      containers: [
        { name: 'a', image: '1' },
        { name: 'b', image: '1' },
      ],
    }
    expect(
      patched(spec, {
        containers: [
          { name: 'b', image: '2' },
          { name: 'c', image: '3' },
        ],
      }),
    ).toEqual({
      containers: [
        { name: 'a', image: '1' },
        { name: 'b', image: '2' },
        { name: 'c', image: '3' },
      ],
    })
    // kubernetes.io, "Update API Objects in Place Using kubectl patch".
    const added = patched(spec, { containers: [{ name: 'new', image: 'redis' }] })['containers']
    expect((added as Array<{ name: string }>).map(({ name }) => name)).toEqual(['new', 'a', 'b'])
  })

  it('deletes and replaces items, lists and objects by directive', () => {
    const spec = {
      containers: [
        { name: 'a', image: '1' },
        { name: 'b', image: '1', tty: true },
      ],
      securityContext: { runAsUser: 1 },
    }
    expect(patched(spec, { containers: [{ name: 'a', $patch: 'delete' }] })['containers']).toEqual([spec.containers[1]])
    expect(patched(spec, { containers: [{ name: 'b', image: '2', $patch: 'replace' }] })['containers']).toEqual([])
    expect(
      patched(spec, {
        containers: [
          { name: 'a', image: '2' },
          { name: 'a', $patch: 'delete' },
        ],
      })['containers'],
    ).toEqual([{ name: 'a', image: '2' }, spec.containers[1]])
    expect(patched(spec, { containers: [{ $patch: 'replace' }, { name: 'z', image: '9' }] })['containers']).toEqual([
      { name: 'z', image: '9' },
    ])
    expect(patched({}, { containers: [{ $patch: 'replace' }, { name: 'z', image: '9' }] })['containers']).toEqual([
      { name: 'z', image: '9' },
    ])
    expect(patched(spec, { securityContext: { $patch: 'replace', runAsGroup: 2 } })['securityContext']).toEqual({
      runAsGroup: 2,
    })
    expect(patched(spec, { securityContext: { $patch: 'delete' } })['securityContext']).toEqual({})
    expect(patched(spec, { securityContext: null })).not.toHaveProperty('securityContext')
    expect(() => patched(spec, { securityContext: { $patch: 'odd' } })).toThrow(
      expect.objectContaining({ code: 500, message: 'unknown patch type: odd in map: map[$patch:odd]' }),
    )
  })

  it('puts items in the asked order and keeps others beside their neighbours', () => {
    const spec = { containers: ['a', 'x', 'b'].map((name) => ({ name })) }
    const order = [{ name: 'b' }, { name: 'a' }]
    const result = patched(spec, {
      $setElementOrder: undefined,
      '$setElementOrder/containers': order,
      containers: [{ name: 'a', image: '1' }],
    })
    expect((result['containers'] as Array<{ name: string }>).map((c) => c.name)).toEqual(['x', 'b', 'a'])
    const orderOnly = patched(spec, { '$setElementOrder/containers': [{ name: 'b' }, { name: 'x' }, { name: 'a' }] })
    expect((orderOnly['containers'] as Array<{ name: string }>).map((c) => c.name)).toEqual(['b', 'x', 'a'])
  })

  it('merges and deletes values of primitive lists', () => {
    const document = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', finalizers: ['x', 'y'] } }
    const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': ['x'], finalizers: ['z', 'y'] } }
    expect(strategicMergePatch(document, patch, podSchema)).toMatchObject({ metadata: { finalizers: ['z', 'y'] } })
    const only = strategicMergePatch(
      document,
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['y'] } },
      podSchema,
    )
    expect(only).toMatchObject({ metadata: { finalizers: ['x'] } })
  })

  // The selector of a policy/v1 budget is one whole; that of v1beta1 merges.
  it('replaces an object whose field says so', () => {
    const document = { spec: { selector: { matchLabels: { a: 'b' }, matchExpressions: [] }, minAvailable: 1 } }
    const patch = { spec: { selector: { matchLabels: { c: 'd', e: null } } } }
    const of = (version: string) => strategicMergePatch(document, patch, schemaOf(version, 'PodDisruptionBudget'))
    expect(of('policy/v1')).toEqual({ spec: { selector: { matchLabels: { c: 'd' } }, minAvailable: 1 } })
    expect(of('policy/v1beta1')).toMatchObject({ spec: { selector: { matchLabels: { a: 'b', c: 'd' } } } })
  })

  it('keeps only the named members of a union', () => {
    const spec = { volumes: [{ name: 'v', emptyDir: {} }] }
    const patch = { volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }] }
    expect(patched(spec, patch)['volumes']).toEqual([{ name: 'v', hostPath: { path: '/x' } }])
    expect(() => patched(spec, { volumes: [{ name: 'v', $retainKeys: ['name'], hostPath: { path: '/x' } }] })).toThrow(
      expect.objectContaining({ code: 400, message: 'invalid patch format of retainKeys' }),
    )
  })

  it('replaces atomic lists and merges free maps', () => {
    expect(
      patched(
        { containers: [{ name: 'a', args: ['1', '2'] }], nodeSelector: { a: '1' } },
        { containers: [{ name: 'a', args: ['3'] }], nodeSelector: { b: '2' } },
      ),
    ).toEqual({
      containers: [{ name: 'a', args: ['3'] }],
      nodeSelector: { a: '1', b: '2' },
    })
  })

  it('merges structs in maps, and removes them by null', () => {
    const schema = schemaOf('apiextensions.k8s.io/v1', 'JSONSchemaProps')
    const from = { properties: { a: { type: 'string' }, b: {} } }
    expect(
      strategicMergePatch(
        from,
        { properties: { a: { $ref: 'x', title: null }, b: null, c: { type: 'y' }, d: 5 } },
        schema,
      ),
    ).toEqual({ properties: { a: { type: 'string', $ref: 'x' }, c: { type: 'y' }, d: 5 } })
  })

  it('takes what the document does not have, without nulls and directives', () => {
    expect(
      patched(
        {},
        {
          containers: [
            { name: 'a', image: null, ports: [{ containerPort: 1 }, { containerPort: 2, $patch: 'delete' }] },
          ],
        },
      ),
    ).toEqual({ containers: [{ name: 'a', ports: [{ containerPort: 1 }, { containerPort: 2 }] }] })
    const secrets = [{ name: 's' }, { name: 's' }, { name: 't', $patch: 'delete' }]
    expect(patched({}, { imagePullSecrets: secrets })).toEqual({ imagePullSecrets: [{ name: 's' }, { name: 's' }] })
    expect(
      patched(
        {},
        {
          securityContext: {
            $patch: 'replace',
            sysctls: [null, { name: 'a', value: null }],
            seccompProfile: { type: null },
          },
        },
      ),
    ).toEqual({ securityContext: { sysctls: [{ name: 'a' }], seccompProfile: {} } })
    expect(strategicMergePatch(null, { kind: 'Pod' }, podSchema)).toEqual({ kind: 'Pod' })
    expect(patched({ nodeSelector: 'odd' }, { nodeSelector: { a: 'b' } })).toEqual({ nodeSelector: { a: 'b' } })
  })

  it('orders primitive lists, and ignores an order of what is not there', () => {
    const document = { metadata: { finalizers: ['x', 'y'] } }
    const order = (value: unknown) => ({ metadata: { '$setElementOrder/finalizers': value } })
    expect(strategicMergePatch(document, order(['y', 'x']), podSchema)).toEqual({
      metadata: { finalizers: ['y', 'x'] },
    })
    expect(() => strategicMergePatch(document, order('odd'), podSchema)).toThrow(
      'expected a []interface {}, but received a string',
    )
    expect(strategicMergePatch({ metadata: {} }, order(['y']), podSchema)).toEqual({ metadata: {} })
  })

  it('keeps in front what stood in front', () => {
    const result = patched(
      { containers: [{ name: 'x' }, { name: 'a' }] },
      { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'b' }] },
    )
    expect((result['containers'] as Array<{ name: string }>).map((c) => c.name)).toEqual(['b', 'x', 'a'])
  })

  it('refuses an order that is not the order of its own items', () => {
    const order = (items: object[], wanted: object[]) => () =>
      patched({ containers: [{ name: 'a' }] }, { '$setElementOrder/containers': wanted, containers: items })
    expect(order([{ name: 'n', image: 'i' }], [{ name: 'a' }])).toThrow(
      "The order in patch list:\n[map[image:i name:n]]\n doesn't match $setElementOrder list:\n[map[name:a]]\n",
    )
    expect(order([{ name: 'b', $patch: 'delete' }], [{ name: 'a' }])).not.toThrow()
    expect(order([{ name: 'n' }], [{ foo: 'b' }])).toThrow('map: map[foo:b] does not contain declared merge key: name')
  })

  it('asks for no merge key where there is nothing to merge with', () => {
    expect(patched({}, { containers: [{ image: 'x' }] })).toEqual({ containers: [{ image: 'x' }] })
  })

  it('says what is wrong with a patch', () => {
    expect(() => patched({}, { $retainKeys: 'odd' })).toThrow('invalid patch format of retainKeys')
    expect(() => strategicMergePatch(pod({}), [], podSchema)).toThrow('cannot unmarshal')
    expect(() => patched({ containers: [] }, { containers: [{ image: 'x' }] })).toThrow(
      expect.objectContaining({ code: 500, message: 'map: map[image:x] does not contain declared merge key: name' }),
    )
    const mixed = () => patched({ containers: [{ name: 'a' }] }, { containers: ['x'] })
    expect(mixed).toThrow('list element types are not identical: [[map[name:a]] [x]]')
    const directive = ($patch: unknown) => () => patched({ containers: [] }, { containers: [{ name: 'a', $patch }] })
    expect(directive('merge')).toThrow('merging lists cannot yet be specified in the patch')
    expect(directive(3)).toThrow('unknown patch type: %!s(int64=3) in map: map[$patch:3 name:a]')
    expect(directive(0.5)).toThrow('%!s(float64=0.5)')
    expect(directive(true)).toThrow('%!s(bool=true)')
  })
})
