import { lookup } from 'node:dns/promises'
import { mkdir } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { NFSVolumeSource } from '#types/core/v1'
import { isMountPoint } from './empty-dir.ts'
import type { VolumeHost } from './volumes.ts'

/** What mounting an export takes besides its address. */
export interface NfsOptions {
  host: VolumeHost
  /** The node's own address, at which an NFS 4 server may call back. */
  nodeIp: string
  /** Default: the node's resolver; the cluster's names are not known to it, as upstream. */
  resolve?: (name: string) => Promise<string>
}

/** A version is asked for after another only where the server does not speak that. */
const nfsVersions = ['4.2', '4.1', '4.0', '3'] as const
/** Options that say which version of NFS is to be spoken. */
const SAYS_VERSION = /^(nfs)?vers=|^minorversion=/

/**
 * Mounts what a server exports at `directory` (kubernetes.io, "Volumes: nfs"). The node's kernel speaks NFS and is asked past `mount.nfs`, which is not on
 * a node: names are resolved here, and without options that say so the newest version is taken that the server speaks. Throws in the words of the
 * kubelet's event when it cannot, as on a kernel without NFS.
 */
export async function setUpNfs(
  directory: string,
  { server, path, readOnly = false }: NFSVolumeSource,
  own: readonly string[],
  { host, nodeIp, resolve = addressOf }: NfsOptions,
): Promise<string> {
  await mkdir(directory, { recursive: true })
  if (await isMountPoint(directory)) return directory
  const address = isIP(server) ? server : await resolve(server)
  const source = `${server.includes(':') ? `[${server}]` : server}:${path}`
  const options = [...(readOnly ? ['ro'] : []), `addr=${address}`, `clientaddr=${nodeIp}`, ...own]
  const versions = own.some((option) => SAYS_VERSION.test(option)) ? [undefined] : nfsVersions
  const problems: string[] = []
  for (const version of versions) {
    // Nobody on a node keeps the locks of version 3, which the kernel then keeps for itself.
    const more = version === undefined ? [] : [`vers=${version}`, ...(version === '3' ? ['nolock'] : [])]
    try {
      await host.run('mount', ['-i', '-t', 'nfs', '-o', [...options, ...more].join(','), source, directory])
      return directory
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      problems.push(words)
      if (!/protocol not supported|requested NFS version|invalid argument/i.test(words)) break
    }
  }
  throw new Error(mountWords(directory, source, options, problems.at(-1) ?? ''))
}

async function addressOf(name: string): Promise<string> {
  return (await lookup(name)).address
}

/** A mount that failed, as upstream's kubelet tells of it, with what the node's owner can do about it. */
function mountWords(directory: string, source: string, options: readonly string[], output: string): string {
  const missing = /unknown filesystem type/.test(output)
    ? '; the kernel that the nodes share has no NFS: load it on the machine with `modprobe nfs`, or claim storage of the default class'
    : ''
  const words = output.replace(/^.*?: exit \w+: /s, '')
  return `mount failed: exit status 32\nMounting command: mount\nMounting arguments: -t nfs -o ${options.join(',')} ${source} ${directory}\nOutput: ${words}${missing}`
}
