import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { applicationData, DataDirectory } from './data-directory.ts'
import { UserError } from './user-error.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drydock-data-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const settings = { version: 1, name: 'a' } as const

/** What it throws, both sentences. */
function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return (error as UserError).describe()
  }
  throw new Error('nothing was thrown')
}

describe('DataDirectory', () => {
  it('is claimed once: the second to come finds the cluster there and does not own it', () => {
    const path = join(folder, 'c')
    expect(new DataDirectory('a', path).claim(settings)).toBe(true)
    expect(new DataDirectory('a', path).claim({ ...settings, port: 1 })).toBe(false)
    expect(new DataDirectory('a', path).settings('a')).toEqual(settings)
    expect(readdirSync(path)).toEqual(['cluster.json'])
    expect(statSync(path).mode & 0o777).toBe(0o700)
  })

  it('refuses a folder with files of others in it, and leaves them alone', () => {
    writeFileSync(join(folder, 'thesis.txt'), 'years')
    expect(refusal(() => new DataDirectory('a', folder).claim(settings))).toMatch(
      /not empty \(thesis\.txt\).*\n.*--data/,
    )
    expect(readdirSync(folder)).toEqual(['thesis.txt'])
  })

  it('takes a folder in which only the log of the first start lies', () => {
    mkdirSync(join(folder, 'logs'))
    expect(new DataDirectory('a', folder).claim(settings)).toBe(true)
  })

  it('says what is in the way of a folder that cannot be made', () => {
    writeFileSync(join(folder, 'file'), '')
    const below = new DataDirectory('a', join(folder, 'file', 'c'))
    expect(refusal(() => below.create())).toMatch(/cannot be used: a part of its path is a file\.\nChoose another/)
    const itself = new DataDirectory('a', join(folder, 'file'))
    expect(refusal(() => itself.create())).toMatch(/cannot be used: a file of that name is in the way/)
    expect(readdirSync(folder)).toEqual(['file'])
  })

  it.runIf(process.platform === 'linux')('says so where the kernel lets nothing be made', () => {
    for (const [path, words] of [
      ['/proc/drydock/c', /cannot be used: nothing can be made there\.\nChoose another/],
      ['/sys/drydock', /cannot be used: (this user may not write there|it is on a read-only file system)\./],
    ] as const)
      expect(refusal(() => new DataDirectory('a', path).claim(settings))).toMatch(words)
  })

  it('refuses settings of a newer version, of another cluster and damaged ones, and changes none of them', () => {
    const directory = new DataDirectory('a', folder)
    const cases: Array<[string, RegExp]> = [
      ['{"version":2,"name":"a"}', /newer Drydock \(version 2\)\.\nUpdate Drydock/],
      ['{"version":1,"name":"b"}', /holds the cluster "b", not "a"\.\nGive the matching --name/],
      ['{"version":1,', /is damaged.*\nRestore/],
      ['7', /is damaged/],
    ]
    for (const [content, words] of cases) {
      writeFileSync(directory.file('cluster.json'), content)
      expect(refusal(() => directory.settings('a'))).toMatch(words)
      expect(readFileSync(directory.file('cluster.json'), 'utf8')).toBe(content)
    }
  })

  it('counts neither a damaged host record nor one of an ended process', () => {
    const directory = new DataDirectory('a', folder)
    expect(directory.host()).toBeUndefined()
    writeFileSync(directory.file('host.json'), '{"pid":')
    expect(directory.host()).toBeUndefined()
    directory.saveHost({ pid: 2 ** 22 + 1, server: 'https://127.0.0.1:1' })
    expect(directory.host()).toBeUndefined()
    directory.saveHost({ pid: process.pid, server: 'https://127.0.0.1:1' })
    expect(directory.host()?.pid).toBe(process.pid)
  })

  it('refuses names that no container could have', () => {
    for (const name of ['', 'A', 'a_b', '-a', 'a-', 'a'.repeat(33)])
      expect(refusal(() => new DataDirectory(name))).toMatch(/is no cluster name\.\nUse at most 32/)
  })

  it('keeps clusters where each platform keeps the data of applications', () => {
    expect(applicationData({ XDG_DATA_HOME: '/x' }, 'linux')).toBe('/x/drydock')
    expect(applicationData({ APPDATA: '/roaming' }, 'win32')).toBe('/roaming/Drydock')
    expect(applicationData({}, 'darwin')).toMatch(/Library\/Application Support\/Drydock$/)
    expect(applicationData({}, 'linux')).toMatch(/\.local\/share\/drydock$/)
  })
})
