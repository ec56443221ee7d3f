import { expect, test } from 'vitest'
import { LinkedList } from './linked-list.ts'

test('Members stay in the order in which they came, whoever leaves', () => {
  const list = new LinkedList<string>()
  const [a, b, c] = ['a', 'b', 'c'].map((name) => list.add(name))
  expect([...list]).toEqual(['a', 'b', 'c'])
  list.remove(b!)
  expect([...list]).toEqual(['a', 'c'])
  list.remove(a!)
  list.add('d')
  expect([...list]).toEqual(['c', 'd'])
  list.remove(c!)
  expect([...list]).toEqual(['d'])
  expect(list.size).toBe(1)
})

test('A list that was emptied takes members again', () => {
  const list = new LinkedList<number>()
  list.remove(list.add(1))
  expect([...list]).toEqual([])
  list.add(2)
  expect([...list]).toEqual([2])
})

test('A member leaves once, and takes nobody with it', () => {
  const list = new LinkedList<string>()
  const a = list.add('a')
  list.add('b')
  expect(list.remove(a)).toBe(true)
  expect(list.remove(a)).toBe(false)
  expect([...list]).toEqual(['b'])
  expect(list.size).toBe(1)
})

test('Those who go through a list may remove each as they come to it', () => {
  const list = new LinkedList<number>()
  for (const number of [1, 2, 3, 4]) list.add(number)
  for (const link of list.links()) if (link.value % 2 === 0) list.remove(link)
  expect([...list]).toEqual([1, 3])
})

test('What has left refers to none of those that were beside it', () => {
  const list = new LinkedList<string>()
  list.add('a')
  const b = list.add('b')
  list.add('c')
  list.remove(b)
  expect(b.previous).toBeUndefined()
  expect(b.next).toBeUndefined()
})
