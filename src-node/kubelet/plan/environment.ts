import type {
  ConfigMap,
  Container,
  EnvFromSource,
  EnvVarSource,
  FileKeySelector,
  Pod,
  Secret,
  Service,
} from '#types/core/v1'
import { ContainerConfigError } from './config-error.ts'
import { expand } from './expand.ts'
import { type Allocatable, asksLimit, fieldValue, type PodFacts, resourceValue } from './pod-fields.ts'
import { serviceVariables } from './service-variables.ts'

/** The objects that a container's variables come from, by name; one that is not there is missing. */
export interface EnvironmentObjects {
  configMaps: ReadonlyMap<string, ConfigMap>
  secrets: ReadonlyMap<string, Secret>
  /** Variables of files in volumes, by {@link fileId}; one that cannot be read as such is the error that says so. */
  files: ReadonlyMap<string, ReadonlyMap<string, string> | Error>
}

/** What variables of a container may refer to, read beforehand. */
export interface EnvironmentFacts extends PodFacts, EnvironmentObjects {
  services: readonly Service[]
  allocatable: Allocatable
}

/** Names of what {@link containerEnvironment} reads besides the pod. */
export interface EnvironmentNeeds {
  configMaps: Set<string>
  secrets: Set<string>
  files: Array<Pick<FileKeySelector, 'volumeName' | 'path'>>
  /** Whether a limit that is not set may have to be told. */
  allocatable: boolean
}

/** What must be at hand before a container's environment can be made. */
export function environmentNeeds({ env = [], envFrom = [] }: Container): EnvironmentNeeds {
  const present = (names: Array<string | undefined>) => new Set(names.filter((name) => name !== undefined))
  return {
    configMaps: present([
      ...envFrom.map((source) => source.configMapRef?.name),
      ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
    ]),
    secrets: present([
      ...envFrom.map((source) => source.secretRef?.name),
      ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
    ]),
    files: env.flatMap(({ valueFrom }) => valueFrom?.fileKeyRef ?? []),
    allocatable: env.some(({ valueFrom }) => asksLimit(valueFrom?.resourceFieldRef)),
  }
}

/**
 * The variables of a container: `envFrom`, over which `env` wins, each value expanded by those before it; services' variables
 * where the pod sets none of that name (kubernetes.io, "Define Environment Variables for a Container"). Pure. Throws
 * `ContainerConfigError` in upstream's words when an object or key is not there and not optional.
 */
export function containerEnvironment(pod: Pod, container: Container, facts: EnvironmentFacts): Map<string, string> {
  const namespace = pod.metadata.namespace ?? ''
  const services = serviceVariables(facts.services, { namespace, links: pod.spec.enableServiceLinks ?? true })
  const own = new Map<string, string>()
  for (const source of container.envFrom ?? []) {
    for (const [key, value] of Object.entries(dataOf(source, facts))) own.set(`${source.prefix ?? ''}${key}`, value)
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const text = value
      ? expand(value, (other) => own.get(other) ?? services.get(other))
      : valueFrom
        ? valueOf(valueFrom, pod, container, facts)
        : ''
    if (text !== undefined) own.set(name, text)
  }
  return new Map([...own, ...[...services].filter(([name]) => !own.has(name))])
}

function dataOf({ configMapRef, secretRef }: EnvFromSource, facts: EnvironmentObjects): Record<string, string> {
  if (configMapRef) {
    const { name = '', optional } = configMapRef
    const found = facts.configMaps.get(name)
    if (!found && !optional) throw new ContainerConfigError(`configmap "${name}" not found`)
    return found?.data ?? {}
  }
  const { name = '', optional } = secretRef ?? {}
  const found = facts.secrets.get(name)
  if (!found && !optional) throw new ContainerConfigError(`secret "${name}" not found`)
  return Object.fromEntries(Object.entries(found?.data ?? {}).map(([key, value]) => [key, decode(value)]))
}

/** Undefined for something optional that is not there: the variable is left out. */
function valueOf(from: EnvVarSource, pod: Pod, container: Container, facts: EnvironmentFacts): string | undefined {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = from
  try {
    if (fieldRef) return fieldValue(pod, fieldRef.fieldPath, facts)
    if (resourceFieldRef) return resourceValue(pod, resourceFieldRef, facts.allocatable, container)
  } catch (error) {
    throw new ContainerConfigError((error as Error).message, { cause: error })
  }
  if (fileKeyRef) return ofFile(fileKeyRef, facts)
  const namespace = pod.metadata.namespace ?? ''
  if (configMapKeyRef) return keyOf('ConfigMap', configMapKeyRef, facts.configMaps, namespace)
  const value = secretKeyRef && keyOf('Secret', secretKeyRef, facts.secrets, namespace)
  return value === undefined ? undefined : decode(value)
}

/** One file of one volume. */
export const fileId = ({ volumeName, path }: Pick<FileKeySelector, 'volumeName' | 'path'>): string =>
  `${volumeName}/${path}`

function ofFile(selector: FileKeySelector, { files }: EnvironmentObjects): string | undefined {
  const found = files.get(fileId(selector))
  if (found instanceof Error) throw new ContainerConfigError(found.message, { cause: found })
  const value = found?.get(selector.key)
  if (value !== undefined || selector.optional) return value
  throw new ContainerConfigError(`environment variable key "${selector.key}" not found in file "${selector.path}"`)
}

function keyOf(
  kind: 'ConfigMap' | 'Secret',
  { name = '', key, optional }: { name?: string | undefined; key: string; optional?: boolean | undefined },
  objects: ReadonlyMap<string, ConfigMap | Secret>,
  namespace: string,
): string | undefined {
  const found = objects.get(name)
  const value = found?.data?.[key]
  if (value !== undefined || optional) return value
  throw new ContainerConfigError(
    found ? `couldn't find key ${key} in ${kind} ${namespace}/${name}` : `${kind.toLowerCase()} "${name}" not found`,
  )
}

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8')
