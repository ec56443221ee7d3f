import type { CustomResourceDefinition, WebhookClientConfig } from '#types/apiextensions.k8s.io/v1'
import { parseApiVersion } from '../../machinery/gvk.ts'
import type { KubeObject } from '../../machinery/meta.ts'
import type { StructSchema } from '../../machinery/schema/index.ts'
import type { JsonSchema } from '../../machinery/structural/types.ts'
import { customVersion, type CustomVersion } from './version.ts'

/**
 * How objects of a definition get from one version into another (kubernetes.io, "Versions in CustomResourceDefinitions: Webhook
 * conversion").
 */
export interface WebhookConversion {
  readonly group: string
  readonly kind: string
  /** Version in which objects are written. What is read may be in any. */
  readonly storageVersion: string
  readonly clientConfig: WebhookClientConfig
  /** Versions of ConversionReview that the webhook understands, the one it likes best first. */
  readonly reviewVersions: readonly string[]
  /**
   * The object as the schema of its own version sees it now: pruned, and with `defaults` where they are asked for. A copy; as it is when the definition has no
   * such version any more.
   */
  settle(object: KubeObject, options: { defaults: boolean }): KubeObject
  /** How the fields of a version are owned; undefined for one that the definition does not have. */
  structOf(version: string): StructSchema | undefined
}

/** Undefined for definitions whose versions differ by their names alone. */
export function conversionOf(crd: CustomResourceDefinition, storageVersion: string): WebhookConversion | undefined {
  const { group, names, versions, conversion, preserveUnknownFields = false } = crd.spec
  const { clientConfig, conversionReviewVersions: reviewVersions = [] } = conversion?.webhook ?? {}
  if (conversion?.strategy !== 'Webhook' || !clientConfig) return undefined
  const { kind } = names
  const made = new Map<string, CustomVersion>()
  const versionOf = (name: string): CustomVersion | undefined => {
    const found = versions.find((version) => version.name === name)
    if (!found || made.has(name)) return made.get(name)
    const schema = found.schema?.openAPIV3Schema as JsonSchema | undefined
    const custom = customVersion({ group, version: name, kind, schema, preserveUnknownFields })
    made.set(name, custom)
    return custom
  }
  return {
    group,
    kind,
    storageVersion,
    clientConfig,
    reviewVersions,
    structOf: (version) => versionOf(version)?.struct,
    settle(object, { defaults }) {
      const custom = versionOf(parseApiVersion(object.apiVersion).version)
      if (!custom) return object
      const settled = custom.decode(object).object
      if (defaults) custom.applyDefaults(settled)
      return settled
    },
  }
}
