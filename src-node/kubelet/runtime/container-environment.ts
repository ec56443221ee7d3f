import type { Container, Pod } from '#types/core/v1'
import { ContainerConfigError } from '../plan/config-error.ts'
import { parseEnvFile } from '../plan/env-file.ts'
import { containerEnvironment, environmentNeeds, type EnvironmentNeeds, fileId } from '../plan/environment.ts'
import type { PodContext } from '../pod-context.ts'
import { readWithin } from '../volumes/sub-path.ts'

/** Where the variables of a container come from. */
export type EnvironmentSources = Pick<PodContext, 'references' | 'services' | 'nodeFacts' | 'nodeName' | 'nodeIp'>

/** Reads what a container's variables come from, then makes them. Throws `ContainerConfigError`. */
export async function readEnvironment(
  sources: EnvironmentSources,
  pod: Pod,
  container: Container,
  { podIp, volumes }: { podIp: string; volumes: ReadonlyMap<string, string> },
): Promise<Map<string, string>> {
  const { references, nodeName, nodeIp } = sources
  const namespace = pod.metadata.namespace ?? ''
  const needs = environmentNeeds(container)
  const [configMaps, secrets, files, allocatable] = await Promise.all([
    readAll(needs.configMaps, (name) => references.configMap(namespace, name)),
    readAll(needs.secrets, (name) => references.secret(namespace, name)),
    readFiles(needs.files, volumes),
    needs.allocatable ? sources.nodeFacts.allocatable() : {},
  ]).catch((error: unknown) => {
    throw new ContainerConfigError(error instanceof Error ? error.message : String(error), { cause: error })
  })
  const facts = { nodeName, nodeIp, podIp, configMaps, secrets, files, allocatable, services: sources.services() }
  return containerEnvironment(pod, container, facts)
}

async function readAll<T>(names: Set<string>, read: (name: string) => Promise<T | undefined>): Promise<Map<string, T>> {
  const found = new Map<string, T>()
  await Promise.all(
    [...names].map(async (name) => {
      const object = await read(name)
      if (object) found.set(name, object)
    }),
  )
  return found
}

type Files = Map<string, ReadonlyMap<string, string> | Error>

async function readFiles(needs: EnvironmentNeeds['files'], volumes: ReadonlyMap<string, string>): Promise<Files> {
  const found: Files = new Map()
  for (const need of needs) {
    const volume = volumes.get(need.volumeName)
    if (volume === undefined) {
      found.set(fileId(need), new Error(`cannot find the volume "${need.volumeName}" referenced by FileKeyRef`))
      continue
    }
    const text = await readWithin(volume, need.path)
    if (text !== undefined) found.set(fileId(need), parsed(text))
  }
  return found
}

function parsed(text: string): ReadonlyMap<string, string> | Error {
  try {
    return parseEnvFile(text)
  } catch (error) {
    return new Error(`couldn't parse env file: ${(error as Error).message}`, { cause: error })
  }
}
