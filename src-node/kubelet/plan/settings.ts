import { parseGoDuration } from '../../../src-kube/machinery/go-duration.ts'
import { DEFAULT_VERIFICATION, type ImageVerification } from './pull-records.ts'
import { isNamespaced } from './sysctls.ts'

/** What a kubelet goes by that its node's owner may have otherwise, besides when it evicts. */
export interface NodeSettings {
  /** Where files of static pods are. */
  staticPodPath: string
  /** Whether containers that say nothing of seccomp run under the engine's own profile. */
  seccompDefault: boolean
  /** Kernel parameters that pods may set besides the safe ones; a closing `*` stands for any rest. */
  allowedUnsafeSysctls: readonly string[]
  /** Milliseconds that a container's restart waits at most. */
  longestRestartWait: number
  /** Which images on the node pods must show credentials for. */
  imageVerification: ImageVerification
}

/** The kubelet's own. */
export const defaultNodeSettings: NodeSettings = {
  staticPodPath: '/etc/kubernetes/manifests',
  seccompDefault: false,
  allowedUnsafeSysctls: [],
  longestRestartWait: 300_000,
  imageVerification: DEFAULT_VERIFICATION,
}

/** The parts of a `KubeletConfiguration` that are read (kubernetes.io, "Kubelet Configuration (v1beta1)"). */
interface Configuration {
  staticPodPath?: unknown
  seccompDefault?: unknown
  allowedUnsafeSysctls?: unknown
  imagePullCredentialsVerificationPolicy?: unknown
  crashLoopBackOff?: { maxContainerRestartPeriod?: unknown }
}

/** Reads a `KubeletConfiguration`; what it does not say is as by default. Throws an Error that names the field for what cannot be meant. Pure. */
export function nodeSettings(configuration: unknown): NodeSettings {
  const {
    staticPodPath,
    seccompDefault,
    allowedUnsafeSysctls,
    imagePullCredentialsVerificationPolicy: verification = DEFAULT_VERIFICATION,
    crashLoopBackOff,
  } = (configuration ?? {}) as Configuration
  const longest = crashLoopBackOff?.maxContainerRestartPeriod
  return {
    staticPodPath:
      staticPodPath === undefined ? defaultNodeSettings.staticPodPath : textOf('staticPodPath', staticPodPath),
    seccompDefault: seccompDefault === true,
    allowedUnsafeSysctls: allowedUnsafeSysctls === undefined ? [] : sysctlsOf(allowedUnsafeSysctls),
    longestRestartWait: longest === undefined ? defaultNodeSettings.longestRestartWait : restartWaitOf(longest),
    imageVerification: verificationOf(verification),
  }
}

function textOf(field: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw new Error(`${field}: ${JSON.stringify(value)} is no text`)
}

function sysctlsOf(value: unknown): string[] {
  const field = 'allowedUnsafeSysctls'
  if (!Array.isArray(value)) throw new Error(`${field}: ${JSON.stringify(value)} is no list`)
  const names = value.map((name) => textOf(field, name))
  const [whole] = names.filter((name) => !isNamespaced(name))
  if (whole !== undefined)
    throw new Error(`${field}: the sysctl ${JSON.stringify(whole)} is not known to be namespaced`)
  return names
}

const verifications = ['AlwaysVerify', 'NeverVerify', 'NeverVerifyPreloadedImages'] as const

function verificationOf(value: unknown): ImageVerification {
  const known = verifications.find((one) => one === value)
  if (known) return known
  throw new Error(
    `imagePullCredentialsVerificationPolicy: ${JSON.stringify(value)} is none of ${verifications.join(', ')}`,
  )
}

function restartWaitOf(value: unknown): number {
  const field = 'crashLoopBackOff.maxContainerRestartPeriod'
  const wait = parseGoDuration(textOf(field, value))
  if (wait < 1000 || wait > 300_000) throw new Error(`${field}: ${String(value)} must be between 1s and 300s`)
  return wait
}
