import { parseApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import type { Dialect } from './definitions.ts'
import { metaReference, type MetaType } from './meta.ts'
import { operationId, tagOf } from './names.ts'
import { render } from './operation.ts'

const MEDIA = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']

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

function reads(path: string, { id, tag, description, answer, produces = MEDIA }: Read, dialect: Dialect): General {
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

/** Documents of paths that belong to no version, by what version 3 calls them: discovery, the server's version and the keys of its tokens. */
export function generalPaths(groups: readonly string[], dialect: Dialect): Record<string, General> {
  const string = { type: 'string' } as const
  const json = ['application/json']
  return {
    '.well-known/openid-configuration': reads(
      '/.well-known/openid-configuration/',
      {
        id: 'getServiceAccountIssuerOpenIDConfiguration',
        tag: 'WellKnown',
        description: 'Describes the issuer of tokens of service accounts.',
        answer: string,
        produces: json,
      },
      dialect,
    ),
    api: reads(
      '/api/',
      {
        id: 'getCoreAPIVersions',
        tag: 'core',
        description: 'Lists versions of the core group.',
        answer: 'APIVersions',
      },
      dialect,
    ),
    apis: reads(
      '/apis/',
      { id: 'getAPIVersions', tag: 'apis', description: 'Lists groups.', answer: 'APIGroupList' },
      dialect,
    ),
    ...Object.fromEntries(
      groups.map((group) => {
        const id = operationId('get', group, '', 'APIGroup')
        const description = 'Describes the group.'
        return [
          `apis/${group}`,
          reads(`/apis/${group}/`, { id, tag: tagOf(group), description, answer: 'APIGroup' }, dialect),
        ]
      }),
    ),
    'openid/v1/jwks': reads(
      '/openid/v1/jwks/',
      {
        id: 'getServiceAccountIssuerOpenIDKeyset',
        tag: 'openid',
        description: 'Keys of the issuer of tokens of service accounts.',
        answer: string,
        produces: ['application/jwk-set+json'],
      },
      dialect,
    ),
    version: reads(
      '/version/',
      {
        id: 'getCodeVersion',
        tag: 'version',
        description: "The server's version.",
        answer: { type: 'object' },
        produces: json,
      },
      dialect,
    ),
  }
}
