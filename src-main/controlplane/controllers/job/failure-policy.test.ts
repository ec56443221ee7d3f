import { describe, expect, it } from 'vitest'
import type { Job, PodFailurePolicyRule } from '#types/batch/v1'
import type { Pod } from '#types/core/v1'
import { judge } from './failure-policy.ts'

const pod = (codes: Record<string, number>, conditions: object[] = []) =>
  ({
    metadata: { name: 'p', namespace: 'a' },
    status: {
      phase: 'Failed',
      containerStatuses: Object.entries(codes).map(([name, exitCode]) => ({
        name,
        state: { terminated: { exitCode } },
      })),
      initContainerStatuses: [{ name: 'init', state: { waiting: {} } }],
      conditions,
    },
  }) as Pod
const verdict = (rules: PodFailurePolicyRule[], of: Pod) => judge({ spec: { podFailurePolicy: { rules } } } as Job, of)
const onExitCodes = (operator: 'In' | 'NotIn', values: number[], containerName?: string) => ({
  onExitCodes: { operator, values, containerName },
})

// kubernetes.io, "Handling retriable and non-retriable pod failures with Pod failure policy".
describe('a failed pod', () => {
  it.each<[string, PodFailurePolicyRule, Record<string, number>, string]>([
    ['matches a code of the list', { action: 'FailJob', ...onExitCodes('In', [1, 42]) }, { c: 42 }, 'FailJob'],
    ['not another code', { action: 'FailJob', ...onExitCodes('In', [1]) }, { c: 42 }, 'Count'],
    ['matches a code outside the list', { action: 'Ignore', ...onExitCodes('NotIn', [1]) }, { c: 42 }, 'Ignore'],
    ['never success', { action: 'Ignore', ...onExitCodes('NotIn', [1]) }, { c: 0 }, 'Count'],
    ['matches by its container', { action: 'FailIndex', ...onExitCodes('In', [3], 'd') }, { c: 1, d: 3 }, 'FailIndex'],
    ['not by another', { action: 'FailIndex', ...onExitCodes('In', [3], 'd') }, { c: 3, d: 1 }, 'Count'],
  ])('%s', (_what, rule, codes, action) => {
    expect(verdict([rule], pod(codes)).action).toBe(action)
  })

  it('matches by a condition, true unless the rule says otherwise', () => {
    const rules = (status?: string): PodFailurePolicyRule[] => [
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status }] },
    ]
    const disrupted = (status: string) => pod({}, [{ type: 'DisruptionTarget', status }])
    expect(verdict(rules(), disrupted('True')).action).toBe('Ignore')
    expect(verdict(rules(), disrupted('False')).action).toBe('Count')
    expect(verdict(rules('False'), disrupted('False')).action).toBe('Ignore')
    expect(verdict(rules(), disrupted('True')).message).toBe(
      'Pod a/p has condition DisruptionTarget matching Ignore rule at index 0',
    )
  })

  it('is judged by the first rule that it matches', () => {
    const rules: PodFailurePolicyRule[] = [
      { action: 'Count', ...onExitCodes('In', [9]) },
      { action: 'FailJob', ...onExitCodes('In', [42]) },
      { action: 'Ignore', ...onExitCodes('NotIn', [1]) },
    ]
    expect(verdict(rules, pod({ c: 42 }))).toEqual({
      action: 'FailJob',
      message: 'Container c for pod a/p failed with exit code 42 matching FailJob rule at index 1',
    })
  })

  it('counts when there is no policy', () => {
    expect(judge({ spec: {} } as Job, pod({ c: 1 })).action).toBe('Count')
    expect(judge({} as Job, { metadata: {} } as Pod).action).toBe('Count')
  })
})
