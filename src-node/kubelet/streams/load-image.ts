import type { Readable } from 'node:stream'
import type Dockerode from 'dockerode'

/** Loads an archive of `docker save`; resolves with the names of its images. */
export async function loadImage(docker: Dockerode, archive: Readable): Promise<string[]> {
  const progress = await docker.loadImage(archive)
  let text = ''
  for await (const chunk of progress) text += chunk.toString()
  const names: string[] = []
  for (const line of text.split('\n')) {
    if (!line.trim()) continue
    const { stream, error } = JSON.parse(line) as { stream?: string; error?: string }
    if (error) throw new Error(error)
    const name = /^Loaded image(?: ID)?: (\S+)/.exec(stream ?? '')?.[1]
    if (name) names.push(name)
  }
  return names
}
