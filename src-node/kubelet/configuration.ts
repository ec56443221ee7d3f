import { join } from 'node:path'
import { parseYaml } from '../../src-kube/machinery/yaml.ts'
import type { KubeletOptions } from './options.ts'

/**
 * The `KubeletConfiguration` that is on the node, `config.yaml` in the kubelet's directory (kubernetes.io, "Kubelet Configuration (v1beta1)"), as `read` has
 * it; undefined without one. A file that cannot be meant changes nothing and is told of.
 */
export async function readConfiguration<T>(
  { host, stateDirectory, log }: Pick<KubeletOptions, 'host' | 'stateDirectory' | 'log'>,
  read: (configuration: unknown) => T,
): Promise<T | undefined> {
  const file = join(stateDirectory, 'config.yaml')
  try {
    return read(parseYaml(await host.readFile(file)))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') log(`${file}: ${String(error)}`)
    return undefined
  }
}

/** Processes and threads that a pod may have (kubernetes.io, "Process ID Limits And Reservations: Pod PID limits"); undefined for no limit. Pure. */
export function podPidsLimit(configuration: unknown): number | undefined {
  const { podPidsLimit: limit = -1 } = (configuration ?? {}) as { podPidsLimit?: unknown }
  if (typeof limit !== 'number' || !Number.isInteger(limit))
    throw new Error(`podPidsLimit: ${JSON.stringify(limit)} is no whole number`)
  return limit > 0 ? limit : undefined
}
