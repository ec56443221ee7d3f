import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { views } from '../kinds/index.ts'
import type { Question, Reply } from '../stores/ui.ts'
import { listAt } from '../kinds/view.ts'
import { forwardAction, targetOf } from './forward.ts'
import type { ActionWorld } from './index.ts'

const pod = (name: string, ready: string, phase = 'Running'): KubeObject =>
  partial<KubeObject>({
    metadata: { name, namespace: 'shop' },
    spec: {
      containers: [
        {
          ports: [
            { containerPort: 53, protocol: 'UDP' },
            { name: 'http', containerPort: 8080 },
          ],
        },
      ],
    },
    status: { phase, conditions: [{ type: 'Ready', status: ready }] },
  })
const service = (targetPort: unknown): KubeObject =>
  partial<KubeObject>({
    metadata: { name: 'web', namespace: 'shop' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, ...(targetPort ? { targetPort } : {}) }] },
  })

const portOf = (targetPort: unknown): unknown => listAt(service(targetPort), 'spec', 'ports')[0]

function setup(items: KubeObject[], reply: Reply) {
  const tabs: object[] = []
  const asked: Question[] = []
  const toasts: string[] = []
  const world = partial<ActionWorld>({
    cluster: { id: 'dev', kube: { get: () => Promise.resolve({ items }) } },
    dock: { add: (tab: object) => void tabs.push(tab) },
    ui: {
      ask: (question: Question) => Promise.resolve((asked.push(question), reply)),
      toast: (_kind: string, text: string) => void toasts.push(text),
    },
    t: (key: string) => key,
  })
  const run = (view: string, object: KubeObject) =>
    forwardAction.run(
      world,
      views.find((v) => v.id === view)!,
      [object],
    )
  return { tabs, asked, toasts, run }
}

describe('port forwarding', () => {
  it('asks for the port, with the first one the pod names filled in', async () => {
    const { asked, run, tabs } = setup([], 8080)
    await run('pods', pod('a', 'True'))
    expect(asked[0]).toMatchObject({ number: 8080, items: ['8080 (http)'] })
    expect(tabs).toEqual([
      { kind: 'forward', cluster: 'dev', title: 'a:8080', namespace: 'shop', pod: 'a', port: 8080 },
    ])
  })

  it('of a service goes to a ready pod behind it, to the port the service means', async () => {
    const { asked, run, tabs } = setup([pod('a', 'False'), pod('b', 'True')], 8080)
    await run('services', service('http'))
    expect([asked[0]!.number, tabs[0]]).toMatchObject([8080, { pod: 'b', title: 'web:8080', selector: { app: 'web' } }])
    expect([targetOf(portOf(9000), pod('a', 'True')), targetOf(portOf(undefined), pod('a', 'True'))]).toEqual([
      9000, 80,
    ])
    expect(targetOf(portOf('none'), pod('a', 'True'))).toBeUndefined()
  })

  it('of a deployment goes to one of its pods', async () => {
    const { run, tabs } = setup([pod('a', 'True')], 8080)
    await run(
      'deployments.apps',
      partial<KubeObject>({
        metadata: { name: 'web', namespace: 'shop' },
        spec: { selector: { matchLabels: { app: 'web' } } },
      }),
    )
    expect(tabs).toMatchObject([{ pod: 'a', title: 'web:8080', selector: { app: 'web' } }])
  })

  it('says when no pod runs, and when a number is no port', async () => {
    const nobody = setup([pod('a', 'False', 'Pending')], 80)
    await nobody.run('services', service(80))
    const wrong = setup([], 70_000)
    await wrong.run('pods', pod('a', 'True'))
    expect([nobody.toasts, wrong.toasts, wrong.tabs]).toEqual([['forward.none'], ['forward.range'], []])
  })
})
