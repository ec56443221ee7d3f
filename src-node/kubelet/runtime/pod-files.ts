import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '#types/core/v1'
import type { Host } from '../../host/index.ts'

export interface PodFilesOptions {
  stateDirectory: string
  host: Host
  clusterDns: string
  clusterDomain: string
}

/** Files of a pod that its containers mount: hosts, resolv.conf, termination messages. */
export class PodFiles {
  readonly #options: PodFilesOptions

  constructor(options: PodFilesOptions) {
    this.#options = options
  }

  directory(uid: string): string {
    return join(this.#options.stateDirectory, 'pods', uid)
  }

  /** Writes them anew (the address may have changed) and returns what every container binds. */
  async write(pod: Pod, podIp: string): Promise<string[]> {
    const directory = join(this.directory(pod.metadata.uid), 'etc')
    await mkdir(directory, { recursive: true, mode: 0o755 })
    const resolv = await this.#resolvConf(pod)
    await Promise.all([
      pod.spec.hostNetwork ? undefined : writeFile(join(directory, 'hosts'), this.#hosts(pod, podIp)),
      writeFile(join(directory, 'resolv.conf'), resolv),
    ])
    return [
      ...(pod.spec.hostNetwork ? [] : [`${join(directory, 'hosts')}:/etc/hosts`]),
      `${join(directory, 'resolv.conf')}:/etc/resolv.conf`,
    ]
  }

  /** An empty file that the container may leave its last words in. */
  async terminationLog(pod: Pod, container: string, attempt: number): Promise<string> {
    const directory = join(this.directory(pod.metadata.uid), 'containers', container)
    await mkdir(directory, { recursive: true })
    const file = join(directory, String(attempt))
    await writeFile(file, '')
    await chmod(file, 0o666)
    return file
  }

  async remove(uid: string): Promise<void> {
    await rm(this.directory(uid), { recursive: true, force: true })
  }

  #hosts(pod: Pod, ip: string): string {
    const { hostname, subdomain, hostAliases = [] } = pod.spec
    const name = hostname ?? pod.metadata.name
    const full = subdomain ? `${name}.${subdomain}.${pod.metadata.namespace}.svc.${this.#options.clusterDomain}\t` : ''
    const lines = [
      '# Kubernetes-managed hosts file.',
      '127.0.0.1\tlocalhost',
      '::1\tlocalhost ip6-localhost ip6-loopback',
      ...(ip ? [`${ip}\t${full}${name}`] : []),
    ]
    const aliases = hostAliases.map((alias) => `${alias.ip}\t${(alias.hostnames ?? []).join('\t')}`)
    return [...lines, ...(aliases.length > 0 ? ['', '# Entries added by HostAliases.', ...aliases] : []), ''].join('\n')
  }

  /** kubernetes.io, "DNS for Services and Pods: Pod's DNS Policy". */
  async #resolvConf(pod: Pod): Promise<string> {
    const { dnsPolicy = 'ClusterFirst', dnsConfig, hostNetwork } = pod.spec
    const cluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork)
    const { clusterDns, clusterDomain: domain, host } = this.#options
    const node = cluster || dnsPolicy === 'None' ? undefined : parseResolvConf(await host.readFile('/etc/resolv.conf'))
    const own = cluster
      ? {
          servers: [clusterDns],
          search: [`${pod.metadata.namespace}.svc.${domain}`, `svc.${domain}`, domain],
          options: ['ndots:5'],
        }
      : (node ?? { servers: [], search: [], options: [] })
    const servers = [...own.servers, ...(dnsConfig?.nameservers ?? [])]
    const search = [...new Set([...own.search, ...(dnsConfig?.searches ?? [])])]
    const wanted = (dnsConfig?.options ?? []).map(({ name, value }) => (value ? `${name}:${value}` : (name ?? '')))
    const options = [...own.options.filter((o) => !wanted.some((w) => w.split(':')[0] === o.split(':')[0])), ...wanted]
    return [
      ...servers.map((server) => `nameserver ${server}`),
      ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
      ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
      '',
    ].join('\n')
  }
}

function parseResolvConf(text: string): { servers: string[]; search: string[]; options: string[] } {
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/))
  const of = (word: string): string[] => rows.filter((row) => row[0] === word).flatMap((row) => row.slice(1))
  return { servers: of('nameserver'), search: of('search'), options: of('options') }
}
