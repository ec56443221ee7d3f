import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { isAbsolute, join, normalize } from 'node:path'
import type { Container, Pod } from '#types/core/v1'
import { unlessMissing } from '../../host/unless-missing.ts'
import type { Host } from '../../host/index.ts'
import { dnsLimitWords, formatResolvConf, parseResolvConf, podDns } from '../plan/dns-config.ts'
import { hostNetworkHostsFile, hostsFile } from '../plan/hosts-file.ts'
import type { Mount } from './mounts.ts'
import { hostNames } from './sandbox-options.ts'
import { seccompOf } from './security.ts'

/** What `/etc/hosts` and `/etc/resolv.conf` of pods are made from. */
export interface PodFilesOptions {
  stateDirectory: string
  host: Pick<Host, 'readFile'>
  clusterDns: string
  clusterDomain: string
  /** What a pod's resolver is not told for want of room, in the words of an event; told once a pod. */
  dnsLimited?(pod: Pod, words: string): void
}

/** Files of a pod that its containers mount: hosts, resolv.conf, termination messages. */
export class PodFiles {
  readonly #options: PodFilesOptions
  /** By uid: pods whose resolver's limits were told of. */
  readonly #told = new Set<string>()

  constructor(options: PodFilesOptions) {
    this.#options = options
  }

  get clusterDomain(): string {
    return this.#options.clusterDomain
  }

  directory(uid: string): string {
    return join(this.#options.stateDirectory, 'pods', uid)
  }

  /** Writes them anew (the address may have changed) and returns what every container mounts. */
  async write(pod: Pod, podIp: string): Promise<Mount[]> {
    const directory = join(this.directory(pod.metadata.uid), 'etc')
    await mkdir(directory, { recursive: true, mode: 0o755 })
    const [hosts, resolv] = await Promise.all([this.#hosts(pod, podIp), this.#resolvConf(pod)])
    await Promise.all([
      writeChanged(join(directory, 'hosts'), hosts),
      writeChanged(join(directory, 'resolv.conf'), resolv),
    ])
    return ['hosts', 'resolv.conf'].map((name) => ({
      source: join(directory, name),
      target: `/etc/${name}`,
      readOnly: false,
    }))
  }

  /** An empty file that the container may leave its last words in. */
  async terminationLog(pod: Pod, container: Container, attempt: number): Promise<Mount> {
    const directory = join(this.directory(pod.metadata.uid), 'containers', container.name)
    await mkdir(directory, { recursive: true })
    const source = join(directory, String(attempt))
    await writeFile(source, '')
    await chmod(source, 0o666)
    return { source, target: container.terminationMessagePath ?? '/dev/termination-log', readOnly: false }
  }

  /**
   * The text of the `Localhost` seccomp profile of a container, from the folder `seccomp` of the kubelet's own; undefined for
   * another type. Throws in upstream's words when there is none (kubernetes.io, "Restrict a Container's Syscalls with seccomp").
   */
  async seccompProfile(pod: Pod, container: Container): Promise<string | undefined> {
    const profile = seccompOf(pod, container)
    if (profile?.type !== 'Localhost') return undefined
    const name = normalize(profile.localhostProfile ?? '')
    const path = join(this.#options.stateDirectory, 'seccomp', name)
    if (isAbsolute(name) || name.startsWith('..')) throw new Error(`invalid seccomp profile name: ${name}`)
    try {
      return await readFile(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      throw new Error(`cannot load seccomp profile "${path}": open ${path}: no such file or directory`, {
        cause: error,
      })
    }
  }

  async remove(uid: string): Promise<void> {
    this.#told.delete(uid)
    if (uid) await rm(this.directory(uid), { recursive: true, force: true })
  }

  async #hosts(pod: Pod, ip: string): Promise<string> {
    const { hostNetwork, hostAliases: aliases } = pod.spec
    if (hostNetwork) return hostNetworkHostsFile(await this.#options.host.readFile('/etc/hosts'), aliases)
    return hostsFile({ ip, aliases, ...hostNames(pod, this.#options.clusterDomain) })
  }

  async #resolvConf(pod: Pod): Promise<string> {
    const { clusterDns: dns, clusterDomain: domain, host } = this.#options
    const node = parseResolvConf(await host.readFile('/etc/resolv.conf'))
    const cluster = { dns, domain }
    if (!this.#told.has(pod.metadata.uid)) {
      this.#told.add(pod.metadata.uid)
      for (const words of dnsLimitWords(pod, cluster, node)) this.#options.dnsLimited?.(pod, words)
    }
    return formatResolvConf(podDns(pod, cluster, node))
  }
}

/** Writes in place, as containers have the file mounted. A file that is right already is not written, so that readers never see half of it. */
async function writeChanged(path: string, content: string): Promise<void> {
  const held = await unlessMissing(readFile(path, 'utf8'))
  if (held !== content) await writeFile(path, content)
}
