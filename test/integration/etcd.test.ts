/** Clusters whose state is in a real etcd: the store's guarantees, and two API servers on one state. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refs } from '../../src-kube/client/refs.ts'
import { createClient, type Client } from '../../src-kube/client/typed-client.ts'
import { isConflict } from '../../src-kube/machinery/errors.ts'
import { systemClock as clock } from '../../src-kube/machinery/clock.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { adminTransport } from '../../src-main/cluster/api.ts'
import { sharedKeys } from '../../src-main/cluster/shared-keys.ts'
import { startControlPlane, type ControlPlane } from '../../src-main/controlplane/control-plane.ts'
import { createAuthority, createLeaf } from '../../src-main/controlplane/pki/x509.ts'
import { EtcdClient } from '../../src-main/controlplane/store/etcd/client.ts'
import { openEtcdStore } from '../../src-main/controlplane/store/etcd/index.ts'
import { EtcdStore } from '../../src-main/controlplane/store/etcd/etcd-store.ts'
import { behind } from '../../src-main/controlplane/store/etcd/testing/plain-keys.ts'
import { storeConformance } from '../../src-main/controlplane/store/testing/conformance.ts'
import type { HttpTransport } from '../../src-wire/http-transport.ts'
import { hasEtcd, RealEtcd } from '../helpers/etcd.ts'
import { ownFolder, removeLeftovers } from '../helpers/leftovers.ts'

const DAY = 86_400_000

describe.runIf(hasEtcd)('with a real etcd', () => {
  let etcd: RealEtcd
  const root = ownFolder('etcd')
  beforeAll(async () => {
    await removeLeftovers('etcd')
    etcd = await RealEtcd.start('etcd')
  })
  afterAll(async () => {
    await etcd.delete()
    rmSync(root, { recursive: true, force: true })
  })

  let count = 0
  storeConformance('etcd', () => {
    const client = new EtcdClient({ servers: [etcd.url], clock })
    return new EtcdStore({ client, keys: behind(`/conformance-${count++}`), clock, log: () => {} }).open()
  })

  it('is spoken to by TLS, and shown a certificate', async () => {
    const now = Date.now()
    const ca = await createAuthority('etcd-ca', now - DAY, now + DAY)
    const leaf = { commonName: 'etcd', usage: 'both', dns: ['localhost'], ips: ['127.0.0.1'] } as const
    const pair = await createLeaf(ca, { ...leaf, notBefore: now - DAY, notAfter: now + DAY })
    const file = (name: string, text: string): string => {
      writeFileSync(join(root, name), text)
      return join(root, name)
    }
    const [cafile, certfile, keyfile] = [file('ca', ca.cert), file('cert', pair.cert), file('key', pair.key)]
    const secure = await RealEtcd.start('etcd', { ca: cafile, cert: certfile, key: keyfile })
    try {
      const common = { servers: [secure.url], builtIn: [], clock, log: () => {}, timeout: 1_000 }
      const store = await openEtcdStore({ ...common, cafile, certfile, keyfile })
      expect((await store.create('/registry/core/pods/a', Buffer.from('x'))).modRevision).toBe(2)
      await store.close()
      await expect(openEtcdStore({ ...common, cafile })).rejects.toThrow('etcdserver: request timed out')
      await expect(openEtcdStore({ ...common, certfile, keyfile })).rejects.toThrow('etcdserver: request timed out')
    } finally {
      await secure.delete()
    }
  })

  describe('two API servers on one state', () => {
    const instances: Array<{ plane: ControlPlane; api: HttpTransport; client: Client }> = []
    beforeAll(async () => {
      for (const name of ['first', 'second']) {
        const directory = join(root, name)
        mkdirSync(directory, { recursive: true })
        // What a cluster's instances share besides its state: who signs, and what secrets are sealed with.
        if (name === 'second') for (const file of sharedKeys) cpSync(join(root, 'first', file), join(directory, file))
        const plane = await startControlPlane({
          cluster: name,
          directory,
          port: undefined,
          fixedPort: false,
          addresses: [],
          token: 'abcdef.0123456789abcdef',
          clusterCidr: '10.244.0.0/16',
          serviceCidr: '10.96.0.0/16',
          etcd: { servers: [etcd.url], prefix: '/registry' },
          log: () => {},
        })
        const api = adminTransport({ server: `https://127.0.0.1:${plane.port}`, ...plane.admin })
        instances.push({ plane, api, client: createClient(api) })
      }
    })
    afterAll(async () => {
      for (const { plane, api } of instances.toReversed()) {
        api.close()
        await plane.stop()
      }
    })

    const configMaps = (i: number) => instances[i]!.client.resource(refs.configMaps)
    const named = (name: string) => ({ name, namespace: 'default' })
    const configMap = (name: string, data: Record<string, string> = {}) =>
      ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: named(name), data }) as const

    it('show each other at once what either acknowledged, at one revision', async () => {
      for (let round = 0; round < 20; round++) {
        const [one, other] = [round % 2, (round + 1) % 2]
        const made = await configMaps(one).create(configMap(`r${round}`, { n: '0' }))
        const seen = await configMaps(other).get(`r${round}`, 'default')
        expect(seen).toEqual(made)
        await configMaps(other).update({ ...seen, data: { n: '1' } })
        expect((await configMaps(one).get(`r${round}`, 'default')).data).toEqual({ n: '1' })
        await configMaps(one).delete(`r${round}`, 'default')
        await expect(configMaps(other).get(`r${round}`, 'default')).rejects.toMatchObject({ code: 404 })
      }
    })

    it('let one of two writers of the same state win', async () => {
      const made = await configMaps(0).create(configMap('race', { n: '0' }))
      const results = await Promise.allSettled(
        [0, 1, 0, 1].map((i, n) => configMaps(i).update({ ...made, data: { n: String(n + 1) } })),
      )
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const result of results) if (result.status === 'rejected') expect(isConflict(result.reason)).toBe(true)
    })

    it('lose no patch of many at both', async () => {
      await configMaps(0).create(configMap('counted'))
      const patch = (i: number) =>
        configMaps(i % 2).patch({
          ...named('counted'),
          type: 'application/merge-patch+json',
          body: { data: { [`k${i}`]: 'x' } },
        })
      await Promise.all(Array.from({ length: 10 }, (_, i) => patch(i)))
      expect(Object.keys((await configMaps(1).get('counted', 'default')).data ?? {})).toHaveLength(10)
    })

    it('open each other’s secrets, and keep them sealed in etcd, where kube-apiserver keeps its own', async () => {
      const secrets = (i: number) => instances[i]!.client.resource(refs.secrets)
      await secrets(0).create({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: named('s'),
        stringData: { word: 'rosebud' },
      })
      expect((await secrets(1).get('s', 'default')).data).toEqual({ word: btoa('rosebud') })
      const reader = new EtcdClient({ servers: [etcd.url], clock })
      const kept = async (key: string): Promise<string> =>
        Buffer.from((await reader.range({ key })).values[0]!.value).toString()
      expect(await kept('/registry/secrets/default/s')).not.toContain(btoa('rosebud'))
      expect(JSON.parse(await kept('/registry/services/specs/default/kubernetes'))).toMatchObject({ kind: 'Service' })
      reader.close()
    })

    it('tell watchers of one what was written at the other', async () => {
      const ending = new AbortController()
      const seen: string[] = []
      for await (const event of watchFromNow(1, ending.signal, async () => {
        for (const name of ['w1', 'w2', 'w3']) await configMaps(0).create(configMap(name))
      })) {
        if (event.startsWith('w')) seen.push(event)
        if (seen.length === 3) break
      }
      ending.abort()
      expect(seen).toEqual(['w1', 'w2', 'w3'])
    })

    async function* watchFromNow(i: number, signal: AbortSignal, begun: () => Promise<void>) {
      const events = configMaps(i).watch({ namespace: 'default', signal })
      void begun()
      for await (const { object } of events) yield object.metadata.name
    }

    it('have one leader for controllers and one for the scheduler', async () => {
      const leases = await instances[1]!.client.resource(refs.leases).list({ namespace: 'kube-system' })
      const holders = leases.items.map(({ metadata: { name }, spec }) => [name, spec?.holderIdentity])
      const servers = expect.stringMatching(/^apiserver-/) as unknown
      const leaders = ['kube-controller-manager', 'kube-scheduler']
      expect(holders.map(([name]) => name)).toEqual([servers, servers, ...leaders])
      for (const [, holder] of holders) expect(holder).toMatch(/_[0-9a-f-]{36}$/)
    })

    it('give no cluster address twice', async () => {
      const services = (i: number) => instances[i]!.client.resource(refs.services)
      const made = await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          services(i % 2).create(
            partial({
              metadata: named(`svc-${i}`),
              spec: { type: 'NodePort', ports: [{ port: 80 }] },
            }),
          ),
        ),
      )
      const addresses = made.map(({ spec }) => spec?.clusterIP)
      const ports = made.map(({ spec }) => spec?.ports?.[0]?.nodePort)
      expect(new Set(addresses).size).toBe(40)
      expect(new Set(ports).size).toBe(40)
    })

    it('give a node port that both are asked for to one of two services', async () => {
      for (let nodePort = 30_001; nodePort <= 30_010; nodePort++) {
        const results = await Promise.allSettled(
          instances.map(({ client }, i) =>
            client.resource(refs.services).create(
              partial({
                metadata: named(`both-${nodePort}-${i}`),
                spec: { type: 'NodePort', ports: [{ port: 80, nodePort }] },
              }),
            ),
          ),
        )
        const refused = results.filter((one) => one.status === 'rejected').map(({ reason }) => String(reason))
        expect(refused).toEqual([expect.stringContaining(`${nodePort}: provided port is already allocated`)])
      }
    })

    it('hand controllers over at once when the one that runs them ends', async () => {
      const first = instances[0]!
      const { items } = await first.client.resource(refs.leases).list({ namespace: 'kube-system' })
      const before = items.map(({ spec }) => spec?.holderIdentity)
      first.api.close()
      await first.plane.stop()
      await expect
        .poll(
          async () => {
            const leases = await instances[1]!.client.resource(refs.leases).list({ namespace: 'kube-system' })
            return leases.items.map(({ spec }) => spec?.holderIdentity).filter((one) => one && !before.includes(one))
          },
          { timeout: 20_000 },
        )
        .toHaveLength(2)
      await instances[1]!.client.resource(refs.namespaces).create(partial({ metadata: { name: 'late' } }))
      const account = () => instances[1]!.client.resource(refs.serviceAccounts).get('default', 'late')
      await expect.poll(account, { timeout: 10_000 }).toMatchObject({ metadata: { name: 'default' } })
    })

    it('answer as upstream does while etcd is away, and recover by themselves', async () => {
      await etcd.kill()
      await expect(configMaps(1).get('race', 'default')).rejects.toMatchObject({
        code: 500,
        message: 'etcdserver: request timed out',
      })
      await etcd.start()
      await expect.poll(() => configMaps(1).create(configMap('after')), { timeout: 20_000 }).toBeTruthy()
      expect((await configMaps(1).get('after', 'default')).metadata.name).toBe('after')
    })
  })
})
