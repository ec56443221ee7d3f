import { expect, test } from 'vitest'
import type { Pod } from '#types/core/v1'
import { attributes, FakeObjects, run } from '../testing/arrange.ts'
import { runtimeClass } from './runtime-class.ts'

const gpu = { key: 'gpu', operator: 'Exists' }

async function admitted(spec: object): Promise<Pod['spec']> {
  const objects = new FakeObjects()
  objects.put('node.k8s.io', 'runtimeclasses', {
    metadata: { name: 'sandboxed' },
    handler: 'h',
    overhead: { podFixed: { memory: '64Mi' } },
    scheduling: { nodeSelector: { kind: 'big' }, tolerations: [gpu] },
  })
  objects.put('node.k8s.io', 'runtimeclasses', { metadata: { name: 'plain' }, handler: 'h' })
  const pod = { metadata: { name: 'p', namespace: 'shop' }, spec: { containers: [], ...spec } }
  await run([runtimeClass(objects)], attributes('', 'Pod', pod))
  return pod.spec as Pod['spec']
}

test('A pod gets the overhead, nodes and tolerations of its class', async () => {
  expect(await admitted({ runtimeClassName: 'sandboxed', nodeSelector: { a: 'b' }, tolerations: [gpu] })).toMatchObject(
    {
      overhead: { memory: '64Mi' },
      nodeSelector: { a: 'b', kind: 'big' },
      tolerations: [gpu],
    },
  )
  expect((await admitted({ runtimeClassName: 'sandboxed', overhead: { memory: '65536Ki' } })).tolerations).toEqual([
    gpu,
  ])
  expect(await admitted({ runtimeClassName: 'plain' })).toEqual({ containers: [], runtimeClassName: 'plain' })
})

test.each([
  [{ runtimeClassName: 'none' }, 'pod rejected: RuntimeClass "none" not found'],
  [{ overhead: { cpu: '1' } }, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'],
  [
    { runtimeClassName: 'sandboxed', overhead: { cpu: '1' } },
    "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
  ],
  [
    { runtimeClassName: 'sandboxed', nodeSelector: { kind: 'small' } },
    'conflict: runtimeClass.scheduling.nodeSelector[kind] = big; pod.spec.nodeSelector[kind] = small',
  ],
])('%j is refused: %s', async (spec, words) => {
  await expect(admitted(spec)).rejects.toMatchObject({ code: 403, message: `pods "p" is forbidden: ${words}` })
})
