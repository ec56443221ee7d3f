import { describe, expect, it } from 'vitest'
import type { Container, Pod } from '#types/core/v1'
import { planPod } from './actions.ts'
import { SANDBOX } from './naming.ts'
import type { Observed } from './observed.ts'
import { markOutdated, outdatedRunning, restartAllConditions } from './restart-all.ts'

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()
/** When it ended, and how; which of its runs it was. */
interface Ran {
  to?: number
  exitCode?: number
  attempt?: number
}

const ran = (name: string, from: number, { to, exitCode = 0, attempt = 0 }: Ran = {}): Observed =>
  ({
    id: `${name}-${attempt}`,
    name,
    attempt,
    hash: '',
    state: to === undefined ? 'running' : 'exited',
    startedAt: at(from),
    finishedAt: to === undefined ? undefined : at(to),
    exitCode,
    error: '',
  }) as Observed
const rule = (action: string, ...values: number[]) => ({ action, exitCodes: { operator: 'In', values } })
const watcher: Container = {
  name: 'watcher',
  restartPolicy: 'Always',
  restartPolicyRules: [rule('RestartAllContainers', 88)],
}
const pod = {
  metadata: { name: 'p', uid: 'u' },
  spec: { restartPolicy: 'Never', initContainers: [{ name: 'setup' }, watcher], containers: [{ name: 'main' }] },
} as Pod
const box = ran(SANDBOX, 0)
const outdated = (observed: Observed[], of = pod): string[] =>
  markOutdated(of, observed).flatMap((one) => (one.outdated ? one.id : []))
const starts = (observed: Observed[]): string[] =>
  planPod(pod, {
    observed: markOutdated(pod, observed),
    backoffs: new Map(),
    started: new Set(['watcher']),
    starting: new Set(),
    now: 0,
  }).start.map(({ container, attempt }) => `${container.name}#${attempt}`)

describe('an end that has all containers start anew', () => {
  const first = [box, ran('setup', 1, { to: 2 }), ran('watcher', 3, { to: 10, exitCode: 88 })]

  it('makes outdated what began before, running or not, and ends that first', () => {
    const observed = [...first, ran('main', 4)]
    expect(outdated(observed)).toEqual(['setup-0', 'watcher-0', 'main-0'])
    expect(outdatedRunning(markOutdated(pod, observed)).map(({ name }) => name)).toEqual(['main'])
    expect(restartAllConditions(pod, markOutdated(pod, observed))).toEqual([
      { type: 'AllContainersRestarting', status: 'True' },
    ])
  })

  it('starts them in their order, whatever their policies', () => {
    const killed = [...first, ran('main', 4, { to: 11, exitCode: 137 })]
    expect(starts(killed)).toEqual(['setup#1'])
    const again = [...killed, ran('setup', 12, { to: 13, attempt: 1 })]
    expect(starts(again)).toEqual(['watcher#1'])
    const up = [...again, ran('watcher', 14, { attempt: 1 })]
    expect(starts(up)).toEqual(['main#1'])
    expect(restartAllConditions(pod, markOutdated(pod, up))).toEqual([
      { type: 'AllContainersRestarting', status: 'False' },
    ])
    expect(starts([...up, ran('main', 15, { to: 16, attempt: 1 })])).toEqual([])
  })

  it('is not one of those that it ended', () => {
    const killing = { ...pod, spec: { ...pod.spec, containers: [{ ...watcher, name: 'main' }] } } as Pod
    const rules = [rule('RestartAllContainers', 88, 137)]
    killing.spec.containers[0]!.restartPolicyRules = rules
    const observed = [...first, ran('main', 4, { to: 11, exitCode: 137 }), ran('watcher', 12, { attempt: 1 })]
    expect(outdated(observed, killing)).toEqual(['setup-0', 'watcher-0', 'main-0'])
  })

  it('counts only by the first rule for its exit code', () => {
    const rules = [rule('Restart', 88), rule('RestartAllContainers', 88)]
    const of = { ...pod, spec: { ...pod.spec, initContainers: [{ ...watcher, restartPolicyRules: rules }] } } as Pod
    expect(outdated(first, of)).toEqual([])
  })

  it('is not looked for in a pod without such rules', () => {
    const plain = { ...pod, spec: { containers: [{ name: 'main', restartPolicyRules: [rule('Restart', 1)] }] } } as Pod
    expect(outdated(first, plain)).toEqual([])
    expect(restartAllConditions(plain, first)).toEqual([])
  })
})
