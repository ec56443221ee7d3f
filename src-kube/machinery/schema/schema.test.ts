import { describe, expect, it } from 'vitest'
import {
  applyStaticDefaults,
  closedValues,
  decode,
  findSchema,
  knownGroupVersions,
  knownTypes,
  schemaOf,
} from './index.ts'

const pod = (spec: unknown) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec })
const decodePod = (spec: unknown) => decode(pod(spec), schemaOf('v1', 'Pod'))

describe('schemaOf', () => {
  it('knows fields of embedded types and their merge keys', () => {
    const probe = schemaOf('v1', 'Probe')
    expect(probe.fields.has('httpGet')).toBe(true)
    expect(schemaOf('v1', 'PodSpec').fields.get('containers')).toMatchObject({
      patchMergeKey: 'name',
      listType: 'map',
      number: 2,
    })
    expect(schemaOf('apps/v1', 'DeploymentSpec').fields.get('template')?.type).toMatchObject({
      kind: 'struct',
      struct: { groupVersion: 'v1' },
    })
  })

  it('throws for what the tables do not hold', () => {
    expect(() => schemaOf('v1', 'Nothing')).toThrow('no facts about v1 Nothing')
    expect(findSchema('x/v1', 'Pod')).toBeUndefined()
    expect(knownTypes('v1')).toContain('Pod')
    expect(knownTypes('nope')).toEqual([])
    expect(closedValues('v1', 'RestartPolicy')).toContain('OnFailure')
  })

  it('resolves every type of every group', () => {
    for (const gv of knownGroupVersions())
      for (const type of knownTypes(gv))
        for (const field of schemaOf(gv, type).fields.values()) expect(field.type.kind).toBeTruthy()
  })
})

