import { describe, expect, test } from 'vitest'
import { arrange, at } from '../../testing/arrange.ts'
import { define, toolCrd } from '../../testing/crd.ts'

const MERGE = 'application/merge-patch+json'
const crds = (name = '', subresource = '') =>
  at('apiextensions.k8s.io/v1', 'CustomResourceDefinition', '', name, subresource)

type Spec = Record<string, unknown> & { names: object; versions: object[] }
type Definition = { metadata: Record<string, unknown>; spec: Spec }

/** What is said of the definition `tools.example.com` with changes. */
async function refusal(change: (crd: Definition) => void): Promise<string> {
  const { registry, write } = await arrange()
  const crd = structuredClone(toolCrd()) as Definition
  change(crd)
  try {
    await registry.create(crds(), crd, write)
  } catch (error) {
    return (error as Error).message.replace(/^CustomResourceDefinition.apiextensions.k8s.io "[^"]*" is invalid: /, '')
  }
  return ''
}
const LABEL = /must be no more|a DNS-1035 label must consist of lower case/

describe('a definition', () => {
  test('is fine as it is, and remembers its storage version', async () => {
    const { registry, write } = await arrange()
    const { object } = await registry.create(crds(), toolCrd(), write)
    expect(object).toMatchObject({ metadata: { generation: 1 }, status: { storedVersions: ['v1'] } })
    expect(object.metadata.finalizers).toBeUndefined()
  })

  test.each<[string, (crd: Definition) => void]>([
    [
      'metadata.name: Invalid value: "x.y": must be spec.names.plural+"."+spec.group',
      ({ metadata }) => (metadata['name'] = 'x.y'),
    ],
    [
      'spec.group: Invalid value: "example": should be a domain with at least one dot',
      ({ metadata, spec }) => {
        spec['group'] = 'example'
        metadata['name'] = 'tools.example'
      },
    ],
    [
      'spec.scope: Unsupported value: "Both": supported values: "Cluster", "Namespaced"',
      ({ spec }) => (spec['scope'] = 'Both'),
    ],
    ['spec.scope: Required value', ({ spec }) => (spec['scope'] = '')],
    [
      'spec.names.listKind: Invalid value: "Tool": kind and listKind may not be the same',
      ({ spec }) => Object.assign(spec.names, { listKind: 'Tool' }),
    ],
    [
      'spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required',
      ({ spec }) => Object.assign(spec.versions[0]!, { schema: undefined }),
    ],
    [
      'spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
      ({ spec }) =>
        Object.assign(spec.versions[0]!, { schema: { openAPIV3Schema: { type: 'object', properties: { spec: {} } } } }),
    ],
    [
      'spec.versions[0].deprecationWarning: Invalid value: "old": can only be set for deprecated versions',
      ({ spec }) => Object.assign(spec.versions[0]!, { deprecationWarning: 'old' }),
    ],
    [
      'spec.versions[0].deprecationWarning: Invalid value: "": must not be an empty string',
      ({ spec }) => Object.assign(spec.versions[0]!, { deprecated: true, deprecationWarning: '' }),
    ],
    [
      'spec.conversion.strategy: Unsupported value: "Magic": supported values: "None", "Webhook"',
      ({ spec }) => (spec['conversion'] = { strategy: 'Magic' }),
    ],
    ['spec.conversion.strategy: Required value', ({ spec }) => (spec['conversion'] = { strategy: '' })],
    [
      '[spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook, spec.conversion.conversionReviewVersions: Required value]',
      ({ spec }) => (spec['conversion'] = { strategy: 'Webhook' }),
    ],
    [
      '[spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook, spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook]',
      ({ spec }) =>
        (spec['conversion'] = { strategy: 'None', webhook: { clientConfig: {}, conversionReviewVersions: ['v1'] } }),
    ],
  ])('is refused: %s', async (words, change) => {
    expect(await refusal(change)).toBe(words)
  })

  test('that says nothing is told all that it lacks', async () => {
    const wrong = await refusal((crd) => (crd.spec = {} as Spec))
    for (const field of ['group', 'scope', 'names.plural', 'names.kind', 'versions'])
      expect(wrong).toContain(`spec.${field}: `)
  })

  test('stores one of its versions', async () => {
    const none = await refusal(({ spec }) => Object.assign(spec.versions[0]!, { storage: false }))
    expect(none).toContain('must have exactly one version marked as storage version')
    expect(none).toContain('status.storedVersions: Invalid value: []: must have at least one stored version')
  })

  test('has names in the form of labels', async () => {
    const wrong = await refusal(({ spec }) =>
      Object.assign(spec.names, { singular: 'A', shortNames: ['B'], categories: ['-'] }),
    )
    expect(wrong).toMatch(/spec.names.singular: .*spec.names.shortNames\[0\]: .*spec.names.categories\[0\]: /)
    expect(wrong).toMatch(LABEL)
    expect(await refusal(({ spec }) => Object.assign(spec.names, { kind: 'T_l' }))).toContain(
      'spec.names.kind: Invalid value: "T_l": may have mixed case, but should otherwise match: a DNS-1035 label',
    )
    expect(await refusal(({ spec }) => Object.assign(spec, { group: 'UP' }))).toContain('spec.group: Invalid value')
    expect(await refusal(({ spec }) => Object.assign(spec, { group: '' }))).toContain('spec.group: Required value')
    expect(await refusal(({ spec }) => Object.assign(spec.names, { plural: '' }))).toContain(
      'spec.names.plural: Required value',
    )
    expect(await refusal(({ spec }) => Object.assign(spec.versions[0]!, { name: '1' }))).toContain(
      'spec.versions[0].name: Invalid value: "1": a DNS-1035 label',
    )
    expect(await refusal(({ spec }) => spec.versions.push({ ...spec.versions[0]!, storage: false }))).toContain(
      'must contain unique version names',
    )
    const long = { deprecated: true, deprecationWarning: 'x'.repeat(257) }
    expect(await refusal(({ spec }) => Object.assign(spec.versions[0]!, long))).toContain(
      'must be <= 256 characters long',
    )
    const hidden = { deprecated: true, deprecationWarning: 'é\nb' }
    expect(await refusal(({ spec }) => Object.assign(spec.versions[0]!, hidden))).toContain(
      'must only contain printable UTF-8 characters; non-printable character found at index 2',
    )
  })

  test('is told of its versions what they differ in, of itself what they have in common', async () => {
    const schema = { openAPIV3Schema: { type: 'object', properties: { spec: {} } } }
    const column = [{ name: 'A', type: 'text', jsonPath: '.spec.a' }]
    const two = (of: object, other: object) =>
      refusal(({ spec }) => {
        const [only] = spec.versions
        spec.versions = [
          { ...only!, ...of },
          { ...only!, name: 'v2', storage: false, ...other },
        ]
      })
    const untyped = 'openAPIV3Schema.properties[spec].type: Required value'
    const text = '[0].type: Invalid value: "text"'
    const alike = await two({ schema, additionalPrinterColumns: column }, { schema, additionalPrinterColumns: column })
    expect(alike).toContain(`[spec.validation.${untyped}`)
    expect(alike).toContain(`spec.additionalPrinterColumns${text}`)
    expect(alike).not.toContain('spec.versions')
    const apart = await two({}, { schema, additionalPrinterColumns: column })
    expect(apart).toContain(`[spec.versions[1].schema.${untyped}`)
    expect(apart).toContain(`spec.versions[1].additionalPrinterColumns${text}`)
  })

  test('has rules that compile', async () => {
    const openAPIV3Schema = { type: 'object', 'x-kubernetes-validations': [{ rule: 'self.nothing' }] }
    const wrong = await refusal(({ spec }) => Object.assign(spec.versions[0]!, { schema: { openAPIV3Schema } }))
    expect(wrong).toContain('x-kubernetes-validations[0].rule: Invalid value: "self.nothing": compilation failed')
    expect(wrong).toContain("undefined field 'nothing'")
  })

  test('has rules that its defaults keep, told of once its schema is in order', async () => {
    const told = (n: object, more: object = {}) => {
      const openAPIV3Schema = { type: 'object', properties: { n }, ...more }
      return refusal(({ spec }) => Object.assign(spec.versions[0]!, { schema: { openAPIV3Schema } }))
    }
    const small = { 'x-kubernetes-validations': [{ rule: 'self < 3' }] }
    expect(await told({ type: 'integer', default: 2, ...small })).toBe('')
    expect(await told({ type: 'integer', default: 4, ...small })).toBe(
      'spec.validation.openAPIV3Schema.properties[n].default: Invalid value: 4: failed rule: self < 3',
    )
    const nothing = { 'x-kubernetes-validations': [{ rule: 'self.nothing' }] }
    expect(await told({ type: 'integer', 'x-kubernetes-map-type': 'atomic' }, nothing)).toBe(
      'spec.validation.openAPIV3Schema.properties[n].type: Invalid value: "integer": must be object if x-kubernetes-map-type is specified',
    )
  })

  test('with a status of its own keeps its root plain', async () => {
    const openAPIV3Schema = { type: 'object', properties: { a: { type: 'string' } }, anyOf: [{ required: ['a'] }] }
    const told = (subresources: object) =>
      refusal(({ spec }) => Object.assign(spec.versions[0]!, { schema: { openAPIV3Schema }, subresources }))
    expect(await told({})).toBe('')
    expect(await told({ status: {} })).toContain('if the status subresource is enabled')
  })

  test('finds numbers of replicas by simple paths', async () => {
    const scale = (paths: object) =>
      refusal(({ spec }) => Object.assign(spec.versions[0]!, { subresources: { scale: paths } }))
    const paths = { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' }
    const at = 'spec.subresources.scale'
    expect(await scale(paths)).toBe('')
    expect(await scale({ specReplicasPath: '.status.n', statusReplicasPath: '' })).toBe(
      `[${at}.specReplicasPath: Invalid value: ".status.n": should be a json path under .spec, ${at}.statusReplicasPath: Required value]`,
    )
    expect(await scale({ ...paths, labelSelectorPath: 'status.s' })).toBe(
      `${at}.labelSelectorPath: Invalid value: "status.s": must be a simple json path starting with .`,
    )
    expect(await scale({ ...paths, labelSelectorPath: '.status.s[0]' })).toBe('')
  })

  test('has columns of known types and paths', async () => {
    const column = (given: object) =>
      refusal(({ spec }) => Object.assign(spec.versions[0]!, { additionalPrinterColumns: [given] }))
    const at = 'spec.additionalPrinterColumns[0]'
    expect(await column({ name: 'A', type: 'integer', format: 'int32', jsonPath: '.spec.a' })).toBe('')
    expect(await column({})).toBe(
      `[${at}.name: Required value, ${at}.type: Required value: must be one of boolean,date,integer,number,string, ${at}.JSONPath: Required value]`,
    )
    expect(await column({ name: 'A', type: 'text', format: 'x', jsonPath: 'a' })).toContain(
      `${at}.type: Invalid value: "text": must be one of boolean,date,integer,number,string, ${at}.format: Invalid value: "x"`,
    )
    expect(await column({ name: 'A', type: 'string', jsonPath: 'a' })).toBe(
      `${at}.JSONPath: Invalid value: "a": must be a simple json path starting with .`,
    )
    expect(await column({ name: 'A', type: 'string', jsonPath: '.a[' })).toBe('')
  })

  test.each<[string[], string]>([
    [['.spec.s', '.spec.b', '.spec.i'], ''],
    [[''], '[0].jsonPath: Required value'],
    [['.spec.x'], '[0].jsonPath: Invalid value: ".spec.x": is an invalid path: does not refer to a valid field'],
    [['spec.s'], '[0].jsonPath: Invalid value: "spec.s": is an invalid path: expected [ or . but got: spec'],
    [['.spec.'], 'is an invalid path: unexpected end of JSON path'],
    [['.spec.l[0]'], 'is an invalid path: array notation is not allowed'],
    [['.spec.toString'], 'is an invalid path'],
    [['.metadata.name'], '[0].jsonPath: Invalid value: ".metadata.name": must not point to fields in metadata'],
    [['.metadata.labels'], 'is an invalid path: does not refer to a valid field'],
    [['.spec.m.key'], ''],
    [['.spec.o'], 'must point to a field of type string, boolean or integer'],
    [['.spec.l'], 'must point to a field of type string, boolean or integer'],
    [['.spec.s', '.spec.s'], '[1].jsonPath: Duplicate value: ".spec.s"'],
    [Array.from({ length: 9 }, (_, i) => `.spec.f${i}`), 'selectableFields: Too many: 9: must have at most 8 items'],
  ])('offers %j to selectors: %s', async (paths, words) => {
    const plain = { type: 'string' }
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`f${i}`, plain]))
    const others = { b: { type: 'boolean' }, i: { type: 'integer' }, o: { type: 'object' } }
    const m = { type: 'object', additionalProperties: plain }
    const metadata = { type: 'object', properties: { name: plain } }
    const spec = { type: 'object', properties: { s: plain, l: { type: 'array', items: plain }, m, ...others, ...many } }
    const schema = { openAPIV3Schema: { type: 'object', properties: { metadata, spec } } }
    const selectableFields = paths.map((jsonPath) => ({ jsonPath }))
    const said = await refusal((crd) => Object.assign(crd.spec.versions[0]!, { schema, selectableFields }))
    if (words === '') expect(said).toBe('')
    else expect(said).toContain(words)
  })

  test("of Kubernetes' own groups needs approval", async () => {
    const group = (annotations?: object) =>
      refusal(({ metadata, spec }) => {
        Object.assign(spec, { group: 'x.k8s.io' })
        Object.assign(metadata, { name: 'tools.x.k8s.io', annotations })
      })
    expect(await group()).toContain(
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation',
    )
    expect(await group({ 'api-approved.kubernetes.io': 'yes' })).toContain('Invalid value: "yes"')
    expect(await group({ 'api-approved.kubernetes.io': 'unapproved' })).toBe('')
  })
})

