import { expect, it } from 'vitest'
import type { ReleaseWish } from '../../../src-wire/gateway/helm.ts'
import {
  addRepositoryArguments,
  releaseArguments,
  rollbackArguments,
  searchArguments,
  showArguments,
  uninstallArguments,
} from './arguments.ts'

const wish: ReleaseWish = {
  namespace: 'shop',
  name: 'web',
  chart: { source: 'repository', chart: 'bitnami/nginx', version: '^15' },
  values: '',
}

it('asks for an installation with what was wished, each value within its option', () => {
  expect(releaseArguments('install', wish)).toEqual([
    'install',
    'web',
    'bitnami/nginx',
    '--version=^15',
    '--namespace=shop',
  ])
  const whole = { ...wish, createNamespace: true, wait: true, timeout: 90, verbose: true }
  expect(releaseArguments('install', whole, { values: '/tmp/v.yaml' }).slice(4)).toEqual([
    '--namespace=shop',
    '--values=/tmp/v.yaml',
    '--create-namespace',
    '--wait',
    '--timeout=90s',
    '--debug',
  ])
})

it('never reuses the values of before at an upgrade, and makes no namespace', () => {
  const words = releaseArguments('upgrade', { ...wish, createNamespace: true })
  expect(words).toContain('--reset-values')
  expect(words).not.toContain('--create-namespace')
})

it('previews on the server, without waiting', () => {
  const words = releaseArguments('upgrade', { ...wish, wait: true, verbose: true }, { preview: true })
  expect(words.slice(-2)).toEqual(['--dry-run=server', '--output=json'])
  expect(words).not.toContain('--wait')
  expect(words).not.toContain('--debug')
})

it('rolls back, uninstalls, shows, searches and adds', () => {
  const release = { namespace: 'shop', name: 'web' }
  expect(rollbackArguments({ ...release, revision: 3, wait: true })).toEqual([
    'rollback',
    'web',
    '3',
    '--namespace=shop',
    '--wait',
  ])
  expect(rollbackArguments({ ...release, revision: 3 })).not.toContain('--wait')
  expect(uninstallArguments(release)).toEqual(['uninstall', 'web', '--namespace=shop'])
  expect(uninstallArguments({ ...release, keepHistory: true, wait: true }).slice(3)).toEqual([
    '--keep-history',
    '--wait',
  ])
  expect(showArguments('values', { source: 'path', chart: '/charts/web' })).toEqual(['show', 'values', '/charts/web'])
  expect(searchArguments()).toEqual(['search', 'repo', '--output=json'])
  expect(searchArguments('a/b')).toEqual(['search', 'repo', '--output=json', '--versions', 'a/b'])
  expect(addRepositoryArguments({ name: 'a', url: 'https://a.example' })).toEqual([
    'repo',
    'add',
    'a',
    'https://a.example',
  ])
})
