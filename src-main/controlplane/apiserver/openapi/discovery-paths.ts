import { parseApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import type { Dialect } from './definitions.ts'
import { metaReference, type MetaType } from './meta.ts'
import { operationId, tagOf } from './names.ts'
import { render } from './operation.ts'

const media = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']

type Answer = MetaType | { type: 'object' | 'string' }

interface Read {
  id: string
  tag: string
  description: string
  answer: Answer
  produces?: readonly string[]
}

/** Paths, and the type that they answer with when it is one that a document has to define. */
export interface General {
  paths: object
  answers: MetaType[]
}

function reads(path: string, { id, tag, description, answer, produces = media }: Read, dialect: Dialect): General {
  const schema = typeof answer === 'string' ? metaReference(answer, dialect) : answer
  const operation = { id, tag, description, parameters: [], answers: { 200: schema }, produces }
  return { paths: { [path]: { get: render(operation, dialect) } }, answers: typeof answer === 'string' ? [answer] : [] }
}

/** What a group version serves, at its own path: `/apis/apps/v1/`. */
export function versionPath(apiVersion: string, path: string, dialect: Dialect): object {
  const { group, version } = parseApiVersion(apiVersion)
  const id = operationId('get', group, version, 'APIResources')
  const description = 'Lists resources of the version.'
  return reads(`/${path}/`, { id, tag: tagOf(group, version), description, answer: 'APIResourceList' }, dialect).paths
}

const jsonOnly = ['application/json']
const string = { type: 'string' } as const

/** Paths that belong to no version and no group. */
const roots: Readonly<Record<string, Read>> = {
  '.well-known/openid-configuration': {
    id: 'getServiceAccountIssuerOpenIDConfiguration',
    tag: 'WellKnown',
    description: 'Describes the issuer of tokens of service accounts.',
    answer: string,
    produces: jsonOnly,
  },
  api: {
    id: 'getCoreAPIVersions',
    tag: 'core',
    description: 'Lists versions of the core group.',
    answer: 'APIVersions',
  },
  apis: { id: 'getAPIVersions', tag: 'apis', description: 'Lists groups.', answer: 'APIGroupList' },
  'openid/v1/jwks': {
    id: 'getServiceAccountIssuerOpenIDKeyset',
    tag: 'openid',
    description: 'Keys of the issuer of tokens of service accounts.',
    answer: string,
    produces: ['application/jwk-set+json'],
  },
  version: {
    id: 'getCodeVersion',
    tag: 'version',
    description: "The server's version.",
    answer: { type: 'object' },
    produces: jsonOnly,
  },
}

const ofGroup = (group: string): Read => ({
  id: operationId('get', group, '', 'APIGroup'),
  tag: tagOf(group),
  description: 'Describes the group.',
  answer: 'APIGroup',
})

/** Paths that belong to no version, by what version 3 calls them: discovery, the server's version and the keys of its tokens. */
export function generalPaths(groups: readonly string[], dialect: Dialect): Record<string, General> {
  const all = { ...roots, ...Object.fromEntries(groups.map((group) => [`apis/${group}`, ofGroup(group)])) }
  return Object.fromEntries(Object.entries(all).map(([path, read]) => [path, reads(`/${path}/`, read, dialect)]))
}
