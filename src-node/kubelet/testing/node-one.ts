import type { KubeletOptions } from '../options.ts'

/** What a kubelet is told of the node that it runs on, in tests: n1, whose network stands, beside a desktop that has no images. */
export const nodeOne = {
  nodeName: 'n1',
  nodeIp: '172.28.0.11',
  networkReady: Promise.resolve({ bridge: '10.244.1.1/24', mtu: 1450 }),
  clusterDns: '10.96.0.10',
  clusterDomain: 'cluster.local',
  fromDesktop: () => Promise.resolve(undefined),
} satisfies Partial<KubeletOptions>
