import { describe, expect, it } from 'vitest'
import { createUpstream } from './upstream.ts'

const upstream = createUpstream({ server: 'http://127.0.0.1:9/k8s/clusters/one' })

describe('a path that is asked of a cluster', () => {
  it.each([
    '/secrets',
    '/debug/pprof',
    '/api/../debug/pprof',
    '/api/%2e%2e/debug/pprof',
    '/api/.%2E/debug/pprof',
    '/api/..\\..\\debug/pprof',
    '/api/%2e%2e/%2e%2e/two/api/v1/secrets',
    '/debug/history/%2e%2e/%2e%2e/%2e%2e/two/api/v1/secrets',
    '//elsewhere.example/api',
    '@elsewhere.example/api',
  ])('is refused when it leads out of what may be asked for: %s', async (path) => {
    await expect(upstream.request({ method: 'GET', path })).rejects.toThrow('is not a path of the API')
    expect(() => upstream.connect(path, 'p')).toThrow('is not a path of the API')
  })

  it.each(['/version', '/api/v1/pods?labelSelector=a%2Fb', '/debug/history/api/v1/pods', '/drydock/v1/trace'])(
    'goes on its way when it does not: %s',
    async (path) => {
      await expect(upstream.request({ method: 'GET', path })).rejects.toThrow('ECONNREFUSED')
    },
  )
})
