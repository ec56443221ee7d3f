import { describe, expect, it, test } from 'vitest'
import { StatusError, type FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../../../../src-kube/machinery/meta.ts'
import { partial } from '../../../../../src-kube/machinery/testing/partial.ts'
import type { Strategy, StrategyContext } from '../../strategy.ts'
import { resourceClaimStrategy, resourceClaimTemplateStrategy } from './claims.ts'
import { deviceClassStrategy, resourceSliceStrategy } from './cluster.ts'

const context = {} as StrategyContext
/** As the registry knows them: strategies of any object. */
const claims: Strategy = resourceClaimStrategy
const templates: Strategy = resourceClaimTemplateStrategy
const slices: Strategy = resourceSliceStrategy
const object = (spec: object, more: object = {}) =>
  partial<KubeObject>({ metadata: { name: 'x', namespace: 'a' }, spec, ...more })
const words = (errors: readonly FieldError[] | undefined) =>
  (errors ?? []).map(({ field, message }) => `${field}: ${message}`)
const judged = (strategy: Strategy, spec: object) => words(strategy.validate?.(context, object(spec)))
const updated = (strategy: Strategy, now: object, old: object) =>
  words(strategy.validateUpdate?.(context, object(now), object(old)))

const exactly = { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 }
const request = (more: object = {}) => ({ name: 'r', exactly: { ...exactly, ...more } })
const devices = (more: object) => ({ devices: { requests: [request()], ...more } })
const cel = (expression: string) => ({ selectors: [{ cel: { expression } }] })
const REFERENCE =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
const AT = 'spec.devices'

test.each<[string, object, string[]]>([
  ['asks for nothing', {}, []],
  ['asks for one device', devices({}), []],
  ['asks for all', devices({ requests: [request({ allocationMode: 'All', count: undefined })] }), []],
  [
    'asks for the first of a list',
    devices({
      requests: [{ name: 'r', firstAvailable: [{ ...exactly, name: 's' }] }],
      constraints: [{ requests: ['r/s'], matchAttribute: 'd/a' }],
    }),
    [],
  ],
  ['names its requests', devices({ requests: [{ exactly }] }), [`${AT}.requests[0].name: Required value`]],
  [
    'names them as labels',
    devices({ requests: [{ ...request(), name: 'a.b' }] }),
    [expect.stringContaining(`${AT}.requests[0].name: Invalid value: "a.b"`)],
  ],
  ['names each once', devices({ requests: [request(), request()] }), [`${AT}.requests[1]: Duplicate value: "r"`]],
  [
    'says what it asks for',
    devices({ requests: [{ name: 'r' }] }),
    [`${AT}.requests[0]: Required value: exactly one of \`exactly\` or \`firstAvailable\` is required`],
  ],
  [
    'says it in one way',
    devices({ requests: [{ ...request(), firstAvailable: [{ ...exactly, name: 's' }] }] }),
    [
      `${AT}.requests[0]: Invalid value: "null": exactly one of \`exactly\` or \`firstAvailable\` is required, but multiple fields are set`,
    ],
  ],
  [
    'names a class',
    devices({ requests: [request({ deviceClassName: '' })] }),
    [`${AT}.requests[0].exactly.deviceClassName: Required value`],
  ],
  [
    'counts only what it does not want all of',
    devices({ requests: [request({ allocationMode: 'All' })] }),
    [`${AT}.requests[0].exactly.count: Invalid value: 1: must not be specified when allocationMode is 'All'`],
  ],
  [
    'wants at least one',
    devices({ requests: [request({ count: 0 })] }),
    [`${AT}.requests[0].exactly.count: Invalid value: 0: must be greater than zero`],
  ],
  [
    'knows the modes',
    devices({ requests: [request({ allocationMode: 'Some' })] }),
    [`${AT}.requests[0].exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"`],
  ],
  [
    'has selectors that are expressions',
    devices({ requests: [request(cel('device.'))] }),
    [
      expect.stringContaining(
        `${AT}.requests[0].exactly.selectors[0].cel.expression: Invalid value: "device.": compilation failed: `,
      ),
    ],
  ],
  [
    'has selectors whose patterns are some',
    devices({ requests: [request(cel("device.driver.matches('(')"))] }),
    [expect.stringContaining('compilation failed: ERROR: <input>:1:23: invalid matches argument')],
  ],
  [
    'has selectors that say something',
    devices({ requests: [request(cel(' '))] }),
    [`${AT}.requests[0].exactly.selectors[0].cel.expression: Required value`],
  ],
  [
    'has selectors of a kind',
    devices({ requests: [request({ selectors: [{}] })] }),
    [`${AT}.requests[0].exactly.selectors[0].cel: Required value`],
  ],
  [
    'has selectors of some length',
    devices({ requests: [request(cel(`"${'x'.repeat(11_000)}" == ""`))] }),
    [`${AT}.requests[0].exactly.selectors[0].cel.expression: Too long: may not be more than 10240 bytes`],
  ],
  [
    'has few requests',
    devices({ requests: Array.from({ length: 33 }, (_, i) => ({ ...request(), name: `r${i}` })) }),
    [`${AT}.requests: Too many: 33: must have at most 32 items`],
  ],
  [
    'has constraints of its requests',
    devices({ constraints: [{ requests: ['q'], matchAttribute: 'd/a' }] }),
    [`${AT}.constraints[0].requests[0]: Invalid value: "q": ${REFERENCE}`],
  ],
  [
    'has constraints about an attribute',
    devices({ constraints: [{}, { distinctAttribute: 'a' }] }),
    [
      `${AT}.constraints[0].matchAttribute: Required value: name required`,
      `${AT}.constraints[1].distinctAttribute: Invalid value: "a": must include a domain`,
    ],
  ],
  ['configures a driver', devices({ config: [{ requests: ['r'], opaque: { driver: 'd', parameters: {} } }] }), []],
  [
    'configures its own requests',
    devices({ config: [{ requests: ['q'] }] }),
    [`${AT}.config[0].requests[0]: Invalid value: "q": ${REFERENCE}`, `${AT}.config[0].opaque: Required value`],
  ],
  [
    'says which driver, and what',
    devices({ config: [{ opaque: {} }] }),
    [`${AT}.config[0].opaque.driver: Required value`, `${AT}.config[0].opaque.parameters: Required value`],
  ],
  [
    'hands on objects',
    devices({ config: [{ opaque: { driver: 'd', parameters: [] } }] }),
    [`${AT}.config[0].opaque.parameters: Invalid value: "<value omitted>": parameters must be a valid JSON object`],
  ],
])('a claim %s', (_what, spec, expected) => {
  expect(judged(claims, spec)).toEqual(expected)
  const inTemplate = expected.map((one) =>
    typeof one === 'string' ? one.replace('spec.', 'spec.spec.') : expect.anything(),
  )
  expect(judged(templates, { spec })).toEqual(inTemplate)
})

test('claims and templates never ask for something else', () => {
  const other = devices({ requests: [] })
  for (const [strategy, now, old] of [
    [claims, other, devices({})],
    [templates, { spec: other }, { spec: devices({}) }],
  ] as const) {
    expect(updated(strategy, now, old)).toEqual([
      expect.stringMatching(/^spec: Invalid value: .*: field is immutable$/),
    ])
    expect(updated(strategy, old, old)).toEqual([])
  }
})

describe('looking at devices that others use', () => {
  const asking = () => object(devices({ requests: [request({ adminAccess: true })] }), { kind: 'ResourceClaim' })
  const inNamespace = (labels: object | undefined) =>
    partial<StrategyContext>({ read: { get: async () => (labels ? { metadata: { labels } } : undefined) } })
  const label = 'resource.kubernetes.io/admin-access'

  it('is for namespaces with a label', async () => {
    await claims.prepareForCreate?.(inNamespace({ [label]: 'true' }), asking())
    const refusal = Promise.resolve(claims.prepareForCreate?.(inNamespace({}), asking()))
    await expect(refusal).rejects.toThrow(
      `ResourceClaim.resource.k8s.io "x" is invalid: spec.devices.requests[0].adminAccess: Forbidden: admin access to devices requires the \`${label}: true\` label on the containing namespace`,
    )
    const template = object(
      { spec: devices({ requests: [request({ adminAccess: true })] }) },
      { kind: 'ResourceClaimTemplate' },
    )
    const other = Promise.resolve(templates.prepareForCreate?.(inNamespace(undefined), template))
    await expect(other).rejects.toThrow(StatusError)
  })

  it('is asked of nobody else', async () => {
    await claims.prepareForCreate?.(context, object(devices({})))
    await templates.prepareForCreate?.(context, object({}))
  })
})

describe('the status of a claim', () => {
  const allocation = { devices: {} }
  const pod = { resource: 'pods', name: 'p', uid: 'u' }
  const judge = (now: object, before: object = {}, metadata: object = {}) => {
    const status = object({}, { status: now, metadata: { name: 'x', ...metadata } })
    return words(claims.validateStatusUpdate?.(context, status, object({}, { status: before })))
  }

  it.each<[string, string[], string[]]>([
    ['tells who uses it', judge({ allocation, reservedFor: [pod] }), []],
    [
      'tells of users of what is allocated',
      judge({ reservedFor: [pod] }),
      ['status.reservedFor: Forbidden: may not be specified when `allocated` is not set'],
    ],
    [
      'tells each user once',
      judge({ allocation, reservedFor: [pod, pod] }),
      ['status.reservedFor[1].uid: Duplicate value: "u"'],
    ],
    [
      'tells who each user is',
      judge({ allocation, reservedFor: [{}] }),
      ['resource', 'name', 'uid'].map((field) => `status.reservedFor[0].${field}: Required value`),
    ],
    [
      'tells of no new user once the claim goes',
      judge({ allocation, reservedFor: [pod] }, { allocation }, { deletionTimestamp: 'now' }),
      [
        'status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set',
      ],
    ],
    [
      'keeps the devices it has',
      judge({ allocation: { devices: { config: [] } } }, { allocation }),
      [expect.stringContaining('field is immutable')],
    ],
    ['may lose its devices', judge({}, { allocation, reservedFor: [pod] }), []],
    [
      'tells of few',
      judge({ allocation, reservedFor: Array.from({ length: 257 }, (_, i) => ({ ...pod, uid: `${i}` })) }),
      ['status.reservedFor: Too many: 257: must have at most 256 items'],
    ],
  ])('%s', (_what, found, expected) => {
    expect(found).toEqual(expected)
  })
})

test('a class selects and configures', () => {
  expect(judged(deviceClassStrategy, cel('device.driver == "d"'))).toEqual([])
  expect(judged(deviceClassStrategy, { selectors: [{ cel: {} }], config: [{}] })).toEqual([
    'spec.selectors[0].cel.expression: Required value',
    'spec.config[0].opaque: Required value',
  ])
})

const PLACE = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
const pool = { name: 'n1', generation: 1, resourceSliceCount: 1 }
const slice = { driver: 'd.dev', pool, nodeName: 'n1' }

test.each<[string, object, string[]]>([
  ['has devices on a node', { ...slice, devices: [{ name: 'a', attributes: { x: { int: 1 } } }] }, []],
  [
    'has a driver and a pool',
    { nodeName: 'n1' },
    [
      'spec.driver: Required value',
      'spec.pool.name: Required value',
      'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
    ],
  ],
  [
    'has a driver with a short name',
    { ...slice, driver: 'd'.repeat(64) },
    ['spec.driver: Too long: may not be more than 63 bytes'],
  ],
  [
    'has a pool of some generation',
    { ...slice, pool: { ...pool, name: 'a.b/c', generation: -1 } },
    ['spec.pool.generation: Invalid value: -1: must be greater than or equal to zero'],
  ],
  ['is somewhere', { ...slice, nodeName: '' }, [`spec: Required value: ${PLACE}`]],
  [
    'is in one place',
    { ...slice, allNodes: true },
    [`spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${PLACE}, but multiple fields are set`],
  ],
  [
    'names each device once',
    { ...slice, devices: [{ name: 'a' }, { name: 'a' }, {}] },
    ['spec.devices[1].name: Duplicate value: "a"', 'spec.devices[2].name: Required value'],
  ],
  [
    'has few devices',
    { ...slice, devices: Array.from({ length: 129 }, (_, i) => ({ name: `g${i}` })) },
    ['spec.devices: Too many: 129: must have at most 128 items'],
  ],
  [
    'has attributes of one type',
    { ...slice, devices: [{ name: 'a', attributes: { x: {}, y: { int: 1, bool: true } } }] },
    [
      'spec.devices[0].attributes[x]: Required value: exactly one value must be specified',
      expect.stringContaining('spec.devices[0].attributes[y]: Invalid value: '),
    ],
  ],
])('a slice %s', (_what, spec, expected) => {
  expect(judged(slices, spec)).toEqual(expected)
})

test('a slice stays of its driver, pool and node', () => {
  const other = { ...slice, driver: 'e', nodeName: 'n2', pool: { ...pool, name: 'n2', generation: 2 } }
  expect(updated(slices, other, slice)).toEqual([
    'spec.nodeName: Invalid value: "n2": field is immutable',
    'spec.driver: Invalid value: "e": field is immutable',
    'spec.pool.name: Invalid value: "n2": field is immutable',
  ])
})

test('taints of devices have a date', () => {
  const taint = { key: 'broken', effect: 'NoExecute' }
  const old = { ...taint, timeAdded: '2020-01-01T00:00:00Z' }
  const made = object({ ...slice, devices: [{ name: 'a', taints: [taint, old] }, { name: 'b' }] })
  Object.freeze(made['spec'])
  void slices.prepareForCreate?.({ now: Date.parse('2026-01-01T00:00:00Z') } as StrategyContext, made)
  const dated = [{ ...taint, timeAdded: '2026-01-01T00:00:00Z' }, old]
  expect(made['spec']).toMatchObject({ devices: [{ name: 'a', taints: dated }, { name: 'b' }] })
  const again = structuredClone(made)
  void slices.prepareForUpdate?.(context, again, made)
  expect(again).toEqual(made)
})
