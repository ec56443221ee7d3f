import type { KubeObject } from '../../src-kube/machinery/meta.ts'

/** `of`, worked out once for each object: objects are never written into, a change is another object. */
export function perObject<T>(of: (object: KubeObject) => T): (object: KubeObject) => T {
  const known = new WeakMap<KubeObject, T>()
  return (object) => {
    if (known.has(object)) return known.get(object) as T
    const value = of(object)
    known.set(object, value)
    return value
  }
}
