import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  adminAccess,
  formatKubeconfig,
  kubeconfigFor,
  mergeIntoUserKubeconfig,
  mergeKubeconfig,
  removeFromUserKubeconfig,
  unmergeKubeconfig,
} from './kubeconfig.ts'

const access = { server: 'https://127.0.0.1:6443', ca: 'CA', cert: 'CERT', key: 'KEY' }

describe('kubeconfig', () => {
  it('reads back what it wrote', () => {
    expect(adminAccess(formatKubeconfig(kubeconfigFor('drydock', access)))).toEqual(access)
  })

  it('has clients on this machine take answers as they are', () => {
    expect(kubeconfigFor('lab', access).clusters[0]?.['cluster']).toMatchObject({ 'disable-compression': true })
  })

  it('keeps what others put there, replaces its own entries and makes its context current', () => {
    const other = { name: 'work', cluster: { server: 'https://example' } }
    const before = mergeKubeconfig({ clusters: [other], 'current-context': 'work' }, kubeconfigFor('lab', access))
    const after = mergeKubeconfig(before, kubeconfigFor('lab', { ...access, server: 'https://127.0.0.1:7000' }))
    expect(after.clusters.map((c) => c.name)).toEqual(['work', 'drydock-lab'])
    expect(after.clusters[1]?.['cluster']).toMatchObject({ server: 'https://127.0.0.1:7000' })
    expect(after['current-context']).toBe('drydock-lab')
  })

  it('refuses a file that is no kubeconfig and leaves it alone', () => {
    const directory = mkdtempSync(join(tmpdir(), 'drydock-'))
    const file = join(directory, 'config')
    try {
      writeFileSync(file, 'just words')
      expect(() => mergeIntoUserKubeconfig(kubeconfigFor('lab', access), { KUBECONFIG: file })).toThrow(
        'is not a kubeconfig',
      )
      expect(readFileSync(file, 'utf8')).toBe('just words')
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  it('takes out only its own entries, and none that lead to another cluster under the same name', () => {
    const own = kubeconfigFor('lab', access)
    const other = { name: 'work', cluster: { server: 'https://example' } }
    const merged = mergeKubeconfig({ clusters: [other], 'current-context': 'work' }, own)
    expect(unmergeKubeconfig(merged, own)).toMatchObject({
      clusters: [other],
      users: [],
      contexts: [],
      'current-context': '',
    })
    expect(unmergeKubeconfig({ ...merged, 'current-context': 'work' }, own)?.['current-context']).toBe('work')
    expect(unmergeKubeconfig(merged, kubeconfigFor('lab', { ...access, ca: 'ANOTHER' }))).toBeUndefined()
    expect(unmergeKubeconfig({}, own)).toBeUndefined()
  })

  it('follows a link to the kubeconfig, which stays one, and leaves no draft', () => {
    const folder = mkdtempSync(join(tmpdir(), 'drydock-kubeconfig-'))
    try {
      writeFileSync(join(folder, 'real'), '')
      symlinkSync('real', join(folder, 'link'))
      const environment = { KUBECONFIG: join(folder, 'link') }
      const own = kubeconfigFor('lab', access)
      mergeIntoUserKubeconfig(own, environment)
      expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
      expect(removeFromUserKubeconfig(own, environment)).toMatch(/real$/)
      expect(removeFromUserKubeconfig(own, environment)).toBeUndefined()
      expect(readdirSync(folder).sort()).toEqual(['link', 'real'])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
