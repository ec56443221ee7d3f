import type { HorizontalPodAutoscaler, HPAScalingRules } from '#types/autoscaling/v2'

/** A change of the number of replicas, and when, in milliseconds. */
export interface ScaleEvent {
  change: number
  at: number
}

/** What an autoscaler remembers between its looks. */
export interface Memory {
  recommendations: Array<{ replicas: number; at: number }>
  events: ScaleEvent[]
}

/** How many replicas there shall be, once limits and the pace of change are heeded. */
export interface Decision {
  replicas: number
  /** Conditions that tell why it is not what the metrics asked for. */
  able: { reason: string; message: string }
  limited: { status: 'True' | 'False'; reason: string; message: string }
}

const usualUp: HPAScalingRules = {
  stabilizationWindowSeconds: 0,
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
}
const usualDown: HPAScalingRules = {
  stabilizationWindowSeconds: 300,
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
}
/** Milliseconds that are looked back: the longest `stabilizationWindowSeconds` and `periodSeconds` there may be. */
const LONGEST = 3_600_000

const heldBack = {
  reason: 'ScaleUpStabilized',
  message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
}
const heldUp = {
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
}
const matches = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' }
const within = {
  status: 'False' as const,
  reason: 'DesiredWithinRange',
  message: 'the desired count is within the acceptable range',
}

/**
 * What may be done of what metrics recommend ("Horizontal Pod Autoscaling: Configurable scaling behavior"): steadied over a window,
 * within the rates of the policies, within the bounds. Notes the recommendation in `memory`.
 */
export function decide(
  { spec }: HorizontalPodAutoscaler,
  current: number,
  recommended: number,
  memory: Memory,
  now: number,
): Decision {
  const up = { ...usualUp, ...spec.behavior?.scaleUp }
  const down = { ...usualDown, ...spec.behavior?.scaleDown }
  memory.recommendations = memory.recommendations.filter(({ at }) => now - at <= LONGEST)
  memory.events = memory.events.filter(({ at }) => now - at <= LONGEST)
  const rates = { up, down, isStated: spec.behavior !== undefined, memory, now }
  const steady = stabilize(current, recommended, rates)
  memory.recommendations.push({ replicas: recommended, at: now })
  const able = steady < recommended ? heldBack : steady > recommended ? heldUp : matches
  const bounds = { least: spec.minReplicas ?? 1, most: spec.maxReplicas }
  return { able, ...limit(current, steady, bounds, rates) }
}

/** Between the lowest recommendation of the window for growth and the highest of the one for shrinking. */
function stabilize(current: number, recommended: number, { up, down, memory, now }: Rates): number {
  const recent = (seconds = 0) =>
    memory.recommendations.filter(({ at }) => now - at < seconds * 1000).map(({ replicas }) => replicas)
  const least = Math.min(recommended, ...recent(up.stabilizationWindowSeconds))
  const most = Math.max(recommended, ...recent(down.stabilizationWindowSeconds))
  return Math.min(Math.max(current, least), most)
}

interface Rates {
  up: HPAScalingRules
  down: HPAScalingRules
  /** Without a behaviour of its own an autoscaler may double at each look, or have four, as it did before there were any. */
  isStated: boolean
  memory: Memory
  now: number
}

function limit(
  current: number,
  desired: number,
  { least, most }: { least: number; most: number },
  rates: Rates,
): Pick<Decision, 'replicas' | 'limited'> {
  if (desired > current) {
    const rate = Math.max(current, growth(current, rates))
    if (desired <= Math.min(most, rate)) return { replicas: desired, limited: within }
    return most <= rate ? { replicas: most, limited: tooMany } : { replicas: rate, limited: tooFast }
  }
  const rate = desired < current ? Math.min(current, shrinkage(current, rates)) : current
  const floor = Math.max(least, rate)
  if (desired < current && desired < floor)
    return rate > least ? { replicas: rate, limited: tooSlow } : { replicas: least, limited: tooFew }
  if (desired > most) return { replicas: most, limited: tooMany }
  return desired < least ? { replicas: least, limited: tooFew } : { replicas: desired, limited: within }
}

const limitedBy = (reason: string, message: string) => ({ status: 'True' as const, reason, message })
const tooMany = limitedBy('TooManyReplicas', 'the desired replica count is more than the maximum replica count')
const tooFew = limitedBy('TooFewReplicas', 'the desired replica count is less than the minimum replica count')
const tooFast = limitedBy('ScaleUpLimit', 'the desired replica count is increasing faster than the maximum scale rate')
const tooSlow = limitedBy(
  'ScaleDownLimit',
  'the desired replica count is decreasing faster than the maximum scale rate',
)

/** What was there when a policy's period began. */
function atStart(current: number, seconds: number, { memory, now }: Rates): number {
  const recent = memory.events.filter(({ at }) => now - at < seconds * 1000)
  return current - recent.reduce((sum, { change }) => sum + change, 0)
}

function growth(current: number, rates: Rates): number {
  if (!rates.isStated) return Math.max(2 * current, 4)
  const { selectPolicy, policies = [] } = rates.up
  if (selectPolicy === 'Disabled') return current
  const allowed = policies.map(({ type, value, periodSeconds }) => {
    const start = atStart(current, periodSeconds, rates)
    return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100))
  })
  return selectPolicy === 'Min' ? Math.min(...allowed) : Math.max(...allowed)
}

function shrinkage(current: number, rates: Rates): number {
  const { selectPolicy, policies = [] } = rates.down
  if (selectPolicy === 'Disabled') return current
  const allowed = policies.map(({ type, value, periodSeconds }) => {
    const start = atStart(current, periodSeconds, rates)
    return type === 'Pods' ? start - value : Math.floor(start * (1 - value / 100))
  })
  return selectPolicy === 'Min' ? Math.max(...allowed) : Math.min(...allowed)
}
