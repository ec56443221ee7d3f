import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import type { Host } from '../host.ts'
import type { MachineFacts } from '../machine-facts.ts'

const ROOT = '/sys/fs/cgroup'
/** Files of the second version by the controller that brings them. */
const files: Record<string, string> = {
  'cpu.weight': 'cpu',
  'cpu.max': 'cpu',
  'memory.max': 'memory',
  'pids.max': 'pids',
}

export interface FakeKernel {
  /** Trees of the first version, by the controllers that they are for. */
  trees?: readonly string[]
  /** Controllers of the second version: with them the kernel has that one. */
  controllers?: readonly string[]
  /** Of those, what it hands down to no group. */
  kept?: readonly string[]
  /** Names of files that nothing may be written to. */
  refused?: readonly string[]
}

type Files = Pick<Host, 'readFile' | 'writeFile' | 'makeDirectory' | 'removeDirectory' | 'directoriesIn'>

const failed = (code: string, path: string): Error => Object.assign(new Error(`${code}: ${path}`), { code })

/** A kernel's control groups, as its files show them. */
export class FakeControlGroups implements Files {
  /** `path value` of all that was written. */
  readonly written: string[] = []
  /** Groups in which something runs. */
  readonly busy = new Set<string>()
  /** What further files hold. */
  readonly files = new Map<string, string>()
  readonly #kernel: FakeKernel
  readonly #refused: Set<string>
  readonly #directories = new Set<string>()
  /** By group of the second version: what it hands down. */
  readonly #handed = new Map<string, Set<string>>()

  constructor(kernel: FakeKernel) {
    this.#kernel = kernel
    this.#refused = new Set(kernel.refused)
    for (const tree of kernel.trees ?? []) this.#directories.add(`${ROOT}/${tree}`)
    if (kernel.controllers) this.#directories.add(ROOT)
  }

  /** What the node's host answers with these groups, on a machine with this. */
  host(machine: { cpus: number; memory: number }): Files & Pick<Host, 'facts'> {
    const { readFile, writeFile, makeDirectory, removeDirectory, directoriesIn } = this
    const facts = (): Promise<MachineFacts> => Promise.resolve(partial<MachineFacts>(machine))
    return { readFile, writeFile, makeDirectory, removeDirectory, directoriesIn, facts }
  }

  /** From now on nothing may be written to files of this name. */
  refuse(name: string): void {
    this.#refused.add(name)
  }

  directories(): string[] {
    return [...this.#directories]
  }

  /** The value that was written to a file last. */
  valueOf(path: string): string | undefined {
    return this.written.findLast((line) => line.startsWith(`${path} `))?.slice(path.length + 1)
  }

  readonly readFile = (path: string): Promise<string> => {
    const [group, name] = split(path)
    const known = this.files.get(path)
    if (known !== undefined) return Promise.resolve(known)
    if (!this.#kernel.controllers || name !== 'cgroup.controllers') return Promise.reject(failed('ENOENT', path))
    return Promise.resolve(`${this.#controllersOf(group).join(' ')}\n`)
  }

  readonly writeFile = (path: string, content: string): Promise<void> => {
    const [group, name] = split(path)
    if (!this.#directories.has(group)) return Promise.reject(failed('ENOENT', path))
    if (this.#refused.has(name)) return Promise.reject(failed('EINVAL', path))
    const controller = this.#kernel.controllers && files[name]
    if (controller && !this.#controllersOf(group).includes(controller)) return Promise.reject(failed('EACCES', path))
    if (name === 'cgroup.subtree_control' && !this.#handDown(group, content)) {
      return Promise.reject(failed('EBUSY', path))
    }
    this.written.push(`${path} ${content}`)
    return Promise.resolve()
  }

  readonly makeDirectory = (path: string): Promise<void> => {
    const parts = path.split('/')
    for (let depth = 2; depth <= parts.length; depth++) this.#directories.add(parts.slice(0, depth).join('/'))
    return Promise.resolve()
  }

  readonly removeDirectory = (path: string): Promise<void> => {
    const within = this.directories().some((one) => one.startsWith(`${path}/`))
    if (within || this.busy.has(path)) return Promise.reject(failed('EBUSY', path))
    this.#directories.delete(path)
    return Promise.resolve()
  }

  readonly directoriesIn = (path: string): Promise<string[]> => {
    const below = this.directories().filter((one) => one.startsWith(`${path}/`))
    return Promise.resolve([...new Set(below.map((one) => one.slice(path.length + 1).split('/')[0]!))])
  }

  #handDown(group: string, word: string): boolean {
    const controller = word.slice(1)
    if (this.#kernel.kept?.includes(controller)) return false
    const handed = this.#handed.get(group) ?? new Set()
    this.#handed.set(group, handed.add(controller))
    return true
  }

  #controllersOf(group: string): string[] {
    const all = this.#kernel.controllers ?? []
    if (group === ROOT) return [...all]
    const handed = this.#handed.get(group.slice(0, group.lastIndexOf('/')))
    return all.filter((one) => handed?.has(one))
  }
}

function split(path: string): [group: string, name: string] {
  const at = path.lastIndexOf('/')
  return [path.slice(0, at), path.slice(at + 1)]
}
