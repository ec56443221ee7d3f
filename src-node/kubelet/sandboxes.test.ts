import { describe, expect, it } from 'vitest'
import type { Observed } from './plan/observed.ts'
import type { PodWorker } from './pod-worker.ts'
import { sandboxesOf } from './sandboxes.ts'

const sandbox = (more: Partial<Observed> = {}): Observed =>
  ({ id: 'abcdef0123456789', name: 'POD', attempt: 0, state: 'running', pid: 7, ip: '10.244.1.5', ...more }) as Observed
const worker = (name: string, ...observed: Observed[]): PodWorker =>
  ({ pod: { metadata: { name, namespace: 'shop', uid: `u-${name}` } }, observed }) as PodWorker

const of = (...workers: PodWorker[]) =>
  sandboxesOf(
    { find: (_, name) => workers.find(({ pod }) => pod.metadata.name === name), all: () => workers },
    '/var/lib/kubelet',
  )

describe('the networks of the pods here', () => {
  it('are found by name and by address', () => {
    const { find, at } = of(worker('web', sandbox()), worker('none'))
    const place = {
      namespace: 'shop',
      pod: 'web',
      pid: 7,
      address: '10.244.1.5',
      link: 'vethabcdef01',
      resolver: '/var/lib/kubelet/pods/u-web/etc/resolv.conf',
    }
    expect(find('shop', 'web')).toEqual(place)
    expect(at('10.244.1.5')).toEqual(place)
    expect([find('shop', 'none'), find('shop', 'other'), at('10.244.1.6')]).toEqual([undefined, undefined, undefined])
  })

  it('are those of sandboxes that run, the latest of each pod', () => {
    const { find, at } = of(
      worker('gone', sandbox({ state: 'exited' })),
      worker('anew', sandbox({ state: 'exited' }), sandbox({ attempt: 1, pid: 9, ip: '10.244.1.9' })),
    )
    expect(find('shop', 'gone')).toBeUndefined()
    expect(at('10.244.1.5')).toBeUndefined()
    expect(find('shop', 'anew')).toMatchObject({ pid: 9, address: '10.244.1.9' })
  })

  it('have no link and no address on the network of the node', () => {
    const { find, at } = of(worker('host', sandbox({ ip: '' })))
    expect(find('shop', 'host')).toMatchObject({ address: '', link: '' })
    expect(at('')).toBeUndefined()
  })
})
