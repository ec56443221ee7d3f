import { describe, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { fieldValue, formatMap, resourceValue } from './pod-fields.ts'

const pod = partial<Pod>({
  metadata: {
    name: 'web',
    namespace: 'shop',
    uid: 'u-1',
    labels: { tier: 'front', app: 'w' },
    annotations: { 'a/b': 'x y' },
  },
  spec: {
    serviceAccountName: 'clerk',
    initContainers: [{ name: 'setup', resources: { requests: { memory: '64Mi' } } }],
    containers: [
      {
        name: 'c',
        resources: {
          limits: { cpu: '1500m', 'hugepages-2Mi': '4Mi' },
          requests: { cpu: '250m', memory: '100Mi', 'ephemeral-storage': '1Gi' },
        },
      },
      { name: 'bare', resources: { limits: { memory: '0' } } },
    ],
  },
})
const facts = { nodeName: 'n1', nodeIp: '10.0.0.1', podIp: '10.244.1.7' }
const allocatable = { cpu: '4', memory: '8Gi', 'ephemeral-storage': '20Gi' }

describe('fields of a pod', () => {
  it.each([
    ['metadata.name', 'web'],
    ['metadata.namespace', 'shop'],
    ['metadata.uid', 'u-1'],
    ['metadata.labels', 'app="w"\ntier="front"'],
    ['metadata.annotations', 'a/b="x y"'],
    ["metadata.labels['tier']", 'front'],
    ["metadata.annotations['a/b']", 'x y'],
    ["metadata.labels['none']", ''],
    ['spec.nodeName', 'n1'],
    ['spec.serviceAccountName', 'clerk'],
    ['status.hostIP', '10.0.0.1'],
    ['status.hostIPs', '10.0.0.1'],
    ['status.podIP', '10.244.1.7'],
    ['status.podIPs', '10.244.1.7'],
  ])('%s is %j', (path, value) => expect(fieldValue(pod, path, facts)).toBe(value))

  it('are empty where the pod has none, and an error where there is no such field', () => {
    const bare = partial<Pod>({ metadata: {}, spec: { nodeName: 'other', containers: [] } })
    expect(fieldValue(bare, 'metadata.namespace', facts)).toBe('')
    expect(fieldValue(bare, "metadata.annotations['x']", facts)).toBe('')
    expect(fieldValue(bare, 'spec.nodeName', facts)).toBe('other')
    expect(fieldValue(bare, 'status.podIP', { nodeName: 'n', nodeIp: 'i' })).toBe('')
    expect(() => fieldValue(pod, 'spec.color', facts)).toThrow('unsupported fieldPath: spec.color')
    expect(() => fieldValue(pod, 'toString', facts)).toThrow('unsupported fieldPath: toString')
  })

  it('quotes values as Go does', () => {
    expect(formatMap({ a: 'q"b\\', b: 'l\n\t\v', c: '\u0001\u007f', d: 'é\u2028\u{e0001}😀' })).toBe(
      'a="q\\"b\\\\"\nb="l\\n\\t\\v"\nc="\\x01\\x7f"\nd="é\\u2028\\U000e0001😀"',
    )
    expect(formatMap(undefined)).toBe('')
  })
})

describe('resources of a container', () => {
  it.each([
    ['c', 'limits.cpu', undefined, '2'],
    ['c', 'limits.cpu', '0', '2'],
    ['c', 'limits.cpu', '1m', '1500'],
    ['c', 'requests.cpu', '1m', '250'],
    ['c', 'requests.memory', '1Mi', '100'],
    ['c', 'requests.ephemeral-storage', '1Mi', '1024'],
    ['c', 'limits.hugepages-2Mi', '1Mi', '4'],
    ['setup', 'requests.memory', '1Ki', '65536'],
    ['setup', 'requests.cpu', '1m', '0'],
    ['c', 'limits.memory', '1Gi', '8'],
    ['bare', 'limits.memory', '1Gi', '8'],
    ['bare', 'limits.cpu', '1', '4'],
    ['bare', 'limits.ephemeral-storage', '1Gi', '20'],
    ['bare', 'limits.hugepages-2Mi', '1', '0'],
  ])('%s %s in units of %s is %s: a missing limit is what the node has', (containerName, resource, divisor, value) =>
    expect(resourceValue(pod, { containerName, resource, divisor }, allocatable)).toBe(value),
  )

  it('are those of the asking container when none is named', () => {
    expect(resourceValue(pod, { resource: 'limits.cpu' }, allocatable, pod.spec.containers[1])).toBe('4')
    expect(resourceValue(pod, { resource: 'limits.cpu' }, {}, pod.spec.containers[1])).toBe('0')
  })

  it("fall back to the pod's own limits before the node's", () => {
    const limited = { ...pod, spec: { ...pod.spec, resources: { limits: { cpu: '3' } } } }
    expect(resourceValue(limited, { containerName: 'bare', resource: 'limits.cpu' }, allocatable)).toBe('3')
  })

  it("fail in upstream's words", () => {
    expect(() => resourceValue(pod, { containerName: 'x', resource: 'limits.cpu' }, {})).toThrow(
      'container x not found',
    )
    expect(() => resourceValue(pod, { resource: 'limits.cpu' }, {})).toThrow('container  not found')
    expect(() => resourceValue(pod, { containerName: 'c', resource: 'limits.color' }, {})).toThrow(
      'unsupported container resource : limits.color',
    )
  })
})
