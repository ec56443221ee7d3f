/** Names that users choose may be those of what every JavaScript object inherits: they mean nothing special. */
import { describe, expect, it } from 'vitest'
import { refusal } from '../testing/refusals.ts'

describe('a name that JavaScript objects inherit', () => {
  it('is a type of Secrets like any other that asks for no keys', async () => {
    expect(await refusal('v1', 'Secret', { type: 'constructor' })).toBe('')
  })

  it('is no source of an autoscaler’s metrics', async () => {
    const spec = {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
      maxReplicas: 2,
      metrics: [{ type: 'constructor' }],
    }
    expect(await refusal('autoscaling/v2', 'HorizontalPodAutoscaler', { spec })).toContain(
      'spec.metrics[0].type: Unsupported value: "constructor"',
    )
  })

  it('is no resource, and has no limit where only another one has', async () => {
    const resources = { requests: { constructor: '1' }, limits: { cpu: '1' } }
    const spec = { containers: [{ name: 'c', image: 'i', resources }] }
    expect(await refusal('v1', 'Pod', { spec })).toContain(
      'spec.containers[0].resources.requests[constructor]: Invalid value: "constructor": must be a standard resource type',
    )
  })
})
