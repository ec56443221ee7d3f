import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '#types/apiextensions.k8s.io/v1'
import { formatApiVersion } from '../../machinery/gvk.ts'
import { compareVersions } from '../../machinery/versions.ts'
import type { KubeObject } from '../../machinery/meta.ts'
import { parseJsonPath } from '../../machinery/structural/json-path.ts'
import type { JsonSchema } from '../../machinery/structural/types.ts'
import type { KindDescriptor, ScalePaths, ServedVersion, Subresource } from '../descriptor.ts'
import { customColumns } from './columns.ts'
import { conversionOf, type WebhookConversion } from './conversion.ts'
import { customVersion } from './version.ts'

const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']
const writing = new Set(['patch', 'create', 'update'])
const partVerbs = ['get', 'patch', 'update']

const isTrue = ({ status }: Pick<CustomResourceDefinition, 'status'>, condition: string): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === condition && value === 'True') ?? false

/**
 * A definition as the registry serves it: a descriptor for each served version, for versions differ in columns and subresources. They share the
 * storage. Empty until the definition's names are accepted. What is being deleted without a served version is served as it is stored, for its objects
 * have to go as well.
 */
export function descriptorsOf(crd: CustomResourceDefinition): KindDescriptor[] {
  if (!isTrue(crd, 'Established') && !isTrue(crd, 'NamesAccepted')) return []
  const storage = crd.spec.versions.find((version) => version.storage)
  if (!storage) return []
  const conversion = conversionOf(crd, storage.name)
  const served = crd.spec.versions.filter((version) => version.served)
  if (served.length === 0 && isTrue(crd, 'Terminating')) served.push(storage)
  const descriptors = served.map((version) => descriptorOf(crd, version, storage.name, conversion))
  return descriptors.length < 2 ? descriptors : descriptors.map((one) => withEquivalents(one, descriptors))
}

/** In another version the object is the same but for its `apiVersion`, unless a webhook converts it: it is not seen through that version's schema. */
function withEquivalents(descriptor: KindDescriptor, all: readonly KindDescriptor[]): KindDescriptor {
  const others = all.filter((one) => one !== descriptor).flatMap(({ served }) => served)
  const equivalents = others.map(({ group, version, custom }) => ({ group, version, ...(custom ? { custom } : {}) }))
  return { ...descriptor, equivalents }
}

function descriptorOf(
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  storageVersion: string,
  conversion: WebhookConversion | undefined,
): KindDescriptor {
  const { group, scope } = crd.spec
  const names = { ...crd.spec.names, ...crd.status?.acceptedNames }
  const scale = scaleOf(version)
  return {
    group,
    kind: names.kind,
    listKind: names.listKind || `${names.kind}List`,
    plural: names.plural,
    singular: names.singular || names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    scope: scope as KindDescriptor['scope'],
    storageVersion: conversion ? version.name : storageVersion,
    served: [servedVersion(crd, version)],
    verbs: isTrue(crd, 'Terminating') ? verbs.filter((verb) => !writing.has(verb)) : verbs,
    subresources: subresourcesOf(version, names.kind),
    ...(scale ? { scale } : {}),
    hasGeneration: true,
    versions: crd.spec.versions.map(({ name }) => name),
    ...customColumns(version.additionalPrinterColumns),
    ...selectable(version),
    ...(conversion ? { conversion } : {}),
  }
}

function servedVersion(crd: CustomResourceDefinition, version: CustomResourceDefinitionVersion): ServedVersion {
  const { group, names, preserveUnknownFields = false } = crd.spec
  const schema = version.schema?.openAPIV3Schema as JsonSchema | undefined
  const custom = customVersion({ group, version: version.name, kind: names.kind, schema, preserveUnknownFields })
  const apiVersion = formatApiVersion(group, version.name)
  return {
    group,
    version: version.name,
    ...(version.deprecated ? { warning: version.deprecationWarning ?? warningOf(crd, version.name) } : {}),
    defaults: custom.applyDefaults,
    // What is stored may be older than the schema: it is read as if it were written now.
    fromStorage(object: KubeObject): KubeObject {
      const { object: read } = custom.decode(object)
      custom.applyDefaults(read)
      return Object.assign(read, { apiVersion })
    },
    custom,
  }
}

/** Says which version to use instead, if a newer one is not deprecated. */
function warningOf({ spec }: CustomResourceDefinition, version: string): string {
  const { group, names, versions } = spec
  const [better] = versions
    .filter(({ name, served, deprecated }) => served && !deprecated && compareVersions(name, version) < 0)
    .map(({ name }) => name)
    .toSorted(compareVersions)
  const words = `${formatApiVersion(group, version)} ${names.kind} is deprecated`
  return better ? `${words}; use ${formatApiVersion(group, better)} ${names.kind}` : words
}

function subresourcesOf({ subresources }: CustomResourceDefinitionVersion, kind: string): Subresource[] {
  const found: Subresource[] = []
  if (subresources?.status) found.push({ name: 'status', kind, verbs: partVerbs })
  if (subresources?.scale)
    found.push({ name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: partVerbs })
  return found
}

/** Paths without their leading dot. */
function scaleOf({ subresources }: CustomResourceDefinitionVersion): ScalePaths | undefined {
  if (!subresources?.scale) return undefined
  const { specReplicasPath, statusReplicasPath, labelSelectorPath = '' } = subresources.scale
  return { spec: specReplicasPath.slice(1), status: statusReplicasPath.slice(1), selector: labelSelectorPath.slice(1) }
}

/** Field selectors that a definition offers (KEP-4358). */
function selectable({ selectableFields }: CustomResourceDefinitionVersion): Pick<KindDescriptor, 'selectableFields'> {
  if (!selectableFields?.length) return {}
  const fields = selectableFields.map(({ jsonPath }): [string, (object: KubeObject) => string] => {
    const path = parseJsonPath(jsonPath)
    return [jsonPath.slice(1), (object) => String((path(object)[0] ?? '') as string | number | boolean)]
  })
  return { selectableFields: Object.fromEntries(fields) }
}
