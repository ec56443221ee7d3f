import type { CustomResourceColumnDefinition } from '#types/apiextensions.k8s.io/v1'
import type { KubeObject } from '../../machinery/meta.ts'
import { parseJsonPath } from '../../machinery/structural/json-path.ts'
import { since, type Cell } from '../cells.ts'
import type { Column } from '../descriptor.ts'

const age: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
}

const nameOfObject: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
}

/** A table of custom resources: the name, then what the definition asks for, the age when it asks for nothing or for what is no path. */
export function customColumns(definitions: readonly CustomResourceColumnDefinition[] | undefined): {
  columns: Column[]
  row: (object: KubeObject, now: number) => Cell[]
} {
  const shown = definitions?.length && definitions.every(isReadable) ? definitions : [age]
  const cells = shown.map(({ type, jsonPath }) => ({ type, path: parseJsonPath(jsonPath) }))
  return {
    columns: [nameOfObject, ...shown.map(columnOf)],
    row: (object, now) => [object.metadata.name, ...cells.map(({ type, path }) => cellOf(type, path(object)[0], now))],
  }
}

function isReadable({ jsonPath }: CustomResourceColumnDefinition): boolean {
  try {
    parseJsonPath(jsonPath)
    return true
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}

function columnOf({ name, type, format, description, jsonPath, priority }: CustomResourceColumnDefinition): Column {
  return {
    name,
    type: type as Column['type'],
    format: (format ?? '') as NonNullable<Column['format']>,
    description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority: priority ?? 0,
  }
}

/** A value as a column of this type shows it; null for one of another type, as upstream has it. */
function cellOf(type: string, value: unknown, now: number): Cell {
  if (value === undefined || value === null) return null
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      return typeof value === 'string' ? (Number.isNaN(Date.parse(value)) ? '<invalid>' : since(value, now)) : null
    default:
      return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean)
  }
}
