import type { Pod } from '#types/core/v1'
import type { PriorityClass } from '#types/scheduling.k8s.io/v1'
import { forbidden } from '../../../../src-kube/machinery/errors.ts'
import type { AdmissionAttributes, AdmissionPlugin, ObjectWatcher } from '../admission.ts'
import { keep, type Kept } from '../keep.ts'
import { refusalName } from '../refusal-name.ts'

const GROUP = 'scheduling.k8s.io'
const resource = { group: GROUP, resource: 'priorityclasses' }
type Classes = Kept<Map<string, PriorityClass>>

/** Turns the class of a pod into its number (kubernetes.io, "Pod Priority and Preemption"). */
export function priority(read: ObjectWatcher): AdmissionPlugin {
  const classes: Classes = keep(read, resource, new Map(), (byName, object, old) => {
    if (object) byName.set(object.metadata.name, object as PriorityClass)
    else byName.delete(old!.metadata.name)
  })
  return {
    name: 'Priority',
    resources: ['pods', 'priorityclasses.scheduling.k8s.io'],
    handles: ({ operation, descriptor, subresource, object }) =>
      subresource === '' &&
      (operation === 'CREATE' || operation === 'UPDATE') &&
      (descriptor.kind === 'Pod'
        ? operation === 'CREATE' || lacks(object as Pod)
        : descriptor.kind === 'PriorityClass' && descriptor.group === GROUP),
    admit(attributes) {
      if (attributes.descriptor.kind !== 'Pod') return
      const pod = attributes.object as Pod
      if (attributes.operation === 'UPDATE') return keepPriority(pod, attributes.oldObject as Pod)
      const found = classes.get()
      return found instanceof Promise
        ? found.then((byName) => setPriority(attributes, byName))
        : setPriority(attributes, found)
    },
    async validate(attributes) {
      const { object, descriptor } = attributes
      if (descriptor.kind !== 'PriorityClass' || !(object as PriorityClass).globalDefault) return
      const other = [...(await classes.get()).values()].find(
        (one) => one.globalDefault && one.metadata.name !== object!.metadata.name,
      )
      if (!other) return
      const words = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`
      throw forbidden(resource, refusalName(attributes), words)
    },
  }
}

const lacks = ({ spec }: Pod): boolean => spec?.priority === undefined || spec.preemptionPolicy === undefined

/** What was found once stays when a pod is written without it: leaving it out is no change. */
function keepPriority(pod: Pod, { spec: { priority: value, preemptionPolicy } }: Pod): void {
  if (!pod.spec) return
  pod.spec = { ...pod.spec }
  if (value !== undefined) pod.spec.priority ??= value
  if (preemptionPolicy !== undefined) pod.spec.preemptionPolicy ??= preemptionPolicy
}

/** Throws 403 for a class that there is not, and for numbers that are not the class's. */
function setPriority(attributes: AdmissionAttributes, byName: ReadonlyMap<string, PriorityClass>): void {
  const { spec } = attributes.object as Pod
  const refuse = (words: string): never => {
    throw forbidden({ group: '', resource: 'pods' }, refusalName(attributes), words)
  }
  const found = classOf(spec.priorityClassName, byName, refuse)
  const value = found?.value ?? 0
  if (spec.priority !== undefined && spec.priority !== value)
    refuse(
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    )
  const policy = found?.preemptionPolicy ?? 'PreemptLowerPriority'
  const { preemptionPolicy } = spec
  if (preemptionPolicy !== undefined && preemptionPolicy !== policy)
    refuse(
      `the string value of PreemptionPolicy (${preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    )
  if (found) spec.priorityClassName = found.metadata.name
  spec.priority = value
  spec.preemptionPolicy = policy
}

function classOf(
  wanted: string | undefined,
  byName: ReadonlyMap<string, PriorityClass>,
  refuse: (words: string) => never,
): PriorityClass | undefined {
  if (wanted) {
    return byName.get(wanted) ?? refuse(`no PriorityClass with name ${wanted} was found`)
  }
  let lowest: PriorityClass | undefined
  for (const one of byName.values())
    if (one.globalDefault && (!lowest || (one.value ?? 0) < (lowest.value ?? 0))) lowest = one
  return lowest
}
