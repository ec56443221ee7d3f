import type { KindDescriptor, ServedVersion } from '../../../src-kube/kinds/descriptor.ts'
import { formatApiVersion, parseApiVersion } from '../../../src-kube/machinery/gvk.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'
import type { OtherVersion, OtherVersions } from '../../../src-kube/machinery/patch/ownership.ts'
import { findSchema } from '../../../src-kube/machinery/schema/index.ts'
import type { Core } from './context.ts'
import type { Target } from './registry.ts'

/** An object in another version (`group/version`) of its kind. */
export type Convert = (object: KubeObject, apiVersion: string) => KubeObject

/**
 * The versions of a kind whose fields are not those of the one (`from`) that objects are compared in: a field that one version calls
 * otherwise is another's all the same.
 *
 * @param convert for kinds whose versions a webhook makes
 */
export function versionsBeside({ descriptor }: Target, from: string, convert?: Convert): OtherVersions {
  let made: Map<string, OtherVersion | undefined> | undefined
  return (apiVersion) => {
    if (apiVersion === from) return undefined
    made ??= new Map()
    if (!made.has(apiVersion)) {
      const other = convert
        ? madeVersion(descriptor, convert, from, apiVersion)
        : ownVersion(descriptor, from, apiVersion)
      made.set(apiVersion, other)
    }
    return made.get(apiVersion)
  }
}

/** Of a built-in kind. */
function ownVersion(descriptor: KindDescriptor, fromVersion: string, toVersion: string): OtherVersion | undefined {
  const find = (apiVersion: string) =>
    descriptor.served.find(({ group, version }) => formatApiVersion(group, version) === apiVersion)
  const [from, to] = [find(fromVersion), find(toVersion)]
  if (!to || to.custom || !(from?.toStorage ?? to.fromStorage)) return undefined
  const schema = findSchema(toVersion, descriptor.kind)
  if (!schema) return undefined
  return { schema, convert: (object) => between(object, from, to), back: (object) => between(object, to, from) }
}

function between(object: KubeObject, from: ServedVersion | undefined, to: ServedVersion | undefined): KubeObject {
  const stored = from?.toStorage?.(structuredClone(object)) ?? object
  return to?.fromStorage?.(stored) ?? stored
}

/** Of a kind whose versions a webhook makes. */
function madeVersion(
  { conversion }: KindDescriptor,
  convert: Convert,
  from: string,
  to: string,
): OtherVersion | undefined {
  const schema = conversion?.structOf(parseApiVersion(to).version)
  return schema && { schema, convert: (object) => convert(object, to), back: (object) => convert(object, from) }
}

/** What a webhook has to be asked for, before work that waits for nobody can go on. */
class Unconverted extends Error {
  readonly object: KubeObject
  readonly apiVersion: string
  constructor(object: KubeObject, apiVersion: string) {
    super(`not yet converted to ${apiVersion}`)
    this.object = object
    this.apiVersion = apiVersion
  }
}

const keyOf = (object: KubeObject, apiVersion: string): string => `${apiVersion} ${JSON.stringify(object)}`

/**
 * Does work that compares an object in several versions. Of a kind whose versions a webhook makes it is begun anew each time it lacks one, until it has all of
 * them: it has to be pure. Any other kind's is done at once.
 */
export function acrossVersions<T>(core: Core, target: Target, work: (convert?: Convert) => T): T | Promise<T> {
  return target.descriptor.conversion ? askedFor(core, target, work) : work()
}

async function askedFor<T>({ conversions }: Core, { descriptor }: Target, work: (convert: Convert) => T): Promise<T> {
  const known = new Map<string, KubeObject>()
  const convert: Convert = (object, apiVersion) => {
    if (object.apiVersion === apiVersion) return object
    const found = known.get(keyOf(object, apiVersion))
    if (!found) throw new Unconverted(object, apiVersion)
    return found
  }
  for (;;) {
    try {
      return work(convert)
    } catch (error) {
      if (!(error instanceof Unconverted)) throw error
      const { object, apiVersion } = error
      known.set(keyOf(object, apiVersion), await conversions.into(descriptor, object, parseApiVersion(apiVersion)))
    }
  }
}
