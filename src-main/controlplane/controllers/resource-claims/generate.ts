import type { Pod, PodResourceClaim, PodResourceClaimStatus } from '#types/core/v1'
import type { ResourceClaim, ResourceClaimTemplate } from '#types/resource.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { claimFor, isReservedFor, canBeReserved, notOwnedBy } from '../../../../src-kube/kinds/resource/pod-claims.ts'
import { controllerOf, objectKey, type Draft } from '../../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import { controllerReference } from '../../../../src-kube/runtime/owners.ts'
import { equal } from '../equal.ts'
import { isPodTerminal } from '../pods.ts'
import { messageOf, namespaceEnds } from '../refusal.ts'

/** Which entry of its pod's `spec.resourceClaims` a claim was made for. */
const ENTRY_ANNOTATION = 'resource.kubernetes.io/pod-claim-name'
const LONGEST_BASE = 63 - 5 - 1
const BY_TEMPLATE = 'resourceClaimTemplate'
const BY_OWNER = 'owner'

/**
 * Makes the claims of pods from templates and tells the pods their names; reserves allocated claims for pods that were bound by hand
 * (kubernetes.io, "Dynamic Resource Allocation"; KEP-4381). Claims go with their pod.
 */
export function resourceClaimGenerator(): AnyController {
  const made = new Made()
  return defineController<Pod>({
    name: 'resourceclaim-controller',
    component: 'resource_claim',
    for: refs.pods,
    concerns: hasClaims,
    owns: [refs.resourceClaims],
    watches: [
      watching(refs.resourceClaimTemplates, ({ metadata }, ctx) =>
        ctx.informer(refs.pods).byIndex(BY_TEMPLATE, `${metadata.namespace}/${metadata.name}`).map(objectKey),
      ),
    ],
    setup(ctx) {
      ctx.informer(refs.pods).addIndex(BY_TEMPLATE, templatesOf)
      ctx.informer(refs.resourceClaims).addIndex(BY_OWNER, (claim) => [controllerOf(claim)?.uid ?? ''])
    },
    async reconcile(ctx, pod) {
      if (!hasClaims(pod) || pod.metadata.deletionTimestamp || isPodTerminal(pod)) return done
      await provide(ctx, pod, made)
      if (pod.spec.nodeName) await reserve(ctx, pod)
      return done
    },
    gone: async (_ctx, key) => made.forget(key),
  })
}

const hasClaims = ({ spec }: Pod): boolean => (spec.resourceClaims?.length ?? 0) > 0

function templatesOf({ spec, metadata }: Pod): string[] {
  return (spec.resourceClaims ?? []).flatMap(({ resourceClaimTemplateName: name }) =>
    name ? [`${metadata.namespace}/${name}`] : [],
  )
}

/** Claims that were made but that the cache may not show yet: without them a second one would be made. */
class Made {
  readonly #byPod = new Map<string, Map<string, ResourceClaim>>()

  add(pod: Pod, entry: string, claim: ResourceClaim): void {
    const key = objectKey(pod)
    const claims = this.#byPod.get(key) ?? new Map<string, ResourceClaim>()
    this.#byPod.set(key, claims.set(`${pod.metadata.uid}/${entry}`, claim))
  }

  /** Undefined as soon as the cache has seen the claim's revision: then the cache knows better. */
  find(ctx: ControllerContext, pod: Pod, entry: string): ResourceClaim | undefined {
    const claim = this.#byPod.get(objectKey(pod))?.get(`${pod.metadata.uid}/${entry}`)
    const seen = Number(ctx.informer(refs.resourceClaims).resourceVersion)
    return claim && Number(claim.metadata.resourceVersion) > seen ? claim : undefined
  }

  forget(key: string): void {
    this.#byPod.delete(key)
  }
}