describe('a definition that keeps unknown fields', () => {
  const words =
    'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'

  test('is made with v1beta1 alone, without schemas if it likes, and can be changed with v1', async () => {
    expect(await refusal(({ spec }) => (spec['preserveUnknownFields'] = true))).toBe(words)
    const { registry, write } = await arrange()
    const { metadata, spec } = toolCrd() as Definition
    const { versions: _, ...rest } = spec
    const old = { apiVersion: 'apiextensions.k8s.io/v1beta1', kind: 'CustomResourceDefinition', metadata }
    const target = at('apiextensions.k8s.io/v1beta1', 'CustomResourceDefinition')
    await registry.create(target, { ...old, spec: { ...rest, version: 'v1' } }, write)
    const patch = (change: object) => registry.patch(crds('tools.example.com'), MERGE, { spec: change }, write)
    await patch({ names: { categories: ['all'] } })
    const schema = { openAPIV3Schema: { type: 'object', properties: { a: { type: 'integer', default: 1 } } } }
    await expect(patch({ versions: [{ ...version, schema }] })).rejects.toThrow('default: Forbidden: must not be set')
    await patch({ preserveUnknownFields: false, versions: [version] })
    await expect(patch({ preserveUnknownFields: true })).rejects.toThrow(words)
  })
})

