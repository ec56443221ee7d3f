import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import type { JsonSchema } from '../../../../src-kube/machinery/structural/types.ts'
import type { Registry, Target } from '../registry.ts'
import { at, type Arranged } from './arrange.ts'

type Version = Partial<CustomResourceDefinition['spec']['versions'][number]>

export interface CrdOptions {
  schema?: JsonSchema
  /** Of the one version `v1`. */
  version?: Version
  versions?: Array<Version & { name: string; served: boolean; storage: boolean }>
  scope?: 'Namespaced' | 'Cluster'
  conversion?: CustomResourceDefinition['spec']['conversion']
}

/** The definition `tools.example.com`, kind `Tool`. */
export function toolCrd({ schema, version, versions, conversion, scope = 'Namespaced' }: CrdOptions = {}): object {
  const openAPIV3Schema = schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  const one = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema }, ...version }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'tools.example.com' },
    spec: {
      group: 'example.com',
      names: { plural: 'tools', singular: 'tool', kind: 'Tool', listKind: 'ToolList', shortNames: ['tl'] },
      scope,
      versions: versions ?? [one],
      ...(conversion ? { conversion } : {}),
    },
  }
}

const crds = (name: string, subresource = ''): Target =>
  at('apiextensions.k8s.io/v1', 'CustomResourceDefinition', '', name, subresource)

/** Creates a definition and accepts it, as the controllers would; it is served when this resolves. */
export async function define({ registry, write }: Arranged, options: CrdOptions = {}): Promise<void> {
  await registry.create(crds(''), toolCrd(options), write)
  await setConditions(registry, write, { NamesAccepted: 'True', Established: 'True' })
}

/** Writes the status of `tools.example.com` and waits until it has had its effect. */
export async function setConditions(
  registry: Registry,
  write: Arranged['write'],
  conditions: Record<string, string>,
): Promise<void> {
  const { object } = await registry.read(crds('tools.example.com'))
  const { names } = object['spec'] as CustomResourceDefinition['spec']
  const listed = Object.entries(conditions).map(([type, status]) => ({ type, status }))
  const status = { ...(object['status'] as object), acceptedNames: names, conditions: listed }
  await registry.update(crds('tools.example.com', 'status'), { ...object, status }, write)
  await settled()
}

/** Definitions are taken up in turns after their commit. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A target of `tools.example.com`. Throws when the version is not served. */
export function tool(
  registry: Registry,
  name = '',
  { version = 'v1', subresource = '', namespace = 'ns' } = {},
): Target {
  const descriptor = registry.kinds.find(
    ({ plural, served }) => plural === 'tools' && served.some((one) => one.version === version),
  )
  const served = descriptor?.served[0]
  if (!descriptor || !served) throw new Error(`tools of ${version} are not served`)
  return { descriptor, served, namespace: descriptor.scope === 'Namespaced' ? namespace : '', name, subresource }
}

export const aTool = (name: string, rest: object = {}, version = 'v1') => ({
  apiVersion: `example.com/${version}`,
  kind: 'Tool',
  metadata: { name },
  ...rest,
})
