import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'

/** `/registry/<group or core>/<plural>/` */
export function prefixOf(descriptor: KindDescriptor): string {
  return `/registry/${descriptor.group || 'core'}/${descriptor.plural}/`
}

/** `/registry/<group or core>/<plural>/[<namespace>/]<name>`: where the object is in the store. */
export function keyOf(descriptor: KindDescriptor, namespace: string, name: string): string {
  return descriptor.scope === 'Namespaced'
    ? `${prefixOf(descriptor)}${namespace}/${name}`
    : `${prefixOf(descriptor)}${name}`
}

/** What all keys of a namespace (`` for all) start with. */
export function rangeOf(descriptor: KindDescriptor, namespace: string): string {
  return namespace ? `${prefixOf(descriptor)}${namespace}/` : prefixOf(descriptor)
}
