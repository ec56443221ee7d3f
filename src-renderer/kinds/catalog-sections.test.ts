import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { en } from '../i18n/en.ts'
import { catalogSections } from './catalog-sections.ts'
import { selectorWords } from './policy-sections.ts'

const first = (view: string, fields: object) =>
  catalogSections[view]!(partial<KubeObject>({ metadata: { name: 'web', namespace: 'shop' }, ...fields }))[0]!

describe('what details tell of kinds whose columns are the server’s', () => {
  it('an autoscaler has what it scales, and each metric beside its aim', () => {
    const resource = (of: object) => ({ type: 'Resource', resource: { name: 'cpu', ...of } })
    const section = first('horizontalpodautoscalers.autoscaling', {
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'web' },
        maxReplicas: 5,
        metrics: [
          resource({ target: { averageUtilization: 80 } }),
          { type: 'Pods', pods: { metric: { name: 'hits' }, target: { averageValue: '10' } } },
        ],
      },
      status: { currentReplicas: 2, currentMetrics: [resource({ current: { averageUtilization: 35 } })] },
    })
    expect(section.table!.rows).toEqual([
      ['cpu', '35%', '80%'],
      ['hits', '?', '10'],
    ])
    expect(section.facts![0]).toMatchObject({ link: { view: 'deployments.apps', namespace: 'shop', name: 'web' } })
  })

  it('a quota has what is used beside what may be, also before anything is counted', () => {
    const hard = { pods: '4', 'limits.cpu': '2' }
    const rows = (object: object) => first('resourcequotas', object).table!.rows
    expect(rows({ spec: { hard } })).toEqual([
      ['limits.cpu', { text: '0', share: 0 }, '2'],
      ['pods', { text: '0', share: 0 }, '4'],
    ])
    const used = { pods: '3', 'requests.memory': '512Mi', services: '0' }
    const most = { pods: '4', 'requests.memory': '1Gi', services: '0', 'count/secrets': '10' }
    expect(rows({ status: { hard: most, used } })).toEqual([
      ['count/secrets', { text: '0', share: 0 }, '10'],
      ['pods', { text: '3', share: 0.75 }, '4'],
      ['requests.memory', { text: '512 MiB', share: 0.5 }, '1 GiB'],
      ['services', '0', '0'],
    ])
  })

  it('limits of a namespace have a row for each resource that any of them names', () => {
    const limit = { type: 'Container', max: { cpu: '2' }, default: { cpu: '1', memory: '1Gi' } }
    expect(first('limitranges', { spec: { limits: [limit] } }).table!.rows).toEqual([
      ['Container', 'cpu', '', '2', '', '1'],
      ['Container', 'memory', '', '', '', '1Gi'],
    ])
  })

  it('a role tells what it allows, a binding to whom', () => {
    const rules = [{ verbs: ['get', 'list'], apiGroups: ['', 'apps'], resources: ['pods'], resourceNames: ['a'] }]
    expect(first('clusterroles.rbac.authorization.k8s.io', { rules }).table!.rows).toEqual([
      ['get, list', 'pods', 'apps', 'a'],
    ])
    const section = first('rolebindings.rbac.authorization.k8s.io', {
      roleRef: { kind: 'Role', name: 'reader' },
      subjects: [
        { kind: 'User', name: 'ann' },
        { kind: 'ServiceAccount', name: 'bot', namespace: 'ci' },
      ],
    })
    expect(section.facts![0]!.link).toMatchObject({ namespace: 'shop', name: 'reader' })
    expect(section.table!.rows[0]).toEqual(['User', 'ann', ''])
    expect(section.table!.rows[1]![1]).toMatchObject({ link: { view: 'serviceaccounts', namespace: 'ci' } })
  })

  it('a network policy tells its rules as people read them', () => {
    const section = first('networkpolicies.networking.k8s.io', {
      spec: {
        podSelector: {},
        policyTypes: ['Ingress'],
        ingress: [
          {
            from: [
              { podSelector: { matchLabels: { app: 'web' } }, namespaceSelector: {} },
              { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
            ],
            ports: [{ port: 80, endPort: 90 }],
          },
        ],
        egress: [{}],
      },
    })
    expect(section.facts![0]!.value).toEqual(['*'])
    expect(section.table!.rows).toEqual([
      ['ingress', 'Namespace * · Pod app=web\n10.0.0.0/8 − 10.1.0.0/16', '80–90/TCP'],
      ['egress', '*', '*'],
    ])
    expect(selectorWords({ matchExpressions: [{ key: 'a', operator: 'In', values: ['b', 'c'] }] })).toEqual([
      'a in (b, c)',
    ])
  })

  it('a definition leads to its objects, a slice to its pods', () => {
    const section = first('customresourcedefinitions.apiextensions.k8s.io', {
      spec: { group: 'x.io', names: { plural: 'boxes', kind: 'Box' }, versions: [{ name: 'v1', served: true }] },
    })
    expect(section.facts![0]!.link).toEqual({ view: 'boxes.x.io', name: '' })
    const endpoints = [{ addresses: ['10.0.0.1'], nodeName: 'n1', targetRef: { name: 'web-1' } }, { addresses: [] }]
    const rows = first('endpointslices.discovery.k8s.io', { endpoints }).table!.rows
    expect(rows[0]![3]).toMatchObject({ link: { view: 'pods', namespace: 'shop', name: 'web-1' } })
    expect(rows[1]).toEqual(['', '', '', ''])
  })

  it('is told in words that are there', () => {
    for (const [view, sections] of Object.entries(catalogSections)) {
      for (const { title, facts = [], table } of sections({ metadata: { name: 'x' } } as KubeObject)) {
        expect([view, Object.keys(en.sections)]).toEqual([view, expect.arrayContaining([title])])
        const labels = [...facts.map(({ label }) => label), ...(table?.columns ?? [])]
        expect([view, Object.keys(en.facts)]).toEqual([view, expect.arrayContaining(labels)])
      }
    }
  })
})
