import { describe, expect, test } from 'vitest'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { warningsOfVolumes } from './volume-warnings.ts'

const of = (...volumes: object[]): string[] => warningsOfVolumes(partial(volumes), 'spec.volumes')
const items = (...paths: string[]): object[] => paths.map((path) => ({ key: 'k', path }))

test('Types of volumes that are no more are named as upstream names them', () => {
  expect(
    of({ name: 'a', gitRepo: { repository: 'x' } }, { name: 'b', storageos: {} }, { name: 'c', emptyDir: {} }),
  ).toEqual([
    'spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+',
    'spec.volumes[1].storageOS: deprecated in v1.22, non-functional in v1.25+',
  ])
})

test('The claim of a pod asks for whole bytes', () => {
  const spec = { resources: { requests: { storage: '1500m' } } }
  expect(of({ name: 'a', ephemeral: { volumeClaimTemplate: { spec } } })).toEqual([
    'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
  ])
})

describe('Files of one volume', () => {
  test.each([
    [{ configMap: { name: 'c', items: items('a', 'a/b') } }, 'ConfigMap "c"', 'a/b', 'a'],
    [{ secret: { secretName: 's', items: items('a/b', 'a/') } }, 'Secret "s"', 'a', 'a/b'],
    [{ downwardAPI: { items: items('x', 'x') } }, 'DownwardAPI', 'x', 'x'],
  ])('take each other’s place: %j', (source, what, path, other) => {
    expect(of({ name: 'v', ...source })).toEqual([`volume "v" (${what}): overlapping paths: "${path}" with "${other}"`])
  })

  test('stand beside each other', () => {
    expect(
      of({ name: 'v', configMap: { name: 'c', items: items('a/b', 'a/c', 'b') } }, { name: 'w', secret: {} }),
    ).toEqual([])
  })

  test('of several sources take each other’s place', () => {
    const sources = [
      { configMap: { name: 'c', items: items('token') } },
      { serviceAccountToken: { path: 'token' } },
      { clusterTrustBundle: { signerName: 'x.y/z', path: 'ca' } },
      { secret: { name: 's', items: items('ca/x') } },
      {},
    ]
    expect(of({ name: 'v', projected: { sources } })).toEqual([
      'volume "v" (Projected ServiceAccountToken): overlapping paths: "token" with "token"',
      'volume "v" (Projected Secret "s"): overlapping paths: "ca/x" with "ca"',
      'volume "v" (Projected) has no sources provided',
    ])
  })

  test('that every pod has for its service account are apart', () => {
    const sources = [
      { serviceAccountToken: { path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: items('ca.crt') } },
      { downwardAPI: { items: items('namespace') } },
    ]
    expect(of({ name: 'v', projected: { sources } })).toEqual([])
  })
})
