import { afterEach, beforeEach, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { harness } from '../testing/harness.ts'
import { endpointSliceMirroring } from './mirror.ts'

let h = harness([])
beforeEach(async () => {
  h = harness([endpointSliceMirroring()])
  await h.start()
})
afterEach(() => h.finish())

const addresses = (count: number, second: number) =>
  Array.from({ length: count }, (_, i) => ({ ip: `10.${second}.${Math.floor(i / 250)}.${i % 250}` }))
const subset = (ready: number, waiting: number, port: number) => ({
  addresses: addresses(ready, port),
  notReadyAddresses: addresses(waiting, port + 1),
  ports: [{ port, protocol: 'TCP' as const }],
})

/** Writes Endpoints of a service without selector, and lets them be mirrored. */
async function write(...subsets: ReturnType<typeof subset>[]) {
  h.server.put(refs.services, { metadata: { name: 'own', namespace: 'a' }, spec: {} })
  h.server.put(refs.endpoints, { metadata: { name: 'own', namespace: 'a' }, subsets })
  await h.pass(3000)
}

/** Ready and other endpoints of each slice. */
const shown = () =>
  h.server.all(refs.endpointSlices).map(({ endpoints = [] }) => {
    const ready = endpoints?.filter(({ conditions }) => conditions?.ready) ?? []
    return [ready.length, (endpoints?.length ?? 0) - ready.length]
  })
const events = () => h.server.all(refs.events).map(({ type, reason, message }) => `${type} ${reason}: ${message}`)

it('a subset is one slice, however large, up to a thousand addresses', async () => {
  await write(subset(900, 100, 80))
  expect(shown()).toEqual([[900, 100]])
  expect(events()).toEqual([])
})

it('beyond a thousand addresses of a subset the rest is skipped, ready ones last, and the Endpoints are told so once', async () => {
  await write(subset(995, 10, 80), subset(1, 1, 90))
  const told =
    'Warning TooManyAddressesToMirror: A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 5 addresses were skipped'
  expect(shown()).toHaveLength(2)
  expect(shown()).toEqual(
    expect.arrayContaining([
      [1, 1],
      [995, 5],
    ]),
  )
  expect(events()).toEqual([told])
  await h.pass(60_000)
  expect(h.server.all(refs.events).map(({ count = 1 }) => count)).toEqual([1])
})
