import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { listAt, textAt } from './view.ts'

/**
 * A reference as people write it: Docker Hub's own prefixes go, `:latest` comes where neither tag nor digest stands (kubernetes.io,
 * "Images: Image names").
 */
export function shortName(reference: string): string {
  const name = reference.replace(/^(docker\.io|index\.docker\.io)\//, '').replace(/^library\//, '')
  return name.includes('@') || /:[^/]+$/.test(name) ? name : `${name}:latest`
}

/** What the containers of a pod run, each image once. */
export function podImages(pod: KubeObject): string[] {
  const containers = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) =>
    listAt(pod, 'spec', list),
  )
  return [...new Set(containers.map((container) => shortName(textAt(container, 'image'))))]
}
