import { describe, expect, it } from 'vitest'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { evictAll, type Eviction } from './evict.ts'
import { lossesOf, planDrain } from './plan.ts'

const pod = (name: string, more: object = {}, metadata: object = {}) =>
  ({ metadata: { name, namespace: 'shop', uid: name, ...metadata }, ...more }) as unknown as KubeObject
const owned = (kind: string) => ({ ownerReferences: [{ kind, controller: true }] })

describe('a plan', () => {
  it('leaves pods that would come back at once, and those that the node runs from files', () => {
    const { leaving, staying } = planDrain([
      pod('agent', {}, owned('DaemonSet')),
      pod('static', {}, { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
      pod('web', {}, owned('ReplicaSet')),
      pod('alone'),
    ])
    expect(leaving.map((one) => one.metadata.name)).toEqual(['web', 'alone'])
    expect(staying.map((one) => one.why)).toEqual(['daemonSet', 'static'])
  })

  it('tells what is lost for good, of pods that still work', () => {
    const emptyDir = { spec: { volumes: [{ name: 'tmp', emptyDir: {} }] } }
    expect(lossesOf(pod('web', emptyDir, owned('ReplicaSet')))).toEqual(['emptyDir'])
    expect(lossesOf(pod('alone'))).toEqual(['alone'])
    expect(lossesOf(pod('done', { ...emptyDir, status: { phase: 'Succeeded' } }))).toEqual([])
  })
})

describe('evictions', () => {
  const refusal = (code: number, message: string, cause?: string): StatusError =>
    new StatusError(
      code,
      'x',
      message,
      cause ? { causes: [{ reason: 'DisruptionBudget', message: cause }] } : undefined,
    )

  /** Evicts one pod, to which the server says these things in turn; what was told of it. */
  async function evicted(answers: Array<StatusError | undefined>, end = new AbortController()): Promise<string[]> {
    const told: Eviction[] = []
    await evictAll([pod('web')], {
      evict: () => {
        const answer = answers.shift()
        return answer ? Promise.reject(answer) : Promise.resolve()
      },
      told: (_pod, eviction) => void told.push(eviction),
      signal: end.signal,
      pause: () => {
        if (answers.length === 0) end.abort()
        return Promise.resolve()
      },
    })
    return told.map(({ state, words }) => (words ? `${state}: ${words}` : state))
  }

  it('ask again while a budget keeps a pod back, and tell which', async () => {
    const busy = refusal(429, 'Cannot evict pod', 'The disruption budget web needs 3 healthy pods and has 3 currently')
    expect(await evicted([busy, busy, undefined])).toEqual([
      'blocked: The disruption budget web needs 3 healthy pods and has 3 currently',
      'blocked: The disruption budget web needs 3 healthy pods and has 3 currently',
      'leaving',
    ])
  })

  it('take a pod that is not there, or is another by now, as gone', async () => {
    expect(await evicted([refusal(404, 'not found')])).toEqual(['gone'])
    expect(await evicted([refusal(409, 'the UID in the precondition')])).toEqual(['gone'])
  })

  it('tell of a refusal in the words of the server, and ask no more', async () => {
    expect(await evicted([refusal(403, 'you may not'), undefined])).toEqual(['refused: you may not'])
  })

  it('end when they are cancelled', async () => {
    expect(await evicted([refusal(429, 'later')])).toEqual(['blocked: later'])
  })
})
