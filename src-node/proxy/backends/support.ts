import { nftPieces } from '../rules/nftables/pieces.ts'
import type { BackendOptions, ProxyHost, ProxyMode } from './backend.ts'

/** What this node's kernel lacks for a mode, by name; empty when it can work. Nothing is changed. */
export async function missingFor(
  mode: ProxyMode,
  { host, ipvsScheduler }: Pick<BackendOptions, 'host' | 'ipvsScheduler'>,
): Promise<string[]> {
  if (mode === 'nftables') return missingNftables(host)
  return mode === 'ipvs' ? missingIpvs(host, ipvsScheduler) : []
}

async function missingNftables(host: ProxyHost): Promise<string[]> {
  const missing: string[] = []
  for (const { name, input } of nftPieces) {
    const why = await failure(host.run('nft', ['-c', '-f', '-'], { stdin: input }))
    if (why === undefined) continue
    if (/ENOENT/.test(why)) return ['the program nft']
    missing.push(name)
    // Without tables nothing else can be there.
    if (name === nftPieces[0]!.name) break
  }
  return missing
}

/** A module may be built in, and modprobe knows only of files: what the kernel shows decides. */
async function missingIpvs(host: ProxyHost, scheduler: string): Promise<string[]> {
  for (const module of ['ip_vs', `ip_vs_${scheduler}`, 'dummy']) await failure(host.run('modprobe', [module]))
  const missing: string[] = []
  if ((await failure(host.run('ipvsadm', ['-L', '-n']))) !== undefined)
    missing.push('virtual servers (module ip_vs, CONFIG_IP_VS)')
  const made = await failure(host.run('ip', ['link', 'add', 'drydock-trial', 'type', 'dummy']))
  if (made === undefined) await host.run('ip', ['link', 'del', 'drydock-trial'])
  else missing.push('dummy devices (module dummy, CONFIG_DUMMY)')
  return missing
}

const failure = (done: Promise<unknown>): Promise<string | undefined> =>
  done.then(
    () => undefined,
    (error: unknown) => String(error),
  )
