import type { Pod } from '#types/core/v1'
import { badRequest, conflict, invalid } from '../../../../src-kube/machinery/errors.ts'
import { fieldPath } from '../../../../src-kube/machinery/field-path.ts'
import { unbound, type KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { attributesOf } from '../context.ts'
import { createdEntry, type StoredEntry } from '../entry.ts'
import { ownersKept } from '../owners.ts'
import type { Target } from '../registry.ts'
import { unadmitted } from '../unadmitted.ts'
import { change } from '../update.ts'
import { checkNamespace, posted } from './posted.ts'
import type { SubresourceBehaviour } from './subresource.ts'

interface Binding {
  apiVersion?: string
  kind?: string
  metadata?: {
    name?: string
    namespace?: string
    annotations?: Record<string, string>
    labels?: Record<string, string>
    uid?: string
  }
  target?: { kind?: string; name?: string }
}

/** `POST pods/<name>/binding`: puts a pod on a node, once. */
export const binding: SubresourceBehaviour = {
  name: 'binding',
  of: '/pods',
  async create(request, body) {
    const { core, target } = request
    const sent = posted<Binding>(kind, body, request)
    checkNamespace(sent, target)
    const asked = bindingOf(sent, target)
    const attributes = attributesOf('CREATE', request, { object: asked as KubeObject })
    await core.admission.admit(attributes)
    const { metadata, target: to } = asked
    checkBinding(metadata?.name, to, target.name)
    await core.admission.validate(attributes)
    const now = core.clock.now()
    const make = (current: StoredEntry): KubeObject => {
      const pod = current.object as Pod
      const about = { group: '', resource: 'pods/binding' }
      if (metadata?.uid && metadata.uid !== pod.metadata.uid)
        throw conflict(
          about,
          target.name,
          `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${pod.metadata.uid}`,
        )
      if (pod.metadata.deletionTimestamp)
        throw conflict(about, target.name, `pod ${target.name} is being deleted, cannot be assigned to a host`)
      if (pod.spec.nodeName)
        throw conflict(
          about,
          target.name,
          `pod ${target.name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`,
        )
      if (pod.spec.schedulingGates?.length)
        throw conflict(about, target.name, `pod ${target.name} has non-empty .spec.schedulingGates`)
      return bound(pod, to!.name!, metadata ?? {}, now)
    }
    await change({ ...request, core: unadmitted(core) }, make, ownersKept)
    return createdEntry()
  },
}

/** What was posted, as admission sees it and may change it. */
const bindingOf = (sent: Binding, { namespace }: Target): Binding => ({
  ...sent,
  metadata: { ...sent.metadata, namespace },
})

const kind = { group: '', version: 'v1', kind: 'Binding' }

/** What the binding must say by itself (reference: `ValidatePodBinding`). */
function checkBinding(name: string | undefined, to: Binding['target'], url: string): void {
  if (name !== url) throw badRequest('name in URL does not match name in Binding object')
  const path = fieldPath('target')
  const errors = []
  if (to?.kind && to.kind !== 'Node') errors.push(path.child('kind').notSupported(to.kind, ['Node', '<empty>']))
  if (!to?.name) errors.push(path.child('name').required())
  if (errors.length > 0) throw invalid({ group: '', kind: 'Binding' }, url, errors)
}

function bound(pod: Pod, node: string, { annotations, labels }: NonNullable<Binding['metadata']>, now: number): Pod {
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: formatTime(now),
    observedGeneration: pod.metadata.generation,
  }
  const others = (pod.status?.conditions ?? []).filter((condition) => condition.type !== 'PodScheduled')
  // What a pod hoped for means nothing once it has its node (KEP-5278).
  const { nominatedNodeName: _, ...status } = pod.status ?? {}
  return {
    ...pod,
    metadata: {
      ...unbound(pod.metadata),
      annotations: annotations ? { ...pod.metadata.annotations, ...annotations } : pod.metadata.annotations,
      labels: labels ? { ...pod.metadata.labels, ...labels } : pod.metadata.labels,
    },
    spec: { ...pod.spec, nodeName: node },
    status: {
      ...status,
      conditions: [...others, scheduled as unknown as NonNullable<NonNullable<Pod['status']>['conditions']>[number]],
    },
  }
}
