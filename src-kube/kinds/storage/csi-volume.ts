/** What a volume of a CSI driver is called in the status of nodes (`volumesAttached`, `volumesInUse`). */
export const csiVolumeName = ({ driver, handle }: { driver: string; handle: string }): string =>
  `kubernetes.io/csi/${driver}^${handle}`
