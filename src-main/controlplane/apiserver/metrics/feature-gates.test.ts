import { expect, test } from 'vitest'
import { featureMetric } from './feature-gates.ts'

test('each feature is told once, with its stage and whether it is on', () => {
  const { name, samples } = featureMetric()
  expect(name).toBe('kubernetes_feature_enabled')
  const told = new Map(samples.map(({ labels, value }) => [labels['name'], `${labels['stage']} ${value}`]))
  expect(told.size).toBe(samples.length)
  expect(told.get('SidecarContainers')).toBe(' 1')
  expect(told.get('ConstrainedImpersonation')).toBe('BETA 1')
  expect(told.get('ContainerStopSignals')).toBe('ALPHA 0')
  expect([...told.keys()].filter((one) => !/^\w+$/.test(one ?? ''))).toEqual([])
})