describe('a change of a definition', () => {
  test('moves neither what is stored nor the kind of what is established', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    await define(arranged)
    const patch = (spec: object) => registry.patch(crds('tools.example.com'), MERGE, { spec }, write)
    await expect(patch({ group: 'example.org' })).rejects.toThrow(
      'spec.group: Invalid value: "example.org": field is immutable',
    )
    await expect(patch({ scope: 'Cluster' })).rejects.toThrow(
      'spec.scope: Invalid value: "Cluster": field is immutable',
    )
    await expect(patch({ names: { kind: 'Other' } })).rejects.toThrow('spec.names.kind: Invalid value: "Other"')
    await expect(patch({ versions: [{ ...version, name: 'v2' }] })).rejects.toThrow(
      'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
    )
  })

  test('of the status keeps the versions that were stored', async () => {
    const arranged = await arrange()
    const { registry, write } = arranged
    await define(arranged)
    const patch = (storedVersions: string[]) =>
      registry.patch(crds('tools.example.com', 'status'), MERGE, { status: { storedVersions } }, write)
    await expect(patch([])).rejects.toThrow('must have at least one stored version')
    const spec = { versions: [version, { ...version, name: 'v2', storage: false }] }
    await registry.patch(crds('tools.example.com'), MERGE, { spec }, write)
    await expect(patch(['v2'])).rejects.toThrow('must have the storage version v1')
  })
})

const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }
