import { expect, test } from 'vitest'
import { compareVersions } from './versions.ts'

// kubernetes.io, "Versions in CustomResourceDefinitions: Version priority".
test('versions go from stable to unstable and from new to old', () => {
  const wanted = ['v10', 'v2', 'v1', 'v11beta2', 'v10beta3', 'v3beta1', 'v12alpha1', 'v11alpha2', 'foo1', 'foo10']
  expect(wanted.toReversed().toSorted(compareVersions)).toEqual(wanted)
})
