import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { forbidden, notFound } from '../../../../src-kube/machinery/errors.ts'
import type { DesktopImages } from '../../../../src-wire/node/node-connection.ts'
import type { UserInfo } from '../../admission/admission.ts'

/** Path under which nodes ask for an image of the desktop's engine; the (escaped) reference follows. */
export const IMAGES_PATH = '/drydock/v1/images/'

/**
 * Streams an image in `docker save` form to a node. Only nodes may ask: the desktop's images can hold anything.
 * Throws `StatusError` (403, 404) before the answer has begun.
 */
export async function serveDesktopImage(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
  user: UserInfo,
  images: DesktopImages,
): Promise<void> {
  const path = new URL(request.url ?? '/', 'https://server').pathname
  const reference = decodeURIComponent(path.slice(IMAGES_PATH.length))
  const resource = { group: '', resource: 'images' }
  if (!user.groups.includes('system:nodes')) throw forbidden(resource, reference, 'only nodes may ask for images')
  const archive = await images(reference)
  if (!archive) throw notFound(resource, reference)
  response.statusCode = 200
  response.setHeader('content-type', 'application/x-tar')
  await pipeline(archive, response as Writable)
}
