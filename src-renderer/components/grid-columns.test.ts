import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { age, column, name, namespace, status } from '../kinds/columns.ts'
import { cellText, fitColumns, fittingWidth, inOrder, mayBeCut, shownColumns, widthsOf } from './grid-columns.ts'

const node = column('node', 100, () => 'n1')
const ip = column('ip', 100, () => '10.0.0.1')
const ids = (columns: readonly { id: string }[]): string => columns.map(({ id }) => id).join(' ')

describe('the width a person gives a column', () => {
  it('is what it is drawn at, and the others share the rest', () => {
    expect(widthsOf([name, node, age], 800, { node: 222 })).toBe('32px minmax(160px, 340fr) 222px minmax(56px, 70fr)')
  })

  it('takes room: columns that no longer fit beside it leave', () => {
    const columns = [name, status, node, ip, age]
    expect(ids(fitColumns(columns, 700))).toBe('name status node ip age')
    expect(ids(fitColumns(columns, 700, { name: 400 }))).toBe('name status age')
  })

  it('is enough for what is said most, where the list is not narrow', () => {
    const columns = [name, status, column('clusterIP', 120, () => '10.96.236.209')]
    expect(widthsOf(columns, 640)).toBe('32px minmax(160px, 340fr) minmax(150px, 170fr) minmax(108px, 120fr)')
    expect(widthsOf(columns, 500)).toBe('32px minmax(160px, 340fr) minmax(130px, 170fr) minmax(80px, 120fr)')
  })

  it('fits the widest of its longest words, within reason', () => {
    const measure = (text: string): number => text.length * 7
    expect(fittingWidth(['a', 'a long name of a pod', 'b'], measure)).toBe(20 * 7 + 22)
    expect(fittingWidth([], measure)).toBe(48)
    expect(fittingWidth(['x'.repeat(1000)], measure)).toBe(900)
  })
})

describe('the order a person gives columns', () => {
  const columns = [name, namespace, status, node, age]

  it('is theirs, and the first stays the first', () => {
    expect(ids(inOrder(columns, []))).toBe('name namespace status node age')
    expect(ids(inOrder(columns, ['age', 'name', 'node', 'status', 'namespace']))).toBe('name age node status namespace')
  })

  it('leaves columns that came later behind the one they follow by default', () => {
    expect(ids(inOrder([name, namespace, status, ip, node, age], ['age', 'status', 'namespace', 'node']))).toBe(
      'name age status ip namespace node',
    )
    expect(ids(inOrder([name, ip, node], ['node', 'gone']))).toBe('name ip node')
  })
})

it('a cell says how an object fares, what is measured, or what the object has', () => {
  const pod = { metadata: { name: 'a' } } as KubeObject
  expect(cellText(status, pod, () => ({ level: 'ok', reason: 'Running' }))).toBe('Running')
  expect(cellText(status, pod)).toBe('')
  expect(cellText({ ...node, text: () => '5m' }, pod)).toBe('5m')
  expect(cellText(name, pod)).toBe('a')
})

it('only words that may be wider than their column are cut off', () => {
  const [name, ready] = shownColumns([column('name', 260, () => ''), column('ready', 70, () => '')], [], 800, {
    name: 60,
  })
  expect([name?.room, ready?.room]).toEqual([60, 52])
  expect(['web', 'web-7c9', '集群', '一个集群的名'].map((text) => mayBeCut(text, name!))).toEqual([
    false,
    true,
    false,
    true,
  ])
  expect([mayBeCut('10/10', ready!), mayBeCut(12345, ready!), mayBeCut('100/100', ready!)]).toEqual([
    false,
    false,
    true,
  ])
})
