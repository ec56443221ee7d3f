import type { KindDescriptor } from '../../../../src-kube/kinds/descriptor.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { Entry } from '../../registry/registry.ts'
import type { Negotiated } from '../http/negotiation.ts'
import { columnDocs } from './column-docs.ts'

/**
 * Which form of a table is asked for (kubernetes.io, "Kubernetes API Concepts: Receiving resources as Tables"). `now` is in milliseconds since
 * the epoch, for ages.
 */
export interface TableOptions {
  descriptor: KindDescriptor
  form: Negotiated
  /** `None`, `Metadata` (default) or `Object`. */
  include: string
  now: number
}

/** The whole table but its metadata (KEP-555, "Server-side Get and Partial Objects"). `header`: column definitions too. */
export function table(
  entries: readonly Entry[],
  options: TableOptions & { header: boolean; objectJson: (entry: Entry) => object },
): object {
  const { descriptor, form, header } = options
  return {
    kind: 'Table',
    apiVersion: `${form.group || 'meta.k8s.io'}/${form.version || 'v1'}`,
    metadata: {},
    columnDefinitions: header ? definitionsOf(descriptor) : null,
    rows: entries.map((entry) => row(entry, options)),
  }
}

function definitionsOf(descriptor: KindDescriptor): object[] {
  const docs = columnDocs(descriptor)
  return descriptor.columns.map(({ name, type, format = '', description, priority = 0 }, i) => ({
    name,
    type,
    format,
    description: description ?? docs?.[i] ?? '',
    priority,
  }))
}

function row(entry: Entry, options: TableOptions & { objectJson: (entry: Entry) => object }): object {
  const { descriptor, include, now } = options
  const object =
    include === 'None'
      ? undefined
      : include === 'Object'
        ? options.objectJson(entry)
        : partialObject(entry.object, options.form.version)
  return { cells: descriptor.row(entry.object, now), ...(object ? { object } : {}) }
}

/** An object reduced to its metadata. */
export function partialObject(object: KubeObject, version = 'v1'): object {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version || 'v1'}`, metadata: object.metadata }
}
