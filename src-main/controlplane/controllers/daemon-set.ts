import type { DaemonSet, DaemonSetStatus } from '#types/apps/v1'
import type { Node, Pod, PodSpec, Toleration } from '#types/core/v1'
import { byController } from '../../../src-kube/client/indexer.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import { isNotFound } from '../../../src-kube/machinery/errors.ts'
import { labelSelectorMatcher } from '../../../src-kube/machinery/labels.ts'
import { controllerOf, objectKey } from '../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watching,
} from '../../../src-kube/runtime/controller.ts'
import { claim } from './claim.ts'
import { resolveIntOrPercent } from './deployment/limits.ts'
import { templateHash } from './deployment/replica-sets.ts'
import { equal } from './equal.ts'
import { Expectations } from './expectations.ts'
import { fitsNode } from './node/fit.ts'
import { isPodAvailable, isPodReady, isPodTerminal } from './pods.ts'
import { messageOf, podFromTemplate } from './replica-controller.ts'

const hashLabel = 'controller-revision-hash'
const retry = 2_000
const conditions = ['not-ready', 'unreachable']
const pressures = ['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable']

/**
 * Keeps one pod of a template on every node that fits ("DaemonSet" in the Kubernetes documentation). Pods are bound by the scheduler through
 * node affinity to one node's name; a changed template replaces them within `maxUnavailable`, or when they are deleted (OnDelete).
 */
export function daemonSetController(): AnyController {
  let expectations: Expectations
  return defineController<DaemonSet>({
    name: 'daemonset-controller',
    for: refs.daemonSets,
    owns: [refs.pods],
    watches: [
      watching(refs.nodes, (node, ctx, old) => {
        const facts = (n?: Node) => [n?.metadata.labels, n?.spec?.taints, n?.spec?.unschedulable]
        const same = old && equal(facts(node), facts(old))
        return same ? [] : ctx.informer(refs.daemonSets).list().map(objectKey)
      }),
    ],
    setup(ctx) {
      expectations = new Expectations(ctx.clock)
      ctx.informer(refs.pods).addIndex(byController.name, byController.of)
      const ownerKey = (pod: Pod) => {
        const owner = controllerOf(pod)
        return owner?.kind === 'DaemonSet' ? `${pod.metadata.namespace}/${owner.name}` : ''
      }
      ctx.informer(refs.pods).on({
        add: (pod) => expectations.created(ownerKey(pod)),
        update: (pod) =>
          pod.metadata.deletionTimestamp ? expectations.deleted(ownerKey(pod), pod.metadata.uid) : undefined,
        delete: (pod) => expectations.deleted(ownerKey(pod), pod.metadata.uid),
      })
    },
    gone: async (_ctx, key) => expectations.forget(key),
    async reconcile(ctx, owner, key) {
      const matcher = labelSelectorMatcher(owner.spec.selector)
      const matches = (labels: Record<string, string> | undefined) => matcher.matches(labels ?? {})
      const ready = expectations.satisfied(key)
      const pods = await claim(ctx, { owner, ownerRef: refs.daemonSets, ref: refs.pods, matches })
      const hash = templateHash(owner.spec.template, owner.status?.collisionCount)
      const nodes = ctx.informer(refs.nodes).list()
      if (ready && !owner.metadata.deletionTimestamp) await sync(ctx, expectations, { owner, key, pods, nodes, hash })
      await writeStatus(ctx, owner, count(ctx, owner, pods, nodes, hash))
      const settling = (owner.spec.minReadySeconds ?? 0) > 0 && pods.some((pod) => isPodReady(pod))
      return settling || pods.some((pod) => pod.status?.phase === 'Failed') ? requeueAfter(retry) : done
    },
  })
}

interface Situation {
  owner: DaemonSet
  key: string
  pods: readonly Pod[]
  nodes: readonly Node[]
  hash: string
}

/** The node a daemon pod runs on or is meant for. */
function nodeOf({ spec }: Pod): string {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const field = terms?.[0]?.matchFields?.find(({ key }) => key === 'metadata.name')
  return spec.nodeName || field?.values?.[0] || ''
}

