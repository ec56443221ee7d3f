import { describe, expect, test } from 'vitest'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { decodeProtobuf } from '../../../../src-kube/machinery/protobuf/decode.ts'
import { ProtobufReader } from '../../../../src-kube/machinery/protobuf/reader.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { admin, arrange, at, configMap, deployment, type Arranged } from '../../registry/testing/arrange.ts'
import { aTool, define, settled, tool } from '../../registry/testing/crd.ts'
import type { Target } from '../../registry/registry.ts'
import { Exchange, type Incoming, type Outgoing } from '../http/exchange.ts'
import { PROTOBUF } from '../http/negotiation.ts'
import type { RequestInfo } from '../http/request-info.ts'
import type { VerbContext } from './context.ts'
import { get, list } from './read.ts'
import { watch } from './watch.ts'
import { create, remove } from './write.ts'

const METADATA = `${PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`
const maps = at('v1', 'ConfigMap', 'd')

interface Answer {
  code: number
  type: string
  body: Buffer
}

interface Asked {
  target: Target
  accept: string
  body?: object
  query?: string
  stop?: AbortSignal
}

/** A request without a socket; resolves when its answer is whole. */
async function ask(made: Arranged, verb: typeof watch, asked: Asked): Promise<Answer> {
  const { target, accept, query = '', stop = new AbortController().signal } = asked
  const answer: Answer = { code: 0, type: '', body: Buffer.alloc(0) }
  const write = (bytes: Buffer): boolean => {
    answer.body = Buffer.concat([answer.body, bytes])
    return true
  }
  const response = {
    headersSent: false,
    writeHead(code: number, headers: Record<string, string>) {
      this.headersSent = true
      Object.assign(answer, { code, type: headers['content-type'] })
    },
    write,
    end: (bytes?: Buffer) => void (bytes && write(bytes)),
    once: () => {},
  }
  const chunks = asked.body ? [Buffer.from(JSON.stringify(asked.body))] : []
  const on = (event: string, listener: (chunk?: Buffer) => void): void => {
    if (event === 'data') chunks.forEach((chunk) => listener(chunk))
    else if (event === 'end') queueMicrotask(listener)
  }
  const request = { method: 'GET', headers: { accept }, on, once: on } as Incoming
  const info = { query: new URLSearchParams(query) } as RequestInfo
  const exchange = new Exchange(request, partial<Outgoing>(response), info)
  exchange.user = admin
  const resource = { descriptor: target.descriptor, apiVersion: 'v1' }
  await verb(partial<VerbContext>({ ...made, exchange, target, resource }), stop)
  return answer
}

const of = (name: string): Target => ({ ...maps, name })

async function withMap(): Promise<Arranged> {
  const made = await arrange()
  await made.registry.create(maps, configMap('a', { k: 'v' }), made.write)
  return made
}

describe('Protocol buffers', () => {
  test('carry one object, and a list of them', async () => {
    const made = await withMap()
    const one = await ask(made, get, { target: of('a'), accept: PROTOBUF })
    expect(one).toMatchObject({ code: 200, type: PROTOBUF })
    expect(decodeProtobuf(one.body)).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { k: 'v' } })
    const all = await ask(made, list, { target: maps, accept: `${PROTOBUF}, application/json` })
    expect(all.type).toBe(PROTOBUF)
    const found = decodeProtobuf(all.body)
    expect(found).toMatchObject({ kind: 'ConfigMapList', items: [{ metadata: { name: 'a' }, data: { k: 'v' } }] })
    expect(found['metadata']).toHaveProperty('resourceVersion')
  })

  test('carry what was written, and that it is gone', async () => {
    const made = await withMap()
    const created = await ask(made, create, { target: maps, accept: PROTOBUF, body: configMap('b') })
    expect(created).toMatchObject({ code: 201, type: PROTOBUF })
    expect(decodeProtobuf(created.body)).toMatchObject({ metadata: { name: 'b' } })
    const gone = await ask(made, remove, { target: of('b'), accept: PROTOBUF })
    expect(decodeProtobuf(gone.body)).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'b' } })
  })

  test('carry metadata alone, but no table', async () => {
    const made = await withMap()
    const partial = decodeProtobuf((await ask(made, get, { target: of('a'), accept: METADATA })).body)
    expect(partial).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } })
    expect(partial).not.toHaveProperty('data')
    const accept = METADATA.replace('Metadata', 'MetadataList')
    const all = decodeProtobuf((await ask(made, list, { target: maps, accept })).body)
    expect(all).toMatchObject({ kind: 'PartialObjectMetadataList', items: [{ metadata: { name: 'a' } }] })
    const old = `${accept.replace('v=v1', 'v=v1beta1')}, application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1beta1`
    expect((await ask(made, list, { target: maps, accept: old })).type).toBe('application/json')
    const table = { target: maps, accept: `${PROTOBUF};as=Table;g=meta.k8s.io;v=v1` }
    await expect(ask(made, list, table)).rejects.toMatchObject({ code: 406 })
  })

  test('are not there for custom kinds, of which only metadata and scale have them', async () => {
    const made = await arrange()
    await define(made, {
      version: { subresources: { scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' } } },
    })
    await settled()
    const target = tool(made.registry, 't')
    await made.registry.create({ ...target, name: '' }, aTool('t', { spec: { n: 2 } }), made.write)
    await expect(ask(made, get, { target, accept: PROTOBUF })).rejects.toMatchObject({ code: 406 })
    const json = await ask(made, get, { target, accept: `${PROTOBUF}, */*` })
    expect(json.type).toBe('application/json')
    const partial = await ask(made, get, { target, accept: METADATA })
    expect(decodeProtobuf(partial.body)).toMatchObject({ metadata: { name: 't' } })
    const scale = await ask(made, get, { target: { ...target, subresource: 'scale' }, accept: PROTOBUF })
    expect(decodeProtobuf(scale.body)).toMatchObject({ kind: 'Scale', spec: { replicas: 2 } })
  })

  test('show old versions as they are', async () => {
    const made = await arrange()
    await made.registry.create(at('apps/v1', 'Deployment', 'd'), deployment('web', 3), made.write)
    const target = at('apps/v1beta1', 'Deployment', 'd', 'web')
    const { body } = await ask(made, get, { target, accept: PROTOBUF })
    expect(decodeProtobuf(body)).toMatchObject({ apiVersion: 'apps/v1beta1', spec: { replicas: 3 } })
  })
})

