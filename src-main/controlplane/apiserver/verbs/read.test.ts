import { describe, expect, test } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { admin, arrange, at, type Arranged } from '../../registry/testing/arrange.ts'
import type { VerbContext } from './context.ts'
import { get, list, streamFormOf } from './read.ts'

const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { replicas: 3, selector: { matchLabels: { a: 'b' } }, template },
}

/** A GET without a socket; resolves with what is sent. */
async function read(
  { registry, clock }: Arranged,
  subresource: string,
  accept: string,
  verb: typeof get = get,
): Promise<unknown> {
  let sent: unknown
  const exchange = {
    info: { query: new URLSearchParams() },
    user: admin,
    header: () => accept,
    sendObject: (_code: number, _form: unknown, body: unknown) =>
      void (sent = Buffer.isBuffer(body) ? JSON.parse(body.toString()) : body),
  }
  const target = { ...at('apps/v1', 'Deployment', 'd', 'web'), subresource }
  await verb(partial<VerbContext>({ registry, clock, exchange, target }))
  return sent
}

describe('GET of scale', () => {
  const arranged = async (): Promise<Arranged> => {
    const made = await arrange()
    await made.registry.create(at('apps/v1', 'Deployment', 'd'), deployment, made.write)
    await made.clock.advance(5000)
    return made
  }

  test('as a table says how many are wanted and how many there are', async () => {
    const table = (await read(await arranged(), 'scale', 'application/json;as=Table;v=v1;g=meta.k8s.io')) as {
      columnDefinitions: Array<{ name: string }>
      rows: object[]
    }
    expect(table.columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Desired', 'Available', 'Age'])
    expect(table.rows).toEqual([
      { cells: ['web', 3, 0, '5s'], object: expect.objectContaining({ kind: 'PartialObjectMetadata' }) },
    ])
  })

  test('as metadata has only that, and otherwise is a Scale', async () => {
    const made = await arranged()
    const partial = await read(made, 'scale', 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io')
    expect(partial).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'web' } })
    expect(partial).not.toHaveProperty('spec')
    expect(await read(made, 'scale', 'application/json')).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } })
  })

  test('leaves the table of the object itself alone', async () => {
    const table = await read(await arranged(), '', 'application/json;as=Table;v=v1;g=meta.k8s.io')
    expect(table).toMatchObject({ rows: [{ cells: ['web', '0/3', 0, 0, '5s', 'c', 'i', 'a=b'] }] })
  })
})

describe('Metadata alone', () => {
  const as = (form: string): string => `application/json;as=${form};v=v1;g=meta.k8s.io`

  test('of a list is a list of it', async () => {
    const made = await arrange()
    expect(await read(made, '', as('PartialObjectMetadataList'), list)).toMatchObject({
      kind: 'PartialObjectMetadataList',
      items: [],
    })
    await expect(read(made, '', as('PartialObjectMetadata'), list)).rejects.toMatchObject({
      code: 406,
      message: 'you requested PartialObjectMetadata, but the requested object is a list (*apps.DeploymentList)',
    })
  })

  test('of an object is no list', async () => {
    const made = await arrange()
    await made.registry.create(at('apps/v1', 'Deployment', 'd'), deployment, made.write)
    await expect(read(made, '', as('PartialObjectMetadataList'))).rejects.toMatchObject({
      code: 406,
      message: 'you requested PartialObjectMetadataList, but the requested object is not a list (*apps.Deployment)',
    })
  })
})

describe('a watch', () => {
  const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  const formAsked = (accept: string, query: string) => {
    const exchange = { header: () => accept, info: { query: new URLSearchParams(query) } }
    return streamFormOf({ exchange, target: at('v1', 'Secret', 'd') } as unknown as VerbContext).as
  }

  test('comes as tables', () => {
    expect(formAsked(TABLE, '')).toBe('Table')
  })

  // The reference's e2e tests of "API Streaming (aka. WatchList)".
  test('that streams a list does not, but in what is asked for next', () => {
    expect(() => formAsked(TABLE, 'sendInitialEvents=true')).toThrow(expect.objectContaining({ code: 406 }))
    expect(formAsked(`${TABLE},application/json`, 'sendInitialEvents=true')).toBeUndefined()
  })
})
