import type { ContainerPort, Pod, PodAffinityTerm } from '#types/core/v1'
import { labelKeyRequirements } from '../../../../src-kube/kinds/core/label-keys.ts'
import { everything, labelSelectorMatcher, type LabelMatcher } from '../../../../src-kube/machinery/labels.ts'
import { objectKey } from '../../../../src-kube/machinery/meta.ts'
import { podRequests, type Requests } from './requests.ts'

/** A required or preferred term of inter-pod affinity, parsed. */
export interface AffinityTerm {
  readonly selector: LabelMatcher
  readonly topologyKey: string
  readonly namespaces: ReadonlySet<string>
  /** Undefined when the term names no namespace selector. */
  readonly namespaceSelector: LabelMatcher | undefined
  /** Zero for required terms. */
  readonly weight: number
}

/** A port that a pod wants of its node; `0.0.0.0` means every address. */
export interface HostPort {
  readonly ip: string
  readonly protocol: string
  readonly port: number
}

/** A pod and all that the scheduler works out of it once. */
export interface PodInfo {
  readonly pod: Pod
  readonly uid: string
  readonly key: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly priority: number
  readonly requests: Requests
  readonly hostPorts: readonly HostPort[]
  readonly affinity: readonly AffinityTerm[]
  readonly antiAffinity: readonly AffinityTerm[]
  readonly preferredAffinity: readonly AffinityTerm[]
  readonly preferredAntiAffinity: readonly AffinityTerm[]
}

const known = new WeakMap<Pod, PodInfo>()
const none: readonly never[] = []

/** Answers the same value for the same object, which is never mutated. */
export function podInfoOf(pod: Pod): PodInfo {
  let info = known.get(pod)
  if (!info) known.set(pod, (info = createPodInfo(pod)))
  return info
}

function createPodInfo(pod: Pod): PodInfo {
  const { affinity } = pod.spec
  const to = affinity?.podAffinity
  const from = affinity?.podAntiAffinity
  const required = (terms: PodAffinityTerm[] | undefined) => terms?.map((term) => parseTerm(pod, term, 0)) ?? none
  const preferred = (terms: Array<{ weight: number; podAffinityTerm: PodAffinityTerm }> | undefined) =>
    terms?.map((term) => parseTerm(pod, term.podAffinityTerm, term.weight)) ?? none
  return {
    pod,
    uid: pod.metadata.uid,
    key: objectKey(pod),
    namespace: pod.metadata.namespace ?? '',
    labels: pod.metadata.labels ?? {},
    priority: pod.spec.priority ?? 0,
    requests: podRequests(pod),
    hostPorts: hostPortsOf(pod),
    affinity: required(to?.requiredDuringSchedulingIgnoredDuringExecution),
    antiAffinity: required(from?.requiredDuringSchedulingIgnoredDuringExecution),
    preferredAffinity: preferred(to?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAntiAffinity: preferred(from?.preferredDuringSchedulingIgnoredDuringExecution),
  }
}

function parseTerm(pod: Pod, term: PodAffinityTerm, weight: number): AffinityTerm {
  const selector = selectorOf(pod.metadata.labels, term)
  const own = !term.namespaces?.length && !term.namespaceSelector
  return {
    selector,
    topologyKey: term.topologyKey,
    namespaces: new Set(own ? [pod.metadata.namespace ?? ''] : term.namespaces),
    namespaceSelector: term.namespaceSelector ? labelSelectorMatcher(term.namespaceSelector) : undefined,
    weight,
  }
}

/**
 * The selector of an affinity term or a spread constraint, with what its label keys ask for. New pods' selectors have that since they
 * were created; pods that are older have it not.
 */
export function selectorOf(
  labels: Readonly<Record<string, string>> | undefined,
  term: Parameters<typeof labelKeyRequirements>[1],
): LabelMatcher {
  const { labelSelector } = term
  if (!labelSelector || (!term.matchLabelKeys?.length && !term.mismatchLabelKeys?.length))
    return labelSelectorMatcher(labelSelector)
  const { matchExpressions = [] } = labelSelector
  const more = labelKeyRequirements(labels, term).filter(({ key }) => !matchExpressions.some((one) => one.key === key))
  return labelSelectorMatcher({ ...labelSelector, matchExpressions: [...matchExpressions, ...more] })
}

/** Whether a term speaks of a pod; `namespaceLabels` answers the labels of the pod's namespace. */
export function termMatches(
  term: AffinityTerm,
  target: PodInfo,
  namespaceLabels: (name: string) => Readonly<Record<string, string>> | undefined,
): boolean {
  const { namespaceSelector } = term
  if (!term.namespaces.has(target.namespace)) {
    if (!namespaceSelector) return false
    if (namespaceSelector !== everything && !namespaceSelector.matches(namespaceLabels(target.namespace))) return false
  }
  return term.selector.matches(target.labels)
}

function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  const sidecars = spec.initContainers?.filter((container) => container.restartPolicy === 'Always') ?? none
  const containers = sidecars.length > 0 ? [...spec.containers, ...sidecars] : spec.containers
  if (!containers.some(({ ports }) => ports?.some(isOfHost))) return none
  return containers.flatMap(({ ports = [] }) =>
    ports
      .filter(isOfHost)
      .map((port) => ({ ip: port.hostIP || '0.0.0.0', protocol: port.protocol ?? 'TCP', port: port.hostPort! })),
  )
}

const isOfHost = ({ hostPort }: ContainerPort): boolean => (hostPort ?? 0) > 0

/** What sets an unscheduled pod going: ours, without a node, not going away. */
export function isWaitingFor(schedulerName: string, pod: Pod): boolean {
  const { spec, metadata, status } = pod
  const over = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  const named = spec.schedulerName || 'default-scheduler'
  return !spec.nodeName && !metadata.deletionTimestamp && !over && named === schedulerName
}
