/** The command line, run from its sources as a user runs it, on data folders that it cannot use. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const entry = join(import.meta.dirname, 'main.ts')
const folder = mkdtempSync(join(tmpdir(), 'drydock-bad-data-'))
const data = join(folder, 'c')
const store = join(data, 'store', 'store.db')
const env = { ...process.env, DOCKER_HOST: `unix://${join(folder, 'nowhere.sock')}` }
const QUIET = '--disable-warning=ExperimentalWarning'
const arguments_ = [QUIET, entry, 'up', '--nodes', '0', '--name', 'bad', '--data', data]

function run(program: string, args: string[]): Promise<{ code: unknown; stderr: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: 60_000 }, (error, _stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stderr }),
    )
  })
}

/** Starts the cluster and ends it again as Ctrl-C does. */
async function startAndStop(): Promise<void> {
  const host = spawn(process.execPath, arguments_, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let words = ''
  for (const stream of [host.stdout, host.stderr]) stream.on('data', (chunk: Buffer) => (words += chunk.toString()))
  for await (const _ of host.stdout) if (/127\.0\.0\.1:\d+/.test(words)) break
  host.kill('SIGINT')
  const [code] = await once(host, 'close')
  if (code !== 0) throw new Error(`exit ${code}: ${words}`)
}

/** Everything in the folder by its name, to see that nothing of it was changed. */
const contents = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(data, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && !file.name.startsWith('lock'))
      .map((file) => join(file.parentPath, file.name))
      .map((file) => [file, readFileSync(file, 'hex')]),
  )

const children: ChildProcess[] = []
beforeAll(startAndStop, 60_000)
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

describe('drydock up', { timeout: 60_000 }, () => {
  it('names the process that holds the data, though it left no word of hosting it', async () => {
    const lock = pathToFileURL(join(import.meta.dirname, '../controlplane/store/lock.ts')).href
    const script = `import { lockDirectory } from '${lock}'
      lockDirectory('${join(data, 'store')}')
      console.log('held')
      setInterval(() => {}, 1e6)`
    const holder = spawn(process.execPath, [QUIET, '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(holder)
    await once(holder.stdout, 'data')
    const before = contents()
    const { code, stderr } = await run(process.execPath, arguments_)
    expect(code).toBe(1)
    expect(stderr).toContain(
      `The cluster's data is in use: ${join(data, 'store')} is in use by process ${holder.pid}.\nIt runs already, or stop that process first.`,
    )
    expect(contents()).toEqual(before)
    holder.kill('SIGKILL')
    await once(holder, 'close')
  })

  it.runIf(process.platform === 'linux')('says that an existing folder has become read-only, and why', async () => {
    const before = contents()
    const words = [process.execPath, ...arguments_].map((word) => `'${word}'`).join(' ')
    const readOnly = `mount --bind '${data}' '${data}' && mount -o remount,ro,bind '${data}' && ${words}`
    const { code, stderr } = await run('unshare', ['--map-root-user', '--mount', 'sh', '-c', readOnly])
    expect(code).toBe(1)
    expect(stderr).toContain(
      `The data folder ${data} cannot be used: it is on a read-only file system.\nChoose another with --data`,
    )
    expect(contents()).toEqual(before)
  })

  it('leaves a store of a newer Drydock as it is, and says what to do', async () => {
    const database = new DatabaseSync(store)
    database.exec('PRAGMA user_version = 9999; PRAGMA wal_checkpoint(TRUNCATE)')
    database.close()
    const before = readFileSync(store, 'hex')
    const { code, stderr } = await run(process.execPath, arguments_)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /store\.db was written by a newer Drydock \(schema 9999, this one knows \d+\); update Drydock/,
    )
    expect(stderr).toContain('Nothing was changed.')
    expect(stderr).not.toMatch(/\n +at /)
    expect(readFileSync(store, 'hex')).toBe(before)
  })
})
