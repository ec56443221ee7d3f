import { buildFixtureImage } from './fixture-image.ts'

/** Builds `csi-files:test` on the desktop's engine, the driver of test/fixtures/csi-driver. */
export const buildCsiDriverImage = (): Promise<void> => buildFixtureImage('csi-driver', 'csi-files:test')
