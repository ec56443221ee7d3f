import { describe, expect, it, vi } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { NodeStatus } from '../../src-wire/gateway/actions.ts'
import { views } from '../kinds/index.ts'
import { actions, type ActionWorld } from './index.ts'

const nodes = views.find(({ id }) => id === 'nodes')!
const action = (id: string) => actions.find((one) => one.id === id)!
const node = (ready: 'True' | 'False' | 'Unknown') =>
  partial<KubeObject>({ metadata: { name: 'n1' }, status: { conditions: [{ type: 'Ready', status: ready }] } })

/** Which of these actions are off, and why, with a machine in that state. */
function off(ready: 'True' | 'False' | 'Unknown', machine?: NodeStatus['container']): Record<string, string> {
  const world = partial<ActionWorld>({ machineOf: () => machine, t: (key: string) => key })
  const reasons = ['node-start', 'node-stop', 'node-remove', 'shell'].map((id) => [
    id,
    action(id).whyOff?.(nodes, node(ready), world) ?? '',
  ])
  return Object.fromEntries(reasons.filter(([, why]) => why))
}

describe('what can be done to a node', () => {
  it('fits its machine, which is known before the node is missed', () => {
    expect(off('True', 'running')).toEqual({ 'node-start': 'nodeOff.runs' })
    expect(off('True', 'exited')).toEqual({ 'node-stop': 'nodeOff.stopped' })
    expect(off('Unknown', 'paused')).toEqual({ 'node-stop': 'nodeOff.stopped', shell: 'nodeOff.noPods' })
    expect(off('Unknown', 'running')).toEqual({ 'node-start': 'nodeOff.runs', shell: 'nodeOff.noPods' })
    expect(off('Unknown', 'missing')).toEqual({
      'node-start': 'nodeOff.missing',
      'node-stop': 'nodeOff.missing',
      shell: 'nodeOff.noPods',
    })
  })

  it('else fits what the node said last: one that is not heard of may be started and stopped', () => {
    expect(off('True')).toEqual({ 'node-start': 'nodeOff.runs' })
    expect(off('Unknown')).toEqual({ shell: 'nodeOff.noPods' })
    expect(off('False')).toEqual({ shell: 'nodeOff.noPods' })
  })

  it('has the machines looked at anew afterwards, also when it failed', async () => {
    const machinesChanged = vi.fn<() => void>()
    const world = partial<ActionWorld>({
      machinesChanged,
      cluster: { id: 'c', kube: { connection: { action: () => Promise.reject(new Error('no')) } } },
      ui: { ask: () => Promise.resolve(true), attempt: (run: () => Promise<void>) => run().catch(() => undefined) },
      t: (key: string) => key,
    })
    await action('node-stop').run(world, nodes, [node('True')])
    expect(machinesChanged).toHaveBeenCalledTimes(1)
  })
})
