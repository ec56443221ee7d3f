import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { up, type RunningCluster } from '../../cluster/up.ts'
import { UserError } from '../../cluster/user-error.ts'
import type { Flags } from '../verb.ts'
import { snapshot } from './snapshot.ts'

const root = mkdtempSync(join(tmpdir(), 'drydock-snapshot-verb-'))
const data = join(root, 'c')
const file = join(root, 'one.snapshot')
let cluster: RunningCluster
beforeAll(async () => {
  cluster = await up({ name: 'one', nodes: 0, data })
})
afterAll(async () => {
  await cluster.stop()
  rmSync(root, { recursive: true, force: true })
})

/** Runs the verb and answers the lines for a person. */
async function run(words: string[], flags: Partial<Flags> = {}): Promise<string> {
  const none = { json: false, detach: false, delete: false, stop: false, merge: false, force: false }
  let told: string[] = []
  const output = {
    json: false,
    result: (_value: unknown, lines: string[]) => void (told = lines),
    note: () => {},
    step: () => {},
  }
  await snapshot.run(words, { ...none, name: 'one', data, ...flags }, output)
  return told.join('\n')
}

async function refusal(words: string[], flags: Partial<Flags> = {}): Promise<string> {
  const error = await run(words, flags).then(
    () => new Error('nothing was refused'),
    (cause: unknown) => cause as Error,
  )
  expect(error).toBeInstanceOf(UserError)
  return (error as UserError).describe()
}

describe('drydock snapshot', () => {
  it('saves a cluster that runs in this very process, and says whom the file may not reach', async () => {
    const told = await run(['save', file])
    expect(told).toMatch(/^Saved cluster one at revision \d+, \d+ objects, to .*one\.snapshot \(\d+\.\d KiB\)\.\n/)
    expect(told).toContain("holds the cluster's keys, so only you may read it (0600)")
  })

  it('tells what a snapshot holds, and that others may read it', async () => {
    const told = await run(['status', file])
    for (const line of [/^Cluster {4}one$/m, /^Revision {3}\d+$/m, /^Version {4}Drydock \S+, schema \d+$/m])
      expect(told).toMatch(line)
    expect(told).toMatch(/^clusterroles\.rbac\.authorization\.k8s\.io {3} *\d+$/m)
    expect(told).not.toContain('Warning')
    if (process.platform === 'win32') return
    chmodSync(file, 0o644)
    expect(await run(['status', file])).toContain('Warning    others may read this file')
  })

  it('restores into a new folder, and not into a cluster that runs', async () => {
    expect(await refusal(['restore', file], { force: true })).toMatch(/^Cluster "one" is running \(process \d+\)\.\n/)
    const other = join(root, 'other')
    const told = await run(['restore', file], { name: 'two', data: other })
    expect(told).toMatch(/^Cluster two is as cluster one was at \S+ \(revision \d+\): \d+ objects\.\n/)
    expect(told).toContain(`Start it with \`drydock up --name two --data ${other}\`.`)
    const restored = await up({ name: 'two', data: other })
    await restored.stop()
  })

  it('says in words what is missing or wrong', async () => {
    expect(await refusal([])).toMatch(/^Say what to do with which file\.\nUsage: drydock snapshot/)
    expect(await refusal(['save'])).toMatch(/^Say what to do with which file\./)
    expect(await refusal(['save', 'a', 'b'])).toMatch(/^Say what to do with which file\./)
    expect(await refusal(['retsore', file])).toMatch(
      /^"retsore" is no verb of drydock snapshot\.\nDid you mean "restore"\?/,
    )
    expect(await refusal(['save', file], { name: 'x', data: join(root, 'x') })).toMatch(/^There is no cluster "x"\./)
    expect(await refusal(['status', join(root, 'none')])).toMatch(/^Cannot read the snapshot .*none: there is no such/)
    expect(readdirSync(root).sort()).toEqual(['c', 'one.snapshot', 'other'])
  })

  it.runIf(process.platform === 'linux')('says so when the disk is full, and leaves nothing there', async () => {
    const disk = join(root, 'disk')
    mkdirSync(disk)
    const entry = join(import.meta.dirname, '../main.ts')
    const drydock = [process.execPath, '--disable-warning=ExperimentalWarning', entry, 'snapshot']
    const words = (...more: string[]): string => [...drydock, ...more].map((word) => `'${word}'`).join(' ')
    const script = (command: string): string =>
      `mount -t tmpfs -o size=200k none '${disk}' && { ${command}; echo "exit $?"; ls -A '${disk}'; }`
    const onFullDisk = (command: string): Promise<string> =>
      new Promise((resolve) => {
        execFile('unshare', ['--map-root-user', '--mount', 'sh', '-c', script(command)], (_error, stdout, stderr) =>
          resolve(stderr + stdout),
        )
      })
    expect(await onFullDisk(words('save', join(disk, 's'), '--name', 'one', '--data', data))).toBe(
      'Cannot save the snapshot: the disk is full.\nNothing was saved; mend that, or give another file.\nexit 1\n',
    )
    expect(await onFullDisk(words('restore', file, '--name', 'three', '--data', join(disk, 'c')))).toMatch(
      /^Too little disk: 0\.\d MiB free for .*, and the snapshot needs \d+\.\d MiB\.\n.*\nexit 1\n$/,
    )
  })

  it('refuses a file of anything else', async () => {
    const letter = join(root, 'letter.txt')
    writeFileSync(letter, 'Dear Sir or Madam,\n')
    expect(await refusal(['restore', letter], { data: join(root, 'new') })).toBe(
      `${letter} is no snapshot of Drydock.\nGive another snapshot: \`drydock snapshot status FILE\` tells what one holds.`,
    )
    expect(existsSync(join(root, 'new'))).toBe(false)
  })
})
