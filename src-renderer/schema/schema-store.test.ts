import { describe, expect, it } from 'vitest'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import { createSchemaStore } from './schema-store.ts'

function setup(answers: Record<string, unknown>) {
  const asked: string[] = []
  const get = <T>(path: string): Promise<T> => {
    asked.push(path)
    const answer = answers[path]
    if (answer === undefined) return Promise.reject(new StatusError(404, 'NotFound', 'not found'))
    if (answer instanceof Error) return Promise.reject(answer)
    return Promise.resolve(answer as T)
  }
  return { asked, answers, store: createSchemaStore({ get }) }
}

const document = { components: { schemas: { Pod: { type: 'object' } } } }

describe('the schemas of a cluster', () => {
  it('are fetched once for each group version', async () => {
    const { asked, store } = setup({ '/openapi/v3/api/v1': document, '/openapi/v3/apis/apps/v1': {} })
    await Promise.all([store.want(['v1', 'apps/v1']), store.want(['v1'])])
    await store.want(['v1'])
    expect(asked).toEqual(['/openapi/v3/api/v1', '/openapi/v3/apis/apps/v1'])
    expect([...store.schemas.value]).toEqual([
      ['v1', document.components.schemas],
      ['apps/v1', {}],
    ])
  })

  it('say that a version is not served only where there are schemas at all', async () => {
    const with3 = setup({ '/openapi/v3': { paths: {} } })
    await with3.store.want(['gone/v1'])
    expect(with3.store.schemas.value.get('gone/v1')).toBeNull()
    const old = setup({})
    await old.store.want(['v1'])
    expect(old.store.schemas.value.has('v1')).toBe(false)
  })

  it('are asked for again after a failure', async () => {
    const world = setup({ '/openapi/v3/api/v1': new StatusError(503, 'ServiceUnavailable', 'starting') })
    await world.store.want(['v1'])
    expect(world.store.schemas.value.size).toBe(0)
    expect(world.store.failure.value).toBe('starting')
    world.answers['/openapi/v3/api/v1'] = document
    await world.store.want(['v1'])
    expect(world.store.schemas.value.get('v1')).toBe(document.components.schemas)
    expect(world.store.failure.value).toBeUndefined()
  })
})
