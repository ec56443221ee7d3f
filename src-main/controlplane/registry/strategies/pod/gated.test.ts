import type { Pod, PodSpec } from '#types/core/v1'
import { expect, test } from 'vitest'
import { partial } from '../../../../../src-kube/machinery/testing/partial.ts'
import type { StrategyContext } from '../../strategy.ts'
import { podStrategy } from './pod.ts'

const pod = (more: object) =>
  partial<Pod>({ metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }], ...more } as PodSpec })

const errors = (now: object, before: object) =>
  podStrategy.validateUpdate!(partial<StrategyContext>({ subresource: '' }), pod(now), pod(before)).map(
    ({ field, message }) => `${field}: ${message}`,
  )

const schedulingGates = [{ name: 'a.b/c' }, { name: 'a.b/d' }]
const expression = (key: string) => ({ key, operator: 'Exists' })
const onNodes = (...matchExpressions: object[][]) => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: matchExpressions.map((all) => ({ matchExpressions: all })),
    },
  },
})

test('gates go in any order, and none comes', () => {
  expect(errors({ schedulingGates: [{ name: 'a.b/d' }] }, { schedulingGates })).toEqual([])
  expect(errors({ schedulingGates: [] }, { schedulingGates })).toEqual([])
  const words = "Forbidden: only deletion is allowed, but found new scheduling gate 'x'"
  expect(errors({ schedulingGates: [{ name: 'a.b/c' }, { name: 'x' }] }, { schedulingGates })).toEqual([
    `spec.schedulingGates[1].name: ${words}`,
  ])
  expect(errors({ schedulingGates: [{ name: 'x' }] }, {})).toEqual([`spec.schedulingGates[0].name: ${words}`])
})

test('a pod that waits for its gates is on no node', () => {
  const fields = (more: object) => podStrategy.validateCreate!(partial({}), pod(more)).map((error) => error.field)
  expect(fields({ schedulingGates, nodeName: 'n' })).toEqual(['spec.nodeName'])
  expect([...fields({ schedulingGates }), ...fields({ nodeName: 'n' })]).toEqual([])
})

test('a gated pod may be told to fewer nodes, by label', () => {
  const gated = (nodeSelector?: object) => ({ schedulingGates, ...(nodeSelector && { nodeSelector }) })
  expect(errors(gated({ a: 'b' }), gated())).toEqual([])
  expect(errors(gated({ a: 'b', c: 'd' }), gated({ a: 'b' }))).toEqual([])
  for (const wider of [{ a: 'c' }, { c: 'd' }, undefined])
    expect(errors(gated(wider), gated({ a: 'b' }))).toEqual([
      expect.stringMatching(
        /^spec.nodeSelector: .*only additions to spec.nodeSelector are allowed \(no mutations or deletions\)$/,
      ),
    ])
  expect(errors({ nodeSelector: { a: 'b' } }, {})[0]).toMatch(/^spec: Forbidden: pod updates may not change/)
})

test('a gated pod may be told to fewer nodes, by affinity', () => {
  const gated = (affinity?: object) => ({ schedulingGates, ...(affinity && { affinity }) })
  const [a, b] = [expression('a'), expression('b')]
  expect(errors(gated(onNodes([a], [b])), gated())).toEqual([])
  expect(errors(gated(onNodes([a, b])), gated(onNodes([a])))).toEqual([])
  const preferred = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } }
  expect(errors(gated(preferred), gated({}))).toEqual([])
  const terms = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'
  for (const other of [onNodes([a], [b]), undefined]) {
    const [error] = errors(gated(other), gated(onNodes([a])))
    expect(error).toContain(`${terms}: `)
    expect(error).toContain('no additions/deletions to non-empty NodeSelectorTerms list are allowed')
  }
  for (const [now, before] of [
    [[b], [a]],
    [[b, a], [a]],
    [[a], []],
  ]) {
    const [error] = errors(gated(onNodes(now!)), gated(onNodes(before!)))
    expect(error).toContain(`${terms}[0]: `)
    expect(error).toContain('only additions are allowed (no mutations or deletions)')
  }
})

test('where other pods are is not for a gated pod to change', () => {
  const podAffinity = { preferredDuringSchedulingIgnoredDuringExecution: [] }
  expect(errors({ schedulingGates, affinity: { podAffinity } }, { schedulingGates })[0]).toMatch(/^spec: Forbidden/)
})
