/** Names and labels of what a cluster has in Docker (ARCHITECTURE.md, "Names and numbers"). */
export const LABEL_CLUSTER = 'dev.drydock.cluster'
export const LABEL_NODE = 'dev.drydock.node'
export const LABEL_PURPOSE = 'dev.drydock.purpose'

/** Docker's names of what belongs to a cluster. */
export interface ClusterNames {
  network: string
  sharedVolume: string
  container: (node: string) => string
  dockerVolume: (node: string) => string
  kubeletVolume: (node: string) => string
}

/** Every name follows from the cluster's own, so that whatever is left of it is found again. */
export function namesOf(cluster: string): ClusterNames {
  const prefix = `drydock-${cluster}`
  return {
    network: prefix,
    sharedVolume: `${prefix}-volumes`,
    container: (node) => `${prefix}-${node}`,
    dockerVolume: (node) => `${prefix}-${node}-docker`,
    kubeletVolume: (node) => `${prefix}-${node}-kubelet`,
  }
}

/** Labels by which it is found again, and known as ours, whatever its name. */
export function labelsOf(cluster: string, purpose: string, node?: string): Record<string, string> {
  return { [LABEL_CLUSTER]: cluster, [LABEL_PURPOSE]: purpose, ...(node ? { [LABEL_NODE]: node } : {}) }
}