describe('decode', () => {
  it('reports unknown fields by path and leaves them out', () => {
    const { object, problems } = decodePod({ foo: 1, containers: [{ name: 'c', bar: 2 }] })
    expect(problems).toEqual(['unknown field "spec.foo"', 'unknown field "spec.containers[0].bar"'])
    expect(object['spec']).toEqual({ containers: [{ name: 'c' }] })
  })

  it('takes null for absence and makes quantities canonical', () => {
    const { object } = decodePod({
      hostname: null,
      containers: [{ name: 'c', resources: { limits: { cpu: '1000m', memory: 1024 } } }],
    })
    expect(object['spec']).toEqual({ containers: [{ name: 'c', resources: { limits: { cpu: '1', memory: '1024' } } }] })
  })

  const wrong: Array<[string, unknown, string]> = [
    [
      'an int',
      { terminationGracePeriodSeconds: 'x' },
      'string into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64',
    ],
    ['a fraction', { priority: 1.5 }, 'number 1.5 into Go struct field PodSpec.spec.priority of type int32'],
    ['a boolean', { hostNetwork: 'yes' }, 'string into Go struct field PodSpec.spec.hostNetwork of type bool'],
    ['a string', { nodeName: 5 }, 'number into Go struct field PodSpec.spec.nodeName of type string'],
    ['a list', { containers: {} }, 'object into Go struct field PodSpec.spec.containers of type []v1.Container'],
    ['a map', { nodeSelector: [] }, 'array into Go struct field PodSpec.spec.nodeSelector of type map[string]string'],
    [
      'a struct',
      { securityContext: true },
      'bool into Go struct field PodSpec.spec.securityContext of type v1.PodSecurityContext',
    ],
    [
      'a string in a list',
      { containers: [{ name: 'c', env: [{ name: 'E', value: true }] }] },
      'bool into Go struct field EnvVar.spec.containers.env.value of type string',
    ],
    [
      'a string in a map',
      { nodeSelector: { 'example.com/disk.kind': 1 } },
      'number into Go struct field PodSpec.spec.nodeSelector of type string',
    ],
    [
      'a port',
      { containers: [{ name: 'c', livenessProbe: { tcpSocket: { port: true } } }] },
      'bool into Go struct field TCPSocketAction.spec.containers.livenessProbe.tcpSocket.port of type int32',
    ],
    [
      'a quantity',
      { containers: [{ name: 'c', resources: { limits: { cpu: '1x' } } }] },
      'quantities must match the regular expression',
    ],
    [
      'a quantity',
      { containers: [{ name: 'c', resources: { limits: { cpu: true } } }] },
      'quantities must match the regular expression',
    ],
    [
      'an int of 32 bits',
      { priority: 2 ** 31 },
      'number 2147483648 into Go struct field PodSpec.spec.priority of type int32',
    ],
    [
      'a whole port',
      { containers: [{ name: 'c', livenessProbe: { tcpSocket: { port: 1.5 } } }] },
      'number 1.5 into Go struct field TCPSocketAction.spec.containers.livenessProbe.tcpSocket.port of type int32',
    ],
  ]
  it.each(wrong)("says in Go's words that %s was expected", (_, spec, words) => {
    expect(() => decodePod(spec)).toThrow('Pod in version "v1" cannot be handled as a Pod: ')
    expect(() => decodePod(spec)).toThrow(words)
  })

  it('leaves out empty text that Go would not write, and only that', () => {
    const decoded = (apiVersion: string, kind: string, body: object, own: boolean): object =>
      decode(structuredClone(body), schemaOf(apiVersion, kind), { own }).object
    for (const own of [false, true]) {
      expect(decoded('v1', 'Service', { spec: { externalName: '', clusterIP: 'None' } }, own)).toEqual({
        spec: { clusterIP: 'None' },
      })
      // A pointer, text that must be there, and text that is always written.
      const claim = { spec: { storageClassName: '' } }
      expect(decoded('v1', 'PersistentVolumeClaim', claim, own)).toEqual(claim)
      const pod = { spec: { containers: [{ name: '' }] } }
      expect(decoded('v1', 'Pod', pod, own)).toEqual(pod)
      const event = { reportingComponent: '', reportingInstance: '' }
      expect(decoded('v1', 'Event', { ...event, message: '' }, own)).toEqual(event)
    }
    expect(() => decoded('v1', 'Pod', { spec: { activeDeadlineSeconds: '' } }, true)).toThrow('cannot unmarshal string')
  })

  it('leaves out every zero that Go would not write, and only those', () => {
    const kept = (apiVersion: string, kind: string, body: object): object => {
      const copies = [false, true].map(
        (own) => decode(structuredClone(body), schemaOf(apiVersion, kind), { own }).object,
      )
      expect(copies[0]).toEqual(copies[1])
      return copies[0]!
    }
    const spec = { hostNetwork: false, volumes: [], nodeSelector: {}, terminationGracePeriodSeconds: 0 }
    const containers = [{ name: 'c', args: [], stdin: false, resources: { limits: {} }, ports: [{ hostPort: 0 }] }]
    expect(kept('v1', 'Pod', { metadata: { labels: {} }, spec: { ...spec, containers } })).toEqual({
      metadata: {},
      // Pointers and structs stay, and so do items of lists.
      spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', resources: {}, ports: [{}] }] },
    })
    // Values of maps are no fields.
    const map = { data: { a: '' } }
    expect(kept('v1', 'ConfigMap', { ...map, binaryData: {} })).toEqual(map)
    // A port of either kind is a struct, and what is required is written.
    const service = { spec: { ports: [{ port: 0, targetPort: 0 }], selector: { a: '' } } }
    expect(kept('v1', 'Service', service)).toEqual(service)
    // Optional, but without `omitempty`.
    expect(kept('rbac.authorization.k8s.io/v1', 'Role', { rules: [] })).toEqual({ rules: [] })
    const slice = { endpoints: [], ports: [] }
    expect(kept('discovery.k8s.io/v1', 'EndpointSlice', slice)).toEqual(slice)
    expect(kept('scheduling.k8s.io/v1', 'PriorityClass', { value: 0, globalDefault: false })).toEqual({ value: 0 })
  })

  it('defaults nothing to a zero that is not written', () => {
    const controller = { spec: { replicas: 1 } }
    applyStaticDefaults(controller, schemaOf('v1', 'ReplicationController'))
    expect(controller.spec).toEqual({ replicas: 1 })
  })

  it('takes bytes as Base64 only', () => {
    const secret = (value: unknown) => decode({ data: { a: value } }, schemaOf('v1', 'Secret'))
    expect(secret('YQ\n==').object['data']).toEqual({ a: 'YQ==' })
    const head = 'Secret in version "v1" cannot be handled as a Secret: '
    expect(() => secret('!!')).toThrow(`${head}illegal base64 data at input byte 0`)
    expect(() => secret(1)).toThrow(
      `${head}json: cannot unmarshal number into Go struct field Secret.data of type []uint8`,
    )
  })

  it.each([
    ['coordination.k8s.io/v1', 'Lease', 'renewTime', '2026-01-02T03:04:05.678901Z', '2026-01-02T03:04:05.678901Z'],
    ['coordination.k8s.io/v1', 'Lease', 'renewTime', '2026-01-02T03:04:05.678901+02:00', '2026-01-02T01:04:05.678901Z'],
    ['coordination.k8s.io/v1', 'Lease', 'renewTime', '2026-01-02T03:04:05Z', undefined],
    ['coordination.k8s.io/v1', 'Lease', 'renewTime', '2026-01-02T03:04:05.678Z', undefined],
    ['v1', 'Pod', 'startTime', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
    ['v1', 'Pod', 'startTime', '2026-01-02T03:04:05.678+02:00', '2026-01-02T01:04:05Z'],
    ['v1', 'Pod', 'startTime', '2026-01-02', undefined],
    ['v1', 'Pod', 'startTime', '', undefined],
  ])('reads times as Go does, which could not read others back: %s %s %s %s', (version, kind, field, given, kept) => {
    const part = kind === 'Lease' ? 'spec' : 'status'
    const read = () => decode({ metadata: {}, [part]: { [field]: given } }, schemaOf(version, kind)).object[part]
    if (kept === undefined) expect(read).toThrow(`parsing time "${given}" as "2006-01-02T15:04:05`)
    else expect(read()).toEqual({ [field]: kept })
  })

  it('checks times, keeps free objects and empty items as they are', () => {
    expect(() => decode({ metadata: { creationTimestamp: 'soon' } }, schemaOf('v1', 'Pod'))).toThrow(
      'parsing time "soon"',
    )
    expect(() => decode({ metadata: { creationTimestamp: 5 } }, schemaOf('v1', 'Pod'))).toThrow(
      'number into Go struct field ObjectMeta.metadata.creationTimestamp of type string',
    )
    expect(() => decode([], schemaOf('v1', 'Pod'))).toThrow('json: cannot unmarshal array into Go value of type v1.Pod')
    expect(decodePod({ containers: [null], nodeSelector: { a: null } }).object['spec']).toEqual({
      containers: [{}],
      nodeSelector: { a: '' },
    })
    const data = { metadata: { managedFields: [{ fieldsV1: { 'f:x': {} } }] } }
    expect(decode(data, schemaOf('v1', 'ConfigMap')).object).toEqual(data)
  })
})

describe('decode of a JSON schema', () => {
  const crd = (schema: object) => decode(schema, schemaOf('apiextensions.k8s.io/v1', 'JSONSchemaProps'))

  it('goes into the schemas of items and of additional properties', () => {
    const schema = { items: { type: 'string', minLength: 1 }, additionalProperties: { items: [{ type: 'a' }] } }
    expect(crd(schema)).toEqual({ object: schema, problems: [] })
    expect(crd({ additionalProperties: false }).object).toEqual({ additionalProperties: false })
    expect(crd({ items: { colour: 'red', properties: null } })).toEqual({
      object: { items: {} },
      problems: ['unknown field "items.colour"'],
    })
  })

  it.each([
    [{ items: { required: 5 } }, 'number into Go struct field JSONSchemaProps.items.required of type []string'],
    [{ items: 'x' }, 'string into Go struct field JSONSchemaProps.items of type JSONSchemaPropsOrArray'],
    [
      { additionalProperties: [] },
      'array into Go struct field JSONSchemaProps.additionalProperties of type JSONSchemaPropsOrBool',
    ],
  ])('refuses %j', (schema, words) => {
    expect(() => crd(schema)).toThrow(words)
  })
})

describe('decode of a value of its own', () => {
  it('puts right what is there instead of a copy', () => {
    const body = {
      metadata: { name: 'a', labels: null },
      spec: { containers: [{ name: 'c', resources: { limits: { cpu: '0.5' } } }], nodeName: null },
    }
    const { object, problems } = decode(body, schemaOf('v1', 'Pod'), { own: true })
    expect(object).toBe(body)
    expect(object).toEqual({
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'c', resources: { limits: { cpu: '500m' } } }] },
    })
    expect(problems).toEqual([])
  })

  it('leaves out what is unknown, and says so', () => {
    const body = { metadata: { name: 'a' }, spec: { containers: [], color: 'red' } }
    const { object, problems } = decode(body, schemaOf('v1', 'Pod'), { own: true })
    expect(object).toEqual({ metadata: { name: 'a' }, spec: { containers: [] } })
    expect(problems).toEqual(['unknown field "spec.color"'])
  })
})

