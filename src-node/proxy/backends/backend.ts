import type { Clock } from '../../../src-kube/machinery/clock.ts'
import type { HostPort } from '../rules/iptables.ts'
import type { ServicePort } from '../rules/model.ts'
import type { RuleCount } from '../rules/restore.ts'

/** The modes of kube-proxy that this one knows (kubernetes.io, "Virtual IPs and Service Proxies"). */
export type ProxyMode = 'iptables' | 'nftables' | 'ipvs' | 'userspace'

/** Runs a program of the node; rejects when it fails, with what it said. */
export interface ProxyHost {
  run(command: string, args: readonly string[], options?: { stdin?: string }): Promise<{ stdout: string }>
}

/** The node that rules are written on, the same for every mode. */
export interface BackendOptions {
  host: ProxyHost
  clusterCidr: string
  serviceCidr: string
  dnsAddress: string
  /** The node's address, which node ports answer on. */
  nodeIp: string
  /** How ipvs chooses among endpoints: `rr`, `lc`, `dh`, `sh`, `sed` or `nq`. */
  ipvsScheduler: string
  clock: Clock
  signal: AbortSignal
  log(message: string): void
}

/** What the kernel is to do, the same for every mode. */
export interface Wanted {
  ports: readonly ServicePort[]
  hostPorts: readonly HostPort[]
}

/** What a write came to. */
export interface Written {
  /** Whether all was written, as when nothing is known of what the kernel has; else what had changed. */
  isFull: boolean
  /** Of modes that write rules of iptables, by table. */
  rules?: Readonly<Record<'nat' | 'filter', RuleCount>>
}

/** One mode. Calls never overlap. */
export interface Backend {
  /**
   * Makes the kernel do as wanted, by the least that must change against the last call; the first takes over what an agent before this one left.
   * Throws in the words of the command that failed: what the kernel holds is looked up anew then by the next call.
   */
  write(wanted: Wanted): Promise<Written>

  /**
   * What the kernel has no more of the last write, in names for the log; empty when all is there. Where something is missing, the next
   * {@link Backend.write} writes all.
   */
  missing(): Promise<readonly string[]>
}
