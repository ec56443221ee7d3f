import { readFile } from 'node:fs/promises'

/** What the provider writes to /etc/drydock/node.json; read again at each (re)connection, as the API server may move. */
export interface NodeConfig {
  cluster: string
  node: string
  address: string
  /** Base addresses of the API server, tried in order. */
  servers: string[]
  /** PEM. */
  ca: string
  /** Bootstrap token `id.secret`. */
  token: string
  clusterDns: string
  clusterDomain: string
  clusterCidr: string
  serviceCidr: string
}

export const CONFIG_PATH = '/etc/drydock/node.json'

export async function readConfig(path = CONFIG_PATH): Promise<NodeConfig> {
  return JSON.parse(await readFile(path, 'utf8')) as NodeConfig
}
