import { expect, test } from 'vitest'
import type { PodSpec } from '#types/core/v1'
import { fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { partial } from '../../../../../src-kube/machinery/testing/partial.ts'
import { validateHostname } from './naming.ts'

const errorsOf = (spec: Partial<PodSpec>) =>
  validateHostname(partial<PodSpec>(spec), fieldPath('spec')).map(({ field, message }) => `${field}: ${message}`)

const longest = `${'a'.repeat(31)}.${'b'.repeat(32)}`

test.each<[string, Partial<PodSpec>]>([
  ['none', { setHostnameAsFQDN: true, hostNetwork: true }],
  ['an empty one', { hostnameOverride: '', hostNetwork: true }],
  ['any domain', { hostnameOverride: 'busybox-2.busybox.example.domain', hostname: 'h', subdomain: 's' }],
  ['what the kernel takes at most', { hostnameOverride: longest }],
])('a host name of the pod itself may be %s', (_what, spec) => {
  const errors = errorsOf(spec)
  expect(errors).toEqual([])
})

test.each<[string, Partial<PodSpec>, RegExp]>([
  [
    'a name',
    { hostnameOverride: 'Not_A_Name' },
    /^spec.hostnameOverride: Invalid value: "Not_A_Name": a lowercase RFC/,
  ],
  ['so long', { hostnameOverride: `${longest}c` }, /^spec.hostnameOverride: Too long: may not be more than 64/],
  ['alone', { hostnameOverride: 'a.b', setHostnameAsFQDN: true }, /^spec.setHostnameAsFQDN: Forbidden: /],
  ["not of the node's network", { hostnameOverride: 'a.b', hostNetwork: true }, /^spec.hostNetwork: Forbidden: /],
])('a host name of the pod itself must be %s', (_what, spec, words) => {
  expect(errorsOf(spec)).toEqual([expect.stringMatching(words)])
})
