import { describe, expect, it } from 'vitest'
import { nearest } from './nearest.ts'

const verbs = ['up', 'down', 'status', 'kubeconfig', 'node', 'image', 'version']

describe('nearest', () => {
  it.each([
    ['stauts', 'status'],
    ['Status', 'status'],
    ['dwon', 'down'],
    ['nodes', 'node'],
    ['kubconfg', 'kubeconfig'],
    ['kube', 'kubeconfig'],
    ['pu', 'up'],
  ])('of "%s" is "%s"', (typed, meant) => expect(nearest(typed, verbs)).toBe(meant))

  it.each(['', 'x', 'delete', 'certificate'])('of "%s" there is none', (typed) =>
    expect(nearest(typed, verbs)).toBeUndefined(),
  )
})
