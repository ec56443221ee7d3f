import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ActionContext } from '../cluster-actions.ts'
import { createHelm } from './helm.ts'

let folder: string
const context: ActionContext = { progress: () => undefined, signal: new AbortController().signal }
const release = { namespace: 'shop', name: 'web' }
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fake-helm-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A helm that is a shell script. */
function fake(script: string) {
  const program = join(folder, 'helm')
  writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const connection = (id: string) => (id === 'dev' ? { server: 'https://127.0.0.1:1' } : undefined)
  return createHelm({ connection }, { find: () => program })
}

it('says how to get helm where there is none, and refuses to work without', async () => {
  const helm = createHelm({ connection: () => ({ server: 'https://a' }) }, { find: () => undefined })
  const state = await helm.actions('dev')['helm.state']({}, context)
  expect(state).toHaveProperty('missing.command')
  await expect(helm.actions('dev')['helm.uninstall'](release, context)).rejects.toMatchObject({
    message: 'There is no helm on this machine.',
    remedy: expect.stringContaining('Install it with') as string,
  })
})

it('works in a folder of its own with a private kubeconfig and the values, all gone afterwards', async () => {
  const said = join(folder, 'said')
  const helm = fake(
    `pwd > ${said}; ls -l kubeconfig values.yaml >> ${said}; cat values.yaml; echo "$KUBECONFIG" >> ${said}`,
  )
  const chart = { source: 'path', chart: '/charts/web' } as const
  const { output } = await helm.actions('dev')['helm.install']({ ...release, chart, values: 'a: 1\n' }, context)
  expect(output).toBe('a: 1\n')
  const { readFileSync } = await import('node:fs')
  const [cwd, kubeconfig, values, path] = readFileSync(said, 'utf8').trim().split('\n')
  expect(kubeconfig).toMatch(/^-rw-------/)
  expect(values).toMatch(/^-rw-------/)
  expect(path).toBe(`${cwd}/kubeconfig`)
  expect(existsSync(cwd!)).toBe(false)
})

it('tells lines as they come, lets one thing at a time happen to a release, and ends helm on a cancel', async () => {
  const helm = fake('echo first; exec sleep 60')
  const told = vi.fn<() => void>()
  helm.subscribe(told)
  const running = helm
    .actions('dev')
    ['helm.rollback']({ ...release, revision: 1 }, context)
    .catch((e: unknown) => e)
  await vi.waitFor(() => expect(helm.tasks()[0]?.log).toEqual(['first']), { timeout: 5000 })
  expect(told).toHaveBeenCalled()
  expect(helm.tasks()).toMatchObject([
    { cluster: 'dev', ...release, verb: 'rollback', state: 'running', canCancel: true },
  ])
  await expect(helm.actions('dev')['helm.uninstall'](release, context)).rejects.toThrow(
    /Something else .* web \(rollback\)/,
  )
  await helm.actions('dev')['helm.cancel']({ id: helm.tasks()[0]!.id }, context)
  expect(await running).toMatchObject({ message: expect.stringContaining('Helm was ended during rollback') as string })
  expect(helm.tasks()).toMatchObject([{ state: 'failed', canCancel: false }])
  await helm.actions('dev')['helm.dismiss']({ id: helm.tasks()[0]!.id }, context)
  expect(helm.tasks()).toEqual([])
})

it('ends what runs when the gateway stops', async () => {
  const helm = fake('echo up; exec sleep 60')
  const running = helm
    .actions('dev')
    ['helm.uninstall'](release, context)
    .catch((e: unknown) => e)
  await vi.waitFor(() => expect(helm.tasks()[0]?.log).toEqual(['up']), { timeout: 5000 })
  await helm.stop()
  expect(await running).toBeInstanceOf(Error)
})

it('takes no endless output, and says when a program cannot be run', async () => {
  const endless = fake('yes 0123456789012345678901234567890123456789012345678901234567890123456789')
  await expect(endless.actions('dev')['helm.chart']({ source: 'path', chart: '/c' }, context)).rejects.toThrow('16 MiB')
  const odd = createHelm({ connection: () => undefined }, { find: () => join(folder, 'none') })
  await expect(odd.actions('dev')['helm.state']({}, context)).rejects.toThrow(/could not be run: .*ENOENT/)
})

it('finds nothing, rather than failing, where helm knows no repository', async () => {
  const helm = fake('echo "Error: no repositories configured" >&2; exit 1')
  expect(await helm.actions('')['helm.search']({}, context)).toEqual([])
  expect(await helm.actions('')['helm.repositories']({}, context)).toEqual([])
  const other = fake('echo "Error: odd" >&2; exit 1')
  await expect(other.actions('')['helm.search']({ chart: 'a/b' }, context)).rejects.toThrow('odd')
})

it('adds and updates repositories, and tells what helm says', async () => {
  const helm = fake('echo "$@"')
  const actions = helm.actions('')
  const added = await actions['helm.addRepository']({ name: 'a', url: 'https://a.example' }, context)
  expect(added.output).toBe('repo add a https://a.example\n')
  expect((await actions['helm.updateRepositories']({}, context)).output).toBe('repo update\n')
})

it('refuses a cluster that it cannot reach, and names that are none, before helm runs', async () => {
  const helm = fake(`touch ${join(folder, 'ran')}`)
  await expect(helm.actions('gone')['helm.uninstall'](release, context)).rejects.toThrow('There is no cluster "gone"')
  const actions = helm.actions('dev')
  await expect(actions['helm.uninstall']({ ...release, name: '--all' }, context)).rejects.toThrow('name of a release')
  await expect(actions['helm.rollback']({ ...release, revision: 0 }, context)).rejects.toThrow('not a revision')
  expect(existsSync(join(folder, 'ran'))).toBe(false)
  expect(helm.tasks()).toEqual([])
})

it('gives the password of a repository to helm where nobody else sees it, and takes repositories away', async () => {
  const helm = fake('echo "$@"; cat')
  const actions = helm.actions('dev')
  const wish = { name: 'own', url: 'https://charts.example', user: 'ann', password: 's3cret' }
  const added = await actions['helm.addRepository'](wish, context)
  expect(added.output).toBe('repo add own https://charts.example --username=ann --password-stdin\ns3cret\n')
  const removed = await actions['helm.removeRepository']({ name: 'own' }, context)
  expect(removed.output).toBe('repo remove own\n')
  await expect(actions['helm.removeRepository']({ name: '--all' }, context)).rejects.toThrow(/cannot be the name/)
  const bad = [
    { ...wish, password: 'a\nb' },
    { name: 'own', url: wish.url, password: 'x' },
  ]
  for (const one of bad)
    await expect(actions['helm.addRepository'](one, context)).rejects.toThrow(/one line|needs a user/)
})
