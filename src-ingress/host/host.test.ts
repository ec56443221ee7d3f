import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { decode, encode } from 'dns-packet'
import { setTimeout as after } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testCertificates } from '../../src-wire/testing/certificates.ts'
import { ingress, path, secret, slice } from '../testing/objects.ts'
import { Serving } from '../testing/serving.ts'
import { NamesServer } from './names-server.ts'
import { Nginx } from './nginx.ts'
import { ownCertificate } from './own-certificate.ts'

let serving: Serving
let web: number
beforeEach(async () => {
  serving = await Serving.start()
  web = await serving.backend('web')
})
afterEach(() => serving.stop())

const broken = ingress(
  'b',
  { 'b.dev': [path('/a(b', 'web', 'ImplementationSpecific')] },
  { annotations: { 'use-regex': 'true' } },
)
const good = ingress('a', { 'a.dev': [path('/', 'web')] })
const known = (...ingresses: (typeof good)[]) => serving.known(ingresses, { web: [web] })
const answers = async (host: string) => (await serving.ask(host, '/')).body

describe('nginx', () => {
  it('keeps what it runs with when it refuses what is new, and says why', async () => {
    await serving.route(known(good))
    await expect(serving.route(known(good, broken))).rejects.toThrow('missing closing parenthesis')
    expect(await answers('a.dev')).toBe('web GET /')
    expect(await readFile(join(serving.directory, 'nginx.conf'), 'utf8')).not.toContain('b.dev')
  })

  it('takes up what is new in place', async () => {
    await serving.route(known(good))
    const { pid } = serving.nginx
    await serving.route(known(good, ingress('c', { 'c.dev': [path('/', 'web')] })))
    await serving.until(async () => (await answers('c.dev')) === 'web GET /')
    expect(serving.nginx.pid).toBe(pid)
  })

  it('is not told what it knows', async () => {
    await serving.route(known(good))
    expect(await serving.configuration.apply('', []).catch(() => 'refused')).toBe('refused')
    const text = await readFile(join(serving.directory, 'nginx.conf'), 'utf8')
    expect(await serving.configuration.apply(text, [])).toBe(false)
  })

  it('comes back when it is killed, at the same ports', async () => {
    await serving.route(known(good))
    const { pid } = serving.nginx
    process.kill(pid!, 'SIGKILL')
    await serving.until(async () => serving.nginx.pid !== undefined && serving.nginx.pid !== pid)
    await serving.until(async () => (await answers('a.dev')) === 'web GET /')
    expect(serving.log).toEqual(['nginx ended (SIGKILL); again in 100 ms'])
  })

  it('that is told to serve in the moment of its death is started once', async () => {
    await serving.route(known(good))
    process.kill(serving.nginx.pid!, 'SIGKILL')
    await serving.until(() => Promise.resolve(serving.nginx.pid === undefined))
    await serving.nginx.serve()
    const { pid } = serving.nginx
    // Longer than it waits before it starts again by itself.
    await after(300)
    expect(serving.nginx.pid).toBe(pid)
    expect(await answers('a.dev')).toBe('web GET /')
    await rm(join(serving.directory, 'nginx.pid'))
    await expect(serving.nginx.serve()).rejects.toThrow('could not be told to reload')
  })

  it('is asked its version, and told of when it is not there', async () => {
    expect((await serving.nginx.version())[0]).toBe(1)
    const log: string[] = []
    const absent = new Nginx({ configuration: '/none', path: '/none/nginx', log: (line) => log.push(line) })
    await expect(absent.test('/none')).rejects.toThrow('ENOENT')
    await absent.serve()
    await serving.until(() => Promise.resolve(log.length > 0))
    await absent.stop(0)
    expect(log[0]).toContain('ENOENT')
  })
})

describe('pods', () => {
  it('come and go without a reload, and one that does not answer is passed over', async () => {
    await serving.backend('moved', '127.0.0.9', web)
    const configuration = () => readFile(join(serving.directory, 'nginx.conf'), 'utf8')
    const at = (...addresses: string[]) => ({
      ...known(good),
      slices: () => [slice(addresses, [{ name: 'http', port: web }])],
    })
    await serving.route(at('127.0.0.1'))
    const before = await configuration()
    expect(await answers('a.dev')).toBe('web GET /')
    await serving.route(at('127.0.0.9'))
    await serving.until(async () => (await answers('a.dev')) === 'moved GET /')
    await serving.route(at('127.0.0.9', '127.0.0.10'))
    await serving.until(async () => {
      expect(await answers('a.dev')).toBe('moved GET /')
      return (await readFile(serving.options.accessLog, 'utf8')).includes(`[127.0.0.10:${web}, 127.0.0.9:${web}]`)
    })
    expect(await configuration()).toBe(before)
  })
})

it('keys and passwords that nobody needs any more are removed', async () => {
  const { cert, key } = testCertificates.server
  const found = secret('tls', { 'tls.crt': cert, 'tls.key': key })
  const secured = ingress(
    's',
    { 's.dev': [path('/', 'web')] },
    { spec: { tls: [{ hosts: ['s.dev'], secretName: 'tls' }] } },
  )
  const files = async () => (await readdir(serving.directory)).filter((name) => name.startsWith('tls-'))
  await serving.route({ ...known(secured), secret: () => found })
  expect(await files()).toHaveLength(1)
  await serving.route(known(good))
  expect(await files()).toEqual([])
})

it('the controller makes itself one certificate, once', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'drydock-own-'))
  const file = await ownCertificate(directory)
  const pem = await readFile(file, 'utf8')
  expect(new X509Certificate(pem).checkPrivateKey(createPrivateKey(pem))).toBe(true)
  expect(await readdir(directory)).toEqual(['own.pem'])
  expect(await readFile(await ownCertificate(directory), 'utf8')).toBe(pem)
  await rm(directory, { recursive: true })
})

describe('names of upstreams', () => {
  const ask = async (server: number, message: Uint8Array): Promise<Buffer> => {
    const socket = createSocket('udp4')
    const answer = new Promise<Buffer>((resolve) => socket.once('message', resolve))
    socket.send(message, server, '127.0.0.1')
    return answer.finally(() => socket.close())
  }
  const question = (name: string, type: 'A' | 'AAAA' = 'A') =>
    encode({ type: 'query', id: 7, questions: [{ name, type }] })

  it('lead to the addresses of now; others do not exist, and what is no question is not answered', async () => {
    const names = new NamesServer()
    const port = await names.start(0)
    names.set(new Map([['web.80.shop', ['10.0.0.1', '10.0.0.2']]]))
    const noise = createSocket('udp4')
    await new Promise((resolve) => noise.send('?', port, '127.0.0.1', resolve))
    noise.close()
    const found = decode(await ask(port, question('WEB.80.shop')))
    expect(found.answers?.map((one) => 'data' in one && one.data)).toEqual(['10.0.0.1', '10.0.0.2'])
    expect(decode(await ask(port, question('web.80.shop', 'AAAA')))).toMatchObject({ rcode: 'NOERROR', answers: [] })
    expect(decode(await ask(port, question('none.80.shop')))).toMatchObject({ rcode: 'NXDOMAIN', answers: [] })
    names.set(new Map())
    expect(decode(await ask(port, question('web.80.shop')))).toMatchObject({ rcode: 'NXDOMAIN' })
    await names.stop()
  })
})
