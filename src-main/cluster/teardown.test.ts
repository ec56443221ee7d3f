import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DataDirectory } from './data-directory.ts'
import type { Provider } from './provider.ts'
import { runRecipe } from './steps/recipe.ts'
import { deletionSteps, resetSteps } from './teardown.ts'
import { UserError } from './user-error.ts'

let folder: string
let directory: DataDirectory
let calls: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drydock-teardown-'))
  vi.stubEnv('KUBECONFIG', join(folder, 'user-config'))
  directory = new DataDirectory('dev', join(folder, 'c'))
  directory.claim({ version: 1, name: 'dev', port: 6443, token: 'a.b' })
  for (const name of ['store', 'sealing.key', 'kubeconfig', 'pki', 'audit-policy.yaml'])
    writeFileSync(directory.file(name), 'clusters: []\nusers: []\n')
  calls = []
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const provider = {
  list: async () => ['n1', 'n2'].map((name) => ({ name })),
  delete: async (name: string) => void calls.push(`delete ${name}`),
  deleteShared: async () => void calls.push('delete shared'),
} as Provider
const parts = () => ({
  name: 'dev',
  directory,
  halt: async () => void calls.push('halt'),
  begin: () => void calls.push('begin'),
  provider: async () => provider,
})

describe('taking a cluster apart', () => {
  it('deletes machines, what they share and the folder, its host first', async () => {
    await runRecipe(deletionSteps(parts()))
    expect(calls).toEqual(['begin', 'halt', 'delete n1', 'delete n2', 'delete shared'])
    expect(existsSync(directory.path)).toBe(false)
  })

  it('resets to name, port, authority, the number of nodes and what a person put there', async () => {
    await runRecipe(resetSteps(parts()))
    expect(calls).toEqual(['begin', 'halt', 'delete n1', 'delete n2', 'delete shared'])
    expect(readdirSync(directory.path).sort()).toEqual(['audit-policy.yaml', 'cluster.json', 'pki'])
    expect(directory.settings('dev')).toEqual({ version: 1, name: 'dev', port: 6443, nodes: 2 })
  })

  it('touches nothing when Docker does not answer, and needs none for a cluster without nodes', async () => {
    const away = { ...parts(), provider: () => Promise.reject(new UserError('Docker is not running.')) }
    await expect(runRecipe(deletionSteps(away))).rejects.toThrow('Docker is not running.')
    expect([calls, directory.exists]).toEqual([[], true])
    directory.saveSettings({ version: 1, name: 'dev', alone: true })
    await runRecipe(resetSteps(away))
    expect(calls).toEqual(['begin', 'halt'])
    expect(directory.settings('dev')).toEqual({ version: 1, name: 'dev', alone: true })
  })
})
