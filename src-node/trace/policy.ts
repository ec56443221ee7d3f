import type { PolicyDrop } from '../../src-wire/trace/steps.ts'
import { lineOf, type SavedRule, weigher } from './rules.ts'

/** Chains of a policy's rules: what a pod sends, and what is sent to it. */
const CHAIN = /^DRYDOCK-NP-(E|I)-/

/** Ends of a packet; absent where they are not known. */
export interface Ends {
  source: string
  target?: string | undefined
}

/**
 * The rule of a NetworkPolicy that dropped a packet: it is the last of a chain to which one of the packet's ends is sent, and its counter grew.
 * Undefined when none did.
 */
export function policyDrop(
  before: readonly SavedRule[],
  after: readonly SavedRule[],
  { source, target }: Ends,
): { drop: PolicyDrop; lines: string[] } | undefined {
  const weigh = weigher(before)
  const isOurs = ({ spec }: SavedRule): boolean =>
    spec.includes(`-s ${source}/32 `) || (target !== undefined && spec.includes(`-d ${target}/32 `))
  for (const way of after) {
    const [, letter] = CHAIN.exec(way.target) ?? []
    if (letter === undefined || !isOurs(way)) continue
    const end = after.find((rule) => rule.chain === way.target && rule.target === 'DROP')
    if (!end || !((weigh(end).grew ?? 0) > 0)) continue
    const direction = letter === 'E' ? 'egress' : 'ingress'
    return { drop: { direction, rule: weigh(end) }, lines: [lineOf(way), lineOf(end)] }
  }
  return undefined
}
