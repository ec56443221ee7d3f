import type { KindDescriptor, ServedVersion } from '../../../src-kube/kinds/descriptor.ts'
import { formatApiVersion } from '../../../src-kube/machinery/gvk.ts'
import type { OtherVersion, OtherVersions } from '../../../src-kube/machinery/patch/ownership.ts'
import { findSchema } from '../../../src-kube/machinery/schema/index.ts'
import type { Target } from './registry.ts'

/**
 * The versions of a built-in kind whose fields are not those of the one (`from`) that objects are compared in: a field that one version calls
 * otherwise is another's all the same.
 */
export function versionsBeside({ descriptor }: Target, from: string): OtherVersions {
  const find = (apiVersion: string) =>
    descriptor.served.find(({ group, version }) => formatApiVersion(group, version) === apiVersion)
  let made: Map<string, OtherVersion | undefined> | undefined
  return (apiVersion) => {
    if (apiVersion === from) return undefined
    made ??= new Map()
    if (!made.has(apiVersion)) made.set(apiVersion, otherVersion(descriptor, find(from), find(apiVersion)))
    return made.get(apiVersion)
  }
}

function otherVersion(
  descriptor: KindDescriptor,
  from: ServedVersion | undefined,
  to: ServedVersion | undefined,
): OtherVersion | undefined {
  if (!to || to.custom || !(from?.toStorage ?? to.fromStorage)) return undefined
  const schema = findSchema(formatApiVersion(to.group, to.version), descriptor.kind)
  if (!schema) return undefined
  return {
    schema,
    convert(object) {
      const stored = from?.toStorage?.(structuredClone(object)) ?? object
      return to.fromStorage?.(stored) ?? stored
    },
  }
}
