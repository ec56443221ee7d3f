import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { hintOfEvent } from './event-hints.ts'

const event = (reason: string, message = ''): KubeObject => ({ reason, message }) as unknown as KubeObject

it.each([
  ['FailedPrepareDynamicResources', 'DRA driver gpu.example.com is not registered', 'devices'],
  ['FailedMount', '', 'mount'],
  ['UnexpectedAdmissionError', '', 'admission'],
  ['BackOff', 'Back-off pulling image "x"', 'image'],
  ['BackOff', 'Back-off restarting failed container', 'crash'],
  ['Failed', 'Error: no', undefined],
  ['Scheduled', '', undefined],
])('what to do about %s (%s): %s', (reason, message, hint) => {
  expect(hintOfEvent(event(reason, message))).toBe(hint)
})
