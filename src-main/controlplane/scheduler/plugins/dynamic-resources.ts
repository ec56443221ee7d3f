import type { ResourceClaim } from '#types/resource.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import type { Client } from '../../../../src-kube/client/typed-client.ts'
import { claimFor, claimKeysOf, usesClaims } from '../../../../src-kube/kinds/resource/pod-claims.ts'
import { objectKey } from '../../../../src-kube/machinery/meta.ts'
import { allocate, type Grants } from '../devices/allocate.ts'
import { resourceClaimBinder } from '../devices/bind-claims.ts'
import { bindExtended, discardClaim } from '../devices/bind-extended.ts'
import {
  EXTENDED_ANNOTATION,
  extendedClassesOf,
  madeClaimOf,
  type UnmadeClaim,
  unmadeClaims,
} from '../devices/extended-resources.ts'
import { PendingAllocations, type Used } from '../devices/pending.ts'
import { claimsOfPod, type PodClaims } from '../devices/pod-claims.ts'
import { indexPools } from '../devices/pools.ts'
import { AllocationError } from '../devices/requests.ts'
import { allocationOf } from '../devices/result.ts'
import { labelsEqual } from '../framework/labels.ts'
import type { NodeInfo } from '../framework/node-info.ts'
import { matchesNodeSelector } from '../framework/node-selector.ts'
import { scaleToHundred } from '../framework/normalize.ts'
import type { ClusterEvent, Failure, NodeFilter, NodeScorer, Plugin, PostFilterResult } from '../framework/plugin.ts'
import type { PodInfo } from '../framework/pod-info.ts'
import type { Lookups, Snapshot } from '../framework/snapshot.ts'

const notHere: Failure = { reasons: ['resourceclaim not available on the node'] }
const noneFree: Failure = { reasons: ['cannot allocate all claims'] }
/** As many alternatives as a request may have. */
const MOST_ALTERNATIVES = 8

/** What was found out about a pod in its last cycle. */
interface Findings {
  /** Claims that are to be made for its extended resources, by node. */
  readonly unmade: Map<string, UnmadeClaim>
  /** The claim that was made for them before. */
  made?: ResourceClaim
  /** What each node that would do has for it. */
  readonly plans: Map<string, Grants>
  /** Claims whose devices kept it from a node. */
  readonly bound: Set<ResourceClaim>
}

/**
 * Gives the claims of pods their devices (kubernetes.io, "Dynamic Resource Allocation"; KEP-4381): a node does when the claims that have
 * devices can be used there and the others can all get theirs. What is chosen is written before the pod is bound.
 */
export function dynamicResources(client: Client): Plugin {
  const pending = new PendingAllocations()
  const bindClaims = resourceClaimBinder(client, pending)
  const findings = new WeakMap<PodInfo, Findings>()
  return {
    name: 'DynamicResources',
    preEnqueue: notMade,
    preFilter(pod, snapshot) {
      const extended = pod.requests.scalars.size > 0 ? extendedClassesOf(pod, snapshot.lookups) : undefined
      if (!pod.pod.spec.resourceClaims?.length && !extended) return undefined
      findings.delete(pod)
      const used = pending.used(snapshot.lookups)
      const claims = claimsOfPod(pod, snapshot.lookups, (uid) => pending.get(uid) !== undefined)
      if ('rejected' in claims) return claims
      const found: Findings = { plans: new Map(), bound: new Set(), unmade: new Map() }
      findings.set(pod, found)
      const made = extended && madeClaimOf(pod, snapshot.lookups)
      if (made) found.made = made
      const needs: Needs = {
        allocated: made ? [...claims.allocated, made] : claims.allocated,
        open: claims.open,
        unmade: extended && !made ? unmadeClaims(pod, extended, snapshot.lookups) : () => undefined,
      }
      return filterFor(needs, snapshot, used, found)
    },
    postFilter: (pod, _misfit, { lookups }) => giveBack(client, pod, findings.get(pod), lookups),
    preScore: (pod) => scorerFor(findings.get(pod)?.plans),
    reserve({ pod, nodeName }) {
      const grants = findings.get(pod)?.plans.get(nodeName)
      if (!grants) return undefined
      for (const [claim, granted] of grants) pending.add(claim, allocationOf(claim, granted, nodeName))
      return () => {
        for (const { metadata } of grants.keys()) pending.drop(metadata.uid)
      }
    },
    preBindPreFlight: ({ pod, nodeName }) => usesClaims(pod.pod) || !!findings.get(pod)?.unmade.has(nodeName),
    preBind(context) {
      const { pod, nodeName } = context
      const unmade = findings.get(pod)?.unmade.get(nodeName)
      if (!unmade && !usesClaims(pod.pod)) return undefined
      const made = findings.get(pod)?.made
      const keys = [...claimKeysOf(pod.pod), ...(made ? [objectKey(made)] : [])]
      return bindClaims(context, keys).then(() => (unmade ? bindExtended(client, context, unmade, pending) : undefined))
    },
    mayHelp,
  }
}

