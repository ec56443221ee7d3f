import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../meta.ts'
import { partial } from '../testing/partial.ts'
import { decodeProtobuf } from './decode.ts'
import { encodeProtobuf, hasProtobufForm } from './encode.ts'
import { ProtobufReader } from './reader.ts'
import { ProtobufWriter } from './writer.ts'

const there = (object: { apiVersion: string; kind: string; [field: string]: unknown }) =>
  decodeProtobuf(encodeProtobuf(object))

/** A message by its bytes, as another implementation would send it. */
function enveloped(apiVersion: string, kind: string, write: (raw: ProtobufWriter) => void): Uint8Array {
  const writer = new ProtobufWriter()
  writer.raw([0x6b, 0x38, 0x73, 0x00])
  writer.message(1, (meta) => {
    meta.text(1, apiVersion)
    meta.text(2, kind)
    meta.text(9, 'new in a later version')
  })
  writer.message(2, write)
  writer.int(20, 1)
  return writer.written
}

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'wäb',
    creationTimestamp: '2026-01-02T03:04:05Z',
    labels: { b: '2', a: '1' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u', controller: false }],
    managedFields: [{ manager: 'kubectl', fieldsV1: { 'f:spec': { 'f:a': {} } } }],
  },
  spec: {
    volumes: [{ name: 'v', projected: { sources: [{ configMap: { name: 'm', items: [{ key: 'k', path: 'p' }] } }] } }],
    terminationGracePeriodSeconds: 0,
    priority: -5,
    hostNetwork: true,
    containers: [
      {
        name: 'c',
        image: 'x'.repeat(600),
        args: ['', '-v'],
        resources: { limits: { cpu: '100m', memory: '1Gi' } },
        livenessProbe: { httpGet: { port: 8080 }, initialDelaySeconds: 3 },
        readinessProbe: { httpGet: { port: 'http' }, periodSeconds: 300 },
      },
    ],
  },
}

