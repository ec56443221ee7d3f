import type { Container, Pod } from '#types/core/v1'
import { ContainerConfigError } from '../plan/config-error.ts'
import { containerEnvironment, environmentNeeds } from '../plan/environment.ts'
import type { PodContext } from '../pod-context.ts'

export type EnvironmentSources = Pick<PodContext, 'references' | 'services' | 'nodeFacts' | 'nodeName' | 'nodeIp'>

/** Reads what a container's variables come from, then makes them. Throws `ContainerConfigError`. */
export async function readEnvironment(
  sources: EnvironmentSources,
  pod: Pod,
  container: Container,
  podIp: string,
): Promise<Map<string, string>> {
  const { references, nodeName, nodeIp } = sources
  const namespace = pod.metadata.namespace ?? ''
  const needs = environmentNeeds(container)
  const [configMaps, secrets, allocatable] = await Promise.all([
    readAll(needs.configMaps, (name) => references.configMap(namespace, name)),
    readAll(needs.secrets, (name) => references.secret(namespace, name)),
    needs.allocatable ? sources.nodeFacts.allocatable() : {},
  ]).catch((error: unknown) => {
    throw new ContainerConfigError(error instanceof Error ? error.message : String(error), { cause: error })
  })
  const facts = { nodeName, nodeIp, podIp, configMaps, secrets, allocatable, services: sources.services() }
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
