import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockDirectory, StoreLockedError } from './lock.ts'

const module = new URL('./lock.ts', import.meta.url).href
let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'drydock-lock-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** A process that says `ready`, tries to take the directory at each line it is sent, says what came of it, and lives until it is killed. */
function contender() {
  const script = `
    import { lockDirectory } from ${JSON.stringify(module)}
    process.stdin.on('data', () => {
      try { lockDirectory(${JSON.stringify(directory)}); console.log('taken') } catch (error) { console.log(error.name) }
    })
    console.log('ready')`
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const says = async (): Promise<string> => (await lines.next()).value as string
  const kill = async (): Promise<void> => {
    const gone = once(child, 'close')
    child.kill('SIGKILL')
    await gone
  }
  return { pid: child.pid!, says, tryNow: () => child.stdin.write('go\n'), kill }
}

describe('lockDirectory', () => {
  it('refuses a second holder, in this process too, and names the first', () => {
    const release = lockDirectory(directory)
    expect(() => lockDirectory(directory)).toThrow(StoreLockedError)
    expect(() => lockDirectory(directory)).toThrow(`${directory} is in use by process ${process.pid}`)
    release()
    release()
    expect(existsSync(join(directory, 'lock'))).toBe(false)
    lockDirectory(directory)()
  })

  it('does not care who is named in a file that was left behind, not even a process that lives', () => {
    writeFileSync(join(directory, 'lock'), '1\n')
    lockDirectory(directory)()
  })

  it('lets one of many processes win that find the directory of a killed one at the same moment', async () => {
    const first = contender()
    expect(await first.says()).toBe('ready')
    first.tryNow()
    expect(await first.says()).toBe('taken')
    const others = Array.from({ length: 4 }, contender)
    for (const other of others) expect(await other.says()).toBe('ready')
    for (const other of others) other.tryNow()
    expect(await Promise.all(others.map((other) => other.says()))).toEqual(others.map(() => 'StoreLockedError'))
    expect(() => lockDirectory(directory)).toThrow(`process ${first.pid}`)
    await first.kill()
    for (const other of others) other.tryNow()
    const results = await Promise.all(others.map((other) => other.says()))
    expect(results.filter((result) => result === 'taken')).toHaveLength(1)
    await Promise.all(others.map((other) => other.kill()))
    lockDirectory(directory)()
  })

  it('is free again when the thread that held it has ended without a word', async () => {
    const script = `
      import { parentPort } from 'node:worker_threads'
      const { lockDirectory } = await import(${JSON.stringify(module)})
      globalThis.release = lockDirectory(${JSON.stringify(directory)})
      parentPort.postMessage('taken')
      setInterval(() => {}, 1000)`
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`))
    await once(worker, 'message')
    expect(() => lockDirectory(directory)).toThrow(StoreLockedError)
    await worker.terminate()
    lockDirectory(directory)()
  })

  it('passes on what is no lock: a directory that is not there', () => {
    expect(() => lockDirectory(join(directory, 'none'))).toThrow(/unable to open/)
  })
})
