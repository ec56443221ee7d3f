import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PreferencesMessage } from '../../../src-wire/gateway/preferences.ts'
import { changePreferences, readPreferences } from './preferences-file.ts'
import { openPreferences, type Preferences, type PreferencesView } from './preferences.ts'

let directory: string
let path: string
const hosts: Preferences[] = []
const said: string[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'preferences-'))
  path = join(directory, 'deep/preferences.json')
  said.length = 0
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()))
  vi.useRealTimers()
  await rm(directory, { recursive: true })
})

/** One host, as each cluster has one. */
function host(): Preferences {
  const made = openPreferences(path, (message) => said.push(message))
  hosts.push(made)
  return made
}

interface Window extends PreferencesView {
  heard: PreferencesMessage[]
  next(): Promise<PreferencesMessage>
}

function openWindow(at: Preferences): Window {
  const heard: PreferencesMessage[] = []
  const view = at.enter((message) => heard.push(message))
  const next = async (): Promise<PreferencesMessage> => {
    // The hosts look once a second, and each look reads the disk.
    await vi.waitFor(() => expect(heard).not.toHaveLength(0), { interval: 5 })
    return heard.shift()!
  }
  return { ...view, heard, next }
}

describe('what a person set', () => {
  it('begins with nothing, is kept, and is told whole to the window that opens next', async () => {
    const first = openWindow(host())
    expect(await first.next()).toEqual({ type: 'preferences', file: '', whole: true, values: {} })
    await first.keep({ 'drydock.theme': 'dark', 'drydock.lists': '[]' })
    const { file } = await first.next()
    expect(file).not.toBe('')
    const second = openWindow(host())
    const values = { 'drydock.theme': 'dark', 'drydock.lists': '[]' }
    expect(await second.next()).toEqual({ type: 'preferences', file, whole: true, values })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(path, '..'))).toEqual(['preferences.json'])
  })

  it('is told to the other windows of this host at once and to those of other hosts soon, not to the one that set it', async () => {
    await changePreferences(path, { 'drydock.theme': 'light' })
    const one = host()
    const [mine, beside, elsewhere] = [openWindow(one), openWindow(one), openWindow(host())]
    for (const window of [mine, beside, elsewhere]) await window.next()
    await mine.keep({ 'drydock.theme': 'dark' })
    expect(beside.heard.shift()).toMatchObject({ whole: false, values: { 'drydock.theme': 'dark' } })
    await vi.advanceTimersByTimeAsync(1000)
    expect(await elsewhere.next()).toMatchObject({ whole: false, values: { 'drydock.theme': 'dark' } })
    await elsewhere.keep({ 'drydock.theme': null })
    await vi.advanceTimersByTimeAsync(1000)
    expect(await mine.next()).toMatchObject({ values: { 'drydock.theme': null } })
    expect(mine.heard).toEqual([])
  })

  it('is all there when many hosts write at once', async () => {
    vi.useRealTimers()
    const keys = Array.from({ length: 40 }, (_, at) => `drydock.draft.${at}`)
    const windows = Array.from({ length: 4 }, () => openWindow(host()))
    await Promise.all(keys.map((key, at) => windows[at % 4]!.keep({ [key]: String(at) })))
    expect(Object.keys((await readPreferences(path))!.values).sort()).toEqual(keys.sort())
  })

  it('is written though a process was killed while it held the lock', async () => {
    vi.useRealTimers()
    await changePreferences(path, { 'drydock.theme': 'light' })
    await writeFile(`${path}.lock`, '')
    const { utimes } = await import('node:fs/promises')
    await utimes(`${path}.lock`, new Date(0), new Date(0))
    await changePreferences(path, { 'drydock.theme': 'dark' })
    expect((await readPreferences(path))!.values).toEqual({ 'drydock.theme': 'dark' })
  })

  it('is never overwritten where it cannot be read: nothing is told, and who sets something hears why', async () => {
    const file = join(directory, 'broken.json')
    path = file
    for (const [text, why] of [
      ['{', 'is not what Drydock keeps there'],
      ['[]', 'is not what Drydock keeps there'],
      ['{"version": 9, "id": "x", "values": {}}', 'newer Drydock'],
    ] as const) {
      await writeFile(file, text)
      const window = openWindow(host())
      await expect(window.keep({ 'drydock.theme': 'dark' })).rejects.toThrow(why)
      expect([window.heard, await readFile(file, 'utf8')]).toEqual([[], text])
    }
    expect(said).toHaveLength(3)
  })

  it('is of the app: other keys, and more than a person sets, are refused', async () => {
    const window = openWindow(host())
    await expect(window.keep({ '__proto__/x': 'a' })).rejects.toThrow('no key of a preference')
    await expect(window.keep({ 'drydock.theme': 'a'.repeat((1 << 20) + 1) })).rejects.toThrow('at most')
    expect(await readPreferences(path)).toBeUndefined()
  })
})
