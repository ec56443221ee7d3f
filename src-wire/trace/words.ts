import type { AttemptOutcome } from './steps.ts'

/** What can be said of each station: each has a sentence in every language of the app. */
export const hopWords = {
  source: ['pod', 'hostPod', 'node', 'nodeAway', 'unbound'],
  name: ['found', 'foundAfter', 'alias', 'noName', 'noData', 'serverFailed', 'silent', 'noServer'],
  service: ['chosen', 'chosenSticky', 'kept', 'translated', 'ownDns', 'rejected', 'dropped', 'noRule'],
  policy: ['egress', 'ingress'],
  address: ['kept', 'replaced'],
  route: ['link', 'gateway', 'overlay', 'local', 'none'],
  overlay: ['sent', 'noNeighbour', 'noForwarding', 'otherLease'],
  arrival: ['seen', 'sameNode', 'notSeen', 'nodeAway', 'outside'],
  endpoint: ['pod', 'node', 'onward', 'noNeighbour', 'nothingListens', 'listensElsewhere', 'loopbackOnly'],
  answer: [
    'connected',
    'answered',
    'refused',
    'unreachable',
    'timeout',
    'silent',
    'failed',
  ] satisfies readonly AttemptOutcome[],
} as const

/** Stations, in the order of a packet. */
export type HopId = keyof typeof hopWords
/** The words that a station may say of a packet. */
export type HopWord<Id extends HopId = HopId> = (typeof hopWords)[Id][number]

/** Every conclusion: each has a sentence and a next step in every language of the app. */
export const reasons = [
  'connected',
  'answered',
  'delivered',
  'noPodsMatch',
  'podsNotReady',
  'noEndpoints',
  'noEndpointsByHand',
  'noLocalEndpoints',
  'noServicePort',
  'nothingListens',
  'listensElsewhere',
  'loopbackOnly',
  'refusedThere',
  'refusedOutside',
  'noSuchName',
  'nameElsewhere',
  'headlessEmpty',
  'externalUnknown',
  'dnsSilent',
  'dnsFailed',
  'policyDns',
  'policyEgress',
  'policyIngress',
  'nodeAway',
  'sourceNodeAway',
  'sourceUnbound',
  'noSuchAddress',
  'overlayBroken',
  'noRoute',
  'lostBetween',
  'lostAnswer',
  'noAnswer',
  'lostOutside',
  'unreachable',
  'neverLeft',
  'notSent',
] as const

/** Why it ended as it did. */
export type Reason = (typeof reasons)[number]
