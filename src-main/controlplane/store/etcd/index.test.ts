import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, expect, it } from 'vitest'
import { SkippingClock } from '../../../../src-kube/machinery/testing/skipping-clock.ts'
import { openEtcdStore } from './index.ts'
import { FakeEtcd } from './testing/fake-etcd.ts'

const root = mkdtempSync(join(tmpdir(), 'drydock-etcd-index-'))
const etcd = new FakeEtcd()
afterAll(async () => {
  await etcd.away()
  rmSync(root, { recursive: true, force: true })
})

const PATIENCE = 7_000
const clock = new SkippingClock()
const common = { builtIn: [{ group: '', plural: 'pods' }], clock, log: () => {}, timeout: PATIENCE }

it('a cluster’s store in etcd keeps what is built in where kube-apiserver does, below the prefix that was asked for', async () => {
  await etcd.start()
  const store = await openEtcdStore({ servers: [etcd.url], prefix: '/mine', ...common })
  await store.create('/registry/core/pods/default/web', Buffer.from('{}'))
  await store.close()
  expect(etcd.history.writes.map(({ key }) => key)).toEqual(['/mine/pods/default/web'])
  const plain = await openEtcdStore({ servers: [etcd.url], ...common })
  await plain.create('/registry/core/pods/default/web', Buffer.from('{}'))
  await plain.close()
  expect(etcd.history.get('/registry/pods/default/web')).toBeDefined()
})

it('a cluster’s store in etcd is not opened without a server, or without the files that it is to be shown', async () => {
  const nowhere = openEtcdStore({ servers: ['http://127.0.0.1:1'], ...common })
  clock.skip(PATIENCE)
  await expect(nowhere).rejects.toThrow('request timed out')
  const cafile = join(root, 'ca.crt')
  await expect(openEtcdStore({ servers: [etcd.url], cafile, ...common })).rejects.toThrow('ENOENT')
  writeFileSync(cafile, '')
  const store = await openEtcdStore({ servers: [etcd.url], cafile, ...common })
  await store.close()
})

it('a thread that has nothing else to do lives until it can tell that no server answers', async () => {
  const urlOf = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)
  const thread = new Worker(
    `Promise.all([import(${urlOf('./index.ts')}), import(${urlOf('../../../../src-kube/machinery/clock.ts')})])
      .then(([{ openEtcdStore }, { systemClock: clock }]) =>
        openEtcdStore({ servers: ['http://127.0.0.1:1'], builtIn: [], clock, log() {}, timeout: 100 }))
      .catch((error) => require('node:worker_threads').parentPort.postMessage(error.message))`,
    { eval: true },
  )
  const told: unknown[] = []
  thread.on('message', (message) => told.push(message))
  await new Promise((resolve) => thread.once('exit', resolve))
  expect(told).toEqual(['etcdserver: request timed out'])
})
