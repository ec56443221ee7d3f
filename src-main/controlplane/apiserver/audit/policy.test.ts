import { describe, expect, test } from 'vitest'
import { parseRequest } from '../http/request-info.ts'
import { parsePolicy } from './parse-policy.ts'
import { judge, type AuditPolicy, type AuditRule } from './policy.ts'

const user = { name: 'jane', groups: ['dev', 'system:authenticated'] }
const levelOf = (rule: Partial<AuditRule>, path: string, method = 'GET'): string =>
  judge({ rules: [{ level: 'Metadata', ...rule }] }, user, parseRequest(method, path)).level

describe('a rule', () => {
  const log = '/api/v1/namespaces/d/pods/p/log'
  test.each<[Partial<AuditRule>, string, boolean]>([
    [{}, '/version', true],
    [{ users: ['jane'] }, '/version', true],
    [{ users: ['joe'] }, '/version', false],
    [{ userGroups: ['x', 'dev'] }, '/version', true],
    [{ userGroups: ['x'] }, '/version', false],
    [{ verbs: ['get'] }, log, true],
    [{ verbs: ['list'] }, log, false],
    [{ namespaces: ['d'] }, log, true],
    [{ namespaces: ['e'] }, log, false],
    [{ namespaces: [''] }, '/api/v1/nodes', true],
    [{ namespaces: ['d'] }, '/version', false],
    [{ resources: [{}] }, log, true],
    [{ resources: [{ group: 'apps' }] }, log, false],
    [{ resources: [{ resources: ['pods'] }] }, log, false],
    [{ resources: [{ resources: ['pods/log'] }] }, log, true],
    [{ resources: [{ resources: ['pods/*'] }] }, log, true],
    [{ resources: [{ resources: ['*/log'] }] }, log, true],
    [{ resources: [{ resources: ['*/exec'] }] }, log, false],
    [{ resources: [{ resources: ['pods/*'] }] }, '/api/v1/namespaces/d/pods/p', false],
    [{ resources: [{ resources: ['*'] }] }, log, true],
    [{ resources: [{ resources: ['*'], resourceNames: ['p'] }] }, log, true],
    [{ resources: [{ resources: ['*'], resourceNames: ['q'] }] }, log, false],
    [{ nonResourceURLs: ['/version'] }, '/version', true],
    [{ nonResourceURLs: ['/ver*'] }, '/version', true],
    [{ nonResourceURLs: ['*'] }, '/version', true],
    [{ nonResourceURLs: ['/metrics'] }, '/version', false],
    [{ nonResourceURLs: ['*'] }, log, false],
  ])('%j is for %s: %s', (rule, path, is) => {
    expect(levelOf(rule, path)).toBe(is ? 'Metadata' : 'None')
  })

  test('that comes first decides, and adds its stages to those that are never told', () => {
    const policy: AuditPolicy = {
      omitStages: ['RequestReceived'],
      omitManagedFields: true,
      rules: [
        { level: 'Request', verbs: ['list'], omitStages: ['Panic'], omitManagedFields: false },
        { level: 'None', verbs: ['watch'] },
        { level: 'Metadata' },
      ],
    }
    const of = (path: string) => judge(policy, user, parseRequest('GET', path))
    expect(of('/api/v1/pods')).toEqual({
      level: 'Request',
      omitted: new Set(['RequestReceived', 'Panic']),
      omitManagedFields: false,
    })
    expect(of('/api/v1/pods?watch=1').level).toBe('None')
    expect(of('/version')).toMatchObject({ level: 'Metadata', omitManagedFields: true })
  })
})

describe('a policy', () => {
  const text = (rules: string, more = ''): string =>
    `apiVersion: audit.k8s.io/v1\nkind: Policy\n${more}\nrules: ${rules}\n`
  test('is read', () => {
    expect(
      parsePolicy(text('[{level: Metadata, nonResourceURLs: ["*", "/a*"]}]', 'omitStages: [Panic]')),
    ).toMatchObject({
      omitStages: ['Panic'],
      rules: [{ level: 'Metadata' }],
    })
  })

  test.each([
    ['a: [', 'no YAML'],
    ['7', 'no object'],
    [text('[]'), 'loaded illegal policy with 0 rules'],
    [text('[7]'), 'rules[0]: no object'],
    [text('[{level: Metadata}]').replace('v1', 'v1beta1'), 'want apiVersion audit.k8s.io/v1 and kind Policy'],
    [text('[{}]'), 'rules[0].level: Required value'],
    [
      text('[{level: All}]'),
      'rules[0].level: Unsupported value: "All": supported values: "None", "Metadata", "Request", "RequestResponse"',
    ],
    [text('[{level: None, verb: [get]}]'), 'rules[0].verb: unknown field'],
    [text('[{level: None, verbs: get}]'), 'rules[0].verbs: must be a list of strings'],
    [text('[{level: None, omitStages: [End]}]'), 'rules[0].omitStages[0]: allowed stages are RequestReceived'],
    [text('[{level: None}]', 'omitStages: Panic'), 'omitStages: must be a list of strings'],
    [text('[{level: None}]', 'omitManagedFields: 1'), 'omitManagedFields: must be true or false'],
    [
      text('[{level: None, nonResourceURLs: [a]}]'),
      "nonResourceURLs[0]: non-resource URL rules must begin with a '/' character",
    ],
    [text('[{level: None, nonResourceURLs: ["/a*b"]}]'), "wildcards '*' must be the final character of the rule"],
    [
      text('[{level: None, nonResourceURLs: ["/a"], namespaces: [d]}]'),
      'rules cannot apply to both regular resources and non-resource URLs',
    ],
    [text('[{level: None, resources: pods}]'), 'rules[0].resources: must be a list'],
    [text('[{level: None, resources: [pods]}]'), 'rules[0].resources[0]: no object'],
    [text('[{level: None, resources: [{resources: pods}]}]'), 'rules[0].resources[0]: must be lists of strings'],
    [text('[{level: None, resources: [{group: apps/v1}]}]'), 'must be the name of a group, without a version'],
    [text('[{level: None, resources: [{resourceNames: [a]}]}]'), 'using resourceNames requires at least one resource'],
  ])('%j is refused', (document, why) => {
    expect(() => parsePolicy(document)).toThrow(why)
  })
})