test('A form that cannot be is refused before anything is written', async () => {
  const made = await arrange()
  const asked = { target: maps, accept: 'text/html', body: configMap('b') }
  await expect(ask(made, create, asked)).rejects.toMatchObject({ code: 406 })
  expect((await made.registry.listEntries(maps, {})).entries).toEqual([])
})

/** Events of a stream: the type, and the object. */
function framesOf(body: Buffer): Array<[string, Record<string, unknown>]> {
  const found: Array<[string, Record<string, unknown>]> = []
  for (let at = 0; at < body.length;) {
    const end = at + 4 + body.readUInt32BE(at)
    const event = new ProtobufReader(body, at + 4, end)
    event.tag()
    const type = new TextDecoder().decode(event.bytes())
    event.tag()
    const extension = new ProtobufReader(event.bytes())
    extension.tag()
    found.push([type, decodeProtobuf(extension.bytes())])
    at = end
  }
  return found
}

describe('A watch in protocol buffers', () => {
  async function stream(made: Arranged, accept: string, query: string): Promise<Answer> {
    const stopping = new AbortController()
    const answer = ask(made, watch, { target: maps, accept, query, stop: stopping.signal })
    await made.clock.advance(0)
    await settled()
    await made.registry.create(maps, configMap('b'), made.write)
    await made.registry.delete(of('b'), {}, made.write)
    for (let i = 0; i < 5; i++) await settled()
    stopping.abort()
    return answer
  }

  test('streams frames of events', async () => {
    const { type, body } = await stream(
      await withMap(),
      PROTOBUF,
      'sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan',
    )
    expect(type).toBe(`${PROTOBUF};stream=watch`)
    const events = framesOf(body)
    expect(events.map(([name]) => name)).toEqual(['ADDED', 'BOOKMARK', 'ADDED', 'DELETED'])
    expect(events[0]![1]).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } })
    expect(events[1]![1]).toMatchObject({ metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } })
  })

  test('streams metadata alone', async () => {
    const events = framesOf((await stream(await withMap(), METADATA, '')).body)
    expect(
      events.map(([name, object]) => [name, object['kind'], (object['metadata'] as { name: string }).name]),
    ).toEqual([
      ['ADDED', 'PartialObjectMetadata', 'a'],
      ['ADDED', 'PartialObjectMetadata', 'b'],
      ['DELETED', 'PartialObjectMetadata', 'b'],
    ])
  })

  test('ends with an event that says why, when it cannot go on', async () => {
    const made = await withMap()
    const next = (): Promise<never> => Promise.reject(new StatusError(410, 'Gone', 'too old resource version: 1 (5)'))
    const expires = { [Symbol.asyncIterator]: () => ({ next }) }
    const registry = partial<Arranged['registry']>({ watch: () => Promise.resolve(expires) })
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 1 (5)' }
    const packed = await ask({ ...made, registry }, watch, { target: maps, accept: PROTOBUF })
    expect(framesOf(packed.body)).toEqual([['ERROR', expect.objectContaining(status)]])
    const plain = await ask({ ...made, registry }, watch, { target: maps, accept: 'application/json' })
    expect(JSON.parse(plain.body.toString())).toMatchObject({ type: 'ERROR', object: status })
  })

  test('is of objects, not of lists', async () => {
    const accept = METADATA.replace('Metadata', 'MetadataList')
    await expect(ask(await withMap(), watch, { target: maps, accept })).rejects.toMatchObject({
      message: 'you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)',
    })
  })

  test('has nothing in YAML', async () => {
    const accept = 'application/yaml'
    await expect(ask(await withMap(), watch, { target: maps, accept })).rejects.toMatchObject({ code: 406 })
  })
})
