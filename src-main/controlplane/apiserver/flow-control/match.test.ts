import type { FlowSchema } from '#types/flowcontrol.apiserver.k8s.io/v1'
import { describe, expect, it } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { parseRequest } from '../http/request-info.ts'
import { inOrder, matchesSchema } from './match.ts'
import { seatLimits } from './seats.ts'
import { dealHand } from './shuffle-shard.ts'

const user = { name: 'system:serviceaccount:shop:till', groups: ['system:serviceaccounts'] }
const anything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }

const matches = (rule: object, url: string, method = 'GET'): boolean =>
  matchesSchema({ metadata: { name: 's' }, spec: { rules: [rule] } } as FlowSchema, user, parseRequest(method, url))

describe('a rule of a flow schema', () => {
  it.each<[object, boolean]>([
    [{ kind: 'User', user: { name: '*' } }, true],
    [{ kind: 'User', user: { name: user.name } }, true],
    [{ kind: 'User', user: { name: 'jane' } }, false],
    [{ kind: 'Group', group: { name: '*' } }, true],
    [{ kind: 'Group', group: { name: 'system:serviceaccounts' } }, true],
    [{ kind: 'Group', group: { name: 'system:masters' } }, false],
    [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'shop', name: 'till' } }, true],
    [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'shop', name: '*' } }, true],
    [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'sho', name: '*' } }, false],
    [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'shop', name: 'other' } }, false],
    [{ kind: 'ServiceAccount' }, false],
  ])('is for the subject %j: %s', (subject, expected) => {
    expect(matches({ subjects: [subject], resourceRules: [anything] }, '/api/v1/pods')).toBe(expected)
  })

  const subjects = [{ kind: 'User', user: { name: '*' } }]
  it.each<[object, string, boolean]>([
    [{ ...anything, verbs: ['list'] }, '/api/v1/pods', true],
    [{ ...anything, verbs: ['get'] }, '/api/v1/pods', false],
    [{ ...anything, apiGroups: ['apps'] }, '/apis/apps/v1/deployments', true],
    [{ ...anything, apiGroups: ['apps'] }, '/api/v1/pods', false],
    [{ ...anything, resources: ['pods'] }, '/api/v1/namespaces/d/pods/x/status', false],
    [{ ...anything, resources: ['pods/status'] }, '/api/v1/namespaces/d/pods/x/status', true],
    [{ ...anything, namespaces: ['d'], clusterScope: false }, '/api/v1/namespaces/d/pods', true],
    [{ ...anything, namespaces: ['e'] }, '/api/v1/namespaces/d/pods', false],
    [{ ...anything, clusterScope: false }, '/api/v1/pods', false],
  ])('%j is for %s: %s', (rule, url, expected) => {
    expect(matches({ subjects, resourceRules: [rule] }, url)).toBe(expected)
  })

  it.each<[string, string, boolean]>([
    ['*', '/version', true],
    ['/version', '/version', true],
    ['/healthz/*', '/healthz/ping', true],
    ['/healthz/*', '/healthzy', false],
    ['/version', '/versions', false],
  ])('the path %s is for %s: %s', (url, path, expected) => {
    const rule = { subjects, nonResourceRules: [{ verbs: ['get'], nonResourceURLs: [url] }] }
    expect(matches(rule, path)).toBe(expected)
    expect(matches(rule, path, 'POST')).toBe(false)
  })

  it('that says nothing is for nobody', () => {
    expect(matches({ subjects }, '/version')).toBe(false)
    expect(matches({ subjects }, '/api/v1/pods')).toBe(false)
    expect(matchesSchema({ metadata: { name: 's' } } as FlowSchema, user, parseRequest('GET', '/version'))).toBe(false)
  })
})

it('schemas are tried in the order of their precedence, then of their names', () => {
  const schema = (name: string, matchingPrecedence: number) => ({ metadata: { name }, spec: { matchingPrecedence } })
  const order = inOrder([schema('b', 5), schema('c', 1), schema('a', 5)] as FlowSchema[])
  expect(order.map(({ metadata }) => metadata.name)).toEqual(['c', 'a', 'b'])
})

it('the server’s seats are divided by shares', () => {
  const limits = seatLimits(
    partial([
      {
        metadata: { name: 'e' },
        spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 10, lendablePercent: 50 } },
      },
      {
        metadata: { name: 'l' },
        spec: { type: 'Limited', limited: { nominalConcurrencyShares: 20, borrowingLimitPercent: 50 } },
      },
      { metadata: { name: 'n' }, spec: { type: 'Exempt' } },
    ]),
    10,
  )
  expect(Object.fromEntries(limits)).toEqual({
    e: { nominal: 4, guaranteed: 2, most: 10 },
    l: { nominal: 7, guaranteed: 7, most: 11 },
    n: { nominal: 0, guaranteed: 0, most: 10 },
  })
  expect(seatLimits(partial([{ metadata: { name: 'n' } }])).get('n')?.nominal).toBe(0)
})

it('a hand is of different queues, the same for a flow, another for another', () => {
  const hand = dealHand('a', 64, 6)
  expect(new Set(hand).size).toBe(6)
  expect(Math.max(...hand)).toBeLessThan(64)
  expect(dealHand('a', 64, 6)).toEqual(hand)
  expect(dealHand('b', 64, 6)).not.toEqual(hand)
  expect(new Set(dealHand('a', 3, 8))).toEqual(new Set([0, 1, 2]))
})
