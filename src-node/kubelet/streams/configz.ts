import { HARD, type Threshold } from '../plan/eviction/thresholds.ts'
import { FREE_AFTER, FREE_LEAST } from '../plan/image-garbage.ts'
import { PODS } from '../plan/node-object.ts'

export interface ConfigFacts {
  clusterDns: string
  clusterDomain: string
}

/** What the kubelet goes by, as `/configz` tells it: a `KubeletConfiguration` (kubernetes.io, "Kubelet Configuration (v1beta1)"). Pure. */
export function kubeletConfig({ clusterDns, clusterDomain }: ConfigFacts) {
  return {
    kubeletconfig: {
      kind: 'KubeletConfiguration',
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      enableServer: true,
      address: '0.0.0.0',
      port: 10_250,
      authentication: { webhook: { enabled: true, cacheTTL: '2m0s' }, anonymous: { enabled: false } },
      authorization: { mode: 'Webhook' },
      clusterDomain,
      clusterDNS: [clusterDns],
      nodeStatusUpdateFrequency: '10s',
      nodeStatusReportFrequency: '5m0s',
      nodeLeaseDurationSeconds: 40,
      imageMinimumGCAge: '2m0s',
      imageGCHighThresholdPercent: percent(1 - FREE_LEAST),
      imageGCLowThresholdPercent: percent(1 - FREE_AFTER),
      cgroupDriver: 'cgroupfs',
      cpuManagerPolicy: 'none',
      memoryManagerPolicy: 'None',
      topologyManagerPolicy: 'none',
      maxPods: PODS,
      podPidsLimit: -1,
      resolvConf: '/etc/resolv.conf',
      evictionHard: Object.fromEntries(HARD.map((threshold) => [threshold.signal, amountOf(threshold)])),
      evictionPressureTransitionPeriod: '5m0s',
      failSwapOn: false,
      containerLogMaxSize: '10Mi',
      containerLogMaxFiles: 5,
      shutdownGracePeriod: '0s',
      shutdownGracePeriodCriticalPods: '0s',
      enableDebuggingHandlers: true,
      enableSystemLogHandler: true,
      registerNode: true,
      seccompDefault: false,
    },
  }
}

const MIB = 2 ** 20
const percent = (part: number): number => Math.round(part * 100)
const amountOf = ({ quantity, part = 0 }: Threshold): string =>
  quantity === undefined ? `${percent(part)}%` : `${quantity / MIB}Mi`
