import { expect, it } from 'vitest'
import type { PodSpec, ResourceRequirements } from '#types/core/v1'
import { fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { validateWholeResources } from './whole-resources.ts'

function words(resources: ResourceRequirements | undefined, ...containers: ResourceRequirements[]): string[] {
  const spec = {
    ...(resources ? { resources } : {}),
    containers: containers.map((own, i) => ({ name: `c${i}`, resources: own })),
  } as PodSpec
  return validateWholeResources(spec, fieldPath('spec')).map(({ field, message }) => `${field}: ${message}`)
}

it('a pod may ask for as much as its containers together, or more', () => {
  expect(words(undefined, { requests: { cpu: '1' } })).toEqual([])
  expect(words({ requests: { cpu: '2' }, limits: { cpu: '3' } }, { requests: { cpu: '1' } }, { limits: {} })).toEqual(
    [],
  )
  expect(words({ requests: { cpu: '1500m' } }, { requests: { cpu: '1' } }, { requests: { cpu: '500m' } })).toEqual([])
  expect(words({ limits: { memory: '1Gi' } }, { limits: { memory: '1Gi', cpu: '9' } })).toEqual([])
})

it('it may not ask for less than they do, nor may one of them use more than it', () => {
  expect(words({ requests: { cpu: '1' } }, { requests: { cpu: '1' } }, { requests: { cpu: '500m' } })).toEqual([
    expect.stringMatching(/^spec\.resources\.requests\[cpu\]: .*aggregate container requests of 1500m$/),
  ])
  expect(words({ limits: { cpu: '1' } }, { limits: { cpu: '2' } })).toEqual([
    expect.stringMatching(/^spec\.containers\[0\]\.resources\.limits\[cpu\]: .*than or equal to pod limits of 1$/),
  ])
})

it('only processors, memory and huge pages can be asked for so, within limits', () => {
  expect(words({ requests: { 'ephemeral-storage': '1' }, limits: { 'example.com/gpu': '1' } })).toHaveLength(2)
  expect(words({ requests: { 'hugepages-2Mi': '2Mi', cpu: '1' }, limits: { 'hugepages-2Mi': '2Mi' } })).toEqual([])
  expect(words({ requests: { cpu: '2' }, limits: { cpu: '1' } })).toEqual([
    expect.stringContaining('must be less than or equal to cpu limit of 1'),
  ])
  expect(words({ claims: [{ name: 'x' }] })).toEqual([expect.stringContaining('cannot be set for pod-level resources')])
})
