import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defaults, openSettings } from './settings.ts'

let directory: string
let path: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'settings-'))
  path = join(directory, 'deep/settings.json')
})
afterEach(() => rm(directory, { recursive: true }))

describe('settings', () => {
  it('begin with the defaults and are kept', async () => {
    const settings = await openSettings(path)
    expect(settings.value).toEqual(defaults)
    await Promise.all([
      settings.update({ keepInTray: false }),
      settings.update({ window: { width: 10, height: 20, maximized: true } }),
    ])
    expect((await openSettings(path)).value).toMatchObject({ keepInTray: false, window: { width: 10 } })
    expect((JSON.parse(await readFile(path, 'utf8')) as { version: number }).version).toBe(1)
  })

  it('of a newer version, or broken, are refused and left alone', async () => {
    const file = join(directory, 'settings.json')
    await writeFile(file, '{"version": 9}')
    await expect(openSettings(file)).rejects.toThrow('newer Drydock')
    await writeFile(file, '{')
    await expect(openSettings(file)).rejects.toThrow('not valid JSON')
    expect(await readFile(file, 'utf8')).toBe('{')
  })
})
