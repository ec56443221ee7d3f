import { describe, expect, it } from 'vitest'
import type { ChartReference } from '../../../src-wire/gateway/helm.ts'
import { checkChart, checkRelease, checkRepository, checkRevision, checkWish } from './validate.ts'

describe('names of releases', () => {
  it.each(['web', 'web-2', 'a.b', 'x'.repeat(53)])('%s is one', (name) => {
    expect(() => checkRelease({ namespace: 'shop', name })).not.toThrow()
  })

  it.each(['', '-web', '--debug', 'Web', 'a_b', 'a..b', 'web\n', 'x'.repeat(54)])('%j is none', (name) => {
    expect(() => checkRelease({ namespace: 'shop', name })).toThrow(/name of a release/)
  })

  it.each(['', '-n', 'a.b', 'x'.repeat(64)])('%j is no namespace', (namespace) => {
    expect(() => checkRelease({ namespace, name: 'web' })).toThrow(/namespace/)
  })

  it('are texts, whatever was sent', () => {
    expect(() => checkRelease({ namespace: 'shop', name: ['web'] as never })).toThrow(/name of a release/)
    expect(() => checkRelease({ namespace: 7 as never, name: 'web' })).toThrow(/namespace/)
  })
})

describe('charts', () => {
  it.each<[ChartReference['source'], string]>([
    ['repository', 'bitnami/nginx'],
    ['address', 'oci://ghcr.io/org/charts/web'],
    ['address', 'https://example.com/web-1.2.3.tgz'],
    ['path', '/home/me/my charts/web'],
  ])('of a %s are written as %s', (source, chart) => {
    expect(() => checkChart({ source, chart })).not.toThrow()
  })

  it.each<[ChartReference['source'], string]>([
    ['repository', 'nginx'],
    ['repository', '--post-renderer=/bin/sh'],
    ['repository', '../etc/passwd'],
    ['repository', 'a/-b'],
    ['address', 'file:///etc'],
    ['address', '-x'],
    ['address', 'https://a b'],
    ['path', 'web'],
    ['path', '--kubeconfig'],
    ['path', '/a\0b'],
    ['magic' as never, 'a/b'],
  ])('of a %s are not written as %j', (source, chart) => {
    expect(() => checkChart({ source, chart })).toThrow(/does not name a chart/)
  })

  it('have versions and ranges of them', () => {
    const chart = { source: 'repository', chart: 'a/b' } as const
    for (const version of ['1.2.3', '^1.2', '>=1 <2', '1.0.0-rc.1+build'])
      expect(() => checkChart({ ...chart, version })).not.toThrow()
    for (const version of ['', '-1', '1;ls', '$(x)', 'x'.repeat(101)])
      expect(() => checkChart({ ...chart, version })).toThrow(/not a version/)
  })
})

it('holds values to what a release can hold, and times to a day', () => {
  const wish = { namespace: 'a', name: 'b', chart: { source: 'path', chart: '/c' }, values: '' } as const
  expect(() => checkWish(wish)).not.toThrow()
  expect(() => checkWish({ ...wish, values: 'é'.repeat(600_000) })).toThrow(/1 MiB/)
  expect(() => checkWish({ ...wish, values: {} as never })).toThrow(/1 MiB/)
  for (const timeout of [0, 1.5, 90_000, NaN]) expect(() => checkWish({ ...wish, timeout })).toThrow(/time to wait/)
})

it('takes repositories of the web only, and counts revisions from 1', () => {
  expect(() => checkRepository({ name: 'bitnami', url: 'https://charts.example/x' })).not.toThrow()
  for (const name of ['', '-a', 'a/b']) expect(() => checkRepository({ name, url: 'https://a' })).toThrow(/repository/)
  for (const url of ['oci://a/b', 'file:///x', '--ca-file=x', 'https:// a'])
    expect(() => checkRepository({ name: 'a', url })).toThrow(/address of a repository/)
  expect(() => checkRevision(1)).not.toThrow()
  for (const revision of [0, -1, 1.5, '1' as never]) expect(() => checkRevision(revision)).toThrow(/not a revision/)
})
