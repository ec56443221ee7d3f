import type { Container, LimitRange, PersistentVolumeClaim, Pod } from '#types/core/v1'
import { podResources, type Usage } from '../../../../src-kube/kinds/quota/usage.ts'
import { aggregated, forbidden } from '../../../../src-kube/machinery/errors.ts'
import type { AdmissionAttributes, AdmissionPlugin, ObjectWatcher } from '../admission.ts'
import { keep } from '../keep.ts'
import { refusalName } from '../refusal-name.ts'
import { constraintErrors, type Item } from './limit-constraints.ts'

const ANNOTATION = 'kubernetes.io/limit-ranger'

/** Gives containers the namespace's default requests and limits, and holds them to its bounds (kubernetes.io, "Limit Ranges"). */
export function limitRanger(read: ObjectWatcher): AdmissionPlugin {
  const ranges = keep(
    read,
    { group: '', resource: 'limitranges' },
    new Map<string, Map<string, LimitRange>>(),
    (kept, object, old) => {
      const { namespace = '', name } = (object ?? old)!.metadata
      const known = kept.get(namespace) ?? new Map<string, LimitRange>()
      if (object) kept.set(namespace, known.set(name, object as LimitRange))
      else if (known.delete(name) && known.size === 0) kept.delete(namespace)
    },
  )
  const of = async (namespace: string): Promise<LimitRange[]> => [
    ...((await ranges.get()).get(namespace)?.values() ?? []),
  ]
  const hasNone = (namespace: string): boolean => ranges.known?.has(namespace) === false
  return {
    name: 'LimitRanger',
    resources: ['pods', 'persistentvolumeclaims'],
    handles: ({ operation, descriptor, subresource }) =>
      descriptor.kind === 'Pod'
        ? (operation === 'CREATE' && subresource === '') || (operation === 'UPDATE' && subresource === 'resize')
        : (operation === 'CREATE' || operation === 'UPDATE') && subresource === '',
    admit({ descriptor, namespace, object, operation }) {
      if (descriptor.kind !== 'Pod' || operation !== 'CREATE' || hasNone(namespace)) return
      return of(namespace).then((found) => found.forEach((range) => fillIn(object as Pod, range)))
    },
    validate(attributes) {
      const { namespace } = attributes
      if (hasNone(namespace)) return
      return of(namespace).then((found) => found.forEach((range) => judge(attributes, range)))
    },
  }
}

function judge(attributes: AdmissionAttributes, range: LimitRange): void {
  const { descriptor, object } = attributes
  const items = (range.spec?.limits ?? []) as Item[]
  const errors =
    descriptor.kind === 'Pod' ? ofPod(object as Pod, items) : ofClaim(object as PersistentVolumeClaim, items)
  if (errors.length === 0) return
  throw forbidden({ group: '', resource: descriptor.plural }, refusalName(attributes), aggregated(errors))
}

function fillIn(pod: Pod, range: LimitRange): void {
  const item = range.spec?.limits?.findLast((one) => one.type === 'Container') as Item | undefined
  if (!item) return
  const set = [
    // Validation refuses a pod without containers later.
    ...(pod.spec.containers ?? []).flatMap((container) => fillContainer(container, item, 'container')),
    ...(pod.spec.initContainers ?? []).flatMap((container) => fillContainer(container, item, 'init container')),
  ]
  if (set.length === 0) return
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [ANNOTATION]: `LimitRanger plugin set: ${set.join('; ')}`,
  }
}

function fillContainer(container: Container, item: Item, what: string): string[] {
  const { default: limits, defaultRequest: requests } = item
  const told: string[] = []
  for (const [field, defaults, word] of [
    ['requests', requests, 'request'],
    ['limits', limits, 'limit'],
  ] as const) {
    const present = (container.resources?.[field] ?? {}) as Usage
    const missing = Object.keys(defaults ?? {}).filter((name) => present[name] === undefined)
    if (missing.length === 0) continue
    const filled = { ...present }
    for (const name of missing) filled[name] = defaults![name]!
    container.resources = { ...container.resources, [field]: filled }
    told.push(`${missing.toSorted().join(', ')} ${word} for ${what} ${container.name}`)
  }
  return told
}

function ofPod(pod: Pod, items: readonly Item[]): string[] {
  const { containers, initContainers = [] } = pod.spec
  return items.flatMap((item) => {
    if (item.type === 'Container')
      return [...containers, ...initContainers].flatMap(({ resources }) =>
        constraintErrors(item, (resources?.requests ?? {}) as Usage, (resources?.limits ?? {}) as Usage),
      )
    if (item.type !== 'Pod') return []
    return constraintErrors(item, podResources(pod, 'requests'), podResources(pod, 'limits'))
  })
}

/** A claim has no limits: its request is held to both bounds. */
function ofClaim({ spec }: PersistentVolumeClaim, items: readonly Item[]): string[] {
  const requests = (spec?.resources?.requests ?? {}) as Usage
  return items.flatMap((item) =>
    item.type === 'PersistentVolumeClaim' ? constraintErrors({ ...item, onlyRequests: true }, requests, {}) : [],
  )
}
