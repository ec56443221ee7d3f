import { mkdir, readdir, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Pod } from '#types/core/v1'
import { unlessMissing } from '../../host/unless-missing.ts'
import type { Observed } from '../plan/observed.ts'

/**
 * Where collectors of logs look for them (kubernetes.io, "Logging Architecture: Log locations"): `pods/<namespace>_<name>_<uid>/<container>/<attempt>.log`
 * leads to the engine's own file, and `containers/<name>_<namespace>_<container>-<id>.log` to that.
 */
export class LogLinks {
  readonly #root: string

  /** `root` is `/var/log`. */
  constructor(root: string) {
    this.#root = root
  }

  /** The places are there before the first log: pods mount them, too. */
  async prepare(): Promise<void> {
    for (const place of ['pods', 'containers']) await mkdir(join(this.#root, place), { recursive: true })
  }

  /** A container has been started; without a file of its own, as for another log driver, there is nothing to lead to. */
  async add(
    { metadata: { name, namespace, uid } }: Pod,
    { name: container, id, attempt, logPath }: Observed,
  ): Promise<void> {
    if (!logPath) return
    const directory = join(this.#root, 'pods', `${namespace}_${name}_${uid}`, container)
    const file = join(directory, `${attempt}.log`)
    await link(logPath, file)
    await link(file, join(this.#root, 'containers', `${name}_${namespace}_${container}-${id}.log`))
    // Attempts that the engine has forgotten.
    await sweep(directory, '')
    await this.#sweep(`${name}_${namespace}_${container}-`)
  }

  /** The pod is gone, and its logs with it. */
  async remove({ name, namespace, uid }: { name: string; namespace: string; uid: string }): Promise<void> {
    // A name of nothing would be every pod's.
    if (!uid) return
    const directory = join(this.#root, 'pods', `${namespace}_${name}_${uid}`)
    await rm(directory, { recursive: true, force: true })
    await this.#sweep(`${name}_${namespace}_`)
  }

  /** Removes what agents left that died while they removed it: logs of pods that are not known by uid, and links that lead nowhere. */
  async keep(known: () => ReadonlySet<string>): Promise<void> {
    const pods = join(this.#root, 'pods')
    const directories = (await unlessMissing(readdir(pods))) ?? []
    // Only now: a pod that came meanwhile may have its logs already.
    const uids = known()
    for (const directory of directories) {
      const [, , uid] = directory.split('_')
      if (uid && !uids.has(uid)) await rm(join(pods, directory), { recursive: true, force: true })
    }
    await this.#sweep('')
  }

  #sweep(prefix: string): Promise<void> {
    return sweep(join(this.#root, 'containers'), prefix)
  }
}

/** Removes links that lead nowhere any more; another pod may have the same name by now, and its own. */
async function sweep(directory: string, prefix: string): Promise<void> {
  const names = await unlessMissing(readdir(directory))
  for (const name of names ?? []) {
    const path = join(directory, name)
    if (name.startsWith(prefix) && !(await unlessMissing(stat(path)))) await rm(path, { force: true })
  }
}

async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await rm(path, { force: true })
  await symlink(target, path)
}
