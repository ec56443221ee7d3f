import { parseAllDocuments, stringify, type Tags } from 'yaml'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'

/** One document of a pasted text. */
export interface ManifestDocument {
  /** Line it begins at, from 1. */
  line: number
  text: string
  object?: KubeObject
  /** Why it is no manifest, in a sentence. */
  problem?: string
}

/** An object as YAML for people: managed fields are left out, the server keeps them. */
export function toYaml(object: KubeObject): string {
  const { managedFields: _, ...metadata } = object.metadata
  return stringify({ ...object, metadata }, { lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false })
}

/** YAML 1.1 without its times and base-60 numbers: Kubernetes keeps `2026-01-01` and `12:30` as the strings they are. */
const kubernetesTags = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === 'string' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && tag.format !== 'TIME'))

/** Splits a text into its documents; empty ones are left out, `List`s are taken apart. Scalars follow YAML 1.1, as Kubernetes reads them. */
export function readManifests(text: string): ManifestDocument[] {
  const documents = parseAllDocuments(text, { version: '1.1', prettyErrors: true, customTags: kubernetesTags })
  if (!Array.isArray(documents)) return []
  return documents.flatMap((document) => {
    const [start, , end] = document.range
    const line = text.slice(0, document.contents?.range?.[0] ?? start).split('\n').length
    const source = text.slice(start, end)
    const error = document.errors[0]
    if (error)
      return [
        {
          line: error.linePos?.[0].line ?? line,
          text: source,
          problem: error.message.split('\n')[0]!.replace(/:$/, ''),
        },
      ]
    const value: unknown = document.toJS({ maxAliasCount: 1000 })
    if (value === null || value === undefined) return []
    return expand(value).map((item) => ({ line, text: source, ...check(item) }))
  })
}

function expand(value: unknown): unknown[] {
  const { kind, items } = value as { kind?: string; items?: unknown }
  return kind === 'List' && Array.isArray(items) ? items : [value]
}

function check(value: unknown): Pick<ManifestDocument, 'object' | 'problem'> {
  if (typeof value !== 'object' || Array.isArray(value))
    return { problem: 'not an object: a manifest begins with apiVersion and kind' }
  const object = value as Partial<KubeObject>
  if (typeof object.apiVersion !== 'string' || object.apiVersion === '') return { problem: 'apiVersion not set' }
  if (typeof object.kind !== 'string' || object.kind === '') return { problem: 'kind not set' }
  if (!object.metadata?.name && !object.metadata?.generateName)
    return { problem: 'metadata.name: Required value: name or generateName is required' }
  return { object: object as KubeObject }
}
