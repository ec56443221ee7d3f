import type { PodSpec } from '#types/core/v1'
import { expect, test } from 'vitest'
import { fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { usesClaims, validateClaims } from './claims.ts'

const claim = { name: 'gpu', resourceClaimTemplateName: 't' }
const spec = (resourceClaims: object[] | undefined, ...claims: object[]) =>
  ({
    containers: [{ name: 'c', ...(claims.length > 0 ? { resources: { claims } } : {}) }],
    resourceClaims,
  }) as PodSpec
const AT = 'spec.resourceClaims[0]'
const USE = 'spec.containers[0].resources.claims'

test.each<[string, PodSpec, unknown[]]>([
  ['are used by containers', spec([claim], { name: 'gpu' }), []],
  ['are used in parts', spec([claim], { name: 'gpu', request: 'a' }, { name: 'gpu', request: 'b' }), []],
  ['have names', spec([{ resourceClaimName: 'c' }]), [`${AT}.name: Required value`]],
  [
    'have names that are labels',
    spec([{ ...claim, name: 'a.b' }]),
    [expect.stringContaining(`${AT}.name: Invalid value: "a.b"`)],
  ],
  ['have names of their own', spec([claim, claim]), ['spec.resourceClaims[1].name: Duplicate value: "gpu"']],
  [
    'are named or made',
    spec([{ name: 'gpu' }]),
    [`${AT}: Invalid value: {"name":"gpu"}: must specify one of: \`resourceClaimName\`, \`resourceClaimTemplateName\``],
  ],
  [
    'are not both',
    spec([{ ...claim, resourceClaimName: 'c' }]),
    [expect.stringContaining('at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified')],
  ],
  [
    'are named as claims are',
    spec([{ name: 'gpu', resourceClaimName: 'A' }]),
    [expect.stringContaining(`${AT}.resourceClaimName: Invalid value: "A"`)],
  ],
  ['are used by name', spec([claim], {}), [`${USE}[0]: Required value`]],
  [
    'are those of the pod',
    spec([claim], { name: 'x' }),
    [`${USE}[0]: Not found: "x": must be one of the names in pod.spec.resourceClaims: gpu`],
  ],
  [
    'are none where the pod has none',
    spec(undefined, { name: 'x' }),
    [`${USE}[0]: Not found: "x": must be one of the names in pod.spec.resourceClaims which is empty`],
  ],
  [
    'are used once',
    spec([claim], { name: 'gpu' }, { name: 'gpu', request: 'a' }),
    [`${USE}[1]: Duplicate value: "gpu/a"`],
  ],
])('the claims of a pod %s', (_what, given, expected) => {
  expect(usesClaims(given)).toBe(true)
  expect(validateClaims(given, fieldPath('spec')).map(({ field, message }) => `${field}: ${message}`)).toEqual(expected)
})

test('a pod without devices speaks of none', () => {
  expect(usesClaims(spec(undefined))).toBe(false)
  const init = { initContainers: [{ name: 'i', resources: { claims: [{ name: 'x' }] } }] }
  expect(usesClaims({ ...spec(undefined), ...init } as PodSpec)).toBe(true)
  expect(validateClaims({ ...spec(undefined), ...init } as PodSpec, fieldPath('spec'))[0]?.field).toBe(
    'spec.initContainers[0].resources.claims[0]',
  )
})
