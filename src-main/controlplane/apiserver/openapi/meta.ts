import { schemaOf } from '../../../../src-kube/machinery/schema/index.ts'
import { addDefinition, definitionName, type Dialect } from './definitions.ts'
import type { Docs } from './docs.ts'

const home = definitionName({ groupVersion: 'meta/v1', type: '' })

/** Types of requests and answers that are no kinds of their own. */
const discovery = ['APIGroup', 'APIGroupList', 'APIResourceList', 'APIVersions'] as const
const requests = ['DeleteOptions', 'Patch', 'Status', 'WatchEvent'] as const
const all: readonly MetaType[] = [...discovery, ...requests]
/** Types of `meta/v1` that documents define though no kind has them in its own. */
export type MetaType = (typeof discovery | typeof requests)[number]

/** Those of which the client's declarations have no type. */
const open: Record<'Patch' | 'WatchEvent', object> = {
  Patch: { type: 'object', description: 'A change of an object, in the form that the content type names.' },
  WatchEvent: {
    type: 'object',
    description: 'One event of a watch.',
    required: ['type', 'object'],
    properties: {
      object: { type: 'object', description: 'The object as it is now or was last; a Status where the watch failed.' },
      type: { type: 'string' },
    },
  },
}

export const metaReference = (type: MetaType, { prefix }: Dialect): object => ({ $ref: `${prefix}${home}${type}` })

/** Adds what {@link metaReference} points to. */
export function addMetaTypes(into: Record<string, unknown>, dialect: Dialect, docs: Docs, types = all): void {
  for (const type of types) {
    if (type in open) into[`${home}${type}`] = open[type as keyof typeof open]
    else addDefinition(into, schemaOf('meta/v1', type), dialect, docs)
  }
}
