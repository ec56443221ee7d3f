import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseYaml } from '../../../src-kube/machinery/yaml.ts'
import { type PodSecurityConfiguration, podSecurityConfiguration } from './pod-security/configuration.ts'

/** What plugins are told beyond their defaults. */
export interface AdmissionConfiguration {
  podSecurity?: PodSecurityConfiguration
}

/** Put by the user into the cluster's data directory, as `--admission-control-config-file` of kube-apiserver. */
const FILE = 'admission-configuration.yaml'

/**
 * The `AdmissionConfiguration` in the cluster's data directory; empty without one. Throws an Error for one that cannot be meant: a cluster that
 * refuses less than it was asked to is worse than none.
 */
export function readAdmissionConfiguration(directory: string): AdmissionConfiguration {
  const path = join(directory, FILE)
  if (!existsSync(path)) return {}
  try {
    return configurationOf(parseYaml(readFileSync(path, 'utf8')), directory)
  } catch (error) {
    throw new Error(`${path} is no admission configuration: ${(error as Error).message}`, { cause: error })
  }
}

interface PluginEntry {
  name?: unknown
  configuration?: unknown
  /** Of a file that has the configuration, beside this one unless it is absolute. */
  path?: unknown
}

function configurationOf(document: unknown, directory: string): AdmissionConfiguration {
  const { apiVersion, kind, plugins = [] } = (document ?? {}) as Record<string, unknown>
  if (
    kind !== 'AdmissionConfiguration' ||
    !/^apiserver\.config\.k8s\.io\/v1(?:beta1|alpha1)?$/.test(String(apiVersion))
  )
    throw new Error(
      `want apiVersion apiserver.config.k8s.io/v1 and kind AdmissionConfiguration, have ${String(apiVersion)} and ${String(kind)}`,
    )
  if (!Array.isArray(plugins)) throw new Error('plugins: must be a list')
  const configuration: AdmissionConfiguration = {}
  for (const entry of plugins as PluginEntry[]) {
    if (entry.name !== 'PodSecurity') throw new Error(`plugins: ${String(entry.name)} has nothing to configure here`)
    const said =
      entry.configuration ??
      (typeof entry.path === 'string' ? parseYaml(readFileSync(join(directory, entry.path), 'utf8')) : undefined)
    if (said) configuration.podSecurity = podSecurityConfiguration(said)
  }
  return configuration
}
