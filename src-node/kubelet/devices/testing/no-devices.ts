import type { PodDevices } from '../index.ts'

/** A node without devices. */
export const noDevices: PodDevices = {
  allocate: () => Promise.resolve(),
  decided: () => undefined,
  withGiven: (node) => node,
  prepare: () => Promise.resolve(),
  unprepare: () => Promise.resolve(),
  extrasFor: () => Promise.resolve(undefined),
  statusOf: () => undefined,
}
