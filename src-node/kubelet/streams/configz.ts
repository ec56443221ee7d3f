import { defaultSettings, type EvictionSettings } from '../plan/eviction/settings.ts'
import type { Share, Threshold } from '../plan/eviction/thresholds.ts'
import { FREE_AFTER, FREE_LEAST } from '../plan/image-garbage.ts'
import { defaultReservation, type Reservation } from '../plan/reserved.ts'
import { defaultNodeSettings, type NodeSettings } from '../plan/settings.ts'
import { PODS } from '../plan/node-object.ts'

/** What of the kubelet's configuration is not its default. */
export interface ConfigFacts {
  clusterDns: string
  clusterDomain: string
  /** What the node goes by when it runs low. */
  eviction?(): EvictionSettings
  /** Processes and threads that a pod may have; undefined for no limit. */
  podPidsLimit?: number | undefined
  /** What is kept from pods. */
  reservation?: Reservation | undefined
  /** What the node's owner has otherwise. */
  settings?: NodeSettings
}

/** What the kubelet goes by, as `/configz` tells it: a `KubeletConfiguration` (kubernetes.io, "Kubelet Configuration (v1beta1)"). Pure. */
export function kubeletConfig({
  clusterDns,
  clusterDomain,
  eviction = () => defaultSettings,
  podPidsLimit = -1,
  reservation = defaultReservation,
  settings = defaultNodeSettings,
}: ConfigFacts) {
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
      cgroupsPerQOS: true,
      enforceNodeAllocatable: [reservation.enforced ? 'pods' : 'none'],
      ...reservation.said,
      cpuCFSQuota: true,
      cpuCFSQuotaPeriod: '100ms',
      cpuManagerPolicy: 'none',
      memoryManagerPolicy: 'None',
      topologyManagerPolicy: 'none',
      maxPods: PODS,
      podPidsLimit,
      resolvConf: '/etc/resolv.conf',
      ...evictionOf(eviction()),
      failSwapOn: false,
      containerLogMaxSize: '10Mi',
      containerLogMaxFiles: 5,
      shutdownGracePeriod: '0s',
      shutdownGracePeriodCriticalPods: '0s',
      enableDebuggingHandlers: true,
      enableSystemLogHandler: true,
      registerNode: true,
      ...ownersOf(settings),
    },
  }
}

function ownersOf({
  staticPodPath,
  seccompDefault,
  allowedUnsafeSysctls,
  longestRestartWait,
  imageVerification,
}: NodeSettings) {
  return {
    imagePullCredentialsVerificationPolicy: imageVerification,
    staticPodPath,
    seccompDefault,
    ...(allowedUnsafeSysctls.length > 0 ? { allowedUnsafeSysctls } : {}),
    crashLoopBackOff: { maxContainerRestartPeriod: seconds(longestRestartWait) },
  }
}

const MIB = 2 ** 20
const percent = (part: number): number => Math.round(part * 100)
const amountOf = ({ quantity, part = 0 }: Share): string => {
  if (quantity === undefined) return `${percent(part)}%`
  return quantity % MIB === 0 ? `${quantity / MIB}Mi` : String(quantity)
}
const seconds = (milliseconds: number): string => {
  const [whole, rest] = [Math.floor(milliseconds / 60_000), (milliseconds % 60_000) / 1000]
  return whole > 0 ? `${whole}m${rest}s` : `${rest}s`
}

function evictionOf({ thresholds, mostPodGrace, transition }: EvictionSettings) {
  const table = (of: (threshold: Threshold) => string | undefined): Record<string, string> =>
    Object.fromEntries(
      thresholds.flatMap((one): Array<[string, string]> => {
        const text = of(one)
        return text === undefined ? [] : [[one.signal, text]]
      }),
    )
  return {
    evictionHard: table((one) => (one.grace === undefined ? amountOf(one) : undefined)),
    evictionSoft: table((one) => (one.grace === undefined ? undefined : amountOf(one))),
    evictionSoftGracePeriod: table(({ grace }) => (grace === undefined ? undefined : seconds(grace))),
    evictionMinimumReclaim: table(({ reclaim }) => reclaim && amountOf(reclaim)),
    evictionMaxPodGracePeriod: mostPodGrace,
    evictionPressureTransitionPeriod: seconds(transition),
  }
}
