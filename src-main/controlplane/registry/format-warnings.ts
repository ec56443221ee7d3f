import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import { isKnownFormat } from '../../../src-kube/machinery/structural/formats.ts'
import { itemsOf, type JsonSchema } from '../../../src-kube/machinery/structural/types.ts'

/**
 * Formats that a definition asks of texts and that nobody checks (kubernetes.io, "CustomResourceDefinitions: Validation"), each once; of one that is
 * changed, those that it did not ask for before.
 */
export function warningsOfFormats(definition: CustomResourceDefinition, before?: CustomResourceDefinition): string[] {
  const known = new Set(before && unknownFormats(before))
  return [...new Set(unknownFormats(definition))]
    .filter((format) => !known.has(format))
    .map((format) => `unrecognized format ${JSON.stringify(format)}`)
}

const unknownFormats = ({ spec }: CustomResourceDefinition): string[] =>
  (spec?.versions ?? []).flatMap(({ schema }) => formatsIn(schema?.openAPIV3Schema as JsonSchema | undefined))

function formatsIn(schema: JsonSchema | undefined): string[] {
  if (!schema) return []
  const { type, format, properties = {}, additionalProperties } = schema
  const inside = [
    ...Object.values(properties),
    ...(typeof additionalProperties === 'object' ? [additionalProperties] : []),
    itemsOf(schema),
  ]
  const own = type === 'string' && format && !isKnownFormat(format) ? [format] : []
  return [...own, ...inside.flatMap(formatsIn)]
}
