import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { HttpTransport } from '../http-transport.ts'
import type { DesktopImages } from './node-connection.ts'

/** Asks the control plane for images of the desktop's own engine, over a transport that carries the node's certificate. */
export function desktopImages(transport: Pick<HttpTransport, 'raw'>): DesktopImages {
  return async (reference) => {
    const { status, body } = await transport.raw({ path: `/drydock/v1/images/${encodeURIComponent(reference)}` })
    if (status === 200) return body
    body.resume()
    if (status === 404) return undefined
    throw new StatusError(status, 'InternalError', `the control plane answered ${status} for image ${reference}`)
  }
}
