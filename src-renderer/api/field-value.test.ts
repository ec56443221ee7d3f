import { expect, it } from 'vitest'
import { valueAt } from './field-value.ts'

const object = {
  metadata: { labels: { app: 'a', 'app.kubernetes.io/name': 'web' }, finalizers: ['x', 'y'] },
  spec: { ports: [{ port: 80, protocol: 'TCP', name: 'http' }], args: ['a', 'b'] },
}

it('finds values by the names that the API server gives fields', () => {
  expect(valueAt(object, '.metadata.labels.app')).toBe('a')
  expect(valueAt(object, '.metadata.labels.app.kubernetes.io/name')).toBe('web')
  expect(valueAt(object, '.spec.ports[port=80,protocol="TCP"].name')).toBe('http')
  expect(valueAt(object, '.metadata.finalizers[="y"]')).toBe('y')
  expect(valueAt(object, '.spec.args[1]')).toBe('b')
  expect(valueAt(object, '')).toBe(object)
})

it('has nothing where there is nothing', () => {
  for (const path of ['.spec.replicas', '.spec.ports[port=81].name', '.spec[0]', '.metadata.labels.app.x'])
    expect(valueAt(object, path)).toBeUndefined()
})
