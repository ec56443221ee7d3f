import { kinds } from '../../../../src-kube/kinds/index.ts'
import type { KindDescriptor } from '../../../../src-kube/kinds/descriptor.ts'
import { formatApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import { findSchema, type StructSchema } from '../../../../src-kube/machinery/schema/index.ts'
import { readDocs, type Docs } from '../openapi/docs.ts'

/** What columns show that are no fields; by kind, or of all kinds. */
const ownDocs: Record<string, string> = {
  'Pod Ready': 'How many of its containers are ready, of how many there are.',
  'Pod Status': 'What its containers come to: its phase, or why one of them waits or ended.',
  'Pod Restarts': 'How often its containers were started again, and when the last of them was.',
  'Pod Readiness Gates': 'How many of its readiness gates are true, of how many there are.',
  'Node Status': 'Whether it is ready, and whether pods may be placed on it.',
  'Node Roles': 'What its role labels say.',
  'Service Port(s)': 'Its ports and node ports with their protocols.',
  'Job Completions': 'How many of its pods have succeeded, of how many shall.',
  'Job Duration': 'How long it has run, or ran.',
  Desired: 'How many replicas are wanted.',
  Current: 'How many replicas there are.',
  Ready: 'How many replicas are ready, where there are several of how many.',
  'Up-to-date': 'How many replicas are of the newest template.',
  Available: 'How many replicas have been ready for long enough.',
  Data: 'How many keys it has.',
  Containers: 'The names of the containers in its template.',
  Images: 'The images of the containers in its template.',
  Selector: 'The labels of what it selects.',
}

/** Columns that show a field of another name, in the type that has it. */
const fields: Record<string, string> = {
  age: 'creationTimestamp',
  createdat: 'creationTimestamp',
  ip: 'podIP',
  node: 'nodeName',
}

let known: ReadonlyMap<KindDescriptor['columns'], readonly string[]> | undefined

/**
 * What the columns of a built-in kind show, in their order, as its fields are explained (KEP-555 has a description for each); empty where there
 * is nothing to say. Those of all kinds are looked up at once, as the explanations are large and let go again.
 */
export function columnDocs({ columns }: Pick<KindDescriptor, 'columns'>): readonly string[] | undefined {
  known ??= describeAll()
  return known.get(columns)
}

function describeAll(): ReadonlyMap<KindDescriptor['columns'], readonly string[]> {
  const docs = readDocs()
  return new Map(
    kinds.map((descriptor) => {
      const schemas = schemasOf(descriptor)
      return [descriptor.columns, descriptor.columns.map(({ name }) => describe(descriptor.kind, name, schemas, docs))]
    }),
  )
}

/** Where its fields may be: metadata, spec, status, and the object itself. */
function schemasOf({ group, storageVersion, kind }: KindDescriptor): StructSchema[] {
  const object = findSchema(formatApiVersion(group, storageVersion), kind)
  const parts = ['metadata', 'spec', 'status'].flatMap((name) => {
    const type = object?.fields.get(name)?.type
    return type?.kind === 'struct' ? [type.struct] : []
  })
  return object ? [...parts, object] : parts
}

function describe(kind: string, column: string, schemas: readonly StructSchema[], docs: Docs): string {
  const own = ownDocs[`${kind} ${column}`]
  if (own) return own
  const name = column.toLowerCase().replaceAll(/[^a-z]/g, '')
  const wanted = fields[name] ?? name
  for (const schema of schemas) {
    const field = [...schema.fields.keys()].find((one) => one.toLowerCase() === wanted.toLowerCase())
    const words = field && docs(schema, field)
    if (words) return words
  }
  return ownDocs[column] ?? ''
}
