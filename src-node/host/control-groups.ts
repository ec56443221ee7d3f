import { readIfThere } from './control-group.ts'
import { type Controller, controllers, type GroupLimits, settingsOf } from './group-limits.ts'
import type { Host } from './host.ts'

const ROOT = '/sys/fs/cgroup'

type Files = Pick<Host, 'readFile' | 'writeFile' | 'makeDirectory' | 'removeDirectory' | 'directoriesIn'>

/**
 * The node's tree of control groups, of whichever version the kernel has. A group is a path below the root, `/kubepods/burstable`. A controller that
 * the node was not given limits nothing: what it would have been told is left out.
 */
export class ControlGroups {
  readonly #files: Files
  #version: Promise<1 | 2> | undefined
  #mounted: Promise<ReadonlyMap<Controller, string>> | undefined
  /** Groups of the second version whose children have been given all controllers. */
  readonly #open = new Map<string, Promise<void>>()

  constructor(files: Files) {
    this.#files = files
  }

  /** Makes a group and those above it, and gives it its limits. Throws what the kernel says when it cannot. */
  async make(group: string, limits: GroupLimits): Promise<void> {
    if ((await this.#kernel()) === 2) {
      // A controller is only there once the group above hands it down, which none that holds processes may.
      const parents = group.split('/').slice(0, -1)
      for (let depth = 1; depth <= parents.length; depth++) await this.#opened(parents.slice(0, depth).join('/'))
      await this.#files.makeDirectory(`${ROOT}${group}`)
    } else {
      const roots = await this.#controllers()
      await Promise.all([...roots.values()].map((root) => this.#files.makeDirectory(`${root}${group}`)))
    }
    await this.limit(group, limits)
  }

  /** Changes limits of a group that is there, in the order in which {@link GroupLimits} names them. */
  async limit(group: string, limits: GroupLimits): Promise<void> {
    const version = await this.#kernel()
    const roots = version === 2 ? undefined : await this.#controllers()
    for (const { controller, file, value } of settingsOf(limits, version)) {
      const root = roots ? roots.get(controller) : ROOT
      if (root !== undefined) await ifThere(this.#files.writeFile(`${root}${group}/${file}`, value))
    }
  }

  /** Names of the groups in one; none where there is no such group. */
  async childrenOf(group: string): Promise<string[]> {
    const all = await Promise.all(
      (await this.#hierarchies()).map((root) => this.#files.directoriesIn(`${root}${group}`)),
    )
    return [...new Set(all.flat())]
  }

  /** Removes a group and all below it, wherever the engine has made it too. False when something still runs there. */
  async remove(group: string): Promise<boolean> {
    this.#open.delete(group)
    const removals = (await this.#hierarchies()).map((root) => this.#removeAt(`${root}${group}`))
    return (await Promise.all(removals)).every(Boolean)
  }

  #kernel(): Promise<1 | 2> {
    const read = (path: string): Promise<string> => this.#files.readFile(path)
    this.#version ??= readIfThere(read, `${ROOT}/cgroup.controllers`).then((found) => (found === undefined ? 1 : 2))
    return this.#version
  }

  /** Where groups are kept: once, or once for each controller. */
  async #hierarchies(): Promise<string[]> {
    if ((await this.#kernel()) === 2) return [ROOT]
    return (await this.#files.directoriesIn(ROOT)).map((name) => `${ROOT}/${name}`)
  }

  /** Where the first version keeps each controller; two may share one tree, `cpu,cpuacct`. */
  #controllers(): Promise<ReadonlyMap<Controller, string>> {
    this.#mounted ??= this.#files.directoriesIn(ROOT).then((names) => {
      const found = controllers.map((one) => [one, names.find((name) => name.split(',').includes(one))] as const)
      return new Map(found.flatMap(([one, name]) => (name === undefined ? [] : [[one, `${ROOT}/${name}`] as const])))
    })
    return this.#mounted
  }

  /** Has a group hand all its controllers down, made if need be; once. */
  #opened(group: string): Promise<void> {
    const known = this.#open.get(group)
    if (known) return known
    const opening = this.#handDown(group)
    this.#open.set(group, opening)
    // The next try is a new one.
    opening.catch(() => this.#open.delete(group))
    return opening
  }

  async #handDown(group: string): Promise<void> {
    const { readFile, writeFile, makeDirectory } = this.#files
    const at = `${ROOT}${group}`
    if (group !== '') await makeDirectory(at)
    const given = (await readFile(`${at}/cgroup.controllers`)).split(/\s+/).filter(Boolean)
    // One after the other: a controller that cannot be handed down keeps none of the others back.
    for (const controller of given) await ifGranted(writeFile(`${at}/cgroup.subtree_control`, `+${controller}`))
  }

  async #removeAt(path: string): Promise<boolean> {
    const { directoriesIn, removeDirectory } = this.#files
    if (await isGone(removeDirectory(path))) return true
    for (const child of await directoriesIn(path)) await this.#removeAt(`${path}/${child}`)
    return isGone(removeDirectory(path))
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? ''

/** False when something is left in a group that was to be removed. */
async function isGone(removal: Promise<void>): Promise<boolean> {
  try {
    await removal
    return true
  } catch (error) {
    if (codeOf(error) !== 'EBUSY' && codeOf(error) !== 'ENOTEMPTY') throw error
    return false
  }
}

/** A file that is not there belongs to a controller that is not; the kernel says that it may not be made (EACCES). */
async function ifThere(writing: Promise<void>): Promise<void> {
  try {
    await writing
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EACCES') throw error
  }
}

/** What the kernel does not hand down: not there (ENOENT), in use by the group itself (EBUSY), or not for this one (EINVAL, EOPNOTSUPP). */
async function ifGranted(writing: Promise<void>): Promise<void> {
  try {
    await writing
  } catch (error) {
    if (!['ENOENT', 'EACCES', 'EBUSY', 'EINVAL', 'EOPNOTSUPP', 'ENOTSUP'].includes(codeOf(error))) throw error
  }
}
