import type { EtcdSettings } from '../controlplane/store/etcd/index.ts'
import { DEFAULT_PREFIX } from './etcd-settings.ts'
import { UserError } from './user-error.ts'

/** How to reach an etcd, and a cluster's keys in it. */
interface Place {
  /** Flags of etcdctl. */
  endpoints: string
  prefix: string
}

/** What etcd's own tools do instead of ours. */
const instead = {
  save: ({ endpoints }: Place) => `etcdctl ${endpoints} snapshot save FILE`,
  restore: () => 'etcdutl snapshot restore FILE',
  reset: ({ endpoints, prefix }: Place) => `etcdctl ${endpoints} del --prefix ${prefix}`,
}

/** Refuses what is done to a store in the cluster's folder, for a cluster whose state is in etcd. Throws a `UserError` with what to do instead. */
export function refuseEtcd(name: string, { etcd }: { etcd?: EtcdSettings }, verb: keyof typeof instead): void {
  if (!etcd) return
  const endpoints = `--endpoints ${etcd.servers.join(',')}`
  const command = instead[verb]({ endpoints, prefix: `${etcd.prefix ?? DEFAULT_PREFIX}/` })
  throw new UserError(
    `Cluster "${name}" keeps its state in etcd, which this does not reach.`,
    `Use etcd's own tools: \`${command}\`.`,
  )
}