/** Why a pod cannot be tried: the claims that are made for it are not there. */
function notMade({ pod }: PodInfo): string | undefined {
  for (const entry of pod.spec.resourceClaims ?? []) {
    const claim = claimFor(pod, entry)
    if (claim.kind === 'missing') return claim.why
  }
  return undefined
}

interface Needs extends PodClaims {
  /** The claim that is to be made for extended resources, on a node. */
  readonly unmade: (node: NodeInfo) => UnmadeClaim | undefined
}

function filterFor({ allocated, open, unmade }: Needs, { lookups }: Snapshot, used: Used, found: Findings): NodeFilter {
  let pools: ReturnType<typeof indexPools> | undefined
  return {
    check(node) {
      const elsewhere = allocated.filter((claim) => !isWithin(claim, node))
      for (const claim of elsewhere) found.bound.add(claim)
      if (elsewhere.length > 0) return notHere
      const extended = unmade(node)
      const wanted = extended ? [...open, extended] : open
      if (wanted.length === 0) return undefined
      pools ??= indexPools(lookups.resourceSlices())
      try {
        const grants = allocate(wanted, pools(node), used)
        if (!grants) return noneFree
        found.plans.set(node.name, grants)
        if (extended) found.unmade.set(node.name, extended)
        return undefined
      } catch (error) {
        if (error instanceof AllocationError) return { reasons: [error.message] }
        throw error
      }
    },
  }
}

function isWithin({ status }: ResourceClaim, node: NodeInfo): boolean {
  const selector = status?.allocation?.nodeSelector
  return !selector || matchesNodeSelector(selector, node)
}

/** Nodes where better alternatives of prioritized lists can be had are liked more (KEP-4816). */
function scorerFor(plans: Findings['plans'] | undefined): NodeScorer | undefined {
  const scoreOf = (grants: Grants): number => {
    let sum = 0
    for (const granted of grants.values())
      for (const { wish, rank } of granted) if (wish.name.includes('/')) sum += MOST_ALTERNATIVES - rank
    return sum
  }
  if (!plans || ![...plans.values()].some((grants) => scoreOf(grants) > 0)) return undefined
  return {
    score(node) {
      const grants = plans.get(node.name)
      return grants ? scoreOf(grants) : 0
    },
    normalize: scaleToHundred,
  }
}

/** Frees the devices of a claim that keep a pod from other nodes, where nobody else uses them. */
function giveBack(
  client: Client,
  pod: PodInfo,
  found: Findings | undefined,
  lookups: Lookups,
): PostFilterResult | undefined {
  if (!usesClaims(pod.pod) || !found) return { message: 'no new claims to deallocate' }
  for (const { metadata } of found.bound) {
    const claim = lookups.resourceClaim(`${metadata.namespace}/${metadata.name}`)
    if (!claim?.status?.allocation || claim.status.reservedFor?.some(({ uid }) => uid !== pod.uid)) continue
    const act = async () => {
      if (claim.metadata.annotations?.[EXTENDED_ANNOTATION]) await discardClaim(client, claim)
      else await client.resource(refs.resourceClaims).updateStatus({ ...claim, status: {} })
    }
    return { message: 'deallocation of ResourceClaim completed', act }
  }
  return { message: 'still not schedulable' }
}

function mayHelp(event: ClusterEvent, pod: PodInfo): boolean {
  // One that goes, or that could not be bound, may have had devices in hand that no claim shows.
  if (event.resource === 'pod')
    return event.pod.metadata.uid === pod.uid || (event.action === 'delete' && usesClaims(event.pod))
  if (notMade(pod) !== undefined) return false
  if (event.resource === 'node')
    return !event.old || !labelsEqual(event.node.metadata.labels, event.old.metadata.labels)
  return event.resource === 'device'
}
