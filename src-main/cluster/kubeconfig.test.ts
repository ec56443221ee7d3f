import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { adminAccess, formatKubeconfig, kubeconfigFor, mergeIntoUserKubeconfig, mergeKubeconfig } from './kubeconfig.ts'

const access = { server: 'https://127.0.0.1:6443', ca: 'CA', cert: 'CERT', key: 'KEY' }

describe('kubeconfig', () => {
  it('reads back what it wrote', () => {
    expect(adminAccess(formatKubeconfig(kubeconfigFor('drydock', access)))).toEqual(access)
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
})
