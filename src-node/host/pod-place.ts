/** A pod's network on this node, while its sandbox runs. */
export interface PodPlace {
  namespace: string
  pod: string
  /** A process in its network namespace. */
  pid: number
  /** On the pod network; empty for a pod on the node's own. */
  address: string
  /** The node's end of its pair of interfaces; empty as well. */
  link: string
  /** The file that its containers have as `/etc/resolv.conf`. */
  resolver: string
}
