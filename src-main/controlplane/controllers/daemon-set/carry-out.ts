import type { ControllerRevision, DaemonSet } from '#types/apps/v1'
import type { Pod } from '#types/core/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isNotFound } from '../../../../src-kube/machinery/errors.ts'
import type { ControllerContext } from '../../../../src-kube/runtime/controller.ts'
import type { Expectations } from '../expectations.ts'
import { podFromTemplate } from '../pod-template.ts'
import { messageOf, namespaceEnds } from '../refusal.ts'
import { POD_REVISION_LABEL } from '../revisions/history.ts'
import { specFor } from './node-pods.ts'
import type { DaemonPlan } from './plan.ts'
import { generationLabels } from './revision.ts'

/** The set whose pods are written, and what is noted of it until the cache shows them. */
interface Subject {
  owner: DaemonSet
  key: string
  expectations: Expectations
}

/** Removes and makes the pods that a plan names, new ones of the given revision; throws the first failure. */
export async function carryOut(
  ctx: ControllerContext,
  subject: Subject,
  { create, remove }: DaemonPlan,
  revision: ControllerRevision,
): Promise<void> {
  const { owner, key, expectations } = subject
  expectations.expect(
    key,
    create.length,
    remove.map(({ metadata }) => metadata.uid),
  )
  for (const pod of remove) await removePod(ctx, subject, pod)
  for (const [i, node] of create.entries()) {
    try {
      const made = await ctx.client.resource(refs.pods).create(podFor(owner, node, revision))
      ctx.events.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${made.metadata.name}`)
    } catch (error) {
      for (let left = i; left < create.length; left++) expectations.created(key)
      if (namespaceEnds(error)) return
      ctx.events.event(owner, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`)
      throw error
    }
  }
}

function podFor(owner: DaemonSet, node: string, revision: ControllerRevision) {
  const pod = podFromTemplate(owner, refs.daemonSets, owner.spec.template)
  const hash = revision.metadata.labels?.[POD_REVISION_LABEL] ?? ''
  const labels = { ...pod.metadata.labels, ...generationLabels({ owner }), [POD_REVISION_LABEL]: hash }
  return { ...pod, metadata: { ...pod.metadata, labels }, spec: specFor(pod.spec, node) }
}

async function removePod(ctx: ControllerContext, { owner, key, expectations }: Subject, pod: Pod): Promise<void> {
  const { name, namespace, uid } = pod.metadata
  tellEnded(ctx, owner, pod)
  try {
    await ctx.client.resource(refs.pods).delete(name, namespace, { preconditions: { uid } })
    ctx.events.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
  } catch (error) {
    expectations.deleted(key, uid)
    if (!isNotFound(error)) throw error
  }
}

function tellEnded(ctx: ControllerContext, owner: DaemonSet, { metadata, status, spec }: Pod): void {
  const { namespace, name } = metadata
  const found = (word: string) => `Found ${word} daemon pod ${namespace}/${name} on node ${spec.nodeName}, will try to `
  if (status?.phase === 'Failed') ctx.events.event(owner, 'Warning', 'FailedDaemonPod', `${found('failed')}kill it`)
  else if (status?.phase === 'Succeeded')
    ctx.events.event(owner, 'Normal', 'SucceededDaemonPod', `${found('succeeded')}delete it`)
}
