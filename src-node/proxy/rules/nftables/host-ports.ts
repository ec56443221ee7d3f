import type { HostPort } from '../iptables.ts'

const any = new Set(['', '0.0.0.0'])

/** The rules that lead a port of the node to its pod; the pod itself, and the node by a loopback address, get their source replaced. */
export function hostPortRules({ hostIp, hostPort, protocol, podIp, containerPort }: HostPort): string[] {
  const address = any.has(hostIp) ? '' : `ip daddr ${hostIp} `
  const match = `${address}fib daddr type local ${protocol.toLowerCase()} dport ${hostPort}`
  const isLocal = any.has(hostIp) || hostIp.startsWith('127.')
  const sources = [podIp, ...(isLocal ? ['127.0.0.0/8'] : [])]
  return [
    ...sources.map((source) => `ip saddr ${source} ${match} jump mark-for-masquerade`),
    `${match} dnat to ${podIp}:${containerPort}`,
  ]
}
