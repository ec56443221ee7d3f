import { describe, expect, test } from 'vitest'
import { parseRequest } from '../http/request-info.ts'
import { listOptionsOf } from './context.ts'
import { checkWatchQuery, integerOf } from './list-query.ts'

const list = (query: string) => () => listOptionsOf(new URLSearchParams(query))
const watch = (query: string) => () => checkWatchQuery(new URLSearchParams(query))
const refused = (why: string) =>
  expect.objectContaining({ code: 422, message: `ListOptions.meta.k8s.io "" is invalid: ${why}` })

describe('the query of a list', () => {
  test.each([
    ['resourceVersionMatch=Exact', 'resourceVersionMatch is forbidden unless resourceVersion is provided'],
    [
      'resourceVersionMatch=Exact&resourceVersion=3&continue=x',
      'resourceVersionMatch is forbidden when continue is provided',
    ],
    [
      'resourceVersionMatch=Exact&resourceVersion=0',
      'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
  ])('%s is refused', (query, why) => {
    expect(list(query)).toThrow(refused(`resourceVersionMatch: Forbidden: ${why}`))
  })

  test('has a number for a timeout, though only a watch heeds it', () => {
    expect(list('timeoutSeconds=abc')).toThrow('strconv.ParseInt: parsing "abc": invalid syntax')
    expect(list('timeoutSeconds=5')).not.toThrow()
  })

  test('is a watch unless it says that it is not', () => {
    const verb = (query: string) => parseRequest('GET', `/api/v1/pods?watch${query}`).verb
    expect(['', '=1', '=true', '=abc'].map(verb)).toEqual(['watch', 'watch', 'watch', 'watch'])
    expect(['=0', '=false', '=False'].map(verb)).toEqual(['list', 'list', 'list'])
  })

  test('names the ways to match when another is asked for', () => {
    expect(list('resourceVersionMatch=Near&resourceVersion=3')).toThrow(
      refused('resourceVersionMatch: Unsupported value: "Near": supported values: "Exact", "NotOlderThan", ""'),
    )
  })

  test('has no initial events', () => {
    expect(list('sendInitialEvents=true')).toThrow(
      refused('sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'),
    )
  })

  test('takes a negative limit, which limits nothing, and refuses one that is no number', () => {
    expect(list('limit=-1')().limit).toBe(-1)
    expect(list('limit=ten')).toThrow(expect.objectContaining({ code: 400 }))
  })
})

describe('the query of a watch', () => {
  test('gives initial events only for NotOlderThan', () => {
    expect(watch('sendInitialEvents=true')).toThrow(
      refused(
        'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      ),
    )
    expect(watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan')).not.toThrow()
  })

  test('matches revisions only for initial events', () => {
    expect(watch('resourceVersionMatch=NotOlderThan&resourceVersion=3')).toThrow(
      refused(
        'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ),
    )
  })

  test('lasts a whole number of seconds', () => {
    expect(integerOf(new URLSearchParams('timeoutSeconds=5'), 'timeoutSeconds')).toBe(5)
    expect(() => integerOf(new URLSearchParams('timeoutSeconds=1.5'), 'timeoutSeconds')).toThrow(
      expect.objectContaining({ code: 400, message: 'strconv.ParseInt: parsing "1.5": invalid syntax' }),
    )
  })
})
