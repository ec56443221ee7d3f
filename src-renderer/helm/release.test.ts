// @vitest-environment node
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { readRelease, releaseHealth, releasesOf } from './release.ts'

const twice = (bytes: Buffer): string => Buffer.from(bytes.toString('base64')).toString('base64')
const content = {
  name: 'web',
  info: { description: 'Upgrade complete', notes: '\nOpen http://web\n' },
  chart: { metadata: { name: 'nginx', version: '15.1.0', appVersion: '1.25' } },
  config: { replicaCount: 2 },
  manifest: '---\nkind: Service\n',
}
const secret = (name: string, version: number, status: string, release = '', more: object = {}): KubeObject =>
  partial<KubeObject>({
    metadata: {
      name: `sh.helm.release.v1.${name}.v${version}`,
      namespace: 'shop',
      labels: { owner: 'helm', name, status, version: String(version), modifiedAt: String(1000 + version) },
    },
    type: 'helm.sh/release.v1',
    data: { release },
    ...more,
  })

it('finds releases among Secrets: the latest revision speaks for each', () => {
  const found = releasesOf([
    secret('web', 9, 'superseded'),
    secret('web', 10, 'deployed'),
    secret('cache', 1, 'failed'),
    secret('other', 1, 'deployed', '', { type: 'Opaque' }),
  ])
  expect(found.map(({ key, revision, status }) => `${key} ${revision} ${status}`)).toEqual([
    'shop/cache 1 failed',
    'shop/web 10 deployed',
  ])
  expect(found[1]!.revisions.map(({ revision }) => revision)).toEqual([10, 9])
  expect(found[1]!.updated).toBe(1_010_000)
})

it('reads what Helm wrote, zipped or as old versions did', async () => {
  const read = {
    chart: 'nginx',
    chartVersion: '15.1.0',
    appVersion: '1.25',
    description: 'Upgrade complete',
    notes: 'Open http://web',
    values: 'replicaCount: 2\n',
    manifest: '---\nkind: Service',
  }
  const json = Buffer.from(JSON.stringify(content))
  expect(await readRelease(secret('web', 1, 'deployed', twice(gzipSync(json))))).toEqual(read)
  expect(await readRelease(secret('web', 1, 'deployed', twice(json)))).toEqual(read)
  const bare = Buffer.from(JSON.stringify({ chart: {}, config: {} }))
  expect(await readRelease(secret('web', 1, 'deployed', twice(bare)))).toMatchObject({ chart: '', values: '' })
  await expect(readRelease(secret('web', 1, 'deployed', twice(Buffer.from('no JSON'))))).rejects.toThrow(SyntaxError)
})

it('tells how a release fares', () => {
  const levels = ['deployed', 'failed', 'pending-upgrade', 'uninstalling', 'superseded'].map(
    (status) => releaseHealth(releasesOf([secret('web', 1, status)])[0]!).level,
  )
  expect(levels).toEqual(['ok', 'failed', 'progressing', 'progressing', 'unknown'])
})
