import { createSecureServer, type Http2SecureServer } from 'node:http2'
import { buffer } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { httpTransport, type HttpTransport } from '../../../../src-wire/http-transport.ts'
import { desktopImages } from '../../../../src-wire/node/desktop-images.ts'
import { testCertificates as pki } from '../../../../src-wire/testing/certificates.ts'
import { noise } from '../../../../src-wire/testing/local-streams.ts'
import { listen } from '../../../../src-wire/testing/loopback.ts'
import { serveDesktopImage } from './images.ts'

let server: Http2SecureServer
let transport: HttpTransport

afterEach(() => {
  transport.close()
  server.close()
})

async function connect(groups: string[]) {
  const images = (reference: string) =>
    Promise.resolve(reference === 'registry:5000/a/b:1' ? noise(5_000_000) : undefined)
  server = createSecureServer({ ...pki.server, ca: pki.ca })
  server.on('request', (request, response) => {
    serveDesktopImage(request, response, { name: 'x', groups }, images).catch((error: unknown) => {
      response.statusCode = error instanceof StatusError ? error.code : 500
      response.end()
    })
  })
  transport = httpTransport({ server: `https://127.0.0.1:${await listen(server)}`, ca: pki.ca, ...pki.node })
  return desktopImages(transport)
}

describe('images of the desktop', () => {
  it('are streamed to a node by their full reference', async () => {
    const ask = await connect(['system:nodes'])
    const archive = await ask('registry:5000/a/b:1')
    expect((await buffer(archive!)).equals(await buffer(noise(5_000_000)))).toBe(true)
    expect(await ask('unknown')).toBeUndefined()
  })

  it('are refused to everyone else', async () => {
    const ask = await connect(['system:masters'])
    await expect(ask('registry:5000/a/b:1')).rejects.toMatchObject({ code: 403 })
  })
})
