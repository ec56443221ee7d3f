import type { VolumesOptions } from '../../volumes/volumes.ts'
import { CsiDrivers } from '../drivers.ts'

/** A node on which no driver registered. */
export const noDrivers = (): VolumesOptions['csi'] => ({
  drivers: new CsiDrivers({ announce: () => Promise.resolve(), withdraw: () => Promise.resolve() }),
  attachments: { of: () => Promise.resolve({}), release: () => undefined },
})
