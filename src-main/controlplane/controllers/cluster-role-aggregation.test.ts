import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../src-kube/client/refs.ts'
import { clusterRoleAggregation } from './cluster-role-aggregation.ts'
import { harness } from './testing/harness.ts'

let h = harness([])
beforeEach(async () => {
  h = harness([clusterRoleAggregation()])
  await h.start()
})
afterEach(() => h.finish())
const rule = (resource: string, ...verbs: string[]) => ({ apiGroups: [''], resources: [resource], verbs })
const role = (name: string, labels: Record<string, string> | undefined, ...rules: object[]) =>
  h.server.put(refs.clusterRoles, { metadata: { name, ...(labels ? { labels } : {}) }, rules })
const sum = (...clusterRoleSelectors: object[]) =>
  h.server.put(refs.clusterRoles, {
    metadata: { name: 'sum' },
    aggregationRule: { clusterRoleSelectors },
    rules: [rule('stale', 'get')],
  })
const rules = () => h.server.peek(refs.clusterRoles, 'sum')?.rules
const toAdmin = { 'aggregate-to-admin': 'true' }

// kubernetes.io, "Using RBAC Authorization: Aggregated ClusterRoles".
describe('an aggregated cluster role', () => {
  it('has the rules of all roles that its selectors choose, each once, by selector and name', async () => {
    role('b', toAdmin, rule('pods', 'get'), rule('services', 'get'))
    role('a', toAdmin, rule('pods', 'list'), rule('pods', 'get'))
    role('z', { other: 'x' }, rule('nodes', 'get'))
    role('none', undefined, rule('secrets', 'get'))
    sum({ matchLabels: { other: 'x' } }, { matchLabels: toAdmin })
    await h.settle()
    expect(rules()).toEqual([rule('nodes', 'get'), rule('pods', 'list'), rule('pods', 'get'), rule('services', 'get')])
  })

  it('follows roles that come, change and go', async () => {
    sum({ matchLabels: toAdmin })
    await h.settle()
    expect(rules()).toEqual([])
    role('a', toAdmin, rule('pods', 'get'))
    await h.settle()
    expect(rules()).toEqual([rule('pods', 'get')])
    role('a', toAdmin, rule('pods', 'list'))
    await h.settle()
    expect(rules()).toEqual([rule('pods', 'list')])
    h.server.remove(refs.clusterRoles, 'a')
    await h.settle()
    expect(rules()).toEqual([])
  })

  it('never takes its own rules, though its labels match', async () => {
    h.server.put(refs.clusterRoles, {
      metadata: { name: 'sum', labels: toAdmin },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: toAdmin }] },
      rules: [rule('stale', 'get')],
    })
    role('empty', toAdmin)
    await h.settle()
    expect(rules()).toEqual([])
  })

  it('builds on other aggregated roles', async () => {
    role('leaf', { 'to-edit': 'true' }, rule('pods', 'get'))
    h.server.put(refs.clusterRoles, {
      metadata: { name: 'edit', labels: toAdmin },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { 'to-edit': 'true' } }] },
    })
    sum({ matchLabels: toAdmin })
    await h.settle()
    expect(rules()).toEqual([rule('pods', 'get')])
  })
})

it('a role without an aggregation rule keeps the rules it has', async () => {
  role('plain', toAdmin, rule('pods', 'get'))
  await h.settle()
  expect(h.server.calls.some(({ verb }) => verb === 'update')).toBe(false)
})
