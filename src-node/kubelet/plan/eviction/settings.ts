import { bytesValue } from '../../../../src-kube/machinery/quantity.ts'
import { hardThresholds, type Share, type Signal, type Threshold } from './thresholds.ts'

/** What a node goes by when it runs low. */
export interface EvictionSettings {
  /** Hard ones before soft ones. */
  thresholds: readonly Threshold[]
  /** Seconds that pods get at most that go for a soft threshold; below 0: as many as they say. */
  mostPodGrace: number
  /** Milliseconds that a pressure is told of after it was last seen. */
  transition: number
}

/** The kubelet's own defaults; milliseconds. */
export const defaultSettings: EvictionSettings = { thresholds: hardThresholds, mostPodGrace: 0, transition: 300_000 }

const signals: readonly Signal[] = [
  'memory.available',
  'nodefs.available',
  'nodefs.inodesFree',
  'imagefs.available',
  'imagefs.inodesFree',
  'pid.available',
]
type Amounts = Partial<Record<string, string>>

/** The part of a `KubeletConfiguration` that is about eviction (kubernetes.io, "Kubelet Configuration (v1beta1)"). */
interface EvictionConfiguration {
  evictionHard?: Amounts
  evictionSoft?: Amounts
  evictionSoftGracePeriod?: Amounts
  evictionMinimumReclaim?: Amounts
  evictionMaxPodGracePeriod?: number
  evictionPressureTransitionPeriod?: string
}

/**
 * Reads a `KubeletConfiguration`; fields that are not set have their defaults. As upstream, hard thresholds that are set replace all the default
 * ones (kubernetes.io, "Node-pressure Eviction"). Throws an Error that names the field for a value that makes no sense. Pure.
 */
export function evictionSettings(configuration: unknown): EvictionSettings {
  const {
    evictionHard,
    evictionSoft = {},
    evictionSoftGracePeriod: graces = {},
    evictionMinimumReclaim: reclaims = {},
    evictionMaxPodGracePeriod = defaultSettings.mostPodGrace,
    evictionPressureTransitionPeriod: transition,
  } = (configuration ?? {}) as EvictionConfiguration
  const more = new Map(entriesOf('evictionMinimumReclaim', reclaims))
  const reclaim = (threshold: Threshold): Threshold => {
    const wanted = more.get(threshold.signal)
    return wanted ? { ...threshold, reclaim: wanted } : threshold
  }
  const hard = evictionHard
    ? entriesOf('evictionHard', evictionHard).map(([signal, share]) => ({ signal, ...share }))
    : hardThresholds
  const soft = entriesOf('evictionSoft', evictionSoft).map(([signal, share]) => {
    const grace = graces[signal]
    if (grace === undefined) throw new Error(`grace period must be specified for the soft eviction threshold ${signal}`)
    return { signal, ...share, grace: milliseconds('evictionSoftGracePeriod', grace) }
  })
  return {
    thresholds: [...hard, ...soft].map(reclaim),
    mostPodGrace: evictionMaxPodGracePeriod,
    transition:
      transition === undefined
        ? defaultSettings.transition
        : milliseconds('evictionPressureTransitionPeriod', transition),
  }
}

function entriesOf(field: string, amounts: Amounts): Array<[Signal, Share]> {
  return Object.entries(amounts).map(([signal, amount = '']) => {
    const known = signals.find((one) => one === signal)
    if (!known) throw new Error(`${field}: unknown eviction signal ${signal}`)
    return [known, shareOf(`${field}.${signal}`, String(amount))]
  })
}

function shareOf(field: string, text: string): Share {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1]
  if (percent !== undefined) return { part: Number(percent) / 100 }
  if (!/^\d+(?:\.\d+)?(?:[KMGTPE]i|[kMGTPE])?$/.test(text))
    throw new Error(`${field}: ${JSON.stringify(text)} is neither a quantity nor a percentage`)
  return { quantity: bytesValue(text) }
}

const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }

/** A duration as Go writes it: `1m30s`. */
function milliseconds(field: string, text: string): number {
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|m|s))+$/.test(text))
    throw new Error(`${field}: ${JSON.stringify(text)} is no duration`)
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)) total += Number(amount) * units[unit!]!
  return total
}
