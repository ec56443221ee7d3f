import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { combineSources, kubeconfigPaths, kubeconfigSource } from './cluster-sources.ts'

let directory: string
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'sources-'))))
afterEach(() => rm(directory, { recursive: true }))

const config = (name: string, user: string): string =>
  `clusters: [{name: c, cluster: {server: "https://example:6443"}}]\nusers: [{name: u, user: ${user}}]\ncontexts: [{name: ${name}, context: {cluster: c, user: u}}]\n`

describe('clusters from kubeconfig', () => {
  it('are the contexts of all files, the first of a name winning, with what keeps one from use', async () => {
    const paths = ['a', 'b', 'missing', 'broken'].map((file) => join(directory, file))
    await writeFile(paths[0]!, config('lab', '{token: one}'))
    await writeFile(
      paths[1]!,
      config('lab', '{token: two}')
        .replace('contexts: [', 'contexts: [{name: cloud, context: {cluster: c, user: x}}, ')
        .replace('users: [', 'users: [{name: x, user: {auth-provider: {}}}, '),
    )
    await writeFile(paths[3]!, '{')
    const said: string[] = []
    const source = combineSources([await kubeconfigSource({ paths, log: (line) => said.push(line) })])
    expect(source.list().map((c) => [c.id, c.state])).toEqual([
      ['kubeconfig:lab', 'unknown'],
      ['kubeconfig:cloud', 'failed'],
    ])
    expect(source.connection('kubeconfig:lab')?.token).toBe('one')
    expect(() => source.connection('kubeconfig:cloud')).toThrow('auth provider')
    expect([source.connection('other'), source.actions('kubeconfig:lab')]).toEqual([undefined, undefined])
    expect(said).toHaveLength(1)
  })

  it('are read anew when a file changes while somebody looks: who signs in again goes on', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const path = join(directory, 'late')
      const source = await kubeconfigSource({ paths: [path] })
      expect(source.list()).toEqual([])
      const told = new Promise<void>((done) => source.subscribe(done))
      await writeFile(path, config('lab', '{tokenFile: token}'))
      await vi.advanceTimersByTimeAsync(2000)
      await told
      expect(source.list()).toMatchObject([{ name: 'lab', state: 'failed' }])
      const again = new Promise<void>((done) => source.subscribe(done))
      await writeFile(join(directory, 'token'), 'fresh')
      await vi.waitFor(async () => {
        await vi.advanceTimersByTimeAsync(2000)
        expect(source.list()).toMatchObject([{ name: 'lab', state: 'unknown' }])
      })
      await again
      expect(source.connection('kubeconfig:lab')?.token).toBe('fresh')
    } finally {
      vi.useRealTimers()
    }
  })

  it('leaves out those that are own clusters as these come and go', async () => {
    const path = join(directory, 'a')
    await writeFile(path, config('lab', '{token: one}'))
    const own = new Set<string>()
    const source = await kubeconfigSource({ paths: [path], skip: ({ connection }) => own.has(connection!.server) })
    expect(source.list()).toHaveLength(1)
    own.add('https://example:6443')
    expect(source.list()).toEqual([])
  })

  it('are looked for where kubectl looks', () => {
    expect(kubeconfigPaths({ KUBECONFIG: '/a:/b' })).toEqual(['/a', '/b'])
    expect(kubeconfigPaths({})[0]).toMatch(/\.kube\/config$/)
  })
})
