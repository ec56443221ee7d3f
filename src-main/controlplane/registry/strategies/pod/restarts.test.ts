import { expect, test } from 'vitest'
import type { Container } from '#types/core/v1'
import { fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { partial } from '../../../../../src-kube/machinery/testing/partial.ts'
import { validateRestarts } from './restarts.ts'

const exitCodes = { operator: 'In', values: [42] }
const errorsOf = (container: object, podPolicy = 'Always') =>
  validateRestarts(partial<Container>(container), fieldPath('c'), podPolicy).map(
    ({ field, message }) => `${field}: ${message}`,
  )

test.each<[object, string]>([
  [{}, 'Always'],
  [{ restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart', exitCodes }] }, 'Always'],
  [{ restartPolicy: 'Always', restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes }] }, 'Never'],
  [{ resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] }, 'OnFailure'],
  [{ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] }, 'Never'],
])('%j in a pod with the policy %s is taken', (container, podPolicy) => {
  expect(errorsOf(container, podPolicy)).toEqual([])
})

test.each<[object, string]>([
  [
    { restartPolicy: 'Sometimes' },
    'c.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never"',
  ],
  [
    { restartPolicyRules: [{ action: 'Restart', exitCodes }] },
    'c.restartPolicy: Required value: must specify restartPolicy when restart rules are used',
  ],
  [
    { restartPolicy: 'Never', restartPolicyRules: [{ action: 'Stop', exitCodes }] },
    'c.restartPolicyRules[0].action: Unsupported value: "Stop": supported values: "Restart", "RestartAllContainers"',
  ],
  [
    { restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart' }] },
    'c.restartPolicyRules[0].exitCodes: Required value: must be specified',
  ],
  [
    { restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'Is', values: [1] } }] },
    'c.restartPolicyRules[0].exitCodes.operator: Unsupported value: "Is": supported values: "In", "NotIn"',
  ],
  [
    {
      restartPolicy: 'Never',
      restartPolicyRules: Array.from({ length: 21 }, () => ({ action: 'Restart', exitCodes })),
    },
    'c.restartPolicyRules: Too many: 21: must have at most 20 items',
  ],
  [
    {
      resizePolicy: [
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
      ],
    },
    'c.resizePolicy[1]: Duplicate value: "cpu"',
  ],
  [
    { resizePolicy: [{ resourceName: 'disk', restartPolicy: 'NotRequired' }] },
    'c.resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"',
  ],
])('%j is refused', (container, words) => {
  expect(errorsOf(container)).toEqual([expect.stringContaining(words)])
})

test('a container that may not start anew is resized as it runs', () => {
  const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }]
  expect(errorsOf({ resizePolicy }, 'Never')).toEqual([
    "c.resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when `restartPolicy` is 'Never'",
  ])
})
