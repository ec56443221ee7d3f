/** No driver registers with this kubelet: what upstream's says of one that is not there. */
export const noCsiDriver = (driver: string): Error =>
  new Error(
    `kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name ${driver} not found in the list of registered CSI drivers`,
  )
