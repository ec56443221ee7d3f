import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { DataDirectory } from './data-directory.ts'
import { etcdFlagNames, etcdFlags, etcdSettings } from './etcd-settings.ts'
import { sharedKeys, takeKeys } from './shared-keys.ts'

const root = mkdtempSync(join(tmpdir(), 'drydock-etcd-settings-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const pem = join(root, 'a.pem')
writeFileSync(pem, '')

const fresh = { exists: false }
const SERVERS = 'https://10.0.0.1:2379, https://10.0.0.2:2379'
const two = ['https://10.0.0.1:2379', 'https://10.0.0.2:2379']

describe('where a cluster keeps its state', () => {
  it('is its own folder unless somebody asks for etcd, and stays where it was', () => {
    expect(etcdSettings({}, fresh)).toBeUndefined()
    const had = { servers: ['http://127.0.0.1:2379'] }
    expect(etcdSettings(undefined, { exists: true, had })).toBe(had)
  })

  it('is the etcd of the options that kube-apiserver has too', () => {
    const wish = { servers: SERVERS, cafile: pem, certfile: pem, keyfile: pem, prefix: 'mine/' }
    const all = { servers: two, cafile: pem, certfile: pem, keyfile: pem, prefix: '/mine' }
    expect(etcdSettings(wish, fresh)).toEqual(all)
    expect(Object.keys(etcdFlags(wish))).toEqual(etcdFlagNames)
  })

  it('can be reached another way later', () => {
    const had = { servers: two, cafile: pem, prefix: '/mine' }
    const now = etcdSettings({ servers: 'https://10.0.0.3:2379' }, { exists: true, had })
    expect(now).toMatchObject({ servers: ['https://10.0.0.3:2379'], cafile: pem, prefix: '/mine' })
    expect(etcdSettings({ prefix: '/registry' }, { exists: true, had: { servers: two } })?.servers).toEqual(two)
  })

  it.each([
    [{ servers: SERVERS }, { exists: true }, 'cannot move to etcd'],
    [{ prefix: '/mine' }, { exists: true, had: { servers: two } }, 'begin with /registry and cannot move'],
    [
      { prefix: '/other' },
      { exists: true, had: { servers: two, prefix: '/mine' } },
      'begin with /mine and cannot move',
    ],
    [{ prefix: '/mine' }, fresh, 'need --etcd-servers'],
    [{ servers: 'ftp://x' }, fresh, 'not "ftp://x"'],
    [{ servers: 'https://x:1/path' }, fresh, 'not "https://x:1/path"'],
    [{ servers: '' }, fresh, 'not ""'],
    [{ servers: SERVERS, cafile: '/none.pem' }, fresh, '--etcd-cafile: there is no file /none.pem'],
    [{ servers: SERVERS, certfile: pem }, fresh, 'belong together'],
    [{ servers: SERVERS, prefix: '/' }, fresh, 'takes a path'],
    [{ keysFrom: root }, fresh, 'need --etcd-servers'],
    [{ keysFrom: root }, { exists: true, had: { servers: two } }, 'has its keys already'],
  ])('refuses %j of a cluster that is %j', (wish, past, words) => {
    expect(() => etcdSettings(wish, past)).toThrow(words)
  })
})

describe('one more instance', () => {
  const first = join(root, 'first')
  mkdirSync(join(first, 'pki'), { recursive: true })
  for (const file of sharedKeys) writeFileSync(join(first, file), file)

  it('takes the keys of another, for its owner only', () => {
    const directory = new DataDirectory('second', join(root, 'second'))
    directory.create()
    takeKeys(first, directory)
    for (const file of sharedKeys) {
      expect(readFileSync(directory.file(file), 'utf8')).toBe(file)
      expect(statSync(directory.file(file)).mode & 0o777).toBe(0o600)
    }
  })

  it('is told which are missing', () => {
    rmSync(join(first, 'sealing.key'))
    const directory = new DataDirectory('third', join(root, 'third'))
    expect(() => takeKeys(first, directory)).toThrow('lacks sealing.key')
  })
})
