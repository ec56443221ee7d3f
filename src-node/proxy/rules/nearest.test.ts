import { expect, it } from 'vitest'
import { nearest } from './nearest.ts'

const at = (name: string, zone: string | undefined, node?: string) => ({
  name,
  ready: true,
  hints:
    zone || node
      ? { ...(zone ? { forZones: [{ name: zone }] } : {}), ...(node ? { forNodes: [{ name: node }] } : {}) }
      : undefined,
})
const unready = (...place: Parameters<typeof at>) => ({ ...at(...place), ready: false })
const names = (endpoints: Array<ReturnType<typeof at>>, node: string, zone?: string) =>
  nearest(endpoints, node, zone).map(({ name }) => name)

it('of endpoints hinted for zones, those for the zone of the node are used', () => {
  const endpoints = [at('a', 'east'), at('b', 'west'), at('c', 'east')]
  expect(names(endpoints, 'n1', 'east')).toEqual(['a', 'c'])
  expect(names(endpoints, 'n1', 'north')).toEqual(['a', 'b', 'c'])
  expect(names(endpoints, 'n1')).toEqual(['a', 'b', 'c'])
})

it('of endpoints hinted for nodes, those for the node are used, else those for its zone', () => {
  const endpoints = [at('a', 'east', 'n1'), at('b', 'east', 'n2'), at('c', 'west', 'n3')]
  expect(names(endpoints, 'n1', 'east')).toEqual(['a'])
  expect(names(endpoints, 'n4', 'east')).toEqual(['a', 'b'])
  expect(names(endpoints, 'n4', 'north')).toEqual(['a', 'b', 'c'])
})

it('one ready endpoint without a hint makes all hints void, one that is not ready does not', () => {
  expect(names([at('a', 'east'), at('b', undefined)], 'n1', 'east')).toEqual(['a', 'b'])
  expect(names([at('a', 'east'), unready('b', undefined)], 'n1', 'east')).toEqual(['a'])
  expect(names([at('a', 'west'), unready('b', 'east')], 'n1', 'east')).toEqual(['a', 'b'])
})

it('without any ready endpoint all are taken', () => {
  expect(names([unready('a', 'east', 'n1'), unready('b', 'west', 'n2')], 'n1', 'east')).toEqual(['a', 'b'])
  expect(names([], 'n1', 'east')).toEqual([])
})
