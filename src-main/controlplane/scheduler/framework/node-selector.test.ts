import type { NodeSelectorTerm } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { node } from '../testing/arrange.ts'
import { NodeInfo } from './node-info.ts'
import { hasLabels, matchesNodeSelector, namedNodes } from './node-selector.ts'

const info = new NodeInfo('n1')
info.setNode(node('n1', { labels: { disk: 'ssd', cores: '8' } }))
const label = (key: string, operator: string, values?: string[]): NodeSelectorTerm =>
  ({ matchExpressions: [{ key, operator, ...(values ? { values } : {}) }] }) as NodeSelectorTerm
const named = (...values: string[]): NodeSelectorTerm => ({
  matchFields: [{ key: 'metadata.name', operator: 'In', values }],
})
const matches = (...nodeSelectorTerms: NodeSelectorTerm[]) => matchesNodeSelector({ nodeSelectorTerms }, info)

describe('a node selector', () => {
  it.each<[string, NodeSelectorTerm, boolean]>([
    ['In, with the value', label('disk', 'In', ['hdd', 'ssd']), true],
    ['In, without values', label('disk', 'In'), false],
    ['In, of an absent label', label('gpu', 'In', ['a']), false],
    ['NotIn, of an absent label', label('gpu', 'NotIn', ['a']), true],
    ['NotIn, without values', label('disk', 'NotIn'), true],
    ['Exists, of what every object inherits', label('constructor', 'Exists'), false],
    ['DoesNotExist, of a label that is there', label('disk', 'DoesNotExist'), false],
    ['DoesNotExist, of an absent label', label('gpu', 'DoesNotExist'), true],
    ['Gt, beyond what a double can hold', label('cores', 'Gt', ['9007199254740993']), false],
    ['Gt, without values', label('cores', 'Gt'), false],
    ['Gt, of a label that is no number', label('disk', 'Gt', ['1']), false],
    ['Lt, of an absent label', label('gpu', 'Lt', ['1']), false],
    ['the name of the node', named('n1'), true],
    ['another name', named('n2'), false],
    ['a field that does not exist', { matchFields: [{ key: 'spec.x', operator: 'In', values: ['n1'] }] }, false],
  ])('%s', (_what, term, expected) => {
    expect(matches(term)).toBe(expected)
  })

  it('holds when any term does, and a term when all its requirements do', () => {
    expect(matches(label('gpu', 'Exists'), label('disk', 'Exists'))).toBe(true)
    expect(matches({ ...label('disk', 'Exists'), ...named('n2') })).toBe(false)
  })

  it('matches nothing without terms, and an empty term nothing either', () => {
    expect(matches()).toBe(false)
    expect(matchesNodeSelector(partial({}), info)).toBe(false)
    expect(matches({})).toBe(false)
    expect(matches({ matchExpressions: [], matchFields: [] })).toBe(false)
  })

  it('of the plain sort needs every label', () => {
    expect(hasLabels(info, { disk: 'ssd', cores: '8' })).toBe(true)
    expect(hasLabels(info, { disk: 'ssd', cores: '4' })).toBe(false)
  })
})

describe('the nodes a selector names', () => {
  it.each<[string, NodeSelectorTerm[], string[] | undefined]>([
    ['are those of its terms together', [named('n1'), named('n2', 'n3')], ['n1', 'n2', 'n3']],
    ['are left open by a term that names none', [named('n1'), label('disk', 'Exists')], undefined],
    [
      'are those that all fields of a term name',
      [{ matchFields: [...named('n1', 'n2').matchFields!, ...named('n2', 'n3').matchFields!] }],
      ['n2'],
    ],
    [
      'are left open by an operator that excludes',
      [{ matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['n1'] }] }],
      undefined,
    ],
    [
      'are none when the fields of a term contradict each other',
      [{ matchFields: [...named('n1').matchFields!, ...named('n2').matchFields!] }],
      [],
    ],
    ['are open without terms', [], undefined],
  ])('%s', (_what, nodeSelectorTerms, expected) => {
    const names = namedNodes({ nodeSelectorTerms })
    expect(names && [...names]).toEqual(expected)
  })
})
