/**
 * The image in which nodes run what they bring themselves: a root without files of its own, over which a pod mounts the node's `/usr`. So it takes no room, needs
 * no registry, and its libraries are in memory once, with the node's. What is in it is packed by resources/node/build.sh: a change there is a new tag.
 */
export const NODE_ROOT_IMAGE = 'drydock.dev/ingress:1'

/** Of the node: the archive of {@link NODE_ROOT_IMAGE}. */
export const NODE_ROOT_ARCHIVE = '/usr/share/drydock/ingress.tar'

/** Of the node: the ingress controller, beside the agent. */
export const INGRESS_BUNDLE = '/drydock/ingress.mjs'