describe('values of every type', () => {
  it('takes fractions, bytes, maps of lists, named types and JSON of any shape', () => {
    const props = { minimum: 1.5, enum: [1, 'a', null], additionalProperties: false, definitions: { a: { type: 'b' } } }
    expect(decode(props, schemaOf('apiextensions.k8s.io/v1', 'JSONSchemaProps')).object).toMatchObject(props)
    const wrong = { minimum: 'x' }
    expect(() => decode(wrong, schemaOf('apiextensions.k8s.io/v1', 'JSONSchemaProps'))).toThrow('of type float64')
    expect(() => decode({ data: { a: 1 } }, schemaOf('v1', 'Secret'))).toThrow('of type []uint8')
    const review = { spec: { extra: { a: ['b', null] } } }
    expect(decode(review, schemaOf('authorization.k8s.io/v1', 'SubjectAccessReview')).object).toEqual({
      spec: { extra: { a: ['b', ''] } },
    })
    expect(
      decode(
        { webhooks: [{ rules: [{ operations: ['*'] }] }] },
        schemaOf('admissionregistration.k8s.io/v1beta1', 'MutatingWebhookConfiguration'),
      ).problems,
    ).toEqual([])
  })

  it('takes a null in a map or a list for the zero value of its type', () => {
    const of = (type: string, object: object) => decode(object, schemaOf('v1', type)).object
    const limits = { cpu: null, memory: '1Gi' }
    expect(of('Pod', { spec: { containers: [{ name: 'c', resources: { limits } }] } })).toMatchObject({
      spec: { containers: [{ resources: { limits: { cpu: '0', memory: '1Gi' } } }] },
    })
    expect(of('Secret', { data: { password: null } })).toEqual({ data: { password: '' } })
    expect(of('Pod', { spec: { securityContext: { supplementalGroups: [null] } } })).toMatchObject({
      spec: { securityContext: { supplementalGroups: [0] } },
    })
    const review = { spec: { extra: { a: null } } }
    expect(decode(review, schemaOf('authorization.k8s.io/v1', 'SubjectAccessReview')).object).toEqual({
      spec: { extra: { a: [] } },
    })
  })

  it('keeps null items of lists of JSON, and drops null metadata', () => {
    const props = { enum: [null] }
    expect(decode(props, schemaOf('apiextensions.k8s.io/v1', 'JSONSchemaProps')).object).toEqual(props)
    expect(decode({ metadata: null }, schemaOf('v1', 'Pod')).object).toEqual({})
  })
})

describe('applyStaticDefaults', () => {
  it('fills declared defaults where their struct is present, in lists too', () => {
    const { object } = decodePod({ containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] })
    applyStaticDefaults(object, schemaOf('v1', 'Pod'))
    expect(object['spec']).toEqual({ containers: [{ name: 'c', ports: [{ containerPort: 80, protocol: 'TCP' }] }] })
  })
})