async function sync(ctx: ControllerContext, expectations: Expectations, situation: Situation): Promise<void> {
  const { owner, key, hash } = situation
  const { create, remove } = plan(situation, ctx.clock.now())
  expectations.expect(
    key,
    create.length,
    remove.map(({ metadata }) => metadata.uid),
  )
  for (const { metadata, status, spec } of remove) {
    if (status?.phase === 'Failed' || status?.phase === 'Succeeded') {
      const [level, word] =
        status.phase === 'Failed' ? (['Warning', 'failed'] as const) : (['Normal', 'succeeded'] as const)
      const message = `Found ${word} daemon pod ${metadata.namespace}/${metadata.name} on node ${spec.nodeName}, will try to ${word === 'failed' ? 'kill' : 'delete'} it`
      ctx.events.event(owner, level, `${status.phase}DaemonPod`, message)
    }
    try {
      await ctx.client
        .resource(refs.pods)
        .delete(metadata.name, metadata.namespace, { preconditions: { uid: metadata.uid } })
      ctx.events.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${metadata.name}`)
    } catch (error) {
      expectations.deleted(key, metadata.uid)
      if (!isNotFound(error)) throw error
    }
  }
  for (const [i, node] of create.entries()) {
    const pod = podFromTemplate(owner, refs.daemonSets, owner.spec.template)
    const labels = { ...pod.metadata.labels, [hashLabel]: hash }
    try {
      const draft = { ...pod, metadata: { ...pod.metadata, labels }, spec: specFor(pod.spec, node) }
      const made = await ctx.client.resource(refs.pods).create(draft)
      ctx.events.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${made.metadata.name}`)
    } catch (error) {
      for (let left = i; left < create.length; left++) expectations.created(key)
      ctx.events.event(owner, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`)
      throw error
    }
  }
}

/** Nodes that lack their pod, and pods that are too many, ended, misplaced or out of date. Pure. */
function plan({ owner, pods, nodes, hash }: Situation, now: number): { create: string[]; remove: Pod[] } {
  const byNode = Map.groupBy(pods, nodeOf)
  const create: string[] = []
  const remove: Pod[] = []
  const outdated: Pod[] = []
  let wanted = 0
  let unavailable = 0
  for (const node of nodes) {
    const here = (byNode.get(node.metadata.name) ?? []).toSorted((a, b) => age(a) - age(b))
    const { shouldRun, mayStay } = fitsNode(
      specFor(owner.spec.template.spec ?? { containers: [] }, node.metadata.name),
      node,
    )
    const alive = here.filter((pod) => !pod.metadata.deletionTimestamp)
    const ended = alive.filter(isPodTerminal)
    const [first, ...rest] = alive.filter((pod) => !isPodTerminal(pod))
    remove.push(...ended, ...rest)
    if (!mayStay && first) remove.push(first)
    if (!shouldRun) continue
    wanted++
    if (here.length === 0) create.push(node.metadata.name)
    if (!first || !isPodAvailable(first, owner.spec.minReadySeconds ?? 0, now)) unavailable++
    if (first && first.metadata.labels?.[hashLabel] !== hash) outdated.push(first)
  }
  const known = new Set(nodes.map(({ metadata }) => metadata.name))
  // Meant for a node that is gone, they would wait for ever; those that ran there are the pod garbage collector's.
  for (const [node, stranded] of byNode)
    if (!known.has(node))
      remove.push(...stranded.filter(({ spec, metadata }) => !spec.nodeName && !metadata.deletionTimestamp))
  if (owner.spec.updateStrategy?.type !== 'OnDelete') {
    const limit = Math.max(
      1,
      resolveIntOrPercent(owner.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, wanted, true),
    )
    const dead = outdated.filter((pod) => !isPodAvailable(pod, 0, now))
    const living = outdated.filter((pod) => isPodAvailable(pod, 0, now))
    remove.push(...dead, ...living.slice(0, Math.max(0, limit - unavailable)))
  }
  return { create, remove }
}

const age = ({ metadata }: Pod) => Date.parse(metadata.creationTimestamp ?? '') || 0

/** The template's spec pinned to one node, with the tolerations every daemon has. */
function specFor(spec: PodSpec, node: string): PodSpec {
  const own = spec.tolerations ?? []
  const add = (name: string, effect: 'NoExecute' | 'NoSchedule'): Toleration => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists',
    effect,
  })
  const daemons = [
    ...conditions.map((name) => add(name, 'NoExecute')),
    ...pressures.map((name) => add(name, 'NoSchedule')),
    ...(spec.hostNetwork ? [add('network-unavailable', 'NoSchedule')] : []),
  ]
  const matchFields = [{ key: 'metadata.name', operator: 'In' as const, values: [node] }]
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const terms = required?.nodeSelectorTerms?.map((term) => ({ ...term, matchFields })) ?? [{ matchFields }]
  const nodeAffinity = {
    ...spec.affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms },
  }
  const missing = daemons.filter((d) => !own.some((t) => equal(t, d)))
  return { ...spec, affinity: { ...spec.affinity, nodeAffinity }, tolerations: [...own, ...missing] }
}

function count(
  ctx: ControllerContext,
  owner: DaemonSet,
  pods: readonly Pod[],
  nodes: readonly Node[],
  hash: string,
): DaemonSetStatus {
  const now = ctx.clock.now()
  const alive = pods.filter((pod) => !pod.metadata.deletionTimestamp)
  const spec = owner.spec.template.spec ?? { containers: [] }
  const should = new Set(
    nodes.filter((n) => fitsNode(specFor(spec, n.metadata.name), n).shouldRun).map((n) => n.metadata.name),
  )
  const placed = new Map(alive.map((pod) => [nodeOf(pod), pod]))
  const current = [...placed].filter(([node]) => should.has(node)).map(([, pod]) => pod)
  const available = current.filter((pod) => isPodAvailable(pod, owner.spec.minReadySeconds ?? 0, now)).length
  return {
    ...owner.status,
    desiredNumberScheduled: should.size,
    currentNumberScheduled: current.length,
    numberMisscheduled: placed.size - current.length,
    numberReady: current.filter(isPodReady).length,
    updatedNumberScheduled: current.filter((pod) => pod.metadata.labels?.[hashLabel] === hash).length,
    numberAvailable: available,
    numberUnavailable: should.size - available,
    observedGeneration: owner.metadata.generation,
  }
}

async function writeStatus(ctx: ControllerContext, owner: DaemonSet, status: DaemonSetStatus): Promise<void> {
  if (equal(owner.status, status)) return
  await ctx.client.resource(refs.daemonSets).updateStatus({ ...owner, status })
}
