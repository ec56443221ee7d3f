import type { Pod } from '#types/core/v1'
import type { PriorityClass } from '#types/scheduling.k8s.io/v1'
import { forbidden } from '../../../../src-kube/machinery/errors.ts'
import type { AdmissionPlugin, ObjectWatcher } from '../admission.ts'
import { keep, type Kept } from '../keep.ts'

const GROUP = 'scheduling.k8s.io'
type Classes = Kept<Map<string, PriorityClass>>

/** Turns the class of a pod into its number (kubernetes.io, "Pod Priority and Preemption"). */
export function priority(read: ObjectWatcher): AdmissionPlugin {
  const classes: Classes = keep(read, GROUP, 'priorityclasses', new Map(), (byName, object, old) => {
    if (object) byName.set(object.metadata.name, object as unknown as PriorityClass)
    else byName.delete(old!.metadata.name)
  })
  return {
    name: 'Priority',
    resources: ['pods', 'priorityclasses.scheduling.k8s.io'],
    handles: ({ operation, descriptor, subresource }) =>
      subresource === '' &&
      operation === 'CREATE' &&
      (descriptor.kind === 'Pod' || (descriptor.kind === 'PriorityClass' && descriptor.group === GROUP)),
    async admit({ object, descriptor, name }) {
      if (descriptor.kind !== 'Pod') return
      const pod = object as unknown as Pod
      const found = await classOf(classes, pod, name)
      const value = found?.value ?? 0
      if (pod.spec.priority !== undefined && pod.spec.priority !== value) {
        const words = `the integer value of priority (${pod.spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`
        throw forbidden({ group: '', resource: 'pods' }, name, words)
      }
      const policy = found?.preemptionPolicy ?? 'PreemptLowerPriority'
      const { preemptionPolicy } = pod.spec
      if (preemptionPolicy !== undefined && preemptionPolicy !== policy) {
        const words = `the string value of PreemptionPolicy (${preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`
        throw forbidden({ group: '', resource: 'pods' }, name, words)
      }
      if (found) pod.spec.priorityClassName = found.metadata.name
      pod.spec.priority = value
      pod.spec.preemptionPolicy = policy
    },
    async validate({ object, descriptor }) {
      if (descriptor.kind !== 'PriorityClass' || !(object as unknown as PriorityClass).globalDefault) return
      const other = [...(await classes.get()).values()].find(
        (one) => one.globalDefault && one.metadata.name !== object!.metadata.name,
      )
      if (!other) return
      const words = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`
      throw forbidden({ group: GROUP, resource: 'priorityclasses' }, object!.metadata.name, words)
    },
  }
}

async function classOf(classes: Classes, pod: Pod, name: string): Promise<PriorityClass | undefined> {
  const wanted = pod.spec.priorityClassName
  const byName = await classes.get()
  if (wanted) {
    const found = byName.get(wanted)
    if (!found) throw forbidden({ group: '', resource: 'pods' }, name, `no PriorityClass with name ${wanted} was found`)
    return found
  }
  let lowest: PriorityClass | undefined
  for (const one of byName.values())
    if (one.globalDefault && (!lowest || (one.value ?? 0) < (lowest.value ?? 0))) lowest = one
  return lowest
}
