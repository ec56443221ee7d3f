import { expect, it } from 'vitest'
import { pluralOf } from './plural.ts'

it('makes plurals as people say them', () => {
  expect(['ConfigMap', 'Ingress', 'Endpoints', 'NetworkPolicy', 'Gateway', 'Pod'].map(pluralOf)).toEqual([
    'Config Maps',
    'Ingresses',
    'Endpoints',
    'Network Policies',
    'Gateways',
    'Pods',
  ])
})
