import type Docker from 'dockerode'
import type { Readable } from 'node:stream'
import type { DesktopImages } from '../../../src-wire/node/node-connection.ts'

/**
 * Images of the desktop's own engine, for nodes whose registries do not have them: locally built tags just work.
 * A desktop without an engine has no images.
 */
export function dockerImages(docker: Docker): DesktopImages {
  return async (reference) => {
    const image = docker.getImage(reference)
    try {
      await image.inspect()
    } catch (error) {
      const { statusCode, code } = error as { statusCode?: number; code?: string }
      if (statusCode === 404 || statusCode === 400 || code === 'ENOENT' || code === 'ECONNREFUSED') return undefined
      throw error
    }
    return (await image.get()) as Readable
  }
}
