/**
 * A process to be traced: creates 200 objects, 16 at a time, and says `ACK <key>` on stdout as soon as each is acknowledged.
 * `store DIR`: to the store. `app DIR`: over HTTPS to a whole control plane in this process. `unsynced DIR`: to a store whose
 * commit log does not wait for the disk, which the checker of the trace must find out.
 */
import { mkdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { adminTransport } from '../../src-main/cluster/api.ts'
import { startControlPlane } from '../../src-main/controlplane/control-plane.ts'
import { CommitLog, logOf, RECORD_HEAD } from '../../src-main/controlplane/store/commit-log.ts'
import { openStore } from '../../src-main/controlplane/store/index.ts'
import { SequencedStore, type Journal } from '../../src-main/controlplane/store/sequenced-store.ts'
import { pack, packedSize } from '../../src-main/controlplane/store/writer-protocol.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'

const [mode, directory] = process.argv.slice(2) as [string, string]
const OBJECTS = 200
const CLIENTS = 16
const PREFIX = '/registry/core/configmaps/default/'

interface Target {
  create(name: string): Promise<unknown>
  close(): Promise<void>
}

const targets: Record<string, () => Promise<Target>> = {
  async store() {
    const store = await openStore({ directory })
    return { create: (name) => store.create(PREFIX + name, new Uint8Array(600)), close: () => store.close() }
  },

  async unsynced() {
    mkdirSync(directory, { recursive: true })
    const log = new CommitLog(logOf(join(directory, 'store.db')), { sync: () => {} })
    const journal: Journal = {
      async commit(batch, time) {
        const record = new Uint8Array(RECORD_HEAD + packedSize(batch))
        log.append(record.subarray(0, RECORD_HEAD + pack(batch, record.subarray(RECORD_HEAD))), time)
      },
      compact: () => Promise.resolve(),
      snapshot: () => Promise.resolve(),
      close: async () => log.close(),
    }
    const store = new SequencedStore({ journal })
    return { create: (name) => store.create(PREFIX + name, new Uint8Array(600)), close: () => store.close() }
  },

  async app() {
    const options = { addresses: [], clusterCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' }
    const identity = { cluster: 'traced', directory, token: 'abcdef.0123456789abcdef' }
    const port = { port: undefined, fixedPort: false }
    const plane = await startControlPlane({ ...options, ...identity, ...port, log: () => {} })
    const api = adminTransport({ server: `https://127.0.0.1:${plane.port}`, ...plane.admin })
    const resource = { group: '', version: 'v1', resource: 'configmaps', kind: 'ConfigMap', namespaced: true }
    return {
      create(name) {
        const metadata = { name, namespace: 'default' } as KubeObject['metadata']
        const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata } as KubeObject
        return api.request({ verb: 'create', resource, namespace: 'default', body })
      },
      async close() {
        api.close()
        await plane.stop()
      },
    }
  },
}

const target = await targets[mode]!()
let next = 0
const client = async (): Promise<void> => {
  while (next < OBJECTS) {
    const name = `traced-${String(next++).padStart(3, '0')}`
    await target.create(name)
    writeSync(1, `ACK ${PREFIX}${name}\n`)
  }
}
await Promise.all(Array.from({ length: CLIENTS }, client))
await target.close()
