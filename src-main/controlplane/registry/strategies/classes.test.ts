import { expect, test } from 'vitest'
import type { RuntimeClass } from '#types/node.k8s.io/v1'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import type { StrategyContext } from '../strategy.ts'
import { priorityClassStrategy, runtimeClassStrategy } from './classes.ts'

const context = { subresource: '' } as StrategyContext
const classOf = (value: number, name = 'x') =>
  partial<KubeObject>({ apiVersion: 'x', kind: 'X', metadata: { name }, value, preemptionPolicy: 'Never' })

test('a priority class has a value of its kind, which stays', () => {
  const { validate, validateUpdate } = priorityClassStrategy
  expect(validate?.(context, classOf(2_000_000_000, 'system-cluster-critical'))).toEqual([])
  expect(validate?.(context, classOf(1_000_000_001)).map((e) => e.message)).toEqual([
    'Forbidden: maximum allowed value of a user defined priority is 1000000000',
  ])
  expect(validateUpdate?.(context, classOf(2), classOf(1)).map((e) => `${e.field}: ${e.message}`)).toEqual([
    'value: Forbidden: may not be changed in an update.',
  ])
})

test('what pods of a runtime class cost besides is judged as the limits of a container', () => {
  const object = partial<RuntimeClass>({
    metadata: { name: 'c' },
    handler: 'h',
    overhead: { podFixed: { cpu: '-1', foo: '1' } },
    scheduling: { nodeSelector: { a: 'b c' }, tolerations: [{ key: 'a', operator: 'X' as 'Exists' }] },
  })
  const errors = runtimeClassStrategy.validate?.(context, object) ?? []
  expect([...new Set(errors.map(({ field }) => field))]).toEqual([
    'overhead.limits[cpu]',
    'overhead.limits[foo]',
    'scheduling.nodeSelector',
    'scheduling.tolerations[0].operator',
  ])
})
