import { expect, test } from 'vitest'
import { formatMetrics } from '../../../src-kube/machinery/metrics/prometheus.ts'
import { kinds } from '../../../src-kube/kinds/index.ts'
import type { AdmissionAttributes, AdmissionPlugin } from './admission.ts'
import { createAdmission } from './index.ts'
import { AdmissionMetrics } from './metrics.ts'

const handles = () => true
const early: AdmissionPlugin = { name: 'Early', handles, admit: async () => undefined }
const late: AdmissionPlugin = {
  name: 'Late',
  handles: ({ name }) => name !== 'let-be',
  admit: () => undefined,
  validate() {
    throw new Error('no')
  },
}
const request = (name: string): AdmissionAttributes => ({
  operation: 'CREATE',
  descriptor: kinds.find(({ kind }) => kind === 'ConfigMap')!,
  subresource: '',
  namespace: 'd',
  name,
  object: undefined,
  oldObject: undefined,
  user: { name: 'somebody', groups: [] },
  dryRun: false,
  warn: () => undefined,
})

test('each plugin is timed that has its say, and each step, by operation and whether they refuse', async () => {
  const metrics = new AdmissionMetrics()
  const admission = createAdmission([early, late], metrics)
  for (const name of ['one', 'two', 'let-be']) await admission.admit(request(name))
  expect(() => admission.validate(request('one'))).toThrow('no')
  await admission.validate(request('let-be'))
  const counts = formatMetrics(metrics.metrics())
    .split('\n')
    .filter((line) => line.includes('_count'))
  const [plugins, steps] = ['controller', 'step'].map(
    (part) => `apiserver_admission_${part}_admission_duration_seconds`,
  )
  expect(counts).toEqual([
    `${plugins}_count{name="Early",type="admit",operation="CREATE",rejected="false"} 3`,
    `${plugins}_count{name="Late",type="admit",operation="CREATE",rejected="false"} 2`,
    `${plugins}_count{name="Late",type="validate",operation="CREATE",rejected="true"} 1`,
    `${steps}_count{type="admit",operation="CREATE",rejected="false"} 3`,
    `${steps}_count{type="validate",operation="CREATE",rejected="true"} 1`,
    `${steps}_count{type="validate",operation="CREATE",rejected="false"} 1`,
  ])
})

test('a plugin that waits is timed until it is done, and what it refuses late counts as refused', async () => {
  const metrics = new AdmissionMetrics()
  const waits: AdmissionPlugin = {
    ...early,
    name: 'Waits',
    admit: async ({ name }) => {
      await Promise.resolve()
      if (name === 'two') throw new Error('late')
    },
  }
  const admission = createAdmission([waits, late], metrics)
  await admission.admit(request('one'))
  await expect(admission.admit(request('two'))).rejects.toThrow('late')
  const counts = formatMetrics(metrics.metrics()).match(/^apiserver_admission_controller.*_count.*$/gm)
  expect(counts?.map((line) => line.replace(/^[^{]*/, ''))).toEqual([
    '{name="Waits",type="admit",operation="CREATE",rejected="false"} 1',
    '{name="Late",type="admit",operation="CREATE",rejected="false"} 1',
    '{name="Waits",type="admit",operation="CREATE",rejected="true"} 1',
  ])
})
