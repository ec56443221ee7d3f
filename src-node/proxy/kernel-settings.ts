import type { ProxyHost } from './backends/index.ts'

interface Setting {
  parameter: string
  value: number
  /** What does not work without it. */
  otherwise: string
}

/**
 * Kernel parameters that kube-proxy sets on its node, whatever its mode (kubernetes.io, "kube-proxy Configuration": `conntrack`). Seconds of
 * timeouts are kube-proxy's defaults: by itself the kernel forgets a connection that one side has closed after a minute, while the other may
 * still send, and keeps an idle one for five days.
 */
const settings: readonly Setting[] = [
  // Packets of loopback addresses leave the node once translated.
  {
    parameter: 'net.ipv4.conf.all.route_localnet',
    value: 1,
    otherwise: 'node and host ports do not answer at 127.0.0.1',
  },
  {
    parameter: 'net.netfilter.nf_conntrack_tcp_timeout_close_wait',
    value: 3_600,
    otherwise: 'half-closed connections are forgotten early',
  },
  {
    parameter: 'net.netfilter.nf_conntrack_tcp_timeout_established',
    value: 86_400,
    otherwise: 'idle connections are remembered as long as the kernel likes',
  },
]

/** Sets them once. A setting that the kernel lacks or refuses is logged, with what that costs. Rules that protect loopback must be there first. */
export async function tuneKernel(host: ProxyHost, log: (message: string) => void): Promise<void> {
  for (const { parameter, value, otherwise } of settings)
    await host.run('sysctl', ['-q', '-w', `${parameter}=${value}`]).catch((error: unknown) => {
      log(`proxy: ${otherwise}: ${String(error)}`)
    })
}
