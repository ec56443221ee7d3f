import { describe, expect, it } from 'vitest'
import { parseRequest } from '../http/request-info.ts'
import { isPast, objectOfPast } from './path.ts'

const asked = (path: string, method = 'GET') => objectOfPast(parseRequest(method, path), method)

describe('the paths of the past', () => {
  it('name an object as a read of it would', () => {
    expect(asked('/debug/history/apis/apps/v1/namespaces/d/deployments/web?limit=5')).toMatchObject({
      verb: 'get',
      group: 'apps',
      version: 'v1',
      namespace: 'd',
      resource: 'deployments',
      name: 'web',
    })
    expect(asked('/debug/history/api/v1/nodes/n1', 'HEAD')).toMatchObject({
      verb: 'get',
      resource: 'nodes',
      name: 'n1',
    })
    expect(asked('/debug/history/api/v1/namespaces/d/pods')).toMatchObject({ verb: 'list', name: '' })
    expect(asked('/debug/history/api/v1/nodes/n1', 'DELETE')).toMatchObject({ verb: 'delete' })
  })

  it('are none of discovery, of streams, or of others', () => {
    for (const path of [
      '/debug/history',
      '/debug/history/apis/apps/v1',
      '/debug/history/api/v1/watch/pods',
      '/debug/x',
    ])
      expect(asked(path)).toBeUndefined()
    expect(['/debug/history', '/debug/history/x', '/debug/historyx', '/api'].map(isPast)).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})
