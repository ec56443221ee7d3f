import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DataDirectory } from './data-directory.ts'
import { startDetached, type DetachedOptions } from './detached-host.ts'
import { UserError } from './user-error.ts'

let folder: string
let directory: DataDirectory
let heard: unknown[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drydock-detached-'))
  directory = new DataDirectory('lab', join(folder, 'lab'))
  heard = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Starts a host that is this script. */
function start(script: string, more: Partial<DetachedOptions> = {}) {
  const file = join(folder, 'host.cjs')
  writeFileSync(file, script)
  return startDetached({
    program: { command: process.execPath, args: [file], env: { MARK: 'set' } },
    name: 'lab',
    directory,
    data: directory.path,
    nodes: 2,
    plan: (titles) => heard.push(titles),
    progress: ({ title, state }) => heard.push([title, state]),
    log: (line) => heard.push(line),
    ...more,
  })
}

describe('a host that is started as a process of its own', () => {
  it('is told what is wished, tells its steps and logs, and runs on when the cluster is up', async () => {
    const result = await start(`
      process.send({ type: 'plan', titles: ['One'] })
      process.send({ type: 'step', step: { title: 'One', state: 'done', elapsed: 1 } })
      process.send({ type: 'log', line: process.argv.slice(2).join(' ') + ' ' + process.env.MARK })
      process.send({ type: 'up', result: { cluster: 'lab', pid: process.pid } })
      console.error('to its log')
      setInterval(() => {}, 1000)
    `)
    process.kill(result.pid, 'SIGKILL')
    expect(result.cluster).toBe('lab')
    expect(heard).toEqual([['One'], ['One', 'done'], `up --name lab --data ${directory.path} --nodes 2 set`])
    expect(existsSync(directory.file('logs', 'host.log'))).toBe(true)
  })

  it('fails with its own words and remedy, and leaves no folder behind', async () => {
    const failing = start(`process.send({ type: 'failed', message: 'No Docker.', remedy: 'Start it.' })`)
    await expect(failing).rejects.toMatchObject({ name: 'UserError', message: 'No Docker.', remedy: 'Start it.' })
    expect(existsSync(directory.path)).toBe(false)
  })

  it('that ends without a word is told of by the end of its log', async () => {
    directory.claim({ version: 1, name: 'lab' })
    await expect(start(`console.error('out of luck'); process.exit(3)`)).rejects.toThrow(
      /ended \(exit 3\) while starting:\nout of luck/,
    )
    expect(readFileSync(directory.file('logs', 'host.log'), 'utf8')).toContain('out of luck')
  })

  it('is asked to undo when it is cancelled, and waited for', async () => {
    const abort = new AbortController()
    const undone = join(folder, 'undone')
    const starting = start(
      `process.on('message', (order) => setTimeout(() => {
        require('node:fs').writeFileSync(${JSON.stringify(undone)}, order.type)
        process.send({ type: 'failed', message: 'Interrupted.' })
        process.disconnect()
      }, 50))
      process.send({ type: 'plan', titles: [] })`,
      { signal: abort.signal, plan: () => abort.abort(new UserError('Cancelled.')) },
    )
    await expect(starting).rejects.toThrow('Cancelled.')
    expect(readFileSync(undone, 'utf8')).toBe('cancel')
  })
})
