/** Words of the page of images. */
export const enImages = {
  images: {
    title: 'Images',
    again: 'Refresh',
    hint: 'What nodes tell of, fifty images each at most, and what pods ask for.',
    hintOwn:
      'What this desktop has needs no registry: a node takes it by itself as soon as a pod asks for it. Loading copies it to all nodes ahead of time. A node tells of fifty images at most.',
    unknown: 'The images of this desktop are not known:',
    none: 'No images yet',
    name: 'Image',
    size: 'Size',
    desktop: 'Desktop',
    here: 'here',
    nodes: 'Nodes',
    all: 'all {count}',
    pods: 'Pods',
    missing: 'on no node | on no node, a pod waits for it | on no node, {count} pods wait for it',
    load: 'Load',
    loading: 'Loading …',
    loaded: '{name} is on all nodes that run',
    run: 'Run …',
  },
}
