import { expect, it } from 'vitest'
import type { Pod, PodTemplateSpec, ResourceRequirements } from '#types/core/v1'
import { partial } from '../../machinery/testing/partial.ts'
import { defaultPod, defaultPodTemplate } from './pod.ts'

/** What a pod asks for as a whole after its defaults. */
function asked(resources: ResourceRequirements | undefined, ...containers: ResourceRequirements[]) {
  const pod = {
    metadata: { name: 'p' },
    spec: {
      containers: containers.map((own, i) => ({ name: `c${i}`, image: 'busybox', resources: own })),
      ...(resources ? { resources } : {}),
    },
  } as Pod
  defaultPod(pod)
  return pod.spec.resources?.requests
}

it('a pod with limits as a whole asks for as much as its containers together, else for its limit', () => {
  const limits = { cpu: '2', memory: '1Gi' }
  expect(asked({ limits }, {}, {})).toEqual(limits)
  expect(asked({ limits }, { requests: { cpu: '250m' } }, { limits: { cpu: '500m' } })).toEqual({
    cpu: '750m',
    memory: '1Gi',
  })
  expect(asked({ limits: { cpu: '2' } }, { requests: { memory: '1Mi', 'ephemeral-storage': '1Gi' } })).toEqual({
    cpu: '2',
    memory: '1Mi',
  })
})

it('what it says itself stands, and without limits nothing is added', () => {
  expect(asked({ limits: { cpu: '2' }, requests: { cpu: '1' } }, { requests: { cpu: '250m' } })).toEqual({ cpu: '1' })
  expect(asked({ requests: { cpu: '1' } }, { requests: { memory: '1Mi' } })).toEqual({ cpu: '1' })
  expect(asked(undefined, { limits: { cpu: '1' } })).toBeUndefined()
})

it('what belongs to a feature that is off is left out, of pods and of templates', () => {
  const spec = () => ({
    containers: [{ name: 'c', lifecycle: { stopSignal: 'SIGUSR1' as const, preStop: {} } }],
    schedulingGroup: { podGroupName: 'g' },
  })
  const pod = partial<Pod>({ metadata: { name: 'p' }, spec: spec() })
  const template = partial<PodTemplateSpec>({ spec: spec() })
  defaultPod(pod)
  defaultPodTemplate(template)
  for (const one of [pod.spec, template.spec]) {
    expect(one).not.toHaveProperty('schedulingGroup')
    expect(one?.containers[0]?.lifecycle).toEqual({ preStop: {} })
  }
})
