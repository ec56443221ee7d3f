import { schemaOf } from '../../../../src-kube/machinery/schema/index.ts'
import { addDefinition, definitionName, type Dialect } from './definitions.ts'
import type { Docs } from './docs.ts'

const HOME = definitionName({ groupVersion: 'meta/v1', type: '' })

/** Types of requests and answers that are no kinds of their own. */
const DISCOVERY = ['APIGroup', 'APIGroupList', 'APIResourceList', 'APIVersions'] as const
const REQUESTS = ['DeleteOptions', 'Patch', 'Status', 'WatchEvent'] as const
const ALL: readonly MetaType[] = [...DISCOVERY, ...REQUESTS]
/** Types of `meta/v1` that documents define though no kind has them in its own. */
export type MetaType = (typeof DISCOVERY | typeof REQUESTS)[number]

/** Those of which the client's declarations have no type. */
const OPEN: Record<'Patch' | 'WatchEvent', object> = {
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

export const metaReference = (type: MetaType, { prefix }: Dialect): object => ({ $ref: `${prefix}${HOME}${type}` })

/** Adds what {@link metaReference} points to. */
export function addMetaTypes(into: Record<string, unknown>, dialect: Dialect, docs: Docs, types = ALL): void {
  for (const type of types) {
    if (type in OPEN) into[`${HOME}${type}`] = OPEN[type as keyof typeof OPEN]
    else addDefinition(into, schemaOf('meta/v1', type), dialect, docs)
  }
}