async function provide(ctx: ControllerContext, pod: Pod, made: Made): Promise<void> {
  const statuses = new Map<string, PodResourceClaimStatus>()
  for (const status of pod.status?.resourceClaimStatuses ?? []) statuses.set(status.name, status)
  for (const entry of pod.spec.resourceClaims ?? []) {
    try {
      const name = await claimNameOf(ctx, pod, entry, made)
      if (name) statuses.set(entry.name, { name: entry.name, resourceClaimName: name })
    } catch (error) {
      if (namespaceEnds(error)) return
      const words = `PodResourceClaim ${entry.name}: ${messageOf(error)}`
      ctx.events.event(pod, 'Warning', 'FailedResourceClaimCreation', words)
      throw error
    }
  }
  const resourceClaimStatuses = [...statuses.values()]
  if (equal(resourceClaimStatuses, pod.status?.resourceClaimStatuses ?? [])) return
  const { name, namespace } = pod.metadata
  await ctx.client.resource(refs.pods).patch({
    name,
    namespace,
    subresource: 'status',
    type: 'application/merge-patch+json',
    body: { metadata: { uid: pod.metadata.uid }, status: { resourceClaimStatuses } },
  })
}

/** The name of the claim of an entry that has a template, made when there is none; undefined where nothing is to be made. */
async function claimNameOf(
  ctx: ControllerContext,
  pod: Pod,
  entry: PodResourceClaim,
  made: Made,
): Promise<string | undefined> {
  const claim = claimFor(pod, entry)
  if (claim.kind === 'none' || !entry.resourceClaimTemplateName) return undefined
  const claims = ctx.informer(refs.resourceClaims)
  if (claim.kind === 'named') {
    const found = claims.get(`${pod.metadata.namespace}/${claim.name}`)
    const stranger = found && notOwnedBy(found, pod)
    if (stranger) throw new Error(stranger)
    if (found) return claim.name
  }
  const orphan = claims
    .byIndex(BY_OWNER, pod.metadata.uid)
    .find(({ metadata }) => metadata.annotations?.[ENTRY_ANNOTATION] === entry.name && !metadata.deletionTimestamp)
  const known = orphan ?? made.find(ctx, pod, entry.name)
  if (known) return known.metadata.name
  const key = `${pod.metadata.namespace}/${entry.resourceClaimTemplateName}`
  const template = ctx.informer(refs.resourceClaimTemplates).get(key)
  if (!template) {
    const missing = `resourceclaimtemplate.resource.k8s.io "${entry.resourceClaimTemplateName}" not found`
    throw new Error(`resource claim template "${entry.resourceClaimTemplateName}": ${missing}`)
  }
  const created = await ctx.client.resource(refs.resourceClaims).create(draft(pod, entry, template))
  made.add(pod, entry.name, created)
  return created.metadata.name
}

function draft(pod: Pod, entry: PodResourceClaim, { spec }: ResourceClaimTemplate): Draft<ResourceClaim> {
  const { labels, annotations } = spec.metadata ?? {}
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: {
      generateName: `${`${pod.metadata.name}-${entry.name}`.slice(0, LONGEST_BASE)}-`,
      namespace: pod.metadata.namespace,
      ...(labels ? { labels } : {}),
      annotations: { ...annotations, [ENTRY_ANNOTATION]: entry.name },
      ownerReferences: [controllerReference(pod, refs.pods)],
    },
    spec: spec.spec,
  } as Draft<ResourceClaim>
}

/** A pod that came to its node without the scheduler uses claims that are allocated already. */
async function reserve(ctx: ControllerContext, pod: Pod): Promise<void> {
  for (const entry of pod.spec.resourceClaims ?? []) {
    const named = claimFor(pod, entry)
    if (named.kind !== 'named') continue
    const claim = ctx.informer(refs.resourceClaims).get(`${pod.metadata.namespace}/${named.name}`)
    if (!claim?.status?.allocation || isReservedFor(claim, pod.metadata.uid) || !canBeReserved(claim)) continue
    const consumer = { resource: 'pods', name: pod.metadata.name, uid: pod.metadata.uid }
    const reservedFor = [...(claim.status.reservedFor ?? []), consumer]
    await ctx.client.resource(refs.resourceClaims).updateStatus({ ...claim, status: { ...claim.status, reservedFor } })
  }
}
