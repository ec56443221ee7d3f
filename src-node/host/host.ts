import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdir, readdir, readFile, rmdir, statfs, writeFile } from 'node:fs/promises'
import { type MachineFacts, machineFacts } from './machine-facts.ts'
import { unlessMissing } from './unless-missing.ts'

/** The one door to the node's operating system: everything else asks this object, and tests give another. */
export interface Host {
  /** Runs a command to its end. Throws an Error with the command's own words when it fails. */
  run(
    command: string,
    args: readonly string[],
    options?: { stdin?: string },
  ): Promise<{ stdout: string; stderr: string }>
  spawn(command: string, args: readonly string[]): ChildProcessWithoutNullStreams
  readFile(path: string): Promise<string>
  writeFile(path: string, content: string): Promise<void>
  /** Makes a directory and what is missing above it. */
  makeDirectory(path: string): Promise<void>
  /** Removes a directory that holds none; that it is gone already is as good. */
  removeDirectory(path: string): Promise<void>
  /** Names of the directories in one, links to others left out; none where it is not there. */
  directoriesIn(path: string): Promise<string[]>
  facts(): Promise<MachineFacts>
  /** Bytes of the file system that holds a path, and its inodes, none where they are not counted. */
  disk(path: string): Promise<{ total: number; free: number; inodes?: { total: number; free: number } }>
}

/** The machine itself: real programs and files. */
export function createHost(): Host {
  return {
    run,
    spawn: (command, args) => spawn(command, args, { stdio: 'pipe' }),
    readFile: (path) => readFile(path, 'utf8'),
    writeFile: (path, content) => writeFile(path, content),
    makeDirectory: (path) => mkdir(path, { recursive: true }).then(() => undefined),
    removeDirectory: (path) => unlessMissing(rmdir(path)).then(() => undefined),
    async directoriesIn(path) {
      const entries = (await unlessMissing(readdir(path, { withFileTypes: true }))) ?? []
      return entries.flatMap((entry) => (entry.isDirectory() ? entry.name : []))
    },
    facts: () => machineFacts((path) => readFile(path, 'utf8')),
    async disk(path) {
      const { blocks, bavail, bsize, files, ffree } = await statfs(path)
      return { total: blocks * bsize, free: bavail * bsize, inodes: { total: files, free: ffree } }
    },
  }
}

async function run(
  command: string,
  args: readonly string[],
  options: { stdin?: string } = {},
): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(command, args, { stdio: 'pipe' })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString('utf8')))
  // A command that ends before it has read everything tells so by its exit code.
  child.stdin.on('error', () => child.stdin.destroy())
  child.stdin.end(options.stdin ?? '')
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code === 0) return output
  throw new Error(
    `${command} ${args.join(' ')}: exit ${code ?? 'by signal'}: ${(output.stderr || output.stdout).trim()}`,
  )
}
