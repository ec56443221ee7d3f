import { describe, expect, it } from 'vitest'
import type { Node, PodSpec } from '#types/core/v1'
import { fitsNode } from './fit.ts'

const node = (taints: object[] = [], labels: Record<string, string> | undefined = { disk: 'ssd', size: '4' }): Node =>
  ({ metadata: { name: 'n1', ...(labels ? { labels } : {}) }, spec: { taints } }) as Node
const yes = { shouldRun: true, mayStay: true }
const no = { shouldRun: false, mayStay: false }
const required = (...nodeSelectorTerms: object[]): PodSpec =>
  ({
    containers: [],
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  }) as PodSpec
const spec = (more: object = {}): PodSpec => ({ containers: [], ...more }) as PodSpec

describe('fitsNode', () => {
  it.each([
    ['nothing asked', {}, yes],
    ['its name', { nodeName: 'n1' }, yes],
    ['another name', { nodeName: 'n2' }, no],
    ['a label it has', { nodeSelector: { disk: 'ssd' } }, yes],
    ['a label it has not', { nodeSelector: { disk: 'hdd' } }, no],
  ])('%s', (_, more, expected) => {
    expect(fitsNode(spec(more), node())).toEqual(expected)
  })

  it('finds no label on a node without any', () => {
    const bare = { metadata: { name: 'n1' } } as Node
    expect(fitsNode(spec({ nodeSelector: { a: 'b' } }), bare)).toEqual(no)
    expect(fitsNode(required({ matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] }), bare)).toEqual(yes)
  })

  it.each([
    ['disk', 'In', ['hdd', 'ssd'], true],
    ['disk', 'In', ['hdd'], false],
    ['none', 'In', ['ssd'], false],
    ['disk', 'NotIn', ['hdd'], true],
    ['disk', 'NotIn', ['ssd'], false],
    ['none', 'NotIn', ['ssd'], true],
    ['disk', 'Exists', undefined, true],
    ['none', 'Exists', undefined, false],
    ['none', 'DoesNotExist', undefined, true],
    ['disk', 'DoesNotExist', undefined, false],
    ['size', 'Gt', ['3'], true],
    ['size', 'Gt', ['4'], false],
    ['size', 'Lt', ['5'], true],
    ['none', 'Lt', ['5'], false],
    ['disk', 'Near', ['x'], false],
  ])('required affinity: %s %s %j is %s', (key, operator, values, expected) => {
    const expression = { key, operator, ...(values ? { values } : {}) }
    expect(fitsNode(required({ matchExpressions: [expression] }), node()).shouldRun).toBe(expected)
  })

  it('wants all of a term, any of the terms, and nothing of an empty one', () => {
    const [has, lacks] = ['ssd', 'hdd'].map((disk) => ({ key: 'disk', operator: 'In', values: [disk] }))
    expect(fitsNode(required({ matchExpressions: [has!, lacks!] }), node())).toEqual(no)
    expect(fitsNode(required({ matchExpressions: [lacks!] }, { matchExpressions: [has!] }), node())).toEqual(yes)
    expect(fitsNode(required({}), node())).toEqual(no)
    expect(fitsNode(required(), node())).toEqual(no)
  })

  it('knows no field but the name', () => {
    const field = (key: string, value: string) => required({ matchFields: [{ key, operator: 'In', values: [value] }] })
    expect(fitsNode(field('metadata.name', 'n1'), node())).toEqual(yes)
    expect(fitsNode(field('metadata.name', 'n2'), node())).toEqual(no)
    expect(fitsNode(field('metadata.uid', 'n1'), node())).toEqual(no)
  })

  it('lets pods stay under NoSchedule that may not come, and neither under NoExecute', () => {
    const taint = (effect: string) => node([{ key: 'a', effect }])
    expect(fitsNode(spec(), taint('PreferNoSchedule'))).toEqual(yes)
    expect(fitsNode(spec(), taint('NoSchedule'))).toEqual({ shouldRun: false, mayStay: true })
    expect(fitsNode(spec(), taint('NoExecute'))).toEqual(no)
    const tolerations = [{ key: 'a', operator: 'Exists' }]
    expect(fitsNode(spec({ tolerations }), taint('NoExecute'))).toEqual(yes)
  })
})