describe('protobuf', () => {
  it('carries a pod there and back', () => {
    expect(there(pod)).toEqual(pod)
  })

  it('is known for kinds of the API and of the machinery, and for no others', () => {
    expect(hasProtobufForm('apps/v1', 'Deployment')).toBe(true)
    expect(hasProtobufForm('v1', 'Status')).toBe(true)
    expect(hasProtobufForm('meta.k8s.io/v1', 'PartialObjectMetadata')).toBe(true)
    expect(hasProtobufForm('meta.k8s.io/v1', 'Table')).toBe(false)
    expect(hasProtobufForm('example.com/v1', 'Status')).toBe(false)
    expect(hasProtobufForm('example.com/v1', 'Tool')).toBe(false)
  })

  it('reads names of groups and resources past what later versions may add', () => {
    const bytes = enveloped('storagemigration.k8s.io/v1beta1', 'StorageVersionMigration', (raw) =>
      raw.message(2, (spec) =>
        spec.message(1, (resource) => {
          resource.text(2, 'pods')
          resource.text(7, 'new')
        }),
      ),
    )
    expect(decodeProtobuf(bytes)).toMatchObject({ spec: { resource: { group: '', resource: 'pods' } } })
    const object = decodeProtobuf(bytes) as Parameters<typeof there>[0]
    expect(there({ ...object, spec: { resource: { resource: 'pods' } } })).toEqual(object)
  })

  it('writes the verbs of a resource as a message of their own, as Go does', () => {
    const resources = [{ name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs: ['get', 'list'] }]
    const document = { apiVersion: 'v1', kind: 'APIResourceList', groupVersion: 'v1', resources }
    expect(Buffer.from(encodeProtobuf(document)).toString('hex')).toContain(`220b${'0a03676574'}${'0a046c697374'}`)
    expect(there(document)).toEqual(document)
  })

  it('writes the envelope and the fields that Go writes', () => {
    const bytes = encodeProtobuf(partial<KubeObject>({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ab' } }))
    const [meta, raw] = ['0a0f0a02763112094e616d657370616365', '12060a040a026162']
    expect(Buffer.from(bytes).toString('hex')).toBe(`6b387300${meta}${raw}1a002200`)
  })

  it('writes equal objects as equal bytes', () => {
    const one = encodeProtobuf(partial<KubeObject>({ ...pod, metadata: { labels: { a: '1', b: '2' } } }))
    expect(encodeProtobuf(partial<KubeObject>({ ...pod, metadata: { labels: { b: '2', a: '1' } } }))).toEqual(one)
  })

  it('carries bytes, microseconds, lists in maps, free JSON and fractions', () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', data: { k: 'AP/+' } }
    expect(there(secret)).toEqual(secret)
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      spec: { renewTime: '2026-01-02T03:04:05.000123Z', leaseDurationSeconds: 40 },
    }
    expect(there(lease)).toEqual(lease)
    const review = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      status: { user: { extra: { scopes: ['a', 'b'] } } },
    }
    expect(there(review)).toMatchObject(review)
    const revision = { apiVersion: 'apps/v1', kind: 'ControllerRevision', data: { spec: [1] }, revision: 2 }
    expect(there(revision)).toEqual(revision)
    const schema = {
      properties: {
        a: { type: 'integer', minimum: 1.5, default: 2, 'x-kubernetes-validations': [{ rule: 'self > 1' }] },
      },
    }
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      spec: { versions: [{ name: 'v1', schema: { openAPIV3Schema: schema } }] },
    }
    expect(there(crd)).toMatchObject(crd)
  })

  it('carries schemas that are one of two things', () => {
    const list = { type: 'array', items: { type: 'object', additionalProperties: { type: 'string' } } }
    const schema = {
      properties: { list, open: { additionalProperties: true }, none: { additionalProperties: false } },
      items: [{ type: 'string' }, { type: 'integer' }],
    }
    const versions = [{ name: 'v1', schema: { openAPIV3Schema: schema } }]
    const crd = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', spec: { versions } }
    expect(there(crd)).toMatchObject(crd)
    const odd = { ...schema, dependencies: { a: ['b'] } }
    const with2 = { ...crd, spec: { versions: [{ name: 'v1', schema: { openAPIV3Schema: odd } }] } }
    expect(there(with2)).toMatchObject(crd)
  })

  it('leaves out dependencies of schemas that another encoder wrote', () => {
    const bytes = enveloped('apiextensions.k8s.io/v1', 'CustomResourceDefinition', (raw) =>
      raw.message(2, (spec) =>
        spec.message(7, (version) =>
          version.message(4, (validation) =>
            validation.message(1, (schema) => {
              schema.message(32, (entry) => entry.text(1, 'a'))
              schema.text(5, 'object')
            }),
          ),
        ),
      ),
    )
    expect(decodeProtobuf(bytes)).toMatchObject({
      spec: { versions: [{ schema: { openAPIV3Schema: { type: 'object' } } }] },
    })
  })

  it('carries lists and the types that every group has', () => {
    const list = {
      apiVersion: 'v1',
      kind: 'ConfigMapList',
      metadata: { resourceVersion: '7' },
      items: [{ data: { a: '' } }],
    }
    expect(there(list)).toMatchObject({ metadata: { resourceVersion: '7' }, items: [{ data: { a: '' } }] })
    expect(there({ apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 })).toMatchObject({
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
    })
  })

  it('sends what is embedded as a message of its own', () => {
    const bytes = enveloped('v1', 'Pod', (raw) =>
      raw.message(2, (spec) =>
        spec.message(1, (volume) => {
          volume.text(1, 'v')
          volume.message(2, (source) => source.message(2, () => undefined))
        }),
      ),
    )
    expect(decodeProtobuf(bytes)).toMatchObject({ spec: { volumes: [{ name: 'v', emptyDir: {} }] } })
    const configuration = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      spec: { matchConstraints: { resourceRules: [{ operations: ['*'], apiGroups: ['apps'], resourceNames: ['a'] }] } },
    }
    expect(there(configuration)).toMatchObject(configuration)
  })

  it('leaves out nulls and what the schema does not know', () => {
    expect(there({ apiVersion: 'v1', kind: 'ConfigMap', data: null, strange: 1 })).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
    })
    expect(() => encodeProtobuf({ apiVersion: 'x/v1', kind: 'Y' })).toThrow(
      expect.objectContaining({ code: 406, reason: 'NotAcceptable' }),
    )
  })

  it('passes over fields of later versions, of any wire type', () => {
    const bytes = enveloped('v1', 'ConfigMap', (raw) => {
      raw.int(900, 300)
      raw.double(901, 1)
      raw.text(902, 'x')
      raw.raw([0xbd, 0x38, 1, 2, 3, 4])
      raw.message(1, (meta) => meta.text(1, 'a'))
    })
    expect(decodeProtobuf(bytes)).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } })
  })

  it('reads zero values as JSON would have them', () => {
    const bytes = enveloped('v1', 'Pod', (raw) => {
      raw.message(1, (meta) => {
        meta.text(1, '')
        meta.message(8, () => undefined)
        meta.message(11, (label) => label.text(1, 'bare'))
      })
      raw.message(2, (spec) => {
        spec.int(4, 0)
        spec.int(11, 0)
        spec.message(2, (container) => container.text(1, ''))
      })
    })
    expect(decodeProtobuf(bytes)).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { labels: { bare: '' } },
      spec: { terminationGracePeriodSeconds: 0, containers: [{ name: '' }] },
    })
  })

  const wrong: Array<[string, Uint8Array, string]> = [
    ['other data', new TextEncoder().encode('{"kind":"Pod"}'), 'does not appear to be a protobuf message'],
    ['an unknown kind', enveloped('v1', 'Nope', () => undefined), 'no kind "Nope" is registered for version "v1"'],
    ['a cut message', enveloped('v1', 'Pod', () => undefined).subarray(0, 8), 'unexpected EOF'],
    ['an illegal wire type', enveloped('v1', 'Pod', (raw) => raw.raw([0x7f])), 'illegal wireType 7'],
    [
      'an endless number',
      enveloped('v1', 'Pod', (raw) => raw.raw(Array.from({ length: 12 }, () => 0xff))),
      'integer overflow',
    ],
    ['a field without a number', enveloped('v1', 'Pod', (raw) => raw.int(0, 5)), 'proto: illegal tag 0 (wire type 0)'],
    [
      'a field of another wire type',
      enveloped('v1', 'Pod', (raw) => raw.message(1, (meta) => meta.int(1, 0))),
      'proto: wrong wireType = 0 for field Name',
    ],
    [
      'a message as a number',
      enveloped('v1', 'Pod', (raw) => raw.int(2, 0)),
      'proto: wrong wireType = 0 for field Spec',
    ],
    ['a cut number', enveloped('v1', 'Pod', (raw) => raw.raw([0xb9, 0x38, 1])), 'unexpected EOF'],
    [
      'JSON that is none',
      enveloped('apps/v1', 'ControllerRevision', (raw) => raw.message(2, (data) => data.text(1, '{'))),
      'JSON',
    ],
  ]
  it.each(wrong)('refuses %s with 400', (_, bytes, words) => {
    expect(() => decodeProtobuf(bytes)).toThrow(
      expect.objectContaining({ code: 400, message: expect.stringContaining(words) as string }),
    )
  })

  it('reads what is empty as empty', () => {
    const empty = enveloped('apps/v1', 'ControllerRevision', (raw) =>
      raw.message(2, (data) => {
        data.int(5, 1)
        data.text(1, '')
      }),
    )
    expect(decodeProtobuf(empty)).toMatchObject({ data: {} })
    expect(new ProtobufReader(new Uint8Array(0)).done).toBe(true)
  })

  it('reads numbers that are packed', () => {
    const groups = (raw: ProtobufWriter): void =>
      raw.message(2, (spec) => spec.message(14, (context) => context.bytes(4, Uint8Array.of(1, 2, 0x80, 1))))
    expect(decodeProtobuf(enveloped('v1', 'Pod', groups))).toMatchObject({
      spec: { securityContext: { supplementalGroups: [1, 2, 128] } },
    })
  })

  it('keeps byte order marks, keys of all names and large data', () => {
    const data = JSON.parse('{"__proto__":"\\ufeffx","b":"y"}') as object
    const binaryData = { large: btoa('\u00ff\u0000a'.repeat(20_000)) }
    const map = { apiVersion: 'v1', kind: 'ConfigMap', data, binaryData }
    expect(JSON.stringify(there(map))).toBe(JSON.stringify({ data, binaryData, apiVersion: 'v1', kind: 'ConfigMap' }))
  })
})
