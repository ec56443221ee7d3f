import type { Node, Pod } from '#types/core/v1'
import { refs } from '../../src-kube/client/refs.ts'
import type { Client } from '../../src-kube/client/typed-client.ts'
import { isNotFound } from '../../src-kube/machinery/errors.ts'
import type { PodDevices } from './devices/index.ts'
import type { Verdict } from './devices/manager.ts'
import { type AdmissionFacts, admissionRefusal, fitsBeside, type ResizeRefusal } from './plan/admission.ts'
import { preemptedFor } from './plan/preemption.ts'
import type { Refusal } from './plan/failure.ts'
import { pressureRefusal } from './plan/eviction/admission.ts'
import type { Pressure } from './plan/eviction/thresholds.ts'
import { asksForAppArmor, supportRefusal } from './plan/node-support.ts'
import { refusal } from './plan/refusal.ts'
import { resizeInTurn, type WaitingResize } from './plan/resize-order.ts'

/** What decides whether the node takes a pod that was bound to it. */
export interface AdmissionOptions {
  client: Client
  nodeName: string
  /** The node's object as it was last heard of. */
  node(): Node | undefined
  /** Whether the engine confines containers by AppArmor; asked only for pods that want that. */
  appArmor(): Promise<boolean>
  /** Ends a pod that makes room for a critical one: from now on it takes nothing. */
  preempt(pod: Pod): void
  /** What the node has too little of now. */
  pressures(): ReadonlySet<Pressure>
  /** The pods that take something of the node already. */
  taken(): Pod[]
  devices: Pick<PodDevices, 'allocate' | 'decided' | 'withGiven'>
  /** Kernel parameters that pods may set besides the safe ones. */
  allowedSysctls?(): readonly string[]
}

/**
 * Admits pods to the node (`plan/admission.ts`). Whoever is admitted is told so in the same turn in which the room was found, so that no
 * two are given the same. Before a refusal the node is asked for anew: the scheduler may have seen labels that have not come here yet.
 */
export function createAdmission(options: AdmissionOptions) {
  const { devices } = options
  return async (pod: Pod, admitted: () => void): Promise<Refusal | undefined> => {
    const short = pressureRefusal(pod, options.pressures())
    if (short) return short
    const unsupported = supportRefusal(pod, { appArmor: asksForAppArmor(pod) && (await options.appArmor()) })
    if (unsupported) return unsupported
    let verdict: Verdict = 'refused'
    const admit = (): void => {
      verdict = 'taken'
      admitted()
    }
    try {
      return (await withoutDevices(devices, pod)) ?? (await placeOf(options, pod, admit))
    } finally {
      devices.decided(pod.metadata.uid, verdict)
    }
  }
}

/** Devices are given before the node is judged: what is given is not judged again. */
async function withoutDevices(devices: AdmissionOptions['devices'], pod: Pod): Promise<Refusal | undefined> {
  try {
    await devices.allocate(pod)
    return undefined
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return refusal('UnexpectedAdmissionError', `Allocate failed due to ${words}, which is unexpected`)
  }
}

/** Whether the node has room, and is one that the pod may be on. */
async function placeOf(
  { client, nodeName, node, taken, devices, preempt, allowedSysctls }: AdmissionOptions,
  pod: Pod,
  admitted: () => void,
): Promise<Refusal | undefined> {
  const judge = (seen: Node): Refusal | undefined => {
    const of = devices.withGiven(seen)
    const others = taken().filter(({ metadata }) => metadata.uid !== pod.metadata.uid)
    const facts = { node: of, others, allowedSysctls: allowedSysctls?.() }
    const found = judged(pod, facts)
    const gone = found?.reason.startsWith('OutOf') ? goneFor(pod, facts) : undefined
    gone?.forEach((one) => preempt(one))
    if (found && !gone) return found
    admitted()
    return undefined
  }
  const known = node()
  if (known && !judge(known)) return undefined
  const fresh = await nodeOf(client, nodeName)
  return fresh ? judge(fresh) : refusal('InvalidNodeInfo', 'Kubelet cannot get node info.')
}

/** The pods that go so that a critical pod can be taken; undefined when that would not be enough. */
function goneFor(pod: Pod, facts: AdmissionFacts): Pod[] | undefined {
  const { node, others } = facts
  const gone = preemptedFor(pod, others, (staying) => fitsBeside(pod, node, staying))
  const staying = others.filter((one) => !gone?.includes(one))
  return gone && !judged(pod, { ...facts, others: staying }) ? gone : undefined
}

/** Judges what pods that are here ask for anew; while the node is not known nothing is refused. */
export function createResizeJudge({
  node,
  taken,
  waiting,
}: Pick<AdmissionOptions, 'node' | 'taken'> & { waiting(): readonly WaitingResize[] }) {
  return (pod: Pod): ResizeRefusal | undefined => {
    const known = node()
    return known && resizeInTurn(pod, { node: known, taken: taken(), waiting: waiting() })
  }
}

/** What cannot be judged at all, as a quantity that is none, is refused too: asking again would not help. */
function judged(pod: Pod, facts: AdmissionFacts): Refusal | undefined {
  try {
    return admissionRefusal(pod, facts)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return refusal('UnexpectedAdmissionError', `Admission failed due to ${words}, which is unexpected.`)
  }
}

/** Undefined when there is none; a server that cannot be reached is an error, and the pod waits. */
async function nodeOf(client: Client, name: string): Promise<Node | undefined> {
  try {
    return await client.resource(refs.nodes).get(name)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
