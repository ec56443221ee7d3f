import { describe, expect, it } from 'vitest'
import { chartFacts, foundCharts, preview, repositories } from './parse.ts'
import { kubeconfigOf } from '../kubeconfig-text.ts'
import { environmentFor } from './run.ts'
import { failureOf } from './words.ts'

it('reads what helm found, and of one chart its versions only', () => {
  const row = (name: string, version: string) => ({ name, version, app_version: '1', description: 'd' })
  const json = JSON.stringify([row('a/web', '2.0.0'), row('a/web', '1.0.0'), row('a/web-admin', '1.0.0'), {}])
  expect(foundCharts(json)).toHaveLength(3)
  expect(foundCharts(json, 'a/web').map(({ version }) => version)).toEqual(['2.0.0', '1.0.0'])
  expect(foundCharts('null')).toEqual([])
  expect(repositories('[{"name":"a","url":"https://a"}, 7]')).toEqual([
    { name: 'a', url: 'https://a' },
    { name: '', url: '' },
  ])
})

it('reads what a chart says of itself, numbers as they are written', () => {
  const chart = 'name: web\nversion: 1.2.3\nappVersion: 7\n'
  expect(chartFacts({ chart, values: '\na: 1 # one\n\n', readme: '\n' })).toEqual({
    name: 'web',
    version: '1.2.3',
    appVersion: '7',
    description: '',
    values: 'a: 1 # one\n',
    readme: '',
  })
  expect(chartFacts({ chart: '', values: '', readme: '' })).toMatchObject({ name: '', values: '' })
})

it('tells hooks from what a release keeps', () => {
  const release = { manifest: '---\nkind: A\n', hooks: [{ manifest: 'kind: B\n' }], info: { notes: 'Hi.\n' } }
  expect(preview(JSON.stringify(release))).toEqual({ manifest: '---\nkind: A', hooks: '---\nkind: B', notes: 'Hi.' })
  expect(preview('{}')).toEqual({ manifest: '', hooks: '', notes: '' })
})

it('writes a kubeconfig of what the gateway connects with', () => {
  const pem = Buffer.from('PEM').toString('base64')
  const whole = kubeconfigOf({
    server: 'https://a',
    certificateAuthority: 'PEM',
    clientCertificate: 'PEM',
    clientKey: 'PEM',
    serverName: 'b',
  })
  expect(whole).toContain(`certificate-authority-data: ${pem}`)
  expect(whole).toContain(`client-key-data: ${pem}`)
  expect(whole).toContain('tls-server-name: b')
  const insecure = kubeconfigOf({ server: 'https://a', certificateAuthority: 'PEM', insecure: true, token: 't' })
  expect(insecure).toContain('insecure-skip-tls-verify: true')
  expect(insecure).not.toContain('certificate-authority')
  expect(insecure).toContain('token: t')
  expect(kubeconfigOf({ server: 'http://a' })).toContain('user: {}')
})

it('keeps the user’s configuration of helm, but no other cluster or namespace', () => {
  const given = {
    HELM_KUBETOKEN: 't',
    HELM_NAMESPACE: 'n',
    HELM_DRIVER: 'configmap',
    KUBECONFIG: '/theirs',
    HELM_CACHE_HOME: '/cache',
    PATH: '/bin',
  }
  expect(environmentFor('/ours', given)).toEqual({
    HELM_CACHE_HOME: '/cache',
    PATH: '/bin',
    KUBECONFIG: '/ours',
    NO_COLOR: '1',
  })
})

describe('a failure', () => {
  it('is helm’s own words, without the warnings before them', () => {
    const said = 'WARNING: Kubernetes configuration file is group-readable\nError: INSTALLATION FAILED: first\nsecond\n'
    expect(failureOf(said)).toMatchObject({ message: 'INSTALLATION FAILED: first\nsecond', remedy: undefined })
    expect(failureOf('something odd')).toMatchObject({ message: 'something odd', remedy: undefined })
  })

  it.each([
    ['INSTALLATION FAILED: cannot reuse a name that is still in use', /another name/],
    ['UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress', /Wait until it is done/],
    ['repo bitnami not found', /Add the repository/],
    ['repository name (a) already exists, please specify a different name', /another name for the repository/],
    ['chart "nginx" matching 99 not found in a index', /Update the repositories/],
    ['secrets is forbidden: User "x" cannot list', /Sign in/],
    ['Kubernetes cluster unreachable: Get "https://127.0.0.1:6443/version": connection refused', /Start the cluster/],
    ['UPGRADE FAILED: context deadline exceeded', /not ready/],
    ['failed to do request: Head "https://x": dial tcp: lookup x: no such host', /the network/],
    ["values don't meet the specifications of the schema(s)", /Correct the values/],
    ['resource mapping not found: no matches for kind "Foo" in version "v1"', /Install first/],
  ])('%s has a next step', (words, remedy) => {
    expect(failureOf(`Error: ${words}`).remedy).toMatch(remedy)
  })
})
