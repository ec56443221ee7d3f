import { expect, test } from 'vitest'
import { refusal } from '../testing/refusals.ts'

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } }
const failure = (rule: object, more: object = {}) => ({ template, podFailurePolicy: { rules: [rule] }, ...more })
const indexed = (more: object) => ({ template, completionMode: 'Indexed', completions: 5, ...more })
const success = (...rules: object[]) => indexed({ successPolicy: { rules } })
const codes = (more: object) => failure({ action: 'FailJob', onExitCodes: { operator: 'In', values: [1], ...more } })
const RULE = 'spec.podFailurePolicy.rules[0]'
const MET = 'spec.successPolicy.rules[0]'
const long = 'x'.repeat(60)

// kubernetes.io, "Jobs: Handling Pod and container failures", "Success policy", "Delegation of managing a Job object".
test.each<[object, string]>([
  [failure({ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }), ''],
  [codes({ operator: 'NotIn', values: [0, 3], containerName: 'c' }), ''],
  [
    failure({ action: 'Odd', onExitCodes: { operator: 'In', values: [1] } }),
    `${RULE}.action: Unsupported value: "Odd": supported values: "Count", "FailIndex", "FailJob", "Ignore"`,
  ],
  [
    failure({ action: 'FailIndex', onExitCodes: { operator: 'In', values: [1] } }),
    `${RULE}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`,
  ],
  [
    failure({ action: 'FailJob' }),
    `${RULE}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`,
  ],
  [
    failure({ action: 'Count', onExitCodes: { operator: 'In', values: [1] }, onPodConditions: [{ type: 'A' }] }),
    `${RULE}: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported`,
  ],
  [
    failure({ action: 'Count', onPodConditions: [{ type: 'A', status: 'Odd' }] }),
    `${RULE}.onPodConditions[0].status: Unsupported value: "Odd": supported values: "False", "True", "Unknown"`,
  ],
  [codes({ operator: '' }), `${RULE}.onExitCodes.operator: Required value: valid values: ["In" "NotIn"]`],
  [
    codes({ containerName: 'x' }),
    `${RULE}.onExitCodes.containerName: Invalid value: "x": must be one of the container or initContainer names in the pod template`,
  ],
  [codes({ values: [] }), `${RULE}.onExitCodes.values: Invalid value: []: at least one value is required`],
  [codes({ values: [0] }), `${RULE}.onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator`],
  [codes({ values: [1, 1] }), `${RULE}.onExitCodes.values[1]: Duplicate value: 1`],
  [codes({ values: [2, 1] }), `${RULE}.onExitCodes.values: Invalid value: [2,1]: must be ordered`],
  [
    codes({ values: Array.from({ length: 256 }, (_, i) => i + 1) }),
    `${RULE}.onExitCodes.values: Too many: 256: must have at most 255 items`,
  ],
  [
    failure({ action: 'Ignore', onPodConditions: [{ type: 'A' }] }, { podReplacementPolicy: 'TerminatingOrFailed' }),
    'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
  ],
  [success({ succeededIndexes: '0,2-4', succeededCount: 4 }), ''],
  [
    success(),
    'spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified',
  ],
  [success({}), `${MET}: Required value: at least one of succeededCount or succeededIndexes must be specified`],
  [
    success({ succeededCount: 6 }),
    `${MET}.succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions)`,
  ],
  [
    success({ succeededIndexes: '0-2', succeededCount: 4 }),
    `${MET}.succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of indexes in the specified succeededIndexes field)`,
  ],
  ...[
    ['x', 'cannot convert string to integer for index: \\"x\\"'],
    ['5', 'too large index: \\"5\\"'],
    ['1,1', 'non-increasing order, previous: 1, current: 1'],
    ['3-1', 'non-increasing order, previous: 3, current: 1'],
    [
      '1-2-3',
      `the fragment \\"1-2-3\\" violates the requirement that an index interval can have at most two parts separated by '-'`,
    ],
  ].map(([indexes, words]): [object, string] => [
    success({ succeededIndexes: indexes }),
    `${MET}.succeededIndexes: Invalid value: "${indexes}": error parsing succeededIndexes: ${words!.replaceAll('\\"', '"')}`,
  ]),
  [
    { template, maxFailedIndexes: 1, backoffLimitPerIndex: 1 },
    '[spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode, spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode]',
  ],
  [
    indexed({ maxFailedIndexes: 6, backoffLimitPerIndex: 1 }),
    'spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions',
  ],
  [
    indexed({ parallelism: 100_001 }),
    'spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed',
  ],
  [
    indexed({ completions: 100_001, parallelism: 10_001, backoffLimitPerIndex: 1 }),
    '[spec.maxFailedIndexes: Required value: must be specified when completions is above 100000, spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index]',
  ],
  [{ template, managedBy: 'example.com/runner' }, ''],
  [
    { template, managedBy: 'runner' },
    'spec.managedBy: Invalid value: "runner": must be a domain-prefixed path (such as "acme.io/foo")',
  ],
  [{ template, managedBy: `a.b/${long}` }, 'spec.managedBy: Too long: may not be more than 63 bytes'],
])('the job %j: %s', async (spec, words) => {
  expect(await refusal('batch/v1', 'Job', { spec })).toBe(words)
})

test('an indexed job whose pods would have too long a name is refused', async () => {
  const job = { metadata: { name: long }, spec: indexed({ completions: 1000 }) }
  expect(await refusal('batch/v1', 'Job', job)).toBe(
    `metadata.name: Invalid value: "${long}": will not able to create pod with invalid DNS label: ${long}-999`,
  )
})
