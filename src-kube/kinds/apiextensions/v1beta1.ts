import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
} from '#types/apiextensions.k8s.io/v1'
import type {
  CustomResourceDefinition as Old,
  CustomResourceDefinitionVersion as OldVersion,
} from '#types/apiextensions.k8s.io/v1beta1'

const perVersion = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const

/** What v1beta1 may say once for all versions, v1 says with each. */
export function toStorage(old: Old): CustomResourceDefinition {
  const { version, validation, subresources, additionalPrinterColumns, selectableFields, ...spec } = old.spec
  const { versions = [], conversion, ...rest } = spec
  const common = { schema: validation, subresources, additionalPrinterColumns, selectableFields }
  const listed = versions.length > 0 || !version ? versions : [{ name: version, served: true, storage: true }]
  return {
    ...old,
    apiVersion: 'apiextensions.k8s.io/v1',
    spec: {
      ...rest,
      versions: listed.map((one) => newVersion(one, common)),
      ...(conversion ? { conversion: newConversion(conversion) } : {}),
    },
  } as CustomResourceDefinition
}

type Common = Partial<Omit<OldVersion, 'name' | 'served' | 'storage'>>

function newVersion(version: OldVersion, common: Common): CustomResourceDefinitionVersion {
  const { additionalPrinterColumns = common.additionalPrinterColumns, ...rest } = version
  const result: Record<string, unknown> = { ...rest }
  for (const field of perVersion) result[field] ??= common[field]
  result['additionalPrinterColumns'] = additionalPrinterColumns?.map(({ JSONPath, ...column }) => ({
    ...column,
    jsonPath: JSONPath,
  }))
  return withoutUndefined(result) as CustomResourceDefinitionVersion
}

function newConversion({ strategy, ...webhook }: NonNullable<Old['spec']['conversion']>) {
  const { webhookClientConfig, conversionReviewVersions = [] } = webhook
  if (strategy !== 'Webhook') return { strategy }
  return {
    strategy,
    webhook: { ...(webhookClientConfig ? { clientConfig: webhookClientConfig } : {}), conversionReviewVersions },
  }
}

/** What all versions have in common is said once, as old clients expect it. */
export function fromStorage(object: CustomResourceDefinition): Old {
  const { versions, conversion, ...spec } = object.spec
  const old = versions.map(oldVersion)
  const common: Record<string, unknown> = {}
  for (const field of perVersion) {
    const values = new Set(old.map((version) => JSON.stringify(version[field])))
    if (values.size !== 1 || values.has(undefined as never)) continue
    common[field === 'schema' ? 'validation' : field] = old[0]![field]
    for (const version of old) delete version[field]
  }
  return {
    ...object,
    apiVersion: 'apiextensions.k8s.io/v1beta1',
    spec: {
      ...spec,
      ...(versions[0] ? { version: versions[0].name } : {}),
      ...common,
      versions: old,
      ...(conversion ? { conversion: oldConversion(conversion) } : {}),
      preserveUnknownFields: spec.preserveUnknownFields ?? false,
    },
  } as Old
}

function oldVersion({ additionalPrinterColumns, ...rest }: CustomResourceDefinitionVersion): Record<string, unknown> {
  const columns = additionalPrinterColumns?.map(({ jsonPath, ...column }: CustomResourceColumnDefinition) => ({
    ...column,
    JSONPath: jsonPath,
  }))
  return { ...rest, ...(columns ? { additionalPrinterColumns: columns } : {}) }
}

function oldConversion({ strategy, webhook }: NonNullable<CustomResourceDefinition['spec']['conversion']>): object {
  if (!webhook) return { strategy }
  const { clientConfig, conversionReviewVersions } = webhook
  return { strategy, ...(clientConfig ? { webhookClientConfig: clientConfig } : {}), conversionReviewVersions }
}

function withoutUndefined(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}
