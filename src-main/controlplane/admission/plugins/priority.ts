import type { Pod } from '#types/core/v1'
import type { PriorityClass } from '#types/scheduling.k8s.io/v1'
import { forbidden } from '../../../../src-kube/machinery/errors.ts'
import type { AdmissionPlugin, ObjectReader } from '../admission.ts'

const GROUP = 'scheduling.k8s.io'

/** Turns the class of a pod into its number (kubernetes.io, "Pod Priority and Preemption"). */
export function priority(read: ObjectReader): AdmissionPlugin {
  return {
    name: 'Priority',
    handles: ({ operation, descriptor, subresource }) =>
      subresource === '' &&
      operation === 'CREATE' &&
      (descriptor.kind === 'Pod' || (descriptor.kind === 'PriorityClass' && descriptor.group === GROUP)),
    async admit({ object, descriptor, name }) {
      if (descriptor.kind !== 'Pod') return
      const pod = object as unknown as Pod
      const found = await classOf(read, pod, name)
      const value = found?.value ?? 0
      if (pod.spec.priority !== undefined && pod.spec.priority !== value) {
        const words = `the integer value of priority (${pod.spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`
        throw forbidden({ group: '', resource: 'pods' }, name, words)
      }
      if (found) pod.spec.priorityClassName = found.metadata.name
      pod.spec.priority = value
      pod.spec.preemptionPolicy ??= found?.preemptionPolicy ?? 'PreemptLowerPriority'
    },
    async validate({ object, descriptor }) {
      if (descriptor.kind !== 'PriorityClass' || !(object as unknown as PriorityClass).globalDefault) return
      const others = (await read.list(GROUP, 'priorityclasses')) as unknown as PriorityClass[]
      const other = others.find((one) => one.globalDefault && one.metadata.name !== object!.metadata.name)
      if (!other) return
      const words = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`
      throw forbidden({ group: GROUP, resource: 'priorityclasses' }, object!.metadata.name, words)
    },
  }
}

async function classOf(read: ObjectReader, pod: Pod, name: string): Promise<PriorityClass | undefined> {
  const wanted = pod.spec.priorityClassName
  if (wanted) {
    const found = await read.get(GROUP, 'priorityclasses', '', wanted)
    if (!found) throw forbidden({ group: '', resource: 'pods' }, name, `no PriorityClass with name ${wanted} was found`)
    return found as unknown as PriorityClass
  }
  const all = (await read.list(GROUP, 'priorityclasses')) as unknown as PriorityClass[]
  return all.filter((one) => one.globalDefault).sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0]
}
