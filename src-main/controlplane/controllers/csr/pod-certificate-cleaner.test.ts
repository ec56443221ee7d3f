import { expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { formatTime } from '../../../../src-kube/machinery/time.ts'
import { harness } from '../testing/harness.ts'
import { podCertificateRequestCleaner } from './pod-certificate-cleaner.ts'

it('requests of pods for certificates are kept for a quarter of an hour', async () => {
  const h = harness([podCertificateRequestCleaner()])
  await h.start()
  const creationTimestamp = formatTime(h.clock.now())
  const request = { metadata: { name: 'req', namespace: 'shop', creationTimestamp }, spec: { podName: 'till' } }
  h.server.put(refs.podCertificateRequests, request)
  const there = () => h.server.peek(refs.podCertificateRequests, 'req', 'shop')
  await h.pass(14 * 60_000)
  expect(there()).toBeDefined()
  await h.pass(2 * 60_000)
  expect(there()).toBeUndefined()
  h.finish()
})
