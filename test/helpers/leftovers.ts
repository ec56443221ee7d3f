/**
 * What a test makes on this machine, and what is left of it when a run is cut off. Each thing carries the kind of test and the process that
 * made it: the next run of that kind takes away what those made that run no more, and refuses to begin beside one that does.
 */
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { command } from './command.ts'
import { eventually } from './eventually.ts'

const LABEL = 'dev.drydock.cluster'
/** In the folder of a run: the process that it belongs to. */
const OWNER = 'run.pid'
/** Below it: files that tell the number of a process which the run started (`{ pid }`), and a word of that process' command line. */
const started = [
  ['host.json', 'drydock.js'],
  ['etcd.json', 'etcd'],
] as const

/** Whether a process of this machine runs. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** A new folder of this run, below the system's for temporary files. Whoever makes it removes it. */
export function ownFolder(kind: string): string {
  const folder = mkdtempSync(join(tmpdir(), `drydock-test-${kind}-`))
  writeFileSync(join(folder, OWNER), String(process.pid))
  return folder
}

/** The name that a test's cluster has, which no user's has by chance. */
export const clusterName = (kind: string): string => `test-${kind}`

/**
 * Takes away what cut-off runs of a kind left: processes they started, their folders, and in Docker all that has the label of the kind's
 * cluster. Throws while another run of the kind goes on.
 */
export async function removeLeftovers(kind: string): Promise<void> {
  for (const folder of foldersOf(kind)) {
    const owner = ownerOf(folder)
    if (owner === process.pid) continue
    if (owner !== undefined && isAlive(owner))
      throw new Error(`The process ${owner} runs the tests "${kind}" already, in ${folder}.`)
    for (const [record, word] of started)
      for (const file of globSync(`**/${record}`, { cwd: folder })) await endStarted(join(folder, file), word)
    rmSync(folder, { recursive: true, force: true })
  }
  await removeLabelled(clusterName(kind))
}

function foldersOf(kind: string): string[] {
  const name = new RegExp(`^drydock-test-${kind}-\\w{6}$`)
  return readdirSync(tmpdir())
    .filter((entry) => name.test(entry))
    .map((entry) => join(tmpdir(), entry))
}

function ownerOf(folder: string): number | undefined {
  const file = join(folder, OWNER)
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined
}

/** Ends the process of a record, if it is still that process: its number may be another's by now. */
async function endStarted(record: string, word: string): Promise<void> {
  const { pid } = JSON.parse(readFileSync(record, 'utf8')) as { pid: number }
  const words = `/proc/${pid}/cmdline`
  if (!existsSync(words) || !readFileSync(words, 'utf8').includes(word)) return
  process.kill(pid, 'SIGKILL')
  await eventually(
    `the end of the process ${pid}`,
    async () => isAlive(pid),
    (alive) => !alive,
  )
}

/** Kinds of what Docker keeps, in the order in which they can be removed: flags to list and to remove them. */
const kept = [
  ['container', ['--all'], ['--force', '--volumes']],
  ['volume', [], ['--force']],
  ['network', [], []],
] as const

/** What Docker has with the label of a cluster, each as its kind and its id; nothing where there is no Docker. */
export async function labelled(cluster: string): Promise<string[]> {
  const listed = kept.map(async ([what, all]) => {
    const { stdout } = await command('docker', [what, 'ls', ...all, '-q', '--filter', `label=${LABEL}=${cluster}`])
    return stdout.split('\n').flatMap((id) => (id === '' ? [] : `${what} ${id}`))
  })
  return (await Promise.all(listed)).flat()
}

/** Removes from Docker what has the label of a cluster. */
async function removeLabelled(cluster: string): Promise<void> {
  const left = await labelled(cluster)
  for (const [what, , flags] of kept) {
    const ids = left.filter((each) => each.startsWith(`${what} `)).map((each) => each.slice(what.length + 1))
    if (ids.length === 0) continue
    const { code, stderr } = await command('docker', [what, 'rm', ...flags, ...ids])
    if (code !== 0) throw new Error(`What is left of the cluster ${cluster} cannot be removed: ${stderr}`)
  }
}
