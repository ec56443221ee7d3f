import { parseAllDocuments } from 'yaml'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { formatYaml } from '../../src-kube/machinery/format-yaml.ts'
import { parseYaml } from '../../src-kube/machinery/yaml.ts'

/** One document of a pasted text. */
export interface ManifestDocument {
  /** Line it begins at, from 1. */
  line: number
  text: string
  object?: KubeObject
  /** Why it is no manifest, in a sentence. */
  problem?: string
}

/**
 * An object as YAML for people, which reads back as the same object: what it is and whose first, what the server keeps of it last. Managed fields
 * are left out.
 */
export function toYaml({ apiVersion, kind, metadata, status, ...rest }: KubeObject): string {
  const { managedFields: _, name, generateName, namespace, labels, annotations, ...kept } = metadata
  const about = { name, generateName, namespace, labels, annotations, ...kept }
  return formatYaml({ apiVersion, kind, metadata: about, ...rest, status })
}

/** Splits a text into its documents; empty ones are left out, `List`s are taken apart. Where they lie and what is wrong with them says one parser, what they hold the one that reads scalars as Kubernetes does. */
export function readManifests(text: string): ManifestDocument[] {
  const documents = parseAllDocuments(text, { version: '1.1', prettyErrors: true })
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
    try {
      const value = parseYaml(source)
      if (value === null || value === undefined) return []
      return expand(value).map((item) => ({ line, text: source, ...check(item) }))
    } catch (cause) {
      if (!(cause instanceof StatusError)) throw cause
      return [{ line, text: source, problem: cause.message }]
    }
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
